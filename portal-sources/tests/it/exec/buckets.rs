//! The example in Python against the AWS bed: what it prints is what the built-in adapter writes, and has the same
//! owners in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use portal_core::rules::TeamRule;
use portal_core::testing::{MemoryLake, MemoryStore};
use portal_core::{Catalog, Coverage, Rules, Scope, Text, ingest};
use portal_sources::exec::{Config, Exec};
use serde_json::{Value, json};

use crate::aws_bed::{self as bed, Bed};
use crate::seen::{collect_into, manifest, see};

/// Here the bed has a bucket whose tags nobody may read.
const REGION: &str = "us-east-1";

fn shared_bed() -> &'static Bed {
    static BED: OnceLock<Bed> = OnceLock::new();
    BED.get_or_init(|| Bed::start(&["--accounts", "5"]))
}

/// The bed's first account that has buckets, and whose id begins with zeros.
fn account(bed: &Bed) -> &str {
    let accounts = bed.truth["accounts"].as_array().expect("accounts").iter();
    let mut ids = accounts.filter_map(|account| account["id"].as_str());
    ids.find(|id| id.starts_with("00")).expect("an id with zeros")
}

/// What is true of the buckets of that account in the region, by ARN.
fn truth(bed: &Bed) -> BTreeMap<&str, &Value> {
    let resources = bed.truth["resources"].as_object().expect("resources").iter();
    let ours =
        |thing: &Value| thing["type"] == "bucket" && thing["account"] == account(bed) && thing["region"] == REGION;
    resources.filter(|(_, thing)| ours(thing)).map(|(arn, thing)| (arn.as_str(), thing)).collect()
}

/// The example, with a profile that takes the collector's role in the account.
fn example(bed: &Bed, folder: &Path) -> Exec {
    let (account, role, external_id) = (account(bed), bed.said("role"), bed.said("external_id"));
    let profiles = format!(
        "[profile base]\naws_access_key_id = AKIATESTTESTTESTTEST\naws_secret_access_key = test\nregion = {REGION}\n\
         [profile portal]\nrole_arn = arn:aws:iam::{account}:role/{role}\nexternal_id = {external_id}\n\
         source_profile = base\n"
    );
    std::fs::write(folder.join("config"), profiles).expect("it is written");
    let workspace = bed::workspace();
    let python = bed::python(&workspace).to_str().expect("a plain path").to_owned();
    let env = [
        ("AWS_CONFIG_FILE", folder.join("config").to_str().expect("a plain path").to_owned()),
        ("AWS_PROFILE", "portal".to_owned()),
        ("AWS_ENDPOINT_URL", bed.endpoint()),
    ];
    let config = Config {
        kind: Some("s3".to_owned()),
        scope: Some(Scope::Aws { account: Text::from(account), region: Text::from(REGION) }),
        env: env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        working_dir: Some(workspace.join("examples/python")),
        ..Config::new([python.as_str(), "collect_buckets.py", REGION])
    };
    Exec::new("buckets", config).expect("the configuration is fine")
}

#[tokio::test]
async fn the_objects_are_those_of_the_built_in_adapter() {
    let (bed, folder) = (shared_bed(), tempfile::tempdir().expect("a folder"));
    let seen = see(&example(bed, folder.path())).await;
    let scope = format!("{}/{REGION}", account(bed));
    let buckets = seen.kind(&scope, "s3");
    assert!(seen.is_whole(), "{:?}", buckets.outcome);
    let arn = |object: &Value| format!("arn:aws:s3:::{}", object["Name"].as_str().expect("a name"));
    let seen: BTreeSet<String> = buckets.objects.iter().map(|object| arn(&object.value)).collect();
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), truth(bed).into_keys().collect::<Vec<_>>());
    let mut locked = 0;
    for object in buckets.objects.iter().map(|object| &object.value) {
        // The fields of `portal-sources/src/aws/s3.rs`; `BucketArn` stands only where the server tells it.
        let fields = ["Name", "CreationDate", "BucketRegion", "BucketArn", "Tags", "TagsError"];
        let own: Vec<&String> = object.as_object().expect("an object").keys().collect();
        assert!(own.iter().all(|field| fields.contains(&field.as_str())), "{own:?}");
        assert_eq!(object["BucketRegion"], REGION);
        assert!(
            object["CreationDate"].as_str().is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok()),
            "{object}"
        );
        let denied = bed.truth["denied_tag_buckets"].as_array().expect("a list").contains(&json!(arn(object)));
        let tags = object.get("Tags").and_then(Value::as_array);
        locked += usize::from(denied);
        assert_eq!(tags.is_none(), denied, "tags that nobody may read are not `none`: {object}");
        assert_eq!(object["TagsError"].is_string(), denied, "{object}");
        assert!(tags.into_iter().flatten().all(|tag| tag["Key"].is_string() && tag["Value"].is_string()), "{object}");
    }
    assert!(locked > 0 && locked < buckets.objects.len(), "{locked} of {}", buckets.objects.len());
}

