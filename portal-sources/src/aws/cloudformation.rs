//! Stacks and what they created. Their parameters and outputs are not even taken: people keep secrets there.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Stack, StackStatus};
use serde_json::Value;

use super::client::client;
use super::error::{Failure, FailureKind};
use super::json::{Fields, next_page, tags};
use super::reader::{Looked, Reader, look_at_each};

/// Reads the stacks.
pub(super) async fn read(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_cloudformation, reader.config, reader.account.id);
    let mut cut = None;
    let mut stacks: Vec<Stack> = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = client.describe_stacks().set_next_token(token.clone()).send();
        match reader.call("cloudformation:DescribeStacks", request).await {
            Ok(page) => {
                let there = |stack: &&Stack| stack.stack_status() != Some(&StackStatus::DeleteComplete);
                stacks.extend(page.stacks().iter().filter(there).cloned());
                token = next_page(page.next_token());
            }
            Err(failure) if token.is_none() => return Err(failure),
            Err(failure) => {
                cut = Some(failure.midway());
                token = None;
            }
        }
        if token.is_none() {
            break;
        }
    }
    look_at_each(reader, stacks.iter().map(|stack| look(reader, &client, stack)).collect()).await?;
    cut.map_or(Ok(()), Err)
}

async fn look(reader: &Reader<'_>, client: &Client, stack: &Stack) -> Looked {
    let name = stack.stack_name().unwrap_or_default();
    let id = stack.stack_id().unwrap_or(name);
    let fields = Fields::default()
        .with("StackId", stack.stack_id())
        .with("StackName", stack.stack_name())
        .with("StackStatus", stack.stack_status().map(|status| status.as_str()))
        .time("CreationTime", stack.creation_time())
        .with("ParentId", stack.parent_id())
        .with("RootId", stack.root_id())
        .with("Tags", Some(tags(stack.tags().iter().map(|tag| (tag.key(), tag.value())))));
    match resources(reader, client, id).await {
        Ok(resources) => {
            reader.object(id, fields.with("StackResourceSummaries", Some(resources)));
            Looked::Written(None)
        }
        // CloudFormation has no name of its own for this.
        Err(failure) if failure.code == "ValidationError" && failure.text.contains("does not exist") => Looked::Gone,
        Err(failure) if failure.kind == FailureKind::NoCredentials => Looked::Unread(failure),
        // Without `StackResourceSummaries` it counts as a stack whose resources are not known.
        Err(failure) => {
            reader.object(id, fields);
            Looked::Written(Some(format!("stack {name}: {}", failure.text)))
        }
    }
}

async fn resources(reader: &Reader<'_>, client: &Client, stack: &str) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let request = client.list_stack_resources().stack_name(stack).set_next_token(token).send();
        let page = reader.call("cloudformation:ListStackResources", request).await?;
        all.extend(page.stack_resource_summaries().iter().map(|resource| {
            let fields = Fields::default()
                .with("LogicalResourceId", resource.logical_resource_id())
                .with("PhysicalResourceId", resource.physical_resource_id())
                .with("ResourceType", resource.resource_type())
                .with("ResourceStatus", resource.resource_status().map(|status| status.as_str()));
            Value::from(fields)
        }));
        token = next_page(page.next_token());
        if token.is_none() {
            return Ok(all);
        }
    }
}
