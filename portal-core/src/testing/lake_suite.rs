//! What every lake has to prove: one function per clause of the contract of [`Lake`].
//!
//! That a lock ends with its process and that an object survives a crash cannot be asked from inside; a lake proves
//! those two in tests of its own.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{join, join_all};

use super::step_aside;
use crate::error::{ErrorKind, LakeError};
use crate::lake::{Etag, Lake, LakePath, Precondition, Stored};

/// One empty lake, which can be opened as often as a clause needs.
#[async_trait]
pub trait LakeFixture: Send + Sync {
    /// Another handle to the same lake, as another process would open it.
    async fn open(&self) -> Box<dyn Lake>;
}

/// Makes a named test of every clause of [`lake_suite`](mod@crate::testing::lake_suite).
///
/// `block_on` drives a future to its end; `fixture` is evaluated anew for each test.
///
/// ```
/// # use portal_core::{Lake, testing::{LakeFixture, MemoryLake}};
/// struct InMemory(MemoryLake);
///
/// #[async_trait::async_trait]
/// impl LakeFixture for InMemory {
///     async fn open(&self) -> Box<dyn Lake> {
///         Box::new(self.0.clone())
///     }
/// }
///
/// mod memory_lake {
///     # use super::*;
///     portal_core::lake_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryLake::new()));
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! lake_suite {
    (block_on: $block_on:expr, fixture: $fixture:expr $(,)?) => {
        $crate::lake_suite! { @clauses $block_on, $fixture;
            what_was_put_is_read_back
            an_object_may_be_empty
            an_object_may_be_large
            an_object_that_is_not_there_is_none
            equal_tags_mean_equal_bytes
            a_reader_sees_an_object_whole
            create_only_has_one_winner
            create_only_leaves_what_is_there
            compare_and_set_refuses_a_stale_tag
            compare_and_set_refuses_what_is_not_there
            compare_and_set_loses_no_update
            a_list_shows_one_level_by_name
            a_list_shows_what_was_put_before
            a_missing_folder_has_an_empty_list
            a_list_shows_objects_only
            a_hidden_name_is_refused_or_listed
            delete_removes_and_can_be_repeated
            a_lock_keeps_the_second_one_out
            a_lock_ends_when_it_is_dropped
            a_lock_is_for_one_folder
            the_holder_of_a_lock_can_write
            hostile_names_stay_inside
            a_folder_is_no_object
            many_parallel_puts_all_arrive
        }
    };
    (@clauses $block_on:expr, $fixture:expr; $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let fixture = $fixture;
                ($block_on)($crate::testing::lake_suite::$clause(&fixture));
            }
        )*
    };
}

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

/// A list has the folders and objects directly below, each sorted by the bytes of its name, with the length.
pub async fn a_list_shows_one_level_by_name(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    for key in ["a/z", "a/B", "a/a", "a/10", "a/9", "a/sub2/x", "a/sub10/x", "a/sub10/deeper/x", "ab/x", "top"] {
        write(&*lake, key, key).await;
    }
    let listing = lake.list(&path("a")).await.expect("a list");
    assert_eq!(listing.folders, ["sub10", "sub2"]);
    let objects: Vec<(&str, u64)> = listing.objects.iter().map(|o| (o.name.as_str(), o.size)).collect();
    assert_eq!(objects, [("10", 4), ("9", 3), ("B", 3), ("a", 3), ("z", 3)]);
    let root = lake.list(&LakePath::root()).await.expect("a list");
    assert_eq!(root.folders, ["a", "ab"]);
    assert_eq!(root.objects.len(), 1);
}

/// Each put is in the next list, also through another handle.
pub async fn a_list_shows_what_was_put_before(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    for n in 0..20 {
        write(&*one, &format!("a/{n}"), "x").await;
        assert_eq!(two.list(&path("a")).await.expect("a list").objects.len(), n + 1);
    }
}

