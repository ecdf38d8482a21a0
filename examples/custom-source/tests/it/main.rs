//! The proof that the source keeps the contract, what only it can know, and its way to an answer.

use std::sync::Arc;

use async_trait::async_trait;
use custom_source::Inventory;
use futures::executor::block_on;
use portal_core::collect::SourceReport;
use portal_core::rules::TeamRule;
use portal_core::testing::{ManualClock, MemoryLake, MemoryStore, SourceWorld};
use portal_core::{Catalog, CollectOptions, Coverage, OwnershipState, Rules, Source, collect, ingest};
use tempfile::NamedTempFile;

const FILE: &str =
    "name,host,engine,team\norders,db1.corp.example,postgres 15,Payments\nlogs,db2.corp.example,mysql 8,\n";

fn file(content: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), content).expect("it is written");
    file
}

fn source(file: &NamedTempFile) -> Inventory {
    Inventory::new("halls", "hall-1", file.path())
}

/// The world of the suite: it stands still, and has something in it.
struct TwoDatabases(NamedTempFile);

#[async_trait]
impl SourceWorld for TwoDatabases {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(source(&self.0))
    }

    fn needs_rights(&self) -> bool {
        false
    }
}

mod contract {
    use super::{FILE, TwoDatabases, file};

    portal_core::source_suite!(block_on: futures::executor::block_on, world: TwoDatabases(file(FILE)));
}

fn collect_into(lake: &MemoryLake, source: Inventory) -> SourceReport {
    let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time"));
    let sources: Vec<Box<dyn Source>> = vec![Box::new(source)];
    let options = CollectOptions::new(Arc::new(clock));
    block_on(collect(&sources, lake, &options)).expect("one source").sources.remove(0)
}

#[test]
fn what_cannot_be_read_is_never_taken_for_empty() {
    for (content, coverage, told) in [
        ("", Coverage::Failed, "the first line"),
        ("host,name\na,b\n", Coverage::Failed, "the first line"),
        ("name,host,engine,team\norders,db1.corp.example,postgres 15,Payments\nlogs\n", Coverage::Partial, "line 3"),
    ] {
        let report = collect_into(&MemoryLake::new(), source(&file(content)));
        let outcome = &report.scopes[0].kinds["databases"].outcome;
        assert_eq!(outcome.coverage, coverage, "{content}");
        assert!(outcome.reason.as_ref().is_some_and(|reason| reason.contains(told)), "{outcome:?}");
    }
    let missing = Inventory::new("halls", "hall-1", "no/such/file.csv");
    let report = collect_into(&MemoryLake::new(), missing);
    assert_eq!(report.scopes[0].kinds["databases"].outcome.coverage, Coverage::Failed);
}

#[test]
fn a_database_of_the_file_has_its_owner_in_the_catalog() {
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    assert!(collect_into(&lake, source(&file(FILE))).scopes.iter().all(|scope| scope.is_whole()));
    let payments = TeamRule { name: "payments".into(), ..TeamRule::default() };
    let rules = Rules { teams: vec![payments], ..Rules::default() };
    block_on(ingest(&lake, &store, &rules)).expect("it is ingested");
    let catalog = block_on(Catalog::load(&store)).expect("it is loaded");
    let owner = |database: &str| catalog.owner(&database.parse().expect("a ref")).expect("it is known");
    let orders = owner("resource:hall-1/orders");
    assert_eq!((orders.state, orders.team.as_deref()), (OwnershipState::Owned, Some("payments")));
    assert_eq!((orders.evidence[0].raw.as_str(), orders.evidence[0].source.as_str()), ("Payments", "halls"));
    assert_eq!(owner("resource:hall-1/logs").state, OwnershipState::Unowned);
}
