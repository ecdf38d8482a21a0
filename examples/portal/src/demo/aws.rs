//! The rows of [`super::functions`] and [`super::infrastructure`] in the shapes that the AWS CLI prints.

use portal_core::SnapshotWriter;
use serde_json::{Value, json};

use super::company::COMPANY;
use super::functions::{FUNCTIONS, Function};
use super::infrastructure::{DENIED, Kind, STACKS, Stack, THINGS, Thing};
use super::place::{Place, Stage, uuid};

/// The kinds in each region of each account.
pub(super) const KINDS: [&str; 7] = ["s3", "rds", "rds-clusters", "dynamodb", "lambda", "cloudformation", "tagged"];

/// Why the tags of some buckets are not known.
const NO_TAGS: &str = "no right s3:GetBucketTagging; a bucket policy denies it";

/// Writes all objects of a region.
pub(super) fn write(place: Place, out: &SnapshotWriter) {
    for thing in THINGS.iter().filter(|thing| thing.places.contains(&place)) {
        let name = thing.name_in(place);
        match thing.kind {
            Kind::Bucket => {
                if thing.tags == DENIED {
                    out.unread("s3", format!("bucket {name}: {NO_TAGS}"));
                }
                out.object("s3", name, bucket(thing, place));
            }
            Kind::Table => out.object("dynamodb", name, table(thing, place)),
            Kind::Database(engine) => out.object("rds", name, instance(thing, engine, place)),
            Kind::Aurora(engine, copies) => {
                let copies = if place.stage == Stage::Prod { copies } else { 1 };
                for number in 1..=copies {
                    let member = format!("{name}-{number}");
                    out.object("rds", member.clone(), aurora_member(&member, thing, engine, place));
                }
                out.object("rds-clusters", name, aurora(thing, engine, place));
            }
            Kind::Queue | Kind::Topic | Kind::Stream | Kind::Cache | Kind::Other(_) => {
                let arn = thing.arn(place);
                let record = tagged(&arn, &tags(thing.tags, thing.stack, place));
                out.object("tagged", arn, record);
            }
        }
    }
    for stack in STACKS.iter().filter(|stack| stack.places.contains(&place)) {
        out.object("cloudformation", stack_id(stack.name, place), stack_record(stack, place));
    }
}

/// Writes the functions of a region.
pub(super) fn write_functions(place: Place, out: &SnapshotWriter) {
    for row in functions(place) {
        out.object("lambda", row.name, function(row, place));
    }
}

/// Writes the functions of a region as far as the list of tags shows them.
pub(super) fn write_functions_as_tagged(place: Place, out: &SnapshotWriter) {
    for row in functions(place) {
        let arn = function_arn(row, place);
        let record = tagged(&arn, &tags(row.tags, row.stack, place));
        out.object("tagged", arn, record);
    }
}

/// Writes the accounts of the organisation.
pub(super) fn write_accounts(out: &SnapshotWriter) {
    for stage in Stage::ALL {
        let (id, name) = (stage.account(), format!("{COMPANY}-{}", stage.name()));
        let mail = format!("aws+{}@{COMPANY}.example", stage.name());
        out.object("accounts", id, json!({"Id": id, "Name": name, "Email": mail, "State": "ACTIVE"}));
    }
}

fn functions(place: Place) -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter().filter(move |row| row.places.contains(&place))
}

fn bucket(thing: &Thing, place: Place) -> Value {
    let name = thing.name_in(place);
    let mut record = json!({
        "CreationDate": place.made_at(thing.name).to_string(), "BucketRegion": place.region, "BucketArn": thing.arn(place),
        "Name": name,
    });
    if thing.tags == DENIED {
        record["TagsError"] = NO_TAGS.into();
    } else {
        record["Tags"] = tags(thing.tags, thing.stack, place);
    }
    record
}

fn table(thing: &Thing, place: Place) -> Value {
    let name = thing.name_in(place);
    json!({
        "TableArn": thing.arn(place), "TableStatus": "ACTIVE",
        "CreationDateTime": place.made_at(thing.name).to_string(),
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "Tags": tags(thing.tags, thing.stack, place),
        "TableName": name,
    })
}

fn instance(thing: &Thing, engine: &str, place: Place) -> Value {
    let name = thing.name_in(place);
    json!({
        "DBInstanceArn": thing.arn(place), "DBInstanceStatus": "available",
        "DBInstanceClass": class(place), "Engine": engine, "EngineVersion": engine_version(engine),
        "MultiAZ": place.stage == Stage::Prod,
        "Endpoint": {"Address": place.fill(&format!("{name}.{{rds}}")), "Port": port(engine)},
        "InstanceCreateTime": place.made_at(thing.name).to_string(),
        "TagList": tags(thing.tags, thing.stack, place),
        "DBInstanceIdentifier": name,
    })
}

/// An instance of an Aurora cluster. Nobody tags those: the cluster's tags are meant.
fn aurora_member(name: &str, cluster: &Thing, engine: &str, place: Place) -> Value {
    json!({
        "DBInstanceArn": place.arn("rds", &format!("db:{name}")), "DBInstanceIdentifier": name,
        "DBClusterIdentifier": cluster.name_in(place), "DBInstanceStatus": "available",
        "DBInstanceClass": class(place), "Engine": engine, "EngineVersion": engine_version(engine), "MultiAZ": false,
        "Endpoint": {"Address": place.fill(&format!("{name}.{{rds}}")), "Port": port(engine)},
        "InstanceCreateTime": place.made_at(cluster.name).to_string(),
        "TagList": [],
    })
}

