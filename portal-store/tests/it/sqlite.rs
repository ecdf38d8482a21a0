//! The SQL store: the contract of every store, and what only a database in a file can do wrong.
//!
//! Tests between processes start this test program again as a child that runs [`the_child_does_its_part`].

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::task::Poll;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use jiff::Timestamp;
use portal_core::error::chain;
use portal_core::model::Entity;
use portal_core::store::Change;
use portal_core::testing::estate::{bucket, bucket_of, change, generate, owned_by, part_key};
use portal_core::testing::{HealthFixture, KeyFixture, StoreFixture};
use portal_core::{ErrorKind, HealthLog, Keyring, Store, StoreError};
use portal_store::SqlStore;
use tempfile::TempDir;

const PART: &str = "PORTAL_SQL_TEST_PART";
const PLACE: &str = "PORTAL_SQL_TEST_PLACE";
const THIS: &str = "sqlite::the_child_does_its_part";
const LINE: &str = "the child commits ";

/// A store that is not there yet, in a folder that goes away with it.
struct InFile(TempDir);

impl InFile {
    fn new() -> InFile {
        InFile(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("portal.db")
    }

    fn url(&self) -> String {
        url(&self.path())
    }

    async fn store(&self) -> SqlStore {
        SqlStore::open(&self.url()).await.expect("a store")
    }

    /// The same database without the store.
    fn database(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(self.path().to_str().expect("UTF-8")).expect("a connection");
        connection.batch_execute("PRAGMA busy_timeout = 30000").expect("a setting");
        connection
    }
}

#[async_trait]
impl StoreFixture for InFile {
    async fn open(&self) -> Box<dyn Store> {
        portal_store::open(&self.url()).await.expect("a store")
    }
}

#[async_trait]
impl HealthFixture for InFile {
    async fn open(&self) -> Box<dyn HealthLog> {
        Box::new(self.store().await)
    }

    async fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[async_trait]
impl KeyFixture for InFile {
    async fn open(&self) -> Box<dyn Keyring> {
        Box::new(self.store().await)
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime").block_on(future)
}

mod sql_store {
    use super::{InFile, block_on};

