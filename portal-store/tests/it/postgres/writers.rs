//! Several writers, readers beside them, and who hears of a revision.
//!
//! A test between processes starts this test program again as a child that runs [`the_child_does_its_part`].

use std::io::{BufRead as _, BufReader};
use std::pin::pin;
use std::process::{Command, Stdio};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use portal_core::model::Entity;
use portal_core::store::Change;
use portal_core::testing::estate::{
    bucket, bucket_of, change, generate, observations, owned_by, part, part_key, scope_state,
};
use portal_core::{ErrorKind, Store as _};
use tokio_postgres::{AsyncMessage, NoTls};

use super::{InPostgres, LONGEST_WAIT, block_on, client, commit, execute, number, until};

const PLACE: &str = "PORTAL_POSTGRES_TEST_PLACE";
const THIS: &str = "postgres::writers::the_child_does_its_part";
const LINE: &str = "the child commits ";

/// What every writer takes first.
const LOCK: &str = "SELECT pg_advisory_xact_lock(123623963910508)";
const WAITERS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_waits_and_a_reader_does_not() {
    let place = InPostgres::new();
    let store = place.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    let other = place.database().await;
    execute(&other, &format!("BEGIN; {LOCK}; UPDATE part SET source = source")).await;
    let next = change([bucket("b")], []);
    let watcher = place.database().await;
    let mut second = store.commit(&head, &next);
    let waits = async {
        until("the second writer to wait", async || number(&watcher, WAITERS).await == 1).await;
        assert_eq!(store.load(None).await.expect("a reader goes on").entities.len(), 1);
        assert_eq!(place.store().await.head().await.expect("so does one that comes new"), head);
    };
    tokio::select! {
        () = waits => {}
        early = &mut second => panic!("it did not wait: {early:?}"),
    }
    execute(&other, "COMMIT").await;
    assert_eq!(second.await.expect("its turn").revision, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_that_waited_for_a_change_is_told() {
    let place = InPostgres::new();
    let store = place.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    let other = place.database().await;
    execute(&other, &format!("BEGIN; {LOCK}; UPDATE head SET generation = generation + 1")).await;
    let next = change([bucket("b")], []);
    let watcher = place.database().await;
    let mut second = store.commit(&head, &next);
    tokio::select! {
        () = until("the second writer to wait", async || number(&watcher, WAITERS).await == 1) => {}
        early = &mut second => panic!("it did not wait: {early:?}"),
    }
    execute(&other, "COMMIT").await;
    assert_eq!(second.await.expect_err("somebody was faster").kind(), ErrorKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_given_up_is_whole_or_nothing_and_locks_nothing() {
    let (entities, relations) = generate(2_000, 2_000);
    let big = change(entities, relations);
    let place = InPostgres::new();
    let store = place.store().await;
    let mut head = commit(&store, &change([bucket("a")], [])).await;
    let mut given_up = 0;
    for polls in 1..=24_u32 {
        let mut commit = store.commit(&head, &big);
        let mut left = polls;
        futures::future::poll_fn(|context| {
            left -= 1;
            match commit.as_mut().poll(context) {
                Poll::Pending if left > 0 => Poll::Pending,
                Poll::Pending | Poll::Ready(_) => Poll::Ready(()),
            }
        })
        .await;
        drop(commit);
        let started = Instant::now();
        let small = change([bucket("b")], []);
        // The given up one may still be on its way to its end.
        let next = loop {
            let now = store.head().await.expect("a head");
            match store.commit(&now, &small).await {
                Ok(next) => break next,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
            }
        };
        assert!(started.elapsed() < Duration::from_secs(20), "it waited after {polls} polls");
        let loaded = store.load(None).await.expect("a state");
        let whole = next.generation == head.generation + 2;
        let expected = if whole || loaded.relations.len() == 2_000 { (2_002, 2_000) } else { (2, 0) };
        assert_eq!((loaded.entities.len(), loaded.relations.len()), expected, "after {polls} polls");
        given_up += u32::from(!whole);
        head = next;
    }
    assert!(given_up > 0, "no commit was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_commit_does_not_read_the_whole_of_a_large_store() {
    let place = InPostgres::new();
    let store = place.store().await;
    let (entities, relations) = generate(40_000, 40_000);
    let link = relations[7].clone();
    commit(&store, &change(entities, relations)).await;
    let database = place.database().await;
    let scans = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('entity', 'relation')";
    let flushed = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'entity'";
    until("the first load to be counted", async || number(&database, flushed).await == 40_000).await;
    let before = number(&database, scans).await;
    let small = Change {
        retired_entities: vec![bucket("bucket-3").entity_ref()],
        ..change([bucket("bucket-1"), bucket("new")], [link])
    };
    commit(&store, &small).await;
    until("the small one to be counted", async || number(&database, flushed).await == 40_002).await;
    assert_eq!(number(&database, scans).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_of_every_revision_and_of_nothing_else() {
    let place = InPostgres::new();
    let store = place.store().await;
    let (listener, mut connection) = tokio_postgres::connect(&place.url(), NoTls).await.expect("a connection");
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut messages = pin!(futures::stream::poll_fn(move |context| connection.poll_message(context)));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(note) = message {
                let _ = heard.send((note.channel().to_owned(), note.payload().to_owned()));
            }
        }
    });
    execute(&listener, "LISTEN portal_revision").await;
    commit(&store, &change([bucket("a")], [])).await;
    commit(&store, &Change { scopes: vec![scope_state(1)], ..change([], []) }).await;
    let old = portal_core::store::Head { generation: 0, ..store.head().await.expect("a head") };
    store.commit(&old, &change([bucket("lost")], [])).await.expect_err("an old head");
    commit(&store, &change([bucket("b")], [])).await;
    for revision in ["1", "2"] {
        let next = tokio::time::timeout(LONGEST_WAIT, hears.recv()).await.expect("it is told");
        assert_eq!(next, Some(("portal_revision".to_owned(), revision.to_owned())));
    }
    assert!(hears.try_recv().is_err(), "nothing else was said");
}

#[test]
fn a_killed_writer_leaves_the_old_state_or_the_new_one_and_no_lock() {
    let place = InPostgres::new();
    let mut old = 0;
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", THIS, "--nocapture"])
            .env(PLACE, place.url())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let line = lines.find_map(|line| Some(line.split_once(LINE)?.1.to_owned())).expect("the child commits");
        let revision: u64 = line.parse().expect("a number");
        // Not to wait for something, but to hit another moment of the commit each time.
        let until = Instant::now() + Duration::from_millis(9 * round);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let last = lines.filter_map(|line| line.split_once(LINE)?.1.parse().ok()).last().unwrap_or(revision);
        let now = block_on(state_of(&place));
        assert!(now == last || now + 1 == last, "revision {now} after a kill in commit {last}");
        old += u64::from(now < last);
    }
    assert!(old > 0, "no kill hit a commit");
}

/// Everything that the child writes carries the number of its revision.
fn everything(revision: u64) -> Change {
    let entities = (0..1_500).map(|at| {
        let mut bucket = bucket_of(&format!("b-{at}"), owned_by("all"));
        bucket.tags = vec![("round".into(), revision.to_string().into())];
        Entity::Resource(bucket)
    });
    let parts = vec![(part("s3", revision, revision), Some(observations(3).into()))];
    Change { parts, ..change(entities, []) }
}

/// Only does something as somebody's child.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_does_its_part() {
    let Ok(url) = std::env::var(PLACE) else { return };
    let store = portal_store::open(&url).await.expect("a store");
    let mut head = store.head().await.expect("a head");
    loop {
        let change = everything(head.revision + 1);
        println!("{LINE}{}", head.revision + 1);
        head = store.commit(&head, &change).await.expect("a commit");
    }
}

/// The revision of a store, after a look at whether all of it is of that revision.
async fn state_of(place: &InPostgres) -> u64 {
    let watcher = client(&place.url()).await;
    // The server notices a dead writer when it next sends or reads; until then the writer's commit may still succeed.
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    until("the dead writer's lock to go", async || number(&watcher, locks).await == 0).await;
    let store = place.store().await;
    let head = store.head().await.expect("a head");
    assert_eq!(head.generation, head.revision);
    let loaded = store.load(None).await.expect("a state");
    assert_eq!(loaded.revision, head.revision);
    if head.revision > 0 {
        let expected = everything(head.revision).put_entities.len();
        let tag = head.revision.to_string();
        let of_this_revision = |entity: &Entity| matches!(entity, Entity::Resource(bucket) if bucket.tags[0].1 == tag);
        assert_eq!(loaded.entities.len(), expected);
        assert!(loaded.entities.iter().all(|record| of_this_revision(&record.entity)), "half a commit");
        assert_eq!(loaded.parts[0].run, head.revision);
        let observations = store.observations(&[part_key("s3")]).await.expect("observations");
        assert_eq!(observations[&part_key("s3")].len(), 3);
    }
    head.revision
}
