//! Tables: their names first, then each with its description and tags.

use aws_sdk_dynamodb::Client;

use super::client::client;
use super::error::{Failure, FailureKind};
use super::json::{Fields, next_page, tags};
use super::reader::{Looked, Reader, look_at_each};

/// Reads the tables.
pub(super) async fn read(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_dynamodb, reader.config, reader.account.id);
    let mut cut = None;
    let mut names: Vec<String> = Vec::new();
    let mut start: Option<String> = None;
    loop {
        let request = client.list_tables().set_exclusive_start_table_name(start.clone()).send();
        match reader.call("dynamodb:ListTables", request).await {
            Ok(page) => {
                names.extend_from_slice(page.table_names());
                start = next_page(page.last_evaluated_table_name());
            }
            Err(failure) if start.is_none() => return Err(failure),
            Err(failure) => {
                cut = Some(failure.midway());
                start = None;
            }
        }
        if start.is_none() {
            break;
        }
    }
    look_at_each(reader, names.iter().map(|name| look(reader, &client, name)).collect()).await?;
    cut.map_or(Ok(()), Err)
}

async fn look(reader: &Reader<'_>, client: &Client, name: &str) -> Looked {
    let described = match reader.call("dynamodb:DescribeTable", client.describe_table().table_name(name).send()).await {
        Ok(described) => described,
        Err(failure) if is_gone(&failure) => return Looked::Gone,
        Err(failure) => return Looked::Unread(failure.in_thing("table", name)),
    };
    let Some(table) = described.table() else { return Looked::Gone };
    let billing = table
        .billing_mode_summary()
        .map(|summary| Fields::default().with("BillingMode", summary.billing_mode().map(|mode| mode.as_str())));
    let arn = table.table_arn().map_or_else(|| reader.arn("dynamodb", &format!("table/{name}")), str::to_owned);
    let fields = Fields::default()
        .with("TableName", Some(name))
        .with("TableArn", Some(arn.as_str()))
        .with("TableId", table.table_id())
        .with("TableStatus", table.table_status().map(|status| status.as_str()))
        .time("CreationDateTime", table.creation_date_time())
        .with("BillingModeSummary", billing)
        .with("LatestStreamArn", table.latest_stream_arn());
    match read_tags(reader, client, &arn).await {
        Ok(tags) => {
            reader.object(name, fields.with("Tags", Some(tags)));
            Looked::Written(None)
        }
        Err(failure) if is_gone(&failure) => Looked::Gone,
        Err(failure) if failure.kind == FailureKind::NoCredentials => Looked::Unread(failure),
        // Without `Tags` it counts as a table whose tags are not known.
        Err(failure) => {
            reader.object(name, fields.with("TagsError", Some(failure.in_short())));
            Looked::Written(Some(format!("table {name}: {}", failure.text)))
        }
    }
}

async fn read_tags(reader: &Reader<'_>, client: &Client, arn: &str) -> Result<serde_json::Value, Failure> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let request = client.list_tags_of_resource().resource_arn(arn).set_next_token(token).send();
        let page = reader.call("dynamodb:ListTagsOfResource", request).await?;
        all.extend_from_slice(page.tags());
        token = next_page(page.next_token());
        if token.is_none() {
            return Ok(tags(all.iter().map(|tag| (Some(tag.key()), Some(tag.value())))));
        }
    }
}

fn is_gone(failure: &Failure) -> bool {
    failure.code == "ResourceNotFoundException"
}
