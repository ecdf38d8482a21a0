//! What is kept of AWS's answers.

use serde_json::{Map, Value};

use crate::reference;

/// Fields that are kept, wherever they stand; sorted. Descriptions, parameters, outputs, templates and all else that
/// people fill with secrets is not among them.
const FIELDS: [&str; 68] = [
    "Address",
    "Arn",
    "BillingMode",
    "BillingModeSummary",
    "BucketArn",
    "BucketRegion",
    "ClusterCreateTime",
    "Configuration",
    "CreationDate",
    "CreationDateTime",
    "CreationTime",
    "DBClusterArn",
    "DBClusterIdentifier",
    "DBClusterMembers",
    "DBInstanceArn",
    "DBInstanceClass",
    "DBInstanceIdentifier",
    "DBInstanceStatus",
    "DbClusterResourceId",
    "DbiResourceId",
    "Endpoint",
    "Engine",
    "EngineVersion",
    "Environment",
    "EventSourceArn",
    "EventSourceMappings",
    "FunctionArn",
    "FunctionName",
    "Handler",
    "Id",
    "InstanceCreateTime",
    "JoinedTimestamp",
    "Key",
    "LastModified",
    "LatestStreamArn",
    "LogicalResourceId",
    "MultiAZ",
    "Name",
    "PackageType",
    "ParentId",
    "PhysicalResourceId",
    "Port",
    "ReaderEndpoint",
    "ResourceARN",
    "ResourceArn",
    "ResourceStatus",
    "ResourceType",
    "Role",
    "RootId",
    "Runtime",
    "StackId",
    "StackName",
    "StackResourceSummaries",
    "StackResources",
    "StackStatus",
    "State",
    "Status",
    "Table",
    "TableArn",
    "TableId",
    "TableName",
    "TableStatus",
    "TagList",
    "TagSet",
    "Tags",
    "TagsError",
    "UUID",
    "Value",
];

/// An object as it may stand in the lake.
pub(super) fn kept(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.into_iter().filter(|(key, _)| FIELDS.binary_search(&key.as_str()).is_ok());
            let kept = fields.map(|(key, value)| match (key.as_str(), value) {
                ("Environment", Value::Object(environment)) => (key, variables(environment)),
                // Tags as a map have keys of their own.
                ("Tags", Value::Object(tags)) => (key, scalars(tags)),
                (_, value) => (key, self::kept(value)),
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.into_iter().map(kept).collect(),
        scalar => scalar,
    }
}

fn scalars(map: Map<String, Value>) -> Value {
    Value::Object(map.into_iter().filter(|(_, value)| !value.is_object() && !value.is_array()).collect())
}

/// `{Variables: {NAME: value}}` of a function, with the same rule as for containers.
fn variables(environment: Map<String, Value>) -> Value {
    let variables: Map<String, Value> = environment
        .into_iter()
        .find(|(key, _)| key == "Variables")
        .and_then(|(_, variables)| match variables {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| {
            let references = value.as_str().map(|text| reference::read(&name, text)).unwrap_or_default();
            let kept = if references.is_empty() { Value::Null } else { reference::written(&references).into() };
            (name, kept)
        })
        .collect();
    serde_json::json!({ "Variables": variables })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_sorted() {
        assert!(FIELDS.is_sorted());
    }
}
