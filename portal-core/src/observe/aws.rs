//! AWS objects, as the AWS CLI and boto3 print them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{AccountSeen, FunctionSeen, Observation, ResourceSeen, StackSeen, Tags, Variable};
use crate::id::{Arn, Text};
use crate::model::Pairs;
use crate::reference;

/// Tags in any of the forms that AWS prints; a record where the field is missing was made by someone who did not read
/// them, and may say why in `TagsError`.
#[derive(Deserialize)]
#[serde(untagged)]
enum TagField {
    List(Vec<Tag>),
    Map(BTreeMap<Text, Option<Text>>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    #[serde(alias = "key")]
    key: Text,
    #[serde(alias = "value", default)]
    value: Option<Text>,
}

fn tags(field: Option<TagField>, error: Option<&Text>) -> Tags {
    let pairs: Pairs = match field {
        None => return Tags::unread(error.map_or("the record has no tags: they were not read", |error| error)),
        Some(TagField::List(list)) => list.into_iter().map(|t| (t.key, t.value.unwrap_or_default())).collect(),
        Some(TagField::Map(map)) => map.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect(),
    };
    Tags::read(pairs)
}

/// Reads one record of a kind.
pub(super) fn observe(kind: &str, account: &str, region: &str, record: &str) -> Result<Option<Observation>, String> {
    let place = Place { account, region };
    let seen = match kind {
        "s3" => bucket(parse(record)?, place),
        "rds" | "rds-clusters" => database(parse(record)?)?,
        "dynamodb" => table(record)?,
        "lambda" => function(record)?,
        "cloudformation" => stack(parse(record)?),
        "tagged" => tagged(parse(record)?)?,
        "accounts" => {
            let account: AccountRecord = parse(record)?;
            return Ok(Some(Observation::Account(AccountSeen {
                name: account.name.unwrap_or_else(|| account.id.clone()),
                id: account.id,
                state: account.state.or(account.status),
            })));
        }
        _ => any(&parse(record)?)?,
    };
    Ok(Some(Observation::Resource(Box::new(seen))))
}

fn parse<'r, T: Deserialize<'r>>(record: &'r str) -> Result<T, String> {
    serde_json::from_str(record).map_err(|error| error.to_string())
}

#[derive(Clone, Copy)]
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BucketRecord {
    name: Text,
    bucket_arn: Option<Text>,
    bucket_region: Option<Text>,
    creation_date: Option<Value>,
    #[serde(alias = "TagSet")]
    tags: Option<TagField>,
    tags_error: Option<Text>,
}

fn bucket(record: BucketRecord, place: Place<'_>) -> ResourceSeen {
    let region = record.bucket_region.unwrap_or_else(|| Text::from(place.region));
    let partition = match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    ResourceSeen {
        id: record.bucket_arn.unwrap_or_else(|| Text::from(format!("arn:{partition}:s3:::{}", record.name))),
        resource_type: Text::new_static("bucket"),
        name: record.name,
        account: Some(Text::from(place.account)),
        region: Some(region),
        tags: tags(record.tags, record.tags_error.as_ref()),
        created_at: record.creation_date.as_ref().and_then(time),
        ..ResourceSeen::default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseRecord {
    #[serde(rename = "DBInstanceArn")]
    instance_arn: Option<Text>,
    #[serde(rename = "DBInstanceIdentifier")]
    instance_name: Option<Text>,
    #[serde(rename = "DBClusterArn")]
    cluster_arn: Option<Text>,
    #[serde(rename = "DBClusterIdentifier")]
    cluster_name: Option<Text>,
    #[serde(rename = "DBInstanceClass")]
    class: Option<Text>,
    engine: Option<Text>,
    engine_version: Option<Text>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<bool>,
    endpoint: Option<Value>,
    reader_endpoint: Option<Text>,
    instance_create_time: Option<Value>,
    cluster_create_time: Option<Value>,
    #[serde(alias = "Tags")]
    tag_list: Option<TagField>,
}

fn database(record: DatabaseRecord) -> Result<ResourceSeen, String> {
    let is_instance = record.instance_arn.is_some();
    let id = record.instance_arn.or(record.cluster_arn).ok_or("neither DBInstanceArn nor DBClusterArn")?;
    let mut seen = of_arn(&id)?;
    let name = if is_instance { &record.instance_name } else { &record.cluster_name };
    if let Some(name) = name {
        seen.name = name.clone();
    }
    seen.resource_type = Text::new_static(if is_instance { "database" } else { "database-cluster" });
    seen.cluster = record.cluster_name.filter(|_| is_instance);
    seen.tags = tags(record.tag_list, None);
    // An instance's endpoint is an object, a cluster's a text.
    let (address, port) = match &record.endpoint {
        Some(Value::Object(endpoint)) => {
            (endpoint.get("Address").and_then(Value::as_str), endpoint.get("Port").and_then(Value::as_u64))
        }
        Some(Value::String(host)) => (Some(host.as_str()), None),
        _ => (None, None),
    };
    seen.hosts.extend(address.map(|host| Text::from(host.to_lowercase())));
    seen.hosts.extend(record.reader_endpoint.as_deref().map(|host| Text::from(host.to_lowercase())));
    let endpoint = address.map(|host| port.map_or(Text::from(host), |port| Text::from(format!("{host}:{port}"))));
    seen.created_at = record.instance_create_time.or(record.cluster_create_time).as_ref().and_then(time);
    seen.attributes = attributes([
        ("class", record.class),
        ("engine", record.engine),
        ("engine_version", record.engine_version),
        ("endpoint", endpoint),
        ("multi_az", record.multi_az.map(|yes| Text::new_static(if yes { "true" } else { "false" }))),
    ]);
    Ok(seen)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableRecord {
    table_name: Text,
    table_arn: Text,
    creation_date_time: Option<Value>,
    billing_mode_summary: Option<Value>,
    tags: Option<TagField>,
    tags_error: Option<Text>,
}

/// `describe-table` wraps the table; the tags then stand beside it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableAnswer {
    table: TableRecord,
    tags: Option<TagField>,
}

fn table(record: &str) -> Result<ResourceSeen, String> {
    let record: TableRecord = match parse::<TableAnswer>(record) {
        Ok(answer) => TableRecord { tags: answer.table.tags.or(answer.tags), ..answer.table },
        Err(_) => parse(record)?,
    };
    let mut seen = of_arn(&record.table_arn)?;
    seen.resource_type = Text::new_static("table");
    seen.name = record.table_name;
    seen.tags = tags(record.tags, record.tags_error.as_ref());
    seen.created_at = record.creation_date_time.as_ref().and_then(time);
    let billing = record.billing_mode_summary.as_ref().and_then(|b| b.get("BillingMode")).and_then(Value::as_str);
    seen.attributes = attributes([("billing", billing.map(Text::from))]);
    Ok(seen)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionRecord {
    function_name: Text,
    function_arn: Text,
    runtime: Option<Text>,
    role: Option<Text>,
    handler: Option<Text>,
    environment: Option<FunctionEnvironment>,
    tags: Option<TagField>,
    tags_error: Option<Text>,
    event_source_mappings: Option<Vec<EventSource>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionEnvironment {
    #[serde(default)]
    variables: Option<BTreeMap<Text, Option<Text>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventSource {
    event_source_arn: Option<Text>,
}

/// `get-function` wraps the configuration; the tags then stand beside it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionAnswer {
    configuration: FunctionRecord,
    tags: Option<TagField>,
}

fn function(record: &str) -> Result<ResourceSeen, String> {
    let record: FunctionRecord = match parse::<FunctionAnswer>(record) {
        Ok(answer) => FunctionRecord { tags: answer.configuration.tags.or(answer.tags), ..answer.configuration },
        Err(_) => parse(record)?,
    };
    let mut seen = of_arn(&unqualified(&record.function_arn))?;
    seen.resource_type = Text::new_static("function");
    seen.name = record.function_name;
    seen.tags = tags(record.tags, record.tags_error.as_ref());
    seen.attributes =
        attributes([("runtime", record.runtime.clone()), ("handler", record.handler), ("role", record.role.clone())]);
    let variables = record.environment.and_then(|e| e.variables).unwrap_or_default();
    seen.function = Some(FunctionSeen {
        runtime: record.runtime,
        role: record.role,
        variables: variables
            .into_iter()
            .filter_map(|(name, value)| {
                let references = reference::read(&name, &value?);
                (!references.is_empty()).then(|| Variable { name, value: Text::from(reference::written(&references)) })
            })
            .collect(),
        event_sources: record
            .event_source_mappings
            .map(|sources| sources.into_iter().filter_map(|source| source.event_source_arn).collect()),
    });
    Ok(seen)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StackRecord {
    stack_id: Text,
    stack_name: Text,
    stack_status: Option<Text>,
    creation_time: Option<Value>,
    parent_id: Option<Text>,
    tags: Option<TagField>,
    #[serde(alias = "StackResourceSummaries")]
    stack_resources: Option<Vec<StackMember>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StackMember {
    physical_resource_id: Option<Text>,
    resource_type: Option<Text>,
}

fn stack(record: StackRecord) -> ResourceSeen {
    let arn = Arn::parse(&record.stack_id);
    let ids = |members: Vec<StackMember>| {
        members.iter().filter_map(|member| arn.and_then(|stack| member.arn(&stack))).collect()
    };
    let members = record.stack_resources.map(ids);
    ResourceSeen {
        account: arn.map(|a| Text::from(a.account)),
        region: arn.map(|a| Text::from(a.region)),
        resource_type: Text::new_static("stack"),
        name: record.stack_name,
        tags: tags(record.tags, None),
        created_at: record.creation_time.as_ref().and_then(time),
        attributes: attributes([("status", record.stack_status)]),
        stack: Some(StackSeen { parent: record.parent_id.filter(|p| !p.is_empty()), members }),
        id: record.stack_id,
        ..ResourceSeen::default()
    }
}

impl StackMember {
    /// The ARN of what the stack made. For many types CloudFormation says only the name.
    fn arn(&self, stack: &Arn<'_>) -> Option<Text> {
        let id = self.physical_resource_id.as_deref().filter(|id| !id.is_empty())?;
        if Arn::parse(id).is_some() {
            return Some(Text::from(id));
        }
        let Arn { partition, region, account, .. } = stack;
        let regional =
            |service: &str, resource: String| format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        Some(Text::from(match self.resource_type.as_deref()? {
            "AWS::S3::Bucket" => format!("arn:{partition}:s3:::{id}"),
            "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => regional("dynamodb", format!("table/{id}")),
            "AWS::Lambda::Function" | "AWS::Serverless::Function" => regional("lambda", format!("function:{id}")),
            "AWS::RDS::DBInstance" => regional("rds", format!("db:{id}")),
            "AWS::RDS::DBCluster" => regional("rds", format!("cluster:{id}")),
            // The id of a queue is its URL.
            "AWS::SQS::Queue" => regional("sqs", id.rsplit('/').next()?.to_owned()),
            "AWS::Kinesis::Stream" => regional("kinesis", format!("stream/{id}")),
            _ => return None,
        }))
    }
}

#[derive(Deserialize)]
struct TaggedRecord {
    #[serde(rename = "ResourceARN", alias = "ResourceArn")]
    arn: Text,
    #[serde(rename = "Tags")]
    tags: Option<TagField>,
}

fn tagged(record: TaggedRecord) -> Result<ResourceSeen, String> {
    let mut seen = of_arn(&record.arn)?;
    seen.tags = tags(record.tags, None);
    seen.only_tags = true;
    Ok(seen)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountRecord {
    id: Text,
    name: Option<Text>,
    state: Option<Text>,
    status: Option<Text>,
}

/// A record of a kind that has no reader of its own: whatever has an ARN is a resource.
fn any(record: &BTreeMap<Text, Value>) -> Result<ResourceSeen, String> {
    let arn = ["ResourceARN", "ResourceArn", "Arn", "ARN"]
        .iter()
        .find_map(|key| record.get(*key))
        .or_else(|| record.iter().find(|(key, _)| key.ends_with("Arn") || key.ends_with("ARN")).map(|(_, arn)| arn))
        .and_then(Value::as_str)
        .ok_or("the record has no field with an ARN")?;
    let mut seen = of_arn(&Text::from(arn))?;
    let field = ["Tags", "TagList", "TagSet", "tags"].iter().find_map(|key| record.get(*key));
    seen.tags = tags(field.and_then(|field| TagField::deserialize(field).ok()), None);
    Ok(seen)
}

/// A resource as far as its ARN tells.
fn of_arn(id: &Text) -> Result<ResourceSeen, String> {
    let arn = Arn::parse(id).ok_or_else(|| format!("`{id}` is no ARN"))?;
    let known = |part: &str| (!part.is_empty()).then(|| Text::from(part));
    Ok(ResourceSeen {
        resource_type: resource_type(&arn),
        name: Text::from(arn.resource_name()),
        account: known(arn.account),
        region: known(arn.region),
        id: id.clone(),
        ..ResourceSeen::default()
    })
}

/// The portal's word for what an ARN names, or the provider's own `service:type`.
fn resource_type(arn: &Arn<'_>) -> Text {
    let kind = arn.resource_type();
    Text::new_static(match (arn.service, kind) {
        ("s3", None) => "bucket",
        ("rds", Some("db")) => "database",
        ("rds", Some("cluster")) => "database-cluster",
        ("dynamodb", Some("table")) => "table",
        ("lambda", Some("function")) => "function",
        ("sqs", None) => "queue",
        ("sns", None) => "topic",
        ("kinesis", Some("stream")) => "stream",
        ("elasticache", _) => "cache",
        ("cloudformation", Some("stack")) => "stack",
        (service, Some(kind)) => return Text::from(format!("{service}:{kind}")),
        (service, None) => return Text::from(service),
    })
}

/// A function's ARN without version or alias.
fn unqualified(arn: &str) -> Text {
    match arn.match_indices(':').nth(6) {
        Some((at, _)) => Text::from(&arn[..at]),
        None => Text::from(arn),
    }
}

/// RFC 3339, as CLI and SDKs print it, or seconds since 1970, as some services answer.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        // A clock's fractions of a second are of no interest here.
        #[allow(clippy::cast_possible_truncation)]
        Value::Number(seconds) => seconds.as_f64().and_then(|s| Timestamp::from_second(s as i64).ok()),
        _ => None,
    }
}

fn attributes<const N: usize>(pairs: [(&'static str, Option<Text>); N]) -> BTreeMap<Text, Text> {
    pairs.into_iter().filter_map(|(key, value)| Some((Text::new_static(key), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: &str, record: &str) -> ResourceSeen {
        match observe(kind, "011122223333", "eu-west-1", record) {
            Ok(Some(Observation::Resource(seen))) => *seen,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tags_that_are_not_there_were_not_read() {
        assert!(seen("s3", r#"{"Name": "a"}"#).tags.unread.is_some());
        assert_eq!(seen("s3", r#"{"Name": "a", "Tags": []}"#).tags, Tags::read(vec![]));
    }

    #[test]
    fn a_cluster_is_told_from_its_instances() {
        let instance = seen(
            "rds",
            r#"{"DBInstanceArn": "arn:aws:rds:eu-west-1:011122223333:db:a-1", "DBInstanceIdentifier": "a-1",
            "DBClusterIdentifier": "a", "Engine": "aurora-postgresql", "Endpoint": {"Address": "A-1.X.rds.amazonaws.com", "Port": 5432}, "TagList": []}"#,
        );
        assert_eq!((instance.resource_type.as_str(), instance.cluster.as_deref()), ("database", Some("a")));
        assert_eq!(instance.hosts, ["a-1.x.rds.amazonaws.com"]);
        let cluster = seen(
            "rds-clusters",
            r#"{"DBClusterArn": "arn:aws:rds:eu-west-1:011122223333:cluster:a", "DBClusterIdentifier": "a",
            "Endpoint": "a.cluster-x.rds.amazonaws.com", "ReaderEndpoint": "a.cluster-ro-x.rds.amazonaws.com", "TagList": []}"#,
        );
        assert_eq!((cluster.resource_type.as_str(), cluster.hosts.len()), ("database-cluster", 2));
    }

    #[test]
    fn answers_of_the_cli_for_one_object_are_read() {
        let table = seen(
            "dynamodb",
            r#"{"Table": {"TableName": "orders", "TableArn": "arn:aws:dynamodb:eu-west-1:011122223333:table/orders", "CreationDateTime": 1700000000.5}, "Tags": []}"#,
        );
        assert_eq!(
            (table.name.as_str(), table.tags.unread.is_none(), table.created_at.is_some()),
            ("orders", true, true)
        );
        let function = seen(
            "lambda",
            r#"{"Configuration": {"FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-west-1:011122223333:function:f:7",
            "Environment": {"Variables": {"ORDERS_TABLE": "orders", "PLAIN": "hunter2"}}}, "Tags": {"Team": "a"}}"#,
        );
        assert_eq!(function.id, "arn:aws:lambda:eu-west-1:011122223333:function:f");
        assert_eq!(function.function.expect("a function").variables.len(), 1);
    }

    #[test]
    fn members_of_a_stack_are_arns() {
        let stack = seen(
            "cloudformation",
            r#"{"StackId": "arn:aws:cloudformation:eu-west-1:011122223333:stack/s/uuid", "StackName": "s", "Tags": [],
            "StackResourceSummaries": [
                {"PhysicalResourceId": "b", "ResourceType": "AWS::S3::Bucket"},
                {"PhysicalResourceId": "https://sqs.eu-west-1.amazonaws.com/011122223333/q", "ResourceType": "AWS::SQS::Queue"},
                {"PhysicalResourceId": "x", "ResourceType": "AWS::Unheard::Of"}]}"#,
        );
        let members = stack.stack.expect("a stack").members.expect("its members");
        assert_eq!(members, ["arn:aws:s3:::b", "arn:aws:sqs:eu-west-1:011122223333:q"]);
    }

    #[test]
    fn what_has_an_arn_is_a_resource() {
        let vpc = seen(
            "tagged",
            r#"{"ResourceARN": "arn:aws:ec2:eu-west-1:011122223333:vpc/vpc-1", "Tags": [{"Key": "team", "Value": "a"}]}"#,
        );
        assert_eq!((vpc.resource_type.as_str(), vpc.name.as_str()), ("ec2:vpc", "vpc-1"));
        let queue = seen("sqs", r#"{"QueueArn": "arn:aws:sqs:eu-west-1:011122223333:q", "Tags": {"team": "a"}}"#);
        assert_eq!((queue.resource_type.as_str(), queue.tags.pairs.len()), ("queue", 1));
    }
}