fn aurora(thing: &Thing, engine: &str, place: Place) -> Value {
    let name = thing.name_in(place);
    json!({
        "DBClusterArn": thing.arn(place), "Status": "available", "Engine": engine,
        "EngineVersion": engine_version(engine), "Port": port(engine), "MultiAZ": place.stage == Stage::Prod,
        "Endpoint": place.fill(&format!("{name}.cluster-{{rds}}")),
        "ReaderEndpoint": place.fill(&format!("{name}.cluster-ro-{{rds}}")),
        "ClusterCreateTime": place.made_at(thing.name).to_string(),
        "TagList": tags(thing.tags, thing.stack, place),
        "DBClusterIdentifier": name,
    })
}

fn function(row: &Function, place: Place) -> Value {
    let variables: serde_json::Map<String, Value> =
        row.variables.iter().map(|(name, value)| ((*name).to_owned(), place.fill(value).into())).collect();
    let sources: Vec<Value> = row
        .sources
        .iter()
        .map(|source| {
            let arn = place.fill(source);
            json!({"UUID": uuid(&format!("{} {arn}", row.name)), "EventSourceArn": arn, "State": "Enabled"})
        })
        .collect();
    let pairs: serde_json::Map<String, Value> =
        pairs(row.tags, row.stack, place).into_iter().map(|(key, value)| (key, value.into())).collect();
    json!({
        "FunctionName": row.name, "FunctionArn": function_arn(row, place), "Runtime": row.runtime,
        "Role": format!("arn:aws:iam::{}:role/{}-role", place.stage.account(), row.name),
        "Handler": "index.handler", "PackageType": "Zip",
        "LastModified": place.made_at(row.name).to_string(),
        "Environment": {"Variables": variables}, "EventSourceMappings": sources, "Tags": pairs,
    })
}

fn function_arn(row: &Function, place: Place) -> String {
    place.arn("lambda", &format!("function:{}", row.name))
}

fn tagged(arn: &str, tags: &Value) -> Value {
    json!({"ResourceARN": arn, "Tags": tags})
}

fn stack_record(stack: &Stack, place: Place) -> Value {
    let id = stack_id(stack.name, place);
    let mut members: Vec<Value> = THINGS
        .iter()
        .filter(|thing| thing.stack == stack.name && thing.places.contains(&place))
        .map(|thing| thing.in_stack(place))
        .chain(
            functions(place)
                .filter(|row| row.stack == stack.name)
                .map(|row| ("AWS::Lambda::Function", row.name.to_owned())),
        )
        .map(|(kind, physical)| member(kind, &physical))
        .collect();
    members.extend(
        STACKS
            .iter()
            .filter(|nested| nested.parent == stack.name)
            .map(|nested| member("AWS::CloudFormation::Stack", &stack_id(nested.name, place))),
    );
    let mut record = json!({
        "StackId": id, "StackName": stack.name, "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": place.made_at(stack.name).to_string(), "Tags": tags(stack.tags, "", place),
        "StackResourceSummaries": members,
    });
    if !stack.parent.is_empty() {
        let parent = stack_id(stack.parent, place);
        record["ParentId"] = parent.clone().into();
        record["RootId"] = parent.into();
    }
    record
}

fn member(kind: &str, physical: &str) -> Value {
    json!({
        "LogicalResourceId": logical_id(physical), "PhysicalResourceId": physical, "ResourceType": kind,
        "ResourceStatus": "CREATE_COMPLETE",
    })
}

fn stack_id(name: &str, place: Place) -> String {
    let seed = format!("{name} {} {}", place.stage.account(), place.region);
    place.arn("cloudformation", &format!("stack/{name}/{}", uuid(&seed)))
}

/// The name that a template would have: `mail-outbox` is `MailOutbox`.
fn logical_id(physical: &str) -> String {
    let name = match physical.split_once(":stack/") {
        Some((_, stack)) => stack.split('/').next().unwrap_or_default(),
        None => physical.rsplit(['/', ':']).next().unwrap_or_default(),
    };
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    name.split('-').map(capital).collect()
}

fn tags(written: &str, stack: &str, place: Place) -> Value {
    pairs(written, stack, place).into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Reads `Team=Media; cost-centre=4711`, and adds what CloudFormation sets itself. What somebody tagged at all says
/// the environment too; orphans have not even that.
fn pairs(written: &str, stack: &str, place: Place) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = written
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(key, value)| (key.to_owned(), place.fill(value)))
        .collect();
    if !pairs.is_empty() {
        pairs.push(("environment".to_owned(), place.stage.name().to_owned()));
    }
    if !stack.is_empty() {
        pairs.push(("aws:cloudformation:stack-name".to_owned(), stack.to_owned()));
        pairs.push(("aws:cloudformation:stack-id".to_owned(), stack_id(stack, place)));
    }
    pairs
}

fn class(place: Place) -> &'static str {
    if place.stage == Stage::Prod { "db.r7g.xlarge" } else { "db.t4g.medium" }
}

fn engine_version(engine: &str) -> &'static str {
    match engine {
        "aurora-postgresql" => "16.6",
        "aurora-mysql" => "8.0.mysql_aurora.3.08.0",
        "mysql" => "8.0.40",
        _ => "17.2",
    }
}

fn port(engine: &str) -> u16 {
    if engine.contains("mysql") { 3306 } else { 5432 }
}
