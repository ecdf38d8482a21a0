//! What one refusal changes, and that it changes nothing else. Each test has a bed of its own to spoil.

use portal_core::{Coverage, Source, Text};
use serde_json::json;

use super::{Bed, Snapshots, collect, one_line, organization, outcome, scope, source, text};

/// Everything that is not complete, as `account/region kind`, except for the accounts that the bed closes.
fn incomplete(bed: &Bed, snapshots: &Snapshots) -> Vec<String> {
    let closed = [bed.said("refused_account"), bed.said("suspended_account")];
    let open = snapshots.iter().filter(|(scope, _)| !closed.contains(&scope.account().expect("one").as_str()));
    open.flat_map(|(scope, kinds)| {
        let bad = kinds.iter().filter(|(_, kind)| outcome(kind).coverage != Coverage::Complete);
        bad.map(move |(name, _)| format!("{scope} {name}"))
    })
    .collect()
}

fn first_member(bed: &Bed) -> &str {
    text(&bed.truth["accounts"][1], "id")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_denied_kind_stops_no_other_and_a_policy_makes_it_absent() {
    let bed = Bed::start(&["--accounts", "4"]);
    let account = first_member(&bed);
    bed.control("deny", &json!({"action": "lambda:ListFunctions", "account": account, "region": "us-east-1"}));
    bed.control(
        "deny",
        &json!({"action": "rds:DescribeDBInstances", "account": account, "region": "ap-southeast-2",
                "because": "with an explicit deny in a service control policy"}),
    );
    bed.control("deny", &json!({"action": "dynamodb:ListTagsOfResource", "account": account, "region": "eu-west-1"}));
    let (_, snapshots) = collect(&organization(&bed)).await;
    let meant = [format!("{account}/ap-southeast-2 rds"), format!("{account}/us-east-1 lambda")];
    assert_eq!(incomplete(&bed, &snapshots), meant);

    let denied = outcome(&snapshots[&scope(account, "us-east-1")]["lambda"]);
    assert_eq!(denied.coverage, Coverage::Denied);
    assert_eq!(denied.permission.as_deref(), Some("lambda:ListFunctions"));
    super::assert_readable(denied.reason.as_deref().expect("a reason"));

    let forbidden = outcome(&snapshots[&scope(account, "ap-southeast-2")]["rds"]);
    assert_eq!(forbidden.coverage, Coverage::Absent);
    assert!(forbidden.reason.as_deref().expect("a reason").contains("service control policy"));

    let tables = &snapshots[&scope(account, "eu-west-1")]["dynamodb"];
    assert!(tables.objects.len() > 100 && tables.objects.iter().all(|table| table.value.get("Tags").is_none()));
    assert_eq!(tables.unread.len(), 101, "a hundred by name, the rest counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_of_every_fourth_request_loses_nothing() {
    let bed = Bed::start(&["--accounts", "4", "--throttle", "4"]);
    let (_, snapshots) = collect(&organization(&bed)).await;
    assert_eq!(incomplete(&bed, &snapshots), [""; 0]);
    let tables = snapshots.values().map(|kinds| kinds["dynamodb"].objects.len()).sum::<usize>();
    let truth = bed.truth["resources"].as_object().expect("resources");
    assert_eq!(tables, truth.values().filter(|thing| thing["type"] == "table").count());
    let tagged = snapshots.values().flat_map(|kinds| &kinds["s3"].unread);
    assert!(tagged.into_iter().all(|note| note.contains("AccessDenied")), "throttled tags were asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_hides_its_regions_is_read_in_those_of_the_caller() {
    let bed = Bed::start(&["--accounts", "4"]);
    let account = first_member(&bed);
    bed.control("deny", &json!({"action": "account:ListRegions", "account": account}));
    let (scopes, snapshots) = collect(&organization(&bed)).await;
    assert_eq!(incomplete(&bed, &snapshots), [""; 0]);
    assert!(snapshots.contains_key(&scope(account, "ap-southeast-2")));
    assert!(!scopes.whole_below.contains(&vec![Text::from(account)]));
    let hidden = scopes.unread.iter().find(|unread| unread.below == [Text::from(account)]).expect("it is marked");
    assert_eq!(hidden.outcome.permission.as_deref(), Some("account:ListRegions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_bucket_lists_are_asked_for_once_and_a_new_run_asks_again() {
    let bed = Bed::start(&["--accounts", "4"]);
    let table = format!(
        "accounts = [\"{}\"]\nrole = \"portal-collector\"\nexternal_id = \"{}\"\nkinds = [\"s3\"]",
        first_member(&bed),
        bed.said("external_id")
    );
    let source = source(&bed.endpoint(), &table);
    let (scopes, before) = collect(&source).await;
    assert_eq!(scopes.scopes.len(), 3);
    assert_eq!((bed.count("sts", "AssumeRole"), bed.count("s3", "ListBuckets")), (1, 1));

    let truth = bed.truth["resources"].as_object().expect("resources");
    let is_ours = |thing: &serde_json::Value| thing["type"] == "bucket" && thing["account"] == first_member(&bed);
    let (arn, _) = truth.iter().find(|(_, thing)| is_ours(thing)).expect("a bucket");
    bed.control("delete", &json!({"arn": arn}));
    let (_, after) = collect(&source).await;
    let count = |snapshots: &Snapshots| snapshots.values().map(|kinds| kinds["s3"].objects.len()).sum::<usize>();
    assert_eq!(count(&after) + 1, count(&before));
    assert_eq!(bed.count("s3", "ListBuckets"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_nobody_may_list_says_who_could() {
    let bed = Bed::start(&["--accounts", "4"]);
    bed.control("deny", &json!({"action": "organizations:ListAccounts"}));
    let error = organization(&bed).scopes().await.expect_err("it is refused");
    assert_eq!(error.kind(), portal_core::ErrorKind::Denied);
    let said = one_line(&error);
    for part in ["organizations:ListAccounts", "management account", "delegated administrator", "accounts = [...]"] {
        assert!(said.contains(part), "{said}");
    }
    println!("{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_accounts_it_is_the_callers_own_with_no_role_assumed() {
    let bed = Bed::start(&["--accounts", "4"]);
    let source = source(&bed.endpoint(), "regions = [\"eu-west-1\", \"me-south-1\"]");
    let (scopes, snapshots) = collect(&source).await;
    let own = bed.said("management_account");
    assert_eq!(scopes.scopes, [scope(own, "eu-west-1"), scope(own, "me-south-1")]);
    assert!(scopes.whole_below.is_empty(), "a configured list says nothing about what is gone");
    assert_eq!(bed.count("sts", "AssumeRole"), 0);
    for kind in snapshots[&scope(own, "eu-west-1")].values() {
        assert_eq!(outcome(kind).coverage, Coverage::Complete);
    }
    for kind in snapshots[&scope(own, "me-south-1")].values() {
        assert_eq!(outcome(kind).coverage, Coverage::Absent);
        assert!(outcome(kind).reason.as_deref().expect("a reason").contains("not enabled"));
    }
}