    portal_core::store_suite!(block_on: block_on, fixture: InFile::new());
    portal_core::health_suite!(block_on: block_on, fixture: InFile::new());
    portal_core::key_suite!(block_on: block_on, fixture: InFile::new());
}

#[tokio::test]
async fn opening_twice_migrates_once() {
    let file = InFile::new();
    let first = SqlStore::migrate(&file.url()).await.expect("a migration");
    assert_eq!(first.applied, ["00000000000001", "00000000000002"]);
    assert_eq!(first.applied.last(), Some(&first.version));
    let store = file.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    let second = SqlStore::migrate(&file.url()).await.expect("a migration");
    assert_eq!((second.applied, second.version, second.store), (vec![], first.version, file.url()));
    assert_eq!(file.store().await.load(None).await.expect("a state").entities.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_that_open_at_once_all_open() {
    for _ in 0..5 {
        let file = InFile::new();
        let opened = futures::future::join_all((0..8).map(|_| {
            let url = file.url();
            tokio::spawn(async move { SqlStore::migrate(&url).await.map_err(|error| chain(&error)) })
        }));
        let migrated: Vec<_> =
            opened.await.into_iter().map(|task| task.expect("no panic").expect("it opens")).collect();
        assert_eq!(migrated.iter().filter(|one| !one.applied.is_empty()).count(), 1, "one of them migrates");
        assert_eq!(file.store().await.head().await.expect("a head").generation, 0);
    }
}

#[test]
fn processes_that_open_at_once_all_open() {
    for _ in 0..3 {
        let file = InFile::new();
        let children: Vec<Child> = (0..4).map(|_| child(file.0.path(), "opens", &[])).collect();
        for child in children {
            assert!(ended(child).success());
        }
        let revision = block_on(async { file.store().await.head().await.expect("a head").revision });
        assert_eq!(revision, 4, "each of them wrote once");
    }
}

async fn open_and_write(file: &Path) {
    let store = SqlStore::open(&url(file)).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    loop {
        let head = store.head().await.expect("a head");
        match store.commit(&head, &change([bucket(&std::process::id().to_string())], [])).await {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", chain(&error)),
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_words() {
    let file = InFile::new();
    commit(&file.store().await, &change([bucket("a")], [])).await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    file.database().batch_execute(newer).expect("a row");
    for error in [refused(&file.url()).await, SqlStore::migrate(&file.url()).await.expect_err("it is newer")] {
        assert_says(&error, ErrorKind::Invalid, &["99990101000000", "newer version", "use that version"]);
    }
    file.database().batch_execute("DELETE FROM __diesel_schema_migrations WHERE version > '9'").expect("a row less");
    assert_eq!(file.store().await.load(None).await.expect("a state").entities.len(), 1, "nothing was harmed");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_and_left_alone() {
    let file = InFile::new();
    let text = "this is no database, but somebody may need it ".repeat(200);
    std::fs::write(file.path(), &text).expect("a file");
    assert_says(&refused(&file.url()).await, ErrorKind::Invalid, &["damaged or no database", "restore it"]);
    assert_eq!(std::fs::read_to_string(file.path()).expect("a file"), text);
}

#[tokio::test]
async fn a_damaged_file_is_told() {
    let file = InFile::new();
    let store = file.store().await;
    let (entities, relations) = generate(2_000, 2_000);
    commit(&store, &change(entities, relations)).await;
    drop(store);
    file.database().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("all is in the file");
    let mut bytes = std::fs::read(file.path()).expect("a file");
    let (from, to) = (4096 * 20, bytes.len() - 4096);
    bytes[from..to].fill(0x5a);
    std::fs::write(file.path(), bytes).expect("a file");
    let error = match SqlStore::open(&file.url()).await {
        Ok(store) => store.load(None).await.expect_err("it is damaged"),
        Err(error) => error,
    };
    assert_says(&error, ErrorKind::Invalid, &["damaged", "restore it"]);
}

#[tokio::test]
async fn a_row_that_nobody_understands_is_told() {
    let file = InFile::new();
    let store = file.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    file.database().batch_execute("UPDATE entity SET data = '{\"entity\": \"spaceship\"}'").expect("a row");
    let error = store.load(None).await.expect_err("a spaceship");
    assert_says(&error, ErrorKind::Invalid, &["newer version", "portal migrate"]);
    assert!(chain(&error).contains("an entity"), "{}", chain(&error));
}

#[tokio::test]
async fn a_missing_folder_is_told() {
    let file = InFile::new();
    let error = refused(&url(&file.0.path().join("no/such/portal.db"))).await;
    assert_says(&error, ErrorKind::NotFound, &["no/such", "does not exist", "--store"]);
    assert!(!file.0.path().join("no").exists(), "it is not made");
}

#[tokio::test]
async fn a_folder_instead_of_a_file_is_told() {
    let file = InFile::new();
    std::fs::create_dir(file.path()).expect("a folder");
    assert_says(&refused(&file.url()).await, ErrorKind::Invalid, &["is a folder", "name a file"]);
    let existing = SqlStore::open_existing(&file.url()).await.err().expect("it is a folder");
    assert_says(&existing, ErrorKind::Invalid, &["is a folder", "name a file"]);
}

#[tokio::test]
async fn a_store_that_is_not_there_is_told_and_not_made() {
    let file = InFile::new();
    let error = SqlStore::open_existing(&file.url()).await.err().expect("it is not there");
    assert_says(&error, ErrorKind::NotFound, &["no store", "portal ingest"]);
    assert!(!file.path().exists(), "it is not made");
    file.store().await;
    SqlStore::open_existing(&file.url()).await.expect("now it is there");
}

#[tokio::test]
async fn a_url_that_is_none_is_told() {
    for (url, words) in [
        ("mysql://user:secret@host/db", ["mysql", "sqlite:PATH"]),
        ("portal.db", ["sqlite:PATH", "store"]),
        ("sqlite:", ["names no file", "sqlite:portal.db"]),
        ("sqlite::memory:", ["names no file", "sqlite:portal.db"]),
    ] {
        let error = refused(url).await;
        assert_says(&error, ErrorKind::Invalid, &words);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_can_be_read() {
    let file = InFile::new();
    block_on(async { commit(&file.store().await, &change([bucket("a")], [])).await });
    // Root writes everything, unless it gives its privileges away.
    let wrapper: &[&str] = if is_root() { &["setpriv", "--bounding-set=-all", "--inh-caps=-all"] } else { &[] };
    assert!(ended(child(file.0.path(), "cannot write", wrapper)).success());
}

async fn without_rights(file: &Path) {
    let folder = file.parent().expect("a folder");
    chmod(file, 0o444);
    let store = SqlStore::open_existing(&url(file)).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!(store.load(None).await.expect("it can be read").entities.len(), 1);
    let head = store.head().await.expect("a head");
    let error = store.commit(&head, &change([bucket("b")], [])).await.expect_err("it is read-only");
    assert_says(&error, ErrorKind::Storage, &["read-only", "writable", "--store"]);
    drop(store);
    chmod(file, 0o000);
    let error = refused(&url(file)).await;
    chmod(file, 0o644);
    assert_says(&error, ErrorKind::Denied, &["cannot", "check", "rights"]);
    chmod(folder, 0o555);
    let error = refused(&url(&folder.join("other.db"))).await;
    chmod(folder, 0o755);
    assert_says(&error, ErrorKind::Denied, &["cannot", "check", "rights", "folder"]);
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let temp = tempfile::tempdir().expect("a folder");
    let mount = "mount -t tmpfs -o size=2m tmpfs \"$0\"";
    let user = if is_root() { "-m" } else { "-rm" };
    let probe = Command::new("unshare").args([user, "sh", "-c", mount]).arg(temp.path()).status();
    if !probe.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "mounting is not possible here, and CI must not skip this");
        eprintln!("skipped: `unshare {user}` cannot mount here");
        return;
    }
    let script = format!("{mount} && exec \"$@\"");
    let place = temp.path().display().to_string();
    assert!(ended(child(temp.path(), "has a full disk", &["unshare", user, "sh", "-c", &script, &place])).success());
}

async fn on_a_full_disk(file: &Path) {
    let store = SqlStore::open(&url(file)).await.expect("a store");
    let head = commit(&store, &change([bucket("a")], [])).await;
    let (entities, relations) = generate(5_000, 5_000);
    let error = store.commit(&head, &change(entities, relations)).await.expect_err("it does not fit");
    assert_says(&error, ErrorKind::Storage, &["no space", "free some"]);
    assert_eq!(store.head().await.expect("a head"), head);
    assert_eq!(store.load(None).await.expect("a state").entities.len(), 1);
    store.commit(&head, &change([bucket("b")], [])).await.expect("the failed one gave its space back");
}

#[test]
fn a_killed_writer_leaves_the_old_state_or_the_new_one() {
    let file = InFile::new();
    let mut old = 0;
    for round in 0..16_u64 {
        let mut child = child(file.0.path(), "commits for ever", &[]);
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
        // It may have gone on to further commits before it was hit; the last one that it spoke of may or may not be.
        let last = lines.filter_map(|line| line.split_once(LINE)?.1.parse().ok()).last().unwrap_or(revision);
        let now = block_on(state_of(&file));
        assert!(now == last || now + 1 == last, "revision {now} after a kill in commit {last}");
        old += u64::from(now < last);
    }
    assert!(old > 0, "no kill hit a commit");
}

/// How many entities each of the child's commits puts anew.
const ROWS: u64 = 1_500;

/// Everything that the child writes carries the number of its revision.
fn everything(revision: u64) -> Change {
    let entities = (0..ROWS).map(|at| {
        let mut bucket = bucket_of(&format!("b-{at}"), owned_by("all"));
        bucket.tags = vec![("round".into(), revision.to_string().into())];
        Entity::Resource(bucket)
    });
    let mut change = change(entities, []);
    let part = portal_core::testing::estate::part("s3", revision, revision);
    change.parts = vec![(part, Some(portal_core::testing::estate::observations(3).into()))];
    change
}

async fn commit_for_ever(file: &Path) {
    let store = SqlStore::open(&url(file)).await.expect("a store");
    let mut head = store.head().await.expect("a head");
    loop {
        let change = everything(head.revision + 1);
        println!("{LINE}{}", head.revision + 1);
        head = store.commit(&head, &change).await.expect("a commit");
    }
}

/// The revision of a file, after a look at whether all of it is of that revision.
async fn state_of(file: &InFile) -> u64 {
    #[derive(QueryableByName)]
    struct Check {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    let checks: Vec<Check> = diesel::sql_query("PRAGMA integrity_check").load(&mut file.database()).expect("a check");
    assert_eq!(checks.iter().map(|check| check.integrity_check.as_str()).collect::<Vec<_>>(), ["ok"]);
    let store = file.store().await;
    let head = store.head().await.expect("a head");
    assert_eq!(head.generation, head.revision);
    let loaded = store.load(None).await.expect("a state");
    assert_eq!(loaded.revision, head.revision);
    if head.revision > 0 {
        let expected: Vec<Entity> =
            everything(head.revision).put_entities.into_iter().map(|(entity, _)| entity).collect();
        assert_eq!(loaded.entities.len(), expected.len());
        assert!(loaded.entities.iter().all(|record| expected.contains(&record.entity)), "half a commit");
        assert_eq!(loaded.parts[0].run, head.revision);
        let observations = store.observations(&[part_key("s3")]).await.expect("observations");
        assert_eq!(observations[&part_key("s3")].len(), 3);
    }
    head.revision
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_waits_and_a_reader_does_not() {
    let file = InFile::new();
    let store = file.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    let mut other = file.database();
    other.batch_execute("BEGIN IMMEDIATE; UPDATE part SET source = source").expect("the write lock");
    let next = change([bucket("b")], []);
    let mut second = store.commit(&head, &next);
    let early = tokio::time::timeout(Duration::from_millis(100), &mut second).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    assert_eq!(store.load(None).await.expect("a reader goes on").entities.len(), 1);
    assert_eq!(file.store().await.head().await.expect("so does one that comes new"), head);
    other.batch_execute("COMMIT").expect("the lock is given back");
    assert_eq!(second.await.expect("its turn").revision, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_that_waited_for_a_change_is_told() {
    let file = InFile::new();
    let store = file.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    let mut other = file.database();
    other.batch_execute("BEGIN IMMEDIATE; UPDATE head SET generation = generation + 1").expect("the write lock");
    let next = change([bucket("b")], []);
    let mut second = store.commit(&head, &next);
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut second).await.is_err(), "it waits");
    other.batch_execute("COMMIT").expect("the lock is given back");
    assert_eq!(second.await.expect_err("somebody was faster").kind(), ErrorKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_given_up_is_whole_or_nothing_and_locks_nothing() {
    let (entities, relations) = generate(3_000, 3_000);
    let big = change(entities, relations);
    let mut given_up = 0;
    for polls in 1..=10_u32 {
        let file = InFile::new();
        let store = file.store().await;
        let head = commit(&store, &change([bucket("a")], [])).await;
        // Several connections are idle, and the one that was given up is not the next one's.
        futures::future::try_join_all((0..4).map(|_| store.load(None))).await.expect("states");
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
        let (now, loaded) = (store.head().await.expect("a head"), store.load(None).await.expect("a state"));
        // Given up in its very last step, it may have been written.
        let expected = if now == head { (1, 0) } else { (3_001, 3_000) };
        assert_eq!((loaded.entities.len(), loaded.relations.len()), expected, "after {polls} polls");
        given_up += u32::from(now == head);
        let started = Instant::now();
        store.commit(&now, &change([bucket("b")], [])).await.expect("nothing is locked");
        assert!(started.elapsed() < Duration::from_secs(10), "it waited after {polls} polls");
    }
    assert!(given_up > 0, "no commit was given up");
}

/// Only does something as somebody's child.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_does_its_part() {
    let (Ok(part), Ok(place)) = (std::env::var(PART), std::env::var(PLACE)) else { return };
    let file = Path::new(&place).join("portal.db");
    match part.as_str() {
        "opens" => open_and_write(&file).await,
        "cannot write" => without_rights(&file).await,
        "has a full disk" => on_a_full_disk(&file).await,
        "commits for ever" => commit_for_ever(&file).await,
        other => panic!("no part is called {other}"),
    }
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

fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is this user's");
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

async fn commit(store: &SqlStore, change: &Change) -> portal_core::store::Head {
    let head = store.head().await.expect("a head");
    store.commit(&head, change).await.expect("a commit")
}

async fn refused(url: &str) -> StoreError {
    SqlStore::open(url).await.err().expect("it cannot be opened")
}

#[track_caller]
fn assert_says(error: &StoreError, kind: ErrorKind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{}", chain(error));
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
}
