//! The lock of a bucket's folder: kept while its holder lives, and over soon after it died.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portal_core::lake::{LakeLock, Listing, Precondition};
use portal_core::{ErrorKind, Lake as _, LakePath};
use portal_store::{S3Lake, S3Options};

use crate::s3_bucket::{BUCKET, InBucket, key, quick};
use crate::s3_server::Fault;

const PLACE: &str = "PORTAL_S3_LOCK_TEST_URL";
const THIS: &str = "lake_s3_locks::the_child_holds_a_lock";
const READY: &str = "the child holds the lock";
const LOCK: &str = "some/prefix/a/.lock";
const LEASE: Duration = Duration::from_secs(2);

async fn with_lease(bucket: &InBucket, lease: Duration) -> S3Lake {
    S3Lake::open_with(&bucket.url(""), S3Options { lease, ..quick() }).await.expect("a lake")
}

/// Tries until it works or the deadline is over.
async fn lock_within(lake: &S3Lake, deadline: Duration) -> LakeLock {
    let end = Instant::now() + deadline;
    loop {
        match lake.lock(&key("a")).await {
            Ok(lock) => return lock,
            Err(error) if Instant::now() > end => panic!("still held: {error}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_lock_is_kept_beyond_its_lease_while_its_holder_lives() {
    let bucket = InBucket::new();
    let (one, two) = (with_lease(&bucket, LEASE).await, with_lease(&bucket, LEASE).await);
    let held = one.lock(&key("a")).await.expect("a lock");
    let writes = || bucket.server.seen().iter().filter(|seen| seen.method == "PUT" && seen.key == LOCK).count();
    // Nine renewals take three leases.
    let end = Instant::now() + 10 * LEASE;
    while writes() < 10 {
        assert!(Instant::now() < end, "it is not renewed: {} writes", writes());
        let error = two.lock(&key("a")).await.expect_err("it is held");
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(held);
    drop(two.lock(&key("a")).await.expect("it is free"));
}

/// Only does something as somebody's child.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_holds_a_lock() {
    let Ok(url) = std::env::var(PLACE) else { return };
    let lake = S3Lake::open_with(&url, S3Options { lease: LEASE, ..quick() }).await.expect("a lake");
    let _lock = lake.lock(&key("a")).await.expect("a lock");
    println!("{READY}");
    std::future::pending::<()>().await;
}

fn child(bucket: &InBucket) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", THIS, "--nocapture"]).env(PLACE, bucket.url("")).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the child starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(READY)), "the child ended too early");
    child
}

#[tokio::test]
async fn a_killed_holder_blocks_for_its_lease_and_not_longer() {
    let bucket = InBucket::new();
    let mut child = child(&bucket);
    let lake = with_lease(&bucket, LEASE).await;
    assert_eq!(lake.lock(&key("a")).await.expect_err("the child holds it").kind(), ErrorKind::Conflict);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let killed = Instant::now();
    let _lock = lock_within(&lake, 5 * LEASE).await;
    // Two seconds more: the server's times are whole seconds.
    assert!(killed.elapsed() <= LEASE + Duration::from_secs(3), "{:?}", killed.elapsed());
}

#[tokio::test]
async fn only_the_servers_clock_says_when_a_lease_is_over() {
    for ahead in [-86_400, 86_400] {
        let bucket = InBucket::new();
        bucket.server.set_clock_ahead(ahead);
        let mut child = child(&bucket);
        let lake = with_lease(&bucket, LEASE).await;
        // A day between the two clocks neither frees it nor holds it.
        assert_eq!(lake.lock(&key("a")).await.expect_err("it is held").kind(), ErrorKind::Conflict);
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let error = lake.lock(&key("a")).await.expect_err("its lease is not over").to_string();
        assert!(error.contains("ends within 3 s"), "{error}");
        bucket.server.set_clock_ahead(ahead + 10);
        lake.lock(&key("a")).await.expect("for the server its lease is over");
    }
}

#[tokio::test]
async fn of_many_that_take_over_exactly_one_does() {
    let bucket = InBucket::new();
    let mut child = child(&bucket);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    bucket.server.set_clock_ahead(10);
    let mut lakes = Vec::new();
    for _ in 0..6 {
        lakes.push(with_lease(&bucket, Duration::from_secs(60)).await);
    }
    let folder = key("a");
    let locks = futures::future::join_all(lakes.iter().map(|lake| lake.lock(&folder))).await;
    assert_eq!(locks.iter().filter(|lock| lock.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_lock_whose_answer_nobody_waits_for_is_free_to_this_process() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let hour = Duration::from_secs(3600);
    bucket.server.misbehave(move |seen| {
        if seen.method == "PUT" && seen.key == LOCK { Fault::SlowAnswer(hour) } else { Fault::None }
    });
    let folder = key("a");
    let mut waits = Box::pin(lake.lock(&folder));
    let end = Instant::now() + Duration::from_secs(30);
    while !bucket.server.contents(BUCKET).contains_key(LOCK) {
        assert!(Instant::now() < end, "the lock is not written");
        let answer = tokio::time::timeout(Duration::from_millis(20), &mut waits).await;
        assert!(answer.is_err(), "the answer takes an hour");
    }
    drop(waits);
    bucket.server.behave();
    drop(lake.lock(&folder).await.expect("nobody holds it"));
}

#[tokio::test]
async fn a_lake_that_is_dropped_leaves_no_lock_behind() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    for folder in ["a", "b/c", ""] {
        drop(lake.lock(&key(folder)).await.expect("a lock"));
    }
    let held = lake.lock(&key("d")).await.expect("a lock");
    drop(lake);
    drop(held);
    let contents = bucket.server.contents(BUCKET);
    let locks: Vec<&str> = contents.keys().map(String::as_str).filter(|key| key.ends_with(".lock")).collect();
    assert_eq!(locks.len(), 4, "{locks:?}");
    for lock in locks {
        // Also for a process that does not know what was dropped in this one.
        let content: serde_json::Value = serde_json::from_slice(&contents[lock]).expect("JSON");
        assert!(content["owner"].is_null(), "{lock}: {content}");
    }
}

#[tokio::test]
async fn a_lock_that_could_not_be_renewed_closes_its_folder_to_the_one_who_lost_it() {
    let bucket = InBucket::new();
    let lake = with_lease(&bucket, LEASE).await;
    let held = lake.lock(&key("a")).await.expect("a lock");
    bucket.server.misbehave(|seen| match seen.key == LOCK {
        true => Fault::Slow(Duration::from_secs(3600)),
        false => Fault::None,
    });
    let end = Instant::now() + 10 * LEASE;
    let error = loop {
        match lake.put(&key("a/b"), "1".into(), Precondition::None).await {
            Err(error) => break error,
            Ok(_) => assert!(Instant::now() < end, "nobody notices"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("lock on it could not be kept"), "{error}");
    lake.put(&key("ab"), "1".into(), Precondition::None).await.expect("that is another folder");
    bucket.server.behave();
    drop(held);
    drop(lock_within(&lake, 5 * LEASE).await);
    lake.put(&key("a/b"), "2".into(), Precondition::None).await.expect("it is open again");
}

#[tokio::test]
async fn a_lock_is_in_no_list_and_makes_no_object() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let _lock = lake.lock(&key("a")).await.expect("a lock");
    assert_eq!(lake.list(&key("a")).await.expect("a list"), Listing::default());
    assert!(lake.list(&LakePath::root()).await.expect("a list").objects.is_empty());
    assert!(bucket.server.contents(BUCKET).contains_key(LOCK));
}
