//! A server that refuses, loses, cuts and delays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_core::lake::Precondition;
use portal_core::{ErrorKind, Lake as _, LakePath};
use portal_store::{S3Lake, S3Options};

use crate::s3_bucket::{InBucket, key, quick};
use crate::s3_server::Fault;

#[tokio::test]
async fn a_refusal_of_every_third_request_is_survived() {
    let bucket = InBucket::new();
    bucket.server.misbehave(|seen| match seen.number % 3 {
        2 => Fault::Refuse(503, "SlowDown", "Please reduce your request rate."),
        _ => Fault::None,
    });
    let lake = bucket.lake().await;
    let _lock = lake.lock(&key("a")).await.expect("a lock");
    let keys: Vec<LakePath> = (0..60).map(|n| key(&format!("a/{n}"))).collect();
    let puts = keys.iter().map(|key| lake.put(key, key.to_string().into(), Precondition::Absent));
    for put in futures::future::join_all(puts).await {
        put.expect("a put");
    }
    lake.put(&key("a/large"), vec![1; 17 << 20].into(), Precondition::Absent).await.expect("a put");
    assert_eq!(lake.list(&key("a")).await.expect("a list").objects.len(), 61);
    for key in &keys {
        assert_eq!(lake.get(key).await.expect("a get").expect("it is there").bytes, key.as_str());
        lake.delete(key).await.expect("a delete");
    }
    assert_eq!(bucket.server.open_uploads(), 0);
}

#[tokio::test]
async fn a_conditional_write_whose_answer_was_lost_is_told_as_done() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let lose_every_second_write = || {
        let count = AtomicUsize::new(0);
        bucket.server.misbehave(move |seen| {
            let writes = seen.method == "PUT" || seen.query.contains("uploadId");
            match writes && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                true => Fault::LoseAnswer,
                false => Fault::None,
            }
        });
    };
    lake.put(&key("first"), "".into(), Precondition::Absent).await.expect("the server is asked for conditions");
    for length in [1, 17 << 20] {
        lose_every_second_write();
        let path = key(&format!("a/{length}"));
        let tag = lake.put(&path, vec![1; length].into(), Precondition::Absent).await.expect("it was written");
        lose_every_second_write();
        let next = lake.put(&path, vec![2; length].into(), Precondition::Matches(tag.clone())).await;
        let next = next.expect("it was written");
        bucket.server.behave();
        let there = lake.get(&path).await.expect("a get").expect("it is there");
        assert!(there.etag == next && there.bytes == vec![2; length]);
        let stale = lake.put(&path, vec![3; length].into(), Precondition::Matches(tag)).await;
        assert_eq!(stale.expect_err("the tag is old").kind(), ErrorKind::Conflict);
    }
}

#[tokio::test]
async fn two_writes_that_overlap_are_tried_again() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    lake.put(&key("first"), "".into(), Precondition::Absent).await.expect("the server is asked for conditions");
    let refuse = |times: usize, status, code| {
        let count = AtomicUsize::new(0);
        bucket.server.misbehave(move |seen| {
            match seen.method == "PUT" && count.fetch_add(1, Ordering::SeqCst) < times {
                true => Fault::Refuse(status, code, "a conflicting operation is under way"),
                false => Fault::None,
            }
        });
    };
    for code in ["ConditionalRequestConflict", ""] {
        refuse(2, 409, code);
        lake.put(&key(&format!("a/b{code}")), "1".into(), Precondition::Absent).await.expect("the third try is done");
        refuse(usize::MAX, 409, code);
        let error = lake.put(&key("a/c"), "1".into(), Precondition::Absent).await.expect_err("never");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        refuse(usize::MAX, 412, code);
        let error = lake.put(&key("a/c"), "1".into(), Precondition::Absent).await.expect_err("never");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
}

#[tokio::test]
async fn a_cut_body_is_read_again_and_never_taken_for_whole() {
    let bucket = InBucket::new();
    let options = S3Options { attempts: 5, ..quick() };
    let lake = S3Lake::open_with(&bucket.url(""), options).await.expect("a lake");
    let content: Vec<u8> = (0..300_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    lake.put(&key("a/b"), content.clone().into(), Precondition::None).await.expect("a put");
    let count = Arc::new(AtomicUsize::new(0));
    let cut = |times: usize| {
        let count = Arc::clone(&count);
        count.store(0, Ordering::SeqCst);
        bucket.server.misbehave(move |_| match count.fetch_add(1, Ordering::SeqCst) < times {
            true => Fault::CutBody,
            false => Fault::None,
        });
    };
    cut(3);
    assert_eq!(lake.get(&key("a/b")).await.expect("a get").expect("it is there").bytes, content);
    assert_eq!(count.load(Ordering::SeqCst), 4);
    cut(usize::MAX);
    let error = lake.get(&key("a/b")).await.expect_err("it is never whole");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("of 300000 bytes"), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let bucket = InBucket::new();
    bucket.server.misbehave(|_| Fault::Slow(Duration::from_secs(3600)));
    let options = S3Options {
        attempt_timeout: Duration::from_millis(200),
        deadline: Duration::from_secs(1),
        attempts: 50,
        ..quick()
    };
    let lake = S3Lake::open_with(&bucket.url(""), options).await.expect("a lake");
    let started = Instant::now();
    let error = lake.get(&key("a")).await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(bucket.server.seen().len() > 1, "one slow try is not the end");
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect("a put");
    bucket.server.misbehave(|_| Fault::Slow(Duration::from_millis(400)));
    assert_eq!(lake.get(&key("a/b")).await.expect("a get").expect("it is there").bytes, "1");
}

#[tokio::test]
async fn a_server_that_ignores_conditions_is_found_out_before_the_first_of_them() {
    for (none_match, if_match, header) in [(true, false, "If-None-Match"), (false, true, "If-Match")] {
        let bucket = InBucket::new();
        bucket.server.ignore_conditions(none_match, if_match);
        let lake = bucket.lake().await;
        lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect("that asks for no condition");
        let created = lake.put(&key("a/b"), "2".into(), Precondition::Absent).await.map(drop);
        let locked = lake.lock(&key("a")).await.map(drop);
        for error in [created.expect_err("not safe"), locked.expect_err("not safe")] {
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.to_string().contains(&format!("ignores `{header}`")), "{error}");
        }
        assert_eq!(lake.get(&key("a/b")).await.expect("a get").expect("it is there").bytes, "1");
    }
}
