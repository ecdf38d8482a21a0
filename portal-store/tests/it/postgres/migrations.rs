//! The schema: made once, safe while others read, never touched by an older version.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};

use portal_core::error::chain;
use portal_core::testing::estate::{bucket, change};
use portal_core::{ErrorKind, Store as _};
use portal_store::SqlStore;

use super::{InPostgres, assert_says, block_on, commit, execute, number, refused};

const PLACE: &str = "PORTAL_POSTGRES_TEST_OPENS";
const THIS: &str = "postgres::migrations::the_child_opens_and_writes";

#[tokio::test(flavor = "multi_thread")]
async fn opening_twice_migrates_once() {
    let place = InPostgres::without_store();
    let first = SqlStore::migrate(&place.url()).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!(first.applied, ["00000000000001", "00000000000002"]);
    assert_eq!(first.applied.last(), Some(&first.version));
    commit(&place.store().await, &change([bucket("a")], [])).await;
    let second = SqlStore::migrate(&place.url()).await.expect("a migration");
    let shown = format!("postgres://postgres@127.0.0.1:{}/{}", place.port(), place.name);
    assert_eq!((second.applied, second.version, second.store), (vec![], first.version, shown));
    assert_eq!(place.store().await.load(None).await.expect("a state").entities.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_not_there_is_told_and_not_made() {
    let place = InPostgres::without_store();
    let error = SqlStore::open_existing(&place.url()).await.err().expect("it is not there");
    assert_says(&error, ErrorKind::NotFound, &["no store", "portal ingest"]);
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(number(&place.database().await, tables).await, 0, "it is not made");
    place.store().await;
    SqlStore::open_existing(&place.url()).await.expect("now it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_that_open_at_once_all_open_and_one_of_them_migrates() {
    let place = InPostgres::without_store();
    let opened = futures::future::join_all((0..8).map(|_| {
        let url = place.url();
        tokio::spawn(async move { SqlStore::migrate(&url).await.map_err(|error| chain(&error)) })
    }));
    let migrated: Vec<_> = opened.await.into_iter().map(|task| task.expect("no panic").expect("it opens")).collect();
    assert_eq!(migrated.iter().filter(|one| !one.applied.is_empty()).count(), 1, "one of them migrates");
    assert_eq!(place.store().await.head().await.expect("a head").generation, 0);
}

#[test]
fn processes_that_open_at_once_all_open() {
    let place = InPostgres::without_store();
    let children: Vec<Child> = (0..4).map(|_| opens_and_writes(&place.url()).spawn().expect("it starts")).collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let revision = block_on(async { place.store().await.head().await.expect("a head").revision });
    assert_eq!(revision, 4, "each of them wrote once");
}

/// Another process that opens a store and writes once.
pub(super) fn opens_and_writes(url: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", THIS]).env(PLACE, url);
    command
}

/// Only does something as somebody's child.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_opens_and_writes() {
    let Ok(url) = std::env::var(PLACE) else { return };
    let store = SqlStore::open(&url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    loop {
        let head = store.head().await.expect("a head");
        match store.commit(&head, &change([bucket(&std::process::id().to_string())], [])).await {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", chain(&error)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_reads_on_while_others_open_and_migrate() {
    let place = InPostgres::new();
    let store = place.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    // One that has just begun to read everything, and takes its time.
    let slow = place.database().await;
    execute(&slow, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM entity, relation, part, head").await;
    let done = AtomicBool::new(false);
    let open = async {
        let all = (0..8).map(|_| async { SqlStore::migrate(&place.url()).await.expect("it opens") });
        futures::future::join_all(all).await;
        done.store(true, Ordering::SeqCst);
    };
    let read = async {
        let mut reads = 0;
        while !done.load(Ordering::SeqCst) || reads == 0 {
            assert_eq!(store.load(None).await.expect("it reads on").entities.len(), 1);
            reads += 1;
        }
    };
    futures::future::join(open, read).await;
    execute(&slow, "COMMIT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_with_words() {
    let place = InPostgres::new();
    commit(&place.store().await, &change([bucket("a")], [])).await;
    let database = place.database().await;
    execute(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").await;
    for error in [refused(&place.url()).await, SqlStore::migrate(&place.url()).await.expect_err("it is newer")] {
        assert_says(&error, ErrorKind::Invalid, &["99990101000000", "newer version", "use that version"]);
    }
    execute(&database, "DELETE FROM __diesel_schema_migrations WHERE version > '9'").await;
    assert_eq!(place.store().await.load(None).await.expect("a state").entities.len(), 1, "nothing was harmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_view_and_column_of_a_table_says_what_it_is() {
    let place = InPostgres::new();
    let silent = "SELECT coalesce(string_agg(relname || coalesce('.' || attname, ''), ', '), '') FROM pg_class \
                  LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND relkind = 'r' \
                  WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_%' \
                  AND (obj_description(pg_class.oid, 'pg_class') IS NULL \
                  OR attnum IS NOT NULL AND col_description(attrelid, attnum) IS NULL)";
    let silent: String = place.database().await.query_one(silent, &[]).await.expect("an answer").get(0);
    assert_eq!(silent, "");
}
