//! Plain mode: lines that are objects, and those that are none.

use portal_core::{Coverage, Scope, SnapshotWriter, Source};
use portal_sources::exec::Config;
use serde_json::json;

use super::{HALL, plain, prints, source};
use crate::seen::{Seen, see};

async fn seen(text: &str, then: &str) -> Seen {
    see(&plain(prints(text, then))).await
}

#[tokio::test]
async fn every_line_is_an_object_and_the_last_one_needs_no_end() {
    let seen = seen("{\"id\": \"a\"}\r\n\n  {\"id\": \"b\", \"size\": 9007199254740993}", "").await;
    assert!(seen.is_whole(), "{:?}", seen.kind(HALL, "databases"));
    let objects = &seen.kind(HALL, "databases").objects;
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[1].value, json!({"id": "b", "size": 9_007_199_254_740_993_u64}));
    // Other sources may write other parts of the same folder.
    assert!(seen.plan.whole_below.is_empty() && seen.plan.unread.is_empty());
}

#[tokio::test]
async fn a_program_that_ends_well_and_prints_nothing_says_that_there_is_none() {
    let seen = seen("", "").await;
    assert!(seen.is_whole());
    assert!(seen.kind(HALL, "databases").objects.is_empty());
}

#[tokio::test]
async fn a_program_that_fails_leaves_a_part_or_nothing() {
    let cut = seen("{\"id\": \"a\"}\n", "echo 'no route to host' >&2; exit 3").await;
    let (coverage, reason) = cut.ended(HALL, "databases");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("exit code 3") && reason.contains("no route to host"), "{reason}");
    assert_eq!(cut.kind(HALL, "databases").objects.len(), 1);
    let nothing = seen("", "exit 1").await;
    assert_eq!(nothing.ended(HALL, "databases").0, Coverage::Failed);
}

#[tokio::test]
async fn a_bad_line_takes_no_other_with_it_and_is_named() {
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    for (bad, told) in [
        ("Warning: retrying in 2 s", "line 2: it is no JSON (expected value): `Warning: retrying in 2 s`"),
        ("[1]", "line 2: it is no JSON object"),
        ("{\"a\": 1", "line 2: it is no JSON"),
        (deep.as_str(), "line 2: it is no JSON (recursion limit exceeded)"),
    ] {
        let seen = seen(&format!("{{\"id\": \"a\"}}\n{bad}\n{{\"id\": \"b\"}}\n"), "").await;
        let (coverage, reason) = seen.ended(HALL, "databases");
        assert_eq!(coverage, Coverage::Partial, "{bad}");
        assert!(reason.contains(told), "{reason}");
        assert_eq!(seen.kind(HALL, "databases").objects.len(), 2);
    }
    let many = seen(&"rubbish\n".repeat(9), "").await;
    let (coverage, reason) = many.ended(HALL, "databases");
    assert_eq!(coverage, Coverage::Failed, "not a single object was read");
    assert!(reason.contains("line 3") && reason.ends_with("and 6 more"), "{reason}");
}

#[tokio::test]
async fn an_object_that_comes_twice_is_kept_once_and_named() {
    let seen = seen("{\"id\": \"a\", \"n\": 1}\n{\"n\": 1, \"id\": \"a\"}\n{\"id\": \"a\", \"n\": 2}\n", "").await;
    let kind = seen.kind(HALL, "databases");
    assert_eq!(seen.ended(HALL, "databases").0, Coverage::Complete);
    assert_eq!(kind.objects.len(), 2, "which of two that differ is right, is not for a collector to say");
    assert_eq!(kind.unread, ["line 2: the object of line 1 once more; the first one counts"]);
}

#[tokio::test]
async fn a_program_that_speaks_the_protocol_is_not_taken_for_a_plain_one() {
    let seen = seen("{\"portal\": \"portal.exec/v1\"}\n", "").await;
    let (coverage, reason) = seen.ended(HALL, "databases");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("take `kind` and `scope` out"), "{reason}");
}

#[tokio::test]
async fn objects_of_a_cluster_say_what_they_are_and_are_named_by_it() {
    let table = r#"command = ["sh", "-c", 'printf "%s\n" "$A" "$B" "$C"']
        kind = "deployments"
        folder = "k8s"
        scope = {cluster = "prod", namespace = "shop"}
        [env]
        A = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}'
        B = '{"metadata": {"name": "bare"}, "spec": {"template": {"spec": {"password": "hunter2"}}}}'
        C = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"generateName": "web-"}}'"#;
    let config: Config = toml::from_str(table).expect("a configuration");
    let seen = see(&source(config)).await;
    assert_eq!(seen.names("_/_/prod/shop", "deployments"), ["web"]);
    let (coverage, reason) = seen.ended("_/_/prod/shop", "deployments");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("line 2: an object of a cluster needs `apiVersion` and `kind`"), "{reason}");
    assert!(reason.contains("line 3: it has no name"), "{reason}");
}

#[tokio::test]
async fn a_scope_of_others_is_refused() {
    let other = Scope::Directory { domain: "corp.example".into() };
    let error = plain(prints("", "")).collect(&other, &SnapshotWriter::default()).await.expect_err("not ours");
    assert!(error.to_string().contains("is no scope of source `on-prem`"), "{error}");
}