/// A folder that is not there has nothing in it.
pub async fn a_missing_folder_has_an_empty_list(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    assert_eq!(lake.list(&path("nothing/here")).await.expect("a list"), crate::lake::Listing::default());
    write(&*lake, "a/b", "1").await;
    assert_eq!(lake.list(&path("a/nothing")).await.expect("a list"), crate::lake::Listing::default());
}

/// What a lake needs for itself (locks, files on their way) is in no list, also while objects are written.
pub async fn a_list_shows_objects_only(fixture: &dyn LakeFixture) {
    let (writer, reader) = (fixture.open().await, fixture.open().await);
    let _lock = writer.lock(&path("a")).await.expect("a lock");
    let content = Bytes::from(vec![b'x'; 300_000]);
    let write = async {
        let mut tag = writer.put(&path("a/one"), content.clone(), Precondition::Absent).await.expect("a put");
        for n in 0..20_u8 {
            let next = Bytes::from(vec![n; 300_000]);
            tag = writer.put(&path("a/one"), next, Precondition::Matches(tag)).await.expect("a put");
            writer.put(&path("a/two"), content.clone(), Precondition::None).await.expect("a put");
        }
    };
    let read = async {
        for _ in 0..60 {
            let listing = reader.list(&path("a")).await.expect("a list");
            let strange = listing.objects.iter().find(|o| o.name != "one" && o.name != "two");
            assert!(strange.is_none() && listing.folders.is_empty(), "{listing:?}");
            step_aside().await;
        }
    };
    join(write, read).await;
    assert_eq!(reader.list(&path("a")).await.expect("a list").objects.len(), 2);
    assert_eq!(reader.list(&LakePath::root()).await.expect("a list").folders, ["a"]);
}

/// A name that the lake would not list cannot be written.
pub async fn a_hidden_name_is_refused_or_listed(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    write(&*lake, "a/seen", "1").await;
    for name in [".hidden", ".lock", ".tmp-1"] {
        match lake.put(&path(&format!("a/{name}")), "1".into(), Precondition::None).await {
            Ok(_) => {
                let listing = lake.list(&path("a")).await.expect("a list");
                assert!(listing.objects.iter().any(|o| o.name == name), "{name} was written and is in no list");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Invalid, "{error}"),
        }
    }
}

/// Deleting takes an object away, and once more is no error.
pub async fn delete_removes_and_can_be_repeated(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    write(&*one, "a/b", "1").await;
    write(&*one, "a/c", "1").await;
    for _ in 0..2 {
        two.delete(&path("a/b")).await.expect("a delete");
        assert!(read(&*one, "a/b").await.is_none());
    }
    for key in ["nothing", "no/folder", "a/c/below"] {
        two.delete(&path(key)).await.unwrap_or_else(|error| panic!("{key}: {error}"));
    }
    let left = one.list(&path("a")).await.expect("a list").objects;
    assert_eq!(left.len(), 1);
}

/// A second lock on the same folder is a conflict, through the same handle and through another.
pub async fn a_lock_keeps_the_second_one_out(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    let _held = one.lock(&path("a/b")).await.expect("a lock");
    assert_conflict(&two.lock(&path("a/b")).await.expect_err("it is held"));
    assert_conflict(&one.lock(&path("a/b")).await.expect_err("it is held"));
    let lakes = handles(fixture, 4).await;
    let folder = path("c");
    let locks = join_all(lakes.iter().map(|lake| lake.lock(&folder))).await;
    assert_eq!(locks.iter().filter(|lock| lock.is_ok()).count(), 1);
}

/// A lock that was dropped can be taken again, many times over.
pub async fn a_lock_ends_when_it_is_dropped(fixture: &dyn LakeFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    for _ in 0..20 {
        drop(one.lock(&path("a")).await.expect("a lock"));
        drop(two.lock(&path("a")).await.expect("the first one has ended"));
    }
}

/// The lock of a folder leaves its parent, its children and its siblings free.
pub async fn a_lock_is_for_one_folder(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let _held = lake.lock(&path("a/b")).await.expect("a lock");
    for other in ["a", "a/b/c", "a/bb", "b"] {
        lake.lock(&path(other)).await.unwrap_or_else(|error| panic!("{other}: {error}"));
    }
}

