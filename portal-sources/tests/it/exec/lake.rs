//! From a program into a lake, and on to an answer.

use portal_core::testing::{MemoryLake, MemoryStore};
use portal_core::{Catalog, OwnershipState, Rules, ingest};
use portal_sources::exec::{Config, Exec};

use super::{prints, source};
use crate::seen::{collect_into, manifest};

/// A program that names databases in accounts, all of them read whole.
fn accounts(ids: &[&str], then: &str) -> Exec {
    let mut text = "{\"portal\": \"portal.exec/v1\"}\n{\"scopes\": {\"whole_below\": [[]]}}\n".to_owned();
    for id in ids {
        text += &format!(
            "{{\"scope\": {{\"account\": \"{id}\", \"region\": \"r\"}}, \"kinds\": [\"rds\"]}}\n\
             {{\"kind\": \"rds\", \"name\": \"db\", \"object\": {{\"DBInstanceIdentifier\": \"db\"}}}}\n\
             {{\"kind\": \"rds\", \"coverage\": \"complete\"}}\n"
        );
    }
    source(prints(&text, then))
}

#[tokio::test]
async fn a_scope_is_gone_only_when_a_whole_run_does_not_name_it() {
    let lake = MemoryLake::new();
    assert_eq!(collect_into(&lake, accounts(&["1", "2"], "")).await.error, None);
    let of_second = || manifest(&lake, "on-prem-collector/2/r")["kinds"]["rds"].clone();
    assert_eq!(of_second()["coverage"], "complete");
    // It dies before it comes to the second one.
    collect_into(&lake, accounts(&["1"], "echo lost >&2; exit 1")).await;
    assert_eq!(of_second()["coverage"], "failed");
    assert_eq!(of_second()["files"][0]["path"], "rds.json", "what was known stays");
    assert!(of_second()["reason"].as_str().is_some_and(|reason| reason.contains("exit code 1; it said last: lost")));
    // A program that does not start at all says nothing of any scope.
    let report = collect_into(&lake, source(Config::new(["no-such-program-anywhere"]))).await;
    assert!(report.error.is_some_and(|error| error.contains("no-such-program-anywhere")));
    assert_eq!(manifest(&lake, "on-prem-collector/1/r")["kinds"]["rds"]["coverage"], "failed");
    collect_into(&lake, accounts(&["1"], "")).await;
    assert_eq!(of_second()["coverage"], "absent");
}

#[tokio::test]
async fn what_a_program_prints_has_an_owner_in_the_end() {
    let table = r#"command = ["printf", '{"Name": "invoices", "Tags": [{"Key": "Team", "Value": "payments"}]}']
        kind = "s3"
        scope = { account = "011122223333", region = "eu-west-1" }"#;
    let lake = MemoryLake::new();
    let source = Exec::new("buckets", toml::from_str(table).expect("a configuration")).expect("a source");
    collect_into(&lake, source).await;
    let store = MemoryStore::new();
    ingest(&lake, &store, &Rules::default()).await.expect("it is ingested");
    let catalog = Catalog::load(&store).await.expect("it is loaded");
    let owner = catalog.owner(&"arn:aws:s3:::invoices".parse().expect("a ref")).expect("it is known");
    assert_eq!(owner.state, OwnershipState::Unregistered);
    let evidence: Vec<(&str, &str)> = owner.evidence.iter().map(|e| (e.raw.as_str(), e.source.as_str())).collect();
    assert_eq!(evidence, [("payments", "buckets")]);
}
