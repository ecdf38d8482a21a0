//! Clauses about single objects: reading, replacing, creating, comparing.

use bytes::Bytes;
use futures::future::{join, join_all};

use super::{LakeFixture, assert_conflict, handles, path, read, write};
use crate::lake::{Lake, LakePath, Precondition, Stored};
use crate::testing::step_aside;

/// What was put is read back, through another handle and in any folder.
pub async fn what_was_put_is_read_back(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    for key in ["top.json", "a/b/c/deep.json"] {
        let tag = write(&*one, key, "{}").await;
        let stored = read(&*two, key).await.expect("another handle sees it");
        assert_eq!((stored.bytes.as_ref(), stored.etag), (b"{}".as_slice(), tag), "{key}");
        write(&*two, key, "{\"new\":true}").await;
        assert_eq!(read(&*one, key).await.expect("it is there").bytes, "{\"new\":true}", "{key}");
    }
}

/// No bytes are an object too.
pub async fn an_object_may_be_empty(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    write(&*lake, "a/empty", "").await;
    assert!(read(&*lake, "a/empty").await.expect("it is there").bytes.is_empty());
    assert_eq!(lake.list(&path("a")).await.expect("a list").objects[0].size, 0);
}

/// Ten megabytes come back as they went in.
pub async fn an_object_may_be_large(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let large: Bytes = (0..10_000_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    lake.put(&path("large"), large.clone(), Precondition::None).await.expect("a put");
    assert!(read(&*lake, "large").await.expect("it is there").bytes == large, "the content differs");
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").objects[0].size, 10_000_000);
}

/// `get` answers `None` for a missing object, be its folder there or not.
pub async fn an_object_that_is_not_there_is_none(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    assert!(read(&*lake, "nothing").await.is_none(), "in an empty lake");
    write(&*lake, "a/one", "1").await;
    for key in ["nothing", "a/nothing", "a/b/nothing", "a/one/nothing"] {
        assert!(read(&*lake, key).await.is_none(), "{key}");
    }
}

/// A tag is equal for equal bytes and differs for different ones, and `put` and `get` agree on it.
pub async fn equal_tags_mean_equal_bytes(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let first = write(&*lake, "a", "1").await;
    let second = write(&*lake, "a", "2").await;
    assert_ne!(first, second);
    assert_eq!(read(&*lake, "a").await.expect("it is there").etag, second);
    assert_eq!(read(&*lake, "a").await.expect("it is there").etag, second, "reading changes nothing");
}

/// While an object is replaced again and again, no reader sees half of one or none.
pub async fn a_reader_sees_an_object_whole(fixture: &dyn LakeFixture) {
    let (writer, reader) = (fixture.open().await, fixture.open().await);
    // Lengths that differ tell a mixture from both.
    let versions: Vec<Bytes> = (0..4_u8).map(|n| Bytes::from(vec![n; 200_000 * (usize::from(n) + 1)])).collect();
    let key = path("a/object");
    writer.put(&key, versions[0].clone(), Precondition::None).await.expect("a put");
    let done = std::sync::atomic::AtomicBool::new(false);
    let write = async {
        for round in 0..40 {
            writer.put(&key, versions[round % 4].clone(), Precondition::None).await.expect("a put");
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
    };
    let read = async {
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            let seen = reader.get(&key).await.expect("a get").expect("it is there all the time").bytes;
            assert!(versions.contains(&seen), "{} bytes that nobody wrote", seen.len());
            step_aside().await;
        }
    };
    join(write, read).await;
}

/// Of many that create the same object through several handles exactly one does, and its bytes are the ones there.
pub async fn create_only_has_one_winner(fixture: &dyn LakeFixture) {
    let lakes = handles(fixture, 4).await;
    for round in 0..10 {
        let key = path(&format!("a/{round}"));
        let tries = (0..16).map(|n| {
            let (lake, key) = (&lakes[n % lakes.len()], &key);
            async move { lake.put(key, Bytes::from(format!("{n}")), Precondition::Absent).await }
        });
        let results = join_all(tries).await;
        let winners: Vec<usize> = (0..16).filter(|n| results[*n].is_ok()).collect();
        assert_eq!(winners.len(), 1, "winners {winners:?}");
        for error in results.into_iter().filter_map(Result::err) {
            assert_conflict(&error);
        }
        let there = lakes[0].get(&key).await.expect("a get").expect("it is there").bytes;
        assert_eq!(there, winners[0].to_string());
    }
}

/// Creating what is there is a conflict and changes nothing.
pub async fn create_only_leaves_what_is_there(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    write(&*lake, "a/b", "1").await;
    let refused = lake.put(&path("a/b"), "2".into(), Precondition::Absent).await;
    assert_conflict(&refused.expect_err("it is there"));
    assert_eq!(read(&*lake, "a/b").await.expect("it is there").bytes, "1");
    lake.delete(&path("a/b")).await.expect("a delete");
    lake.put(&path("a/b"), "3".into(), Precondition::Absent).await.expect("it is gone");
}

/// A tag that is no longer the object's is a conflict and changes nothing; the one that is lets the put through.
pub async fn compare_and_set_refuses_a_stale_tag(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    let first = write(&*one, "a/b", "1").await;
    let second = two.put(&path("a/b"), "2".into(), Precondition::Matches(first.clone())).await.expect("it matches");
    let refused = one.put(&path("a/b"), "3".into(), Precondition::Matches(first)).await;
    assert_conflict(&refused.expect_err("the tag is old"));
    assert_eq!(read(&*one, "a/b").await.expect("it is there").bytes, "2");
    one.put(&path("a/b"), "4".into(), Precondition::Matches(second)).await.expect("it matches");
    assert_eq!(read(&*two, "a/b").await.expect("it is there").bytes, "4");
}

/// An object that is gone matches no tag.
pub async fn compare_and_set_refuses_what_is_not_there(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let tag = write(&*lake, "a/b", "1").await;
    lake.delete(&path("a/b")).await.expect("a delete");
    for key in ["a/b", "never/there"] {
        let refused = lake.put(&path(key), "2".into(), Precondition::Matches(tag.clone())).await;
        assert_conflict(&refused.expect_err("nothing is there"));
        assert!(read(&*lake, key).await.is_none());
    }
}

/// Counters in one object, raised by many at once through several handles, end at the sum.
pub async fn compare_and_set_loses_no_update(fixture: &dyn LakeFixture) {
    const EACH: u32 = 8;
    let lakes = handles(fixture, 4).await;
    let key = path("a/counter");
    lakes[0].put(&key, "0".into(), Precondition::Absent).await.expect("a put");
    join_all(lakes.iter().map(|lake| raise_counter(&**lake, &key, EACH))).await;
    let end = lakes[0].get(&key).await.expect("a get").expect("it is there").bytes;
    assert_eq!(end, (EACH * 4).to_string());
}

async fn raise_counter(lake: &dyn Lake, key: &LakePath, times: u32) {
    let mut raised = 0;
    while raised < times {
        let Stored { bytes, etag } = lake.get(key).await.expect("a get").expect("it is there");
        let count: u32 = std::str::from_utf8(&bytes).expect("digits").parse().expect("a number");
        match lake.put(key, Bytes::from((count + 1).to_string()), Precondition::Matches(etag)).await {
            Ok(_) => raised += 1,
            Err(error) => assert_conflict(&error),
        }
    }
}
