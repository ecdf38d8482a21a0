//! The whole organization: everything is seen, in its place, and nothing else.

use std::collections::BTreeMap;

use portal_core::snapshot::redact::Redaction;
use portal_core::{Coverage, Scope, Text};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Snapshots, collect, organization, outcome, scope, shared_bed, text};

/// What the tests of this file look at: one read of the shared bed.
async fn read() -> &'static (portal_core::Scopes, Snapshots) {
    static READ: OnceCell<(portal_core::Scopes, Snapshots)> = OnceCell::const_new();
    READ.get_or_init(|| async { collect(&organization(shared_bed())).await }).await
}

/// The type of the truth, the kind of the lake, the field with the ARN.
const TYPES: [(&str, &str, &str); 8] = [
    ("bucket", "s3", "BucketArn"),
    ("database", "rds", "DBInstanceArn"),
    ("database-cluster", "rds-clusters", "DBClusterArn"),
    ("table", "dynamodb", "TableArn"),
    ("function", "lambda", "FunctionArn"),
    ("stack", "cloudformation", "StackId"),
    ("queue", "tagged", "ResourceARN"),
    ("topic", "tagged", "ResourceARN"),
];

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_the_estate_is_seen_in_its_scope_and_nothing_else() {
    let (_, snapshots) = read().await;
    for (type_, kind, field) in TYPES {
        let truth = shared_bed().truth["resources"].as_object().expect("resources");
        let meant: BTreeMap<&str, Scope> = truth
            .iter()
            .filter(|(_, thing)| thing["type"] == type_)
            .map(|(arn, thing)| (arn.as_str(), scope(text(thing, "account"), text(thing, "region"))))
            .collect();
        let service = match type_ {
            "queue" => ":sqs:",
            "topic" => ":sns:",
            _ => ":",
        };
        let mut seen = BTreeMap::new();
        for (scope, kinds) in snapshots {
            for object in kinds.get(kind).map(|kind| &kind.objects[..]).unwrap_or_default() {
                let arn = text(&object.value, field);
                if arn.contains(service) {
                    let before = seen.insert(arn, scope.clone());
                    assert_eq!(before, None, "{arn} is seen twice");
                }
            }
        }
        assert!(!meant.is_empty());
        assert_eq!(seen, meant, "{type_}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_open_account_is_read_whole_and_ids_keep_their_zeros() {
    let (scopes, snapshots) = read().await;
    let bed = shared_bed();
    let closed = [bed.said("refused_account"), bed.said("suspended_account")];
    assert!(snapshots.keys().any(|scope| scope.account().expect("an account").starts_with("00")));
    for account in bed.truth["accounts"].as_array().expect("accounts") {
        let id = text(account, "id");
        for region in bed.truth["regions"].as_array().expect("regions") {
            let kinds = &snapshots[&scope(id, region.as_str().expect("a region"))];
            for (name, kind) in kinds.iter().filter(|_| !closed.contains(&id)) {
                assert_eq!(outcome(kind).coverage, Coverage::Complete, "{id} {region} {name}: {:?}", kind.outcome);
            }
            let names: Vec<&str> = kinds.keys().map(Text::as_str).filter(|kind| *kind != "accounts").collect();
            assert_eq!(names, ["cloudformation", "dynamodb", "lambda", "rds", "rds-clusters", "s3", "tagged"]);
        }
    }
    assert_eq!(scopes.scopes.len(), 7 * 3);
    assert!(scopes.scopes.is_sorted(), "the order is the same for the same world");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_is_denied_with_what_to_check() {
    let (scopes, snapshots) = read().await;
    let refused = shared_bed().said("refused_account");
    for kind in snapshots[&scope(refused, "us-east-1")].values() {
        let outcome = outcome(kind);
        assert_eq!(outcome.coverage, Coverage::Denied);
        assert_eq!(outcome.permission.as_deref(), Some("sts:AssumeRole"));
        let reason = outcome.reason.as_deref().expect("a reason");
        for part in [&format!("arn:aws:iam::{refused}:role/portal-collector"), "trust policy", "external_id"] {
            assert!(reason.contains(part), "{reason}");
        }
        super::assert_readable(reason);
    }
    // Its own regions are not known, so what earlier runs saw elsewhere is marked, and nothing retired.
    assert!(scopes.unread.iter().any(|unread| unread.below == [Text::from(refused)]));
    assert_eq!(scopes.whole_below, [Vec::<Text>::new()], "accounts that left the organization are gone all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_is_absent() {
    let (_, snapshots) = read().await;
    for kind in snapshots[&scope(shared_bed().said("suspended_account"), "eu-west-1")].values() {
        assert_eq!(outcome(kind).coverage, Coverage::Absent);
        assert!(outcome(kind).reason.as_deref().expect("a reason").contains("SUSPENDED"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_have_their_names_and_no_mail_addresses() {
    let (_, snapshots) = read().await;
    let bed = shared_bed();
    let holders: Vec<&Scope> =
        snapshots.iter().filter(|(_, kinds)| kinds.contains_key("accounts")).map(|(scope, _)| scope).collect();
    let home = scope(bed.said("management_account"), "eu-west-1");
    assert_eq!(holders, [&home]);
    let accounts = &snapshots[&home]["accounts"];
    assert_eq!(outcome(accounts).coverage, Coverage::Complete);
    let seen: BTreeMap<&str, &str> =
        accounts.objects.iter().map(|object| (text(&object.value, "Id"), text(&object.value, "Name"))).collect();
    let truth = bed.truth["accounts"].as_array().expect("accounts");
    let meant: BTreeMap<&str, &str> = truth.iter().map(|a| (text(a, "id"), text(a, "name"))).collect();
    assert_eq!(seen, meant);
    assert!(accounts.objects.iter().all(|object| !object.value.to_string().contains('@')));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_whose_tags_are_denied_has_no_tags_field_and_is_named() {
    let (_, snapshots) = read().await;
    let bed = shared_bed();
    let denied: Vec<&str> =
        bed.truth["denied_tag_buckets"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(!denied.is_empty());
    let mut named = 0;
    for kinds in snapshots.values() {
        let buckets = &kinds["s3"];
        for object in &buckets.objects {
            let is_denied = denied.contains(&text(&object.value, "BucketArn"));
            assert_eq!(object.value.get("Tags").is_none(), is_denied, "{}", object.value);
        }
        for note in &buckets.unread {
            named += 1;
            assert!(note.contains("AccessDenied") && note.contains("s3:GetBucketTagging"), "{note}");
            assert!(denied.iter().any(|arn| note.contains(arn.trim_start_matches("arn:aws:s3:::"))), "{note}");
            super::assert_readable(note);
        }
    }
    assert_eq!(named, denied.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_passes_the_redaction() {
    let (_, snapshots) = read().await;
    let marker = shared_bed().said("secrets_marker");
    let (mut before, mut after) = (0, 0);
    let redaction = Redaction::default();
    let scope = Scope::Aws { account: "011122223333".into(), region: "eu-west-1".into() };
    for object in snapshots.values().flat_map(BTreeMap::values).flat_map(|kind| &kind.objects) {
        before += usize::from(object.value.to_string().contains(marker));
        after += usize::from(redaction.apply(&scope, object.value.clone()).to_string().contains(marker));
    }
    assert!(before > 0, "the estate has planted secrets in the environments of functions");
    assert_eq!(after, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_references_and_members_are_as_they_were_made() {
    let (_, snapshots) = read().await;
    let all = |kind: &str| -> Vec<&Value> {
        snapshots.values().filter_map(|kinds| kinds.get(kind)).flat_map(|k| &k.objects).map(|o| &o.value).collect()
    };
    assert!(all("lambda").iter().any(|f| f["EventSourceMappings"][0]["EventSourceArn"].is_string()));
    assert!(all("lambda").iter().any(|f| f["Environment"]["Variables"].is_object() && f["Tags"].is_object()));
    assert!(all("lambda").iter().all(|f| f["EventSourceMappings"].is_array()));
    assert!(all("rds").iter().any(|d| d["DBClusterIdentifier"].is_string() && d["TagList"].is_array()));
    assert!(all("rds-clusters").iter().all(|c| c["DBClusterMembers"].as_array().is_some_and(|m| m.len() == 2)));
    assert!(all("dynamodb").iter().all(|t| t["Tags"].is_array() && t["CreationDateTime"].is_string()));
    assert!(all("cloudformation").iter().all(|s| s["StackResourceSummaries"][0]["PhysicalResourceId"].is_string()));
    assert!(all("cloudformation").iter().all(|s| s.get("Parameters").is_none() && s.get("Outputs").is_none()));
    let times = all("s3").iter().all(|b| text(b, "CreationDate").parse::<jiff::Timestamp>().is_ok());
    assert!(times, "times are RFC 3339");
}
