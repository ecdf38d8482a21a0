//! Clauses about folders: lists, deletion, locks, names that want to lead out, and many writers at once.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{join, join_all};

use super::{LakeFixture, assert_conflict, handles, path, read, write};
use crate::error::ErrorKind;
use crate::lake::{Etag, LakePath, Listing, Precondition};
use crate::testing::step_aside;

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
    assert_eq!(lake.list(&path("nothing/here")).await.expect("a list"), Listing::default());
    write(&*lake, "a/b", "1").await;
    assert_eq!(lake.list(&path("a/nothing")).await.expect("a list"), Listing::default());
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

/// A list tells an object that was written anew from the one before, also at once and with the same size.
pub async fn a_list_tells_what_was_written_anew(fixture: &dyn LakeFixture) {
    let lake = fixture.open().await;
    let mut told = Vec::new();
    for content in ["1", "2", "3"] {
        write(&*lake, "a/one", content).await;
        let listed = lake.list(&path("a")).await.expect("a list").objects.remove(0);
        assert_eq!(lake.list(&path("a")).await.expect("a list").objects[0], listed, "looking changes nothing");
        let said = listed.version.or_else(|| listed.modified.map(|time| time.to_string()));
        let said = said.expect("a list tells the version or the time");
        assert!(!told.contains(&said), "{content}: {said}");
        told.push(said);
    }
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
