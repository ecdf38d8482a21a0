//! A lake in a folder: the contract of every lake, and what only a folder can do wrong.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use portal_core::lake::{Listing, Precondition};
use portal_core::testing::LakeFixture;
use portal_core::{ErrorKind, Lake, LakePath};
use portal_store::{DirLake, open_lake};
use tempfile::TempDir;

/// A lake that is not there yet, in a folder that goes away with it.
struct InFolder(TempDir);

impl InFolder {
    fn new() -> InFolder {
        InFolder(tempfile::tempdir().expect("a folder"))
    }

    fn url(&self) -> String {
        self.0.path().join("lake").display().to_string()
    }
}

#[async_trait]
impl LakeFixture for InFolder {
    async fn open(&self) -> Box<dyn Lake> {
        open_lake(&self.url()).await.expect("a lake")
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime").block_on(future)
}

mod dir_lake {
    use super::{InFolder, block_on};

    portal_core::lake_suite!(block_on: block_on, fixture: InFolder::new());
}

fn key(path: &str) -> LakePath {
    LakePath::parse(path).expect("a path of this test")
}

/// A lake with one object, beside a folder that is none of its business.
async fn lake_beside_outside() -> (TempDir, DirLake) {
    let temp = tempfile::tempdir().expect("a folder");
    fs::create_dir(temp.path().join("outside")).expect("a folder");
    fs::write(temp.path().join("outside/secret"), "secret").expect("a file");
    let lake = DirLake::open(temp.path().join("lake")).expect("a lake");
    lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect("a put");
    (temp, lake)
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.objects.iter().map(|object| object.name.as_str()).collect()
}

#[tokio::test]
async fn opening_and_reading_make_nothing() {
    let temp = tempfile::tempdir().expect("a folder");
    let path = temp.path().join("not/there");
    let lake = DirLake::open(&path).expect("a lake that is not there yet");
    assert!(lake.get(&key("a")).await.expect("a get").is_none());
    lake.delete(&key("a/b")).await.expect("a delete");
    lake.list(&key("a")).await.expect("a list");
    assert!(!path.parent().expect("it has one").exists());
    lake.put(&key("a"), "1".into(), Precondition::None).await.expect("the first put makes the lake");
    assert!(path.join("a").is_file());
}

#[tokio::test]
async fn a_lake_that_is_not_there_is_not_an_empty_one() {
    let temp = tempfile::tempdir().expect("a folder");
    let lake = DirLake::open(temp.path().join("laek")).expect("a lake that is not there yet");
    let error = lake.list(&LakePath::root()).await.expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("laek") && error.to_string().contains("portal collect"), "{error}");
    fs::create_dir(temp.path().join("laek")).expect("a folder");
    assert_eq!(lake.list(&LakePath::root()).await.expect("an empty lake"), Listing::default());
}

#[tokio::test]
async fn a_file_is_no_lake() {
    let temp = tempfile::NamedTempFile::new().expect("a file");
    let error = DirLake::open(temp.path()).expect_err("a file");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let below = DirLake::open(temp.path().join("lake")).expect_err("below a file");
    assert_eq!(below.kind(), ErrorKind::Invalid, "{below}");
}

#[tokio::test]
async fn a_linked_folder_leads_nowhere() {
    let (temp, lake) = lake_beside_outside().await;
    symlink("../outside", temp.path().join("lake/relative")).expect("a link");
    symlink(temp.path().join("outside"), temp.path().join("lake/a/absolute")).expect("a link");
    for folder in ["relative", "a/absolute", "a/absolute/deeper"] {
        let object = key(folder).join("secret");
        let refused = [
            lake.get(&object).await.map(drop),
            lake.put(&object, "mine".into(), Precondition::None).await.map(drop),
            lake.put(&object, "mine".into(), Precondition::Absent).await.map(drop),
            lake.delete(&object).await,
            lake.list(&key(folder)).await.map(drop),
            lake.lock(&key(folder)).await.map(drop),
        ];
        for (at, result) in refused.into_iter().enumerate() {
            let error = result.expect_err("a link is refused");
            assert_eq!(error.kind(), ErrorKind::Invalid, "{folder}, call {at}: {error}");
            assert!(error.to_string().contains("link"), "{error}");
        }
    }
    assert_eq!(fs::read(temp.path().join("outside/secret")).expect("it is as it was"), b"secret");
    assert_eq!(fs::read_dir(temp.path().join("outside")).expect("a folder").count(), 1);
    // Listed all the same: what was left out would be taken for gone.
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").folders, ["a", "relative"]);
}

