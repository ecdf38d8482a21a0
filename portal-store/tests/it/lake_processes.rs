//! What happens to a lake between processes, and on a disk that is full, read-only or somebody else's.
//!
//! Each test starts this test program again as a child that runs [`the_child_does_its_part`] with a part to play.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use portal_core::lake::{Precondition, Stored};
use portal_core::{ErrorKind, Lake as _, LakeError, LakePath};
use portal_store::DirLake;

const PART: &str = "PORTAL_LAKE_TEST_PART";
const PLACE: &str = "PORTAL_LAKE_TEST_PLACE";
const THIS: &str = "lake_processes::the_child_does_its_part";
const READY: &str = "the child is ready";
/// How long one object is; every byte of it is the same.
const LENGTH: usize = 200_000;

/// Only does something as somebody's child.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_does_its_part() {
    let (Ok(part), Ok(place)) = (std::env::var(PART), std::env::var(PLACE)) else { return };
    let lake = DirLake::open(place).expect("a lake");
    match part.as_str() {
        "writes for ever" => write_for_ever(&lake).await,
        "counts" => count(&lake).await,
        "has a full disk" => on_a_full_disk(&lake).await,
        "cannot write" => on_a_read_only_disk(&lake).await,
        "has no rights" => without_rights(&lake).await,
        other => panic!("no part is called {other}"),
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_objects_and_no_lock() {
    let temp = tempfile::tempdir().expect("a folder");
    for round in 0..6_u32 {
        let mut child = child(temp.path(), "writes for ever", &[]);
        wait_until_ready(&mut child);
        let lake = DirLake::open(temp.path()).expect("a lake");
        let held = lake.lock(&key("a")).await.expect_err("the child holds it");
        assert_eq!(held.kind(), ErrorKind::Conflict);
        // Not to wait for something, but to hit another moment of the child's work each time.
        std::thread::sleep(Duration::from_millis(u64::from(7 * round)));
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let _lock = lake.lock(&key("a")).await.expect("a lock ends with its process");
        let listing = lake.list(&key("a")).await.expect("a list");
        assert!(!listing.objects.is_empty());
        for object in listing.objects {
            let stored = lake.get(&key("a").join(&object.name)).await.expect("a get").expect("it is there");
            let whole = stored.bytes.len() == LENGTH && stored.bytes.iter().all(|byte| *byte == stored.bytes[0]);
            assert!(whole, "half an object: {}, {} bytes", object.name, stored.bytes.len());
        }
        let Stored { etag, .. } = lake.get(&key("a/compared")).await.expect("a get").expect("it is there");
        let next = Bytes::from(vec![0; LENGTH]);
        lake.put(&key("a/compared"), next, Precondition::Matches(etag)).await.expect("nobody holds up a put");
    }
}

/// Writes eight objects over and over, and one by compare-and-set.
async fn write_for_ever(lake: &DirLake) {
    let _lock = lake.lock(&key("a")).await.expect("a lock");
    let whole = |n: u8| Bytes::from(vec![n; LENGTH]);
    lake.delete(&key("a/compared")).await.expect("a delete");
    let mut tag = lake.put(&key("a/compared"), whole(0), Precondition::Absent).await.expect("a put");
    println!("{READY}");
    for n in (0..=u8::MAX).cycle() {
        let keys: Vec<LakePath> = (0..8).map(|at| key(&format!("a/{at}"))).collect();
        let puts = keys.iter().map(|key| lake.put(key, whole(n), Precondition::None));
        let compared = key("a/compared");
        let put = lake.put(&compared, whole(n), Precondition::Matches(tag));
        let (results, next) = futures::join!(futures::future::join_all(puts), put);
        results.into_iter().for_each(|result| drop(result.expect("a put")));
        tag = next.expect("only this process writes");
    }
}

#[tokio::test]
async fn processes_that_compare_and_set_lose_no_update() {
    let temp = tempfile::tempdir().expect("a folder");
    let children: Vec<Child> = (0..4).map(|_| child(temp.path(), "counts", &[])).collect();
    for child in children {
        assert!(ended(child).success());
    }
    let lake = DirLake::open(temp.path()).expect("a lake");
    let end = lake.get(&key("a/counter")).await.expect("a get").expect("it is there");
    assert_eq!(end.bytes, "100");
    let winners = lake.list(&key("a/winners")).await.expect("a list").objects.len();
    assert_eq!(winners, 1, "exactly one process created the counter");
}

async fn count(lake: &DirLake) {
    let counter = key("a/counter");
    match lake.put(&counter, "0".into(), Precondition::Absent).await {
        Ok(_) => {
            let name = std::process::id().to_string();
            lake.put(&key("a/winners").join(&name), "".into(), Precondition::None).await.expect("a put");
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
    }
    let mut raised = 0;
    while raised < 25 {
        let Stored { bytes, etag } = lake.get(&counter).await.expect("a get").expect("it is there");
        let count: u32 = std::str::from_utf8(&bytes).expect("digits").parse().expect("a number");
        match lake.put(&counter, (count + 1).to_string().into(), Precondition::Matches(etag)).await {
            Ok(_) => raised += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let temp = tempfile::tempdir().expect("a folder");
    on_a_mount(temp.path(), "mount -t tmpfs -o size=1m tmpfs \"$0\"", "has a full disk");
}

async fn on_a_full_disk(lake: &DirLake) {
    let small = Bytes::from_static(b"small");
    lake.put(&key("a/b"), small.clone(), Precondition::None).await.expect("it fits");
    let tag = lake.get(&key("a/b")).await.expect("a get").expect("it is there").etag;
    for condition in [Precondition::None, Precondition::Matches(tag)] {
        let error = lake.put(&key("a/b"), vec![1; 2_000_000].into(), condition).await.expect_err("it does not fit");
        assert_kind(&error, ErrorKind::Storage, "no space");
        assert_eq!(lake.get(&key("a/b")).await.expect("a get").expect("it is there").bytes, small);
    }
    let error = lake.put(&key("a/c"), vec![1; 2_000_000].into(), Precondition::Absent).await;
    assert_kind(&error.expect_err("it does not fit"), ErrorKind::Storage, "no space");
    assert_eq!(lake.list(&key("a")).await.expect("a list").objects.len(), 1);
    // The failed tries gave their space back.
    lake.put(&key("a/c"), vec![1; 800_000].into(), Precondition::None).await.expect("it fits");
}

#[test]
fn a_read_only_disk_is_told_and_can_be_read() {
    let temp = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(temp.path().join("a")).expect("a folder");
    std::fs::write(temp.path().join("a/b"), "1").expect("a file");
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
    on_a_mount(temp.path(), mount, "cannot write");
}

async fn on_a_read_only_disk(lake: &DirLake) {
    let tag = lake.get(&key("a/b")).await.expect("a get").expect("it is there").etag;
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").folders, ["a"]);
    for (path, condition) in [
        ("a/b", Precondition::None),
        ("a/b", Precondition::Matches(tag)),
        ("a/c", Precondition::Absent),
        ("new/c", Precondition::None),
    ] {
        let error = lake.put(&key(path), "2".into(), condition).await.expect_err("nothing can be written");
        assert_kind(&error, ErrorKind::Storage, "read-only");
    }
    assert_kind(&lake.delete(&key("a/b")).await.expect_err("it stays"), ErrorKind::Storage, "read-only");
    assert_kind(&lake.lock(&key("a")).await.expect_err("no lock file"), ErrorKind::Storage, "read-only");
    lake.delete(&key("a/nothing")).await.expect("what is not there is no error");
}

#[test]
fn a_missing_right_is_told_and_never_taken_for_nothing() {
    let temp = tempfile::tempdir().expect("a folder");
    // Root reads and writes everything, unless it gives its privileges away.
    let wrapper: &[&str] = if is_root() { &["setpriv", "--bounding-set=-all", "--inh-caps=-all"] } else { &[] };
    assert!(ended(child(temp.path(), "has no rights", wrapper)).success());
}

async fn without_rights(lake: &DirLake) {
    for object in ["open/b", "closed/b", "file/b"] {
        lake.put(&key(object), "1".into(), Precondition::None).await.expect("a put");
    }
    chmod(lake, "open", 0o555);
    chmod(lake, "closed", 0o000);
    chmod(lake, "file/b", 0o000);
    assert_eq!(lake.list(&key("open")).await.expect("it can be read").objects.len(), 1);
    let denied = [
        lake.put(&key("open/b"), "2".into(), Precondition::None).await.map(drop),
        lake.put(&key("open/new/b"), "2".into(), Precondition::None).await.map(drop),
        lake.delete(&key("open/b")).await,
        lake.lock(&key("open")).await.map(drop),
        lake.list(&key("closed")).await.map(drop),
        lake.get(&key("closed/b")).await.map(drop),
        lake.get(&key("closed/nothing")).await.map(drop),
        lake.get(&key("file/b")).await.map(drop),
    ];
    chmod(lake, "open", 0o755);
    chmod(lake, "closed", 0o755);
    for (at, result) in denied.into_iter().enumerate() {
        let Err(error) = result else { panic!("call {at} was let through") };
        assert_kind(&error, ErrorKind::Denied, "no right");
    }
    assert_eq!(lake.get(&key("open/b")).await.expect("a get").expect("it is there").bytes, "1");
}

fn chmod(lake: &DirLake, path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(lake.path().join(path), mode).expect("it is this user's");
}

/// Runs a part in a mount namespace of its own, which ends with the child.
fn on_a_mount(place: &Path, mount: &str, part: &str) {
    let user = if is_root() { "-m" } else { "-rm" };
    let probe = Command::new("unshare").args([user, "sh", "-c", mount]).arg(place).status();
    if !probe.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "mounting is not possible here, and CI must not skip this");
        eprintln!("skipped: `unshare {user}` cannot mount here");
        return;
    }
    let script = format!("{mount} && exec \"$@\"");
    let place_text = place.display().to_string();
    assert!(ended(child(place, part, &["unshare", user, "sh", "-c", &script, &place_text])).success());
}

fn child(place: &Path, part: &str, wrapper: &[&str]) -> Child {
    let this = std::env::current_exe().expect("this program");
    let mut command = match wrapper.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(this);
            command
        }
        None => Command::new(this),
    };
    command.args(["--exact", THIS, "--nocapture"]).env(PART, part).env(PLACE, place);
    command.stdout(Stdio::piped()).spawn().expect("the child starts")
}

fn wait_until_ready(child: &mut Child) {
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(READY)), "the child ended too early");
}

fn ended(mut child: Child) -> ExitStatus {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match child.try_wait().expect("a child of this process") {
            Some(status) => return status,
            None if Instant::now() > deadline => {
                child.kill().expect("it runs");
                panic!("the child does not end");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn assert_kind(error: &LakeError, kind: ErrorKind, word: &str) {
    assert_eq!(error.kind(), kind, "{}", portal_core::error::chain(error));
    assert!(error.to_string().contains(word), "{error}");
}

fn key(path: &str) -> LakePath {
    LakePath::parse(path).expect("a path of this test")
}
