//! Functions with their tags, and the event sources that call them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionConfiguration;
use serde_json::{Map, Value};

use super::client::client;
use super::error::{Failure, FailureKind};
use super::json::{Fields, next_page};
use super::reader::{Looked, Reader, look_at_each};

/// Event source mappings by the ARN of their function; `None` if they could not be read.
type EventSources = Option<HashMap<String, Vec<Value>>>;

/// Reads the functions.
pub(super) async fn read(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_lambda, reader.config, reader.account.id);
    let mut cut = None;
    let mut functions: Vec<FunctionConfiguration> = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        match reader.call("lambda:ListFunctions", client.list_functions().set_marker(marker.clone()).send()).await {
            Ok(page) => {
                functions.extend_from_slice(page.functions());
                marker = next_page(page.next_marker());
            }
            Err(failure) if marker.is_none() => return Err(failure),
            Err(failure) => {
                cut = Some(failure.midway());
                marker = None;
            }
        }
        if marker.is_none() {
            break;
        }
    }
    let sources = match event_sources(reader, &client).await {
        Ok(sources) => Some(sources),
        Err(failure) => {
            reader.unread(vec![format!("event sources of all functions: {}", failure.text)]);
            None
        }
    };
    let looks = functions.iter().filter_map(|function| {
        let arn = unqualified(function.function_arn()?);
        Some(look(reader, &client, function, arn, &sources))
    });
    look_at_each(reader, looks.collect()).await?;
    cut.map_or(Ok(()), Err)
}

async fn event_sources(reader: &Reader<'_>, client: &Client) -> Result<HashMap<String, Vec<Value>>, Failure> {
    let mut by_function: HashMap<String, Vec<Value>> = HashMap::new();
    let mut marker = None;
    loop {
        let request = client.list_event_source_mappings().set_marker(marker).send();
        let page = reader.call("lambda:ListEventSourceMappings", request).await?;
        for mapping in page.event_source_mappings() {
            let Some(function) = mapping.function_arn() else { continue };
            let fields = Fields::default()
                .with("UUID", mapping.uuid())
                .with("EventSourceArn", mapping.event_source_arn())
                .with("State", mapping.state());
            by_function.entry(unqualified(function).to_owned()).or_default().push(fields.into());
        }
        marker = next_page(page.next_marker());
        if marker.is_none() {
            for mappings in by_function.values_mut() {
                mappings.sort_by_cached_key(Value::to_string);
            }
            return Ok(by_function);
        }
    }
}

async fn look(
    reader: &Reader<'_>,
    client: &Client,
    function: &FunctionConfiguration,
    arn: &str,
    sources: &EventSources,
) -> Looked {
    let name = function.function_name().unwrap_or(arn);
    // What the values are is for the core to judge: it keeps references and drops all else.
    let environment = function.environment().and_then(|environment| environment.variables()).map(|variables| {
        let variables: BTreeMap<&String, &String> = variables.iter().collect();
        let variables: Map<String, Value> =
            variables.into_iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        Fields::default().with("Variables", Some(variables))
    });
    let fields = Fields::default()
        .with("FunctionName", Some(name))
        .with("FunctionArn", Some(arn))
        .with("Runtime", function.runtime().map(|runtime| runtime.as_str()))
        .with("Role", function.role())
        .with("Handler", function.handler())
        .with("PackageType", function.package_type().map(|package| package.as_str()))
        .with("LastModified", function.last_modified())
        .with("Environment", environment)
        .with("EventSourceMappings", sources.as_ref().map(|all| all.get(arn).cloned().unwrap_or_default()));
    match reader.call("lambda:ListTags", client.list_tags().resource(arn).send()).await {
        Ok(answer) => {
            let tags: Map<String, Value> = answer
                .tags()
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
                .collect();
            reader.object(name, fields.with("Tags", Some(tags)));
            Looked::Written(None)
        }
        Err(failure) if failure.code == "ResourceNotFoundException" => Looked::Gone,
        Err(failure) if failure.kind == FailureKind::NoCredentials => Looked::Unread(failure),
        // Without `Tags` it counts as a function whose tags are not known.
        Err(failure) => {
            reader.object(name, fields.with("TagsError", Some(failure.in_short())));
            Looked::Written(Some(format!("function {name}: {}", failure.text)))
        }
    }
}

/// The ARN of the function itself, without a version or alias.
fn unqualified(arn: &str) -> &str {
    match arn.match_indices(':').nth(6) {
        Some((end, _)) => &arn[..end],
        None => arn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_or_alias_is_no_part_of_the_identity() {
        let plain = "arn:aws:lambda:eu-west-1:000011112222:function:handle";
        assert_eq!(unqualified(plain), plain);
        assert_eq!(unqualified(&format!("{plain}:live")), plain);
        assert_eq!(unqualified(&format!("{plain}:$LATEST")), plain);
    }
}