#[cfg(feature = "aws")]
#[tokio::test(flavor = "multi_thread")]
async fn names_regions_and_tags_are_those_that_the_built_in_adapter_writes() {
    /// What the two have to agree on; texts of errors and forms of times are each program's own.
    fn told(object: &Value) -> (String, Value, BTreeSet<String>, bool) {
        let tags = object["Tags"].as_array().into_iter().flatten().map(ToString::to_string).collect();
        let name = object["Name"].as_str().expect("a name").to_owned();
        (name, object["BucketRegion"].clone(), tags, object["TagsError"].is_string())
    }
    let (bed, folder) = (shared_bed(), tempfile::tempdir().expect("a folder"));
    let scope = Scope::Aws { account: Text::from(account(bed)), region: Text::from(REGION) };
    let seen = see(&example(bed, folder.path())).await;
    let mut ours: Vec<_> = seen.kind(&scope.to_string(), "s3").objects.iter().map(|o| told(&o.value)).collect();
    let mut built_in: Vec<_> = crate::aws::buckets(bed, &scope).await.iter().map(told).collect();
    ours.sort_by(|a, b| a.0.cmp(&b.0));
    built_in.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!ours.is_empty());
    assert_eq!(ours, built_in);
}

#[tokio::test]
async fn every_bucket_has_the_owner_that_it_was_made_with() {
    let (bed, folder) = (shared_bed(), tempfile::tempdir().expect("a folder"));
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    let report = collect_into(&lake, example(bed, folder.path())).await;
    assert!(report.error.is_none() && report.scopes[0].is_whole(), "{report:?}");
    let teams = bed.truth["teams"].as_array().expect("teams").iter().map(|team| TeamRule {
        name: team["name"].as_str().expect("a name").into(),
        aliases: team["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str).map(Text::from).collect(),
        ..TeamRule::default()
    });
    ingest(&lake, &store, &Rules { teams: teams.collect(), ..Rules::default() }).await.expect("it is ingested");
    let catalog = Catalog::load(&store).await.expect("it is loaded");
    let mut states = BTreeSet::new();
    for (arn, thing) in truth(bed) {
        // What stacks and functions say of a bucket, they do not say here.
        if thing["rule"].is_null() || thing["rule"] == "tag" {
            let owner = catalog.owner(&arn.parse().expect("a ref")).unwrap_or_else(|error| panic!("{arn}: {error}"));
            assert_eq!(json!(owner.state), thing["state"], "{arn}");
            assert_eq!(json!(owner.team), thing["team"], "{arn}");
            states.insert(thing["state"].as_str().expect("a state"));
        }
    }
    assert!(["owned", "unknown"].iter().all(|state| states.contains(state)) && states.len() > 2, "{states:?}");
}

#[tokio::test]
async fn buckets_that_may_not_be_listed_are_not_gone() {
    let (bed, folder) = (Bed::start(&["--accounts", "4"]), tempfile::tempdir().expect("a folder"));
    let lake = MemoryLake::new();
    collect_into(&lake, example(&bed, folder.path())).await;
    let kind = || manifest(&lake, &format!("buckets-collector/{}/{REGION}", account(&bed)))["kinds"]["s3"].clone();
    let before = kind();
    bed.control("deny", &json!({"action": "s3:ListAllMyBuckets"}));
    let report = collect_into(&lake, example(&bed, folder.path())).await;
    let outcome = &report.scopes[0].kinds["s3"].outcome;
    assert_eq!(outcome.coverage, Coverage::Failed);
    assert!(outcome.reason.as_ref().is_some_and(|reason| reason.contains("AccessDenied")), "{outcome:?}");
    assert_eq!(kind()["files"], before["files"], "what was known stays");
}