#[tokio::test]
async fn a_linked_file_is_listed_refused_and_replaced() {
    let (temp, lake) = lake_beside_outside().await;
    symlink("../../outside/secret", temp.path().join("lake/a/link")).expect("a link");
    symlink("nowhere", temp.path().join("lake/a/dangling")).expect("a link");
    assert_eq!(names(&lake.list(&key("a")).await.expect("a list")), ["b", "dangling", "link"]);
    for name in ["a/link", "a/dangling"] {
        assert_eq!(lake.get(&key(name)).await.expect_err("a link").kind(), ErrorKind::Invalid);
    }
    lake.put(&key("a/link"), "mine".into(), Precondition::None).await.expect("the link makes room");
    lake.delete(&key("a/dangling")).await.expect("a delete");
    assert_eq!(fs::read(temp.path().join("outside/secret")).expect("it is as it was"), b"secret");
    assert_eq!(lake.get(&key("a/link")).await.expect("a get").expect("it is there").bytes, "mine");
}

#[tokio::test]
async fn a_linked_lake_is_the_users_wish() {
    let (temp, _lake) = lake_beside_outside().await;
    symlink("lake", temp.path().join("shortcut")).expect("a link");
    let lake = DirLake::open(temp.path().join("shortcut")).expect("a lake");
    assert_eq!(names(&lake.list(&key("a")).await.expect("a list")), ["b"]);
}

#[tokio::test]
async fn what_can_be_no_object_is_in_no_list() {
    let (temp, lake) = lake_beside_outside().await;
    let folder = temp.path().join("lake/a");
    fs::write(folder.join(".DS_Store"), "").expect("a file");
    fs::write(folder.join(std::ffi::OsStr::from_bytes(b"latin-\xe9")), "").expect("a file");
    fs::write(folder.join("back\\slash"), "").expect("a file");
    let pipe = rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    );
    pipe.expect("a pipe");
    assert_eq!(names(&lake.list(&key("a")).await.expect("a list")), ["b"]);
    assert!(lake.get(&key("a/pipe")).await.expect("nobody waits for a writer").is_none());
}

#[tokio::test]
async fn an_object_beyond_all_measure_is_refused_unread() {
    let (temp, lake) = lake_beside_outside().await;
    let huge = fs::File::create(temp.path().join("lake/a/huge")).expect("a file");
    huge.set_len((1 << 30) + 1).expect("a file with a hole");
    let error = lake.get(&key("a/huge")).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("a/huge"), "{error}");
}

#[tokio::test]
async fn what_stands_in_the_way_is_named() {
    let (_temp, lake) = lake_beside_outside().await;
    let below_a_file = lake.put(&key("a/b/c"), "1".into(), Precondition::None).await.expect_err("a/b is a file");
    let onto_a_folder = lake.put(&key("a"), "1".into(), Precondition::None).await.expect_err("a is a folder");
    for (error, path) in [(below_a_file, "lake/a/b"), (onto_a_folder, "lake/a")] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(path) && error.to_string().contains("move it away"), "{error}");
    }
    assert_eq!(names(&lake.list(&key("a")).await.expect("a list")), ["b"], "nothing was left behind");
}

#[tokio::test]
async fn what_a_killed_writer_left_is_removed_when_it_is_old() {
    let (temp, lake) = lake_beside_outside().await;
    let folder = temp.path().join("lake/a");
    let age = |name: &str, age: Duration| {
        let file = fs::File::create(folder.join(name)).expect("a file");
        file.set_modified(SystemTime::now() - age).expect("a time");
    };
    age(".tmp-1-1-1", Duration::from_secs(2 * 3600));
    age(".tmp-2-2-2", Duration::from_secs(60));
    age(".mine", Duration::from_secs(2 * 3600));
    assert_eq!(names(&lake.list(&key("a")).await.expect("a list")), ["b"]);
    // Another process that comes later, and first takes the lock as every collector does.
    let later = DirLake::open(temp.path().join("lake")).expect("a lake");
    let _lock = later.lock(&key("a")).await.expect("a lock");
    assert!(!folder.join(".tmp-1-1-1").exists());
    assert!(folder.join(".tmp-2-2-2").exists(), "somebody may still write it");
    assert!(folder.join(".mine").exists(), "not one of the lake's");
}

#[tokio::test]
async fn who_holds_a_lock_is_named() {
    let (_temp, lake) = lake_beside_outside().await;
    let _held = lake.lock(&key("a")).await.expect("a lock");
    let error = lake.lock(&key("a")).await.expect_err("it is held");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
}

#[tokio::test]
async fn a_list_tells_when_an_object_was_written() {
    let (_temp, lake) = lake_beside_outside().await;
    let modified = lake.list(&key("a")).await.expect("a list").objects[0].modified.expect("a time");
    let age = jiff::Timestamp::now().duration_since(modified).as_secs();
    assert!((-5..300).contains(&age), "{modified}");
}