/// A lock does not stand in the way of the one who holds it.
pub async fn the_holder_of_a_lock_can_write(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let _held = lake.lock(&path("a")).await.expect("a lock");
    let tag = lake.put(&path("a/b"), "1".into(), Precondition::Absent).await.expect("a put");
    lake.put(&path("a/b"), "2".into(), Precondition::Matches(tag)).await.expect("a put");
    write(&*lake, "a/b", "3").await;
    lake.delete(&path("a/b")).await.expect("a delete");
}

/// Names that want to lead out, joined with [`LakePath::join`], become objects of their folder and of no other.
pub async fn hostile_names_stay_inside(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let long = "x".repeat(1000);
    let hostile = ["..", ".", "", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "\0x", "é", ".lock", "CON", "a b"];
    let names: Vec<&str> = hostile.into_iter().chain([long.as_str(), "~", "*", "-rf", "\u{202e}", "%2e%2e"]).collect();
    let folder = path("a/inside");
    for name in &names {
        let key = folder.join(name);
        lake.put(&key, Bytes::from((*name).to_owned()), Precondition::None)
            .await
            .unwrap_or_else(|error| panic!("{name:?}: {error}"));
    }
    let listing = lake.list(&folder).await.expect("a list");
    assert_eq!(listing.objects.len(), names.len(), "{listing:?}");
    assert!(listing.folders.is_empty());
    for name in names {
        assert_eq!(read(&*lake, folder.join(name).as_str()).await.expect("it is there").bytes, name);
    }
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").folders, ["a"]);
    assert_eq!(lake.list(&path("a")).await.expect("a list").folders, ["inside"]);
}

/// A folder can be neither read, written nor deleted as if it were an object.
pub async fn a_folder_is_no_object(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    write(&*lake, "a/b/c", "1").await;
    assert!(read(&*lake, "a/b").await.is_none());
    lake.delete(&path("a/b")).await.expect("nothing to delete is no error");
    assert!(read(&*lake, "a/b/c").await.is_some(), "the folder's objects are as they were");
    let root = lake.put(&LakePath::root(), "1".into(), Precondition::None).await;
    assert_eq!(root.expect_err("the root is no object").kind(), ErrorKind::Invalid);
}

/// Hundreds of objects, written sixteen at a time through two handles, are all there.
pub async fn many_parallel_puts_all_arrive(fixture: &dyn LakeFixture) {
    let lakes = handles(fixture, 2).await;
    let puts = (0..400).map(|n| {
        let lake = &lakes[n % 2];
        async move { write(&**lake, &format!("a/{}/{n}.json", n % 7), &n.to_string()).await }
    });
    futures::stream::iter(puts).buffer_unordered(16).collect::<Vec<Etag>>().await;
    let mut seen = BTreeSet::new();
    for folder in 0..7 {
        for object in lakes[0].list(&path(&format!("a/{folder}"))).await.expect("a list").objects {
            let bytes = read(&*lakes[1], &format!("a/{folder}/{}", object.name)).await.expect("it is there").bytes;
            assert_eq!(object.name.as_bytes(), [&bytes[..], b".json"].concat());
            seen.insert(object.name);
        }
    }
    assert_eq!(seen.len(), 400);
}

fn path(path: &str) -> LakePath {
    LakePath::parse(path).expect("a path of this suite")
}

async fn handles(fixture: &dyn LakeFixture, count: usize) -> Vec<Box<dyn Lake>> {
    join_all((0..count).map(|_| fixture.open())).await
}

async fn write(lake: &dyn Lake, key: &str, content: &str) -> Etag {
    let put = lake.put(&path(key), Bytes::from(content.to_owned()), Precondition::None).await;
    put.unwrap_or_else(|error| panic!("{key}: {error}"))
}

async fn read(lake: &dyn Lake, key: &str) -> Option<Stored> {
    lake.get(&path(key)).await.unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn assert_conflict(error: &LakeError) {
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}
