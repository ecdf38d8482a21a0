//! The store in PostgreSQL, on a real server: the contract of every store, and what only a server can do wrong.

mod faults;
mod migrations;
#[cfg(feature = "sqlite")]
mod page;
mod refusals;
mod tls;
mod writers;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use portal_core::error::chain;
use portal_core::store::{Change, Head};
use portal_core::testing::{HealthFixture, KeyFixture, StoreFixture};
use portal_core::{ErrorKind, HealthLog, Keyring, Store, StoreError};
use portal_store::SqlStore;
use tokio_postgres::{Client, NoTls};

use super::bed::Bed;

/// No test waits longer for anything.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

const SCHEMA: [&str; 2] = [
    include_str!("../../../migrations/postgres/00000000000001_initial/up.sql"),
    include_str!("../../../migrations/postgres/00000000000002_curated/up.sql"),
];

/// A database of one test, which goes away with it.
struct InPostgres {
    bed: Bed,
    name: String,
}

impl InPostgres {
    /// An empty store on the server that all tests share.
    fn new() -> InPostgres {
        InPostgres::on(Bed::join("postgres"), true)
    }

    /// A database without a store.
    fn without_store() -> InPostgres {
        InPostgres::on(Bed::join("postgres"), false)
    }

    /// An empty store on a server that this test may stop.
    fn own() -> InPostgres {
        InPostgres::on(Bed::own("postgres"), true)
    }

    fn on(bed: Bed, with_store: bool) -> InPostgres {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (server, database) = (bed.said("url").to_owned(), name.clone());
        beside(move || async move {
            let admin = client(&server).await;
            let template = if with_store { template(&admin, &server).await } else { "template0".to_owned() };
            execute(&admin, &format!("CREATE DATABASE {database} TEMPLATE {template}")).await;
        });
        InPostgres { bed, name }
    }

    fn url(&self) -> String {
        self.url_with("postgres", "sslmode=disable")
    }

    fn url_with(&self, user: &str, parameters: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{}?{parameters}", self.port(), self.name)
    }

    fn port(&self) -> u16 {
        u16::try_from(self.bed.told["port"].as_u64().expect("a port")).expect("a port")
    }

    async fn store(&self) -> SqlStore {
        SqlStore::open(&self.url()).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    /// The same database without the store.
    async fn database(&self) -> Client {
        client(&self.url()).await
    }
}

impl Drop for InPostgres {
    fn drop(&mut self) {
        let (server, name) = (self.bed.said("url").to_owned(), self.name.clone());
        // A test may have stopped its server.
        beside(move || async move {
            if let Some(admin) = try_client(&server).await {
                let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            }
        });
    }
}

#[async_trait]
impl StoreFixture for InPostgres {
    async fn open(&self) -> Box<dyn Store> {
        portal_store::open(&self.url()).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }
}

#[async_trait]
impl HealthFixture for InPostgres {
    async fn open(&self) -> Box<dyn HealthLog> {
        Box::new(self.store().await)
    }

    async fn now(&self) -> Timestamp {
        let microseconds = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        Timestamp::from_microsecond(number(&self.database().await, microseconds).await).expect("a time")
    }
}

#[async_trait]
impl KeyFixture for InPostgres {
    async fn open(&self) -> Box<dyn Keyring> {
        Box::new(self.store().await)
    }
}

mod postgres_store {
    use super::{InPostgres, block_on};

    portal_core::store_suite!(block_on: block_on, fixture: InPostgres::new());
    portal_core::health_suite!(block_on: block_on, fixture: InPostgres::new());
    portal_core::key_suite!(block_on: block_on, fixture: InPostgres::new());
}

/// A database with an empty store, made once for all tests: a copy of it is made faster than the tables.
async fn template(admin: &Client, server: &str) -> String {
    let mut hasher = DefaultHasher::new();
    SCHEMA.hash(&mut hasher);
    let name = format!("template_{:x}", hasher.finish());
    execute(admin, "SELECT pg_advisory_lock(1)").await;
    let known = admin.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.expect("an answer");
    if known.is_empty() {
        execute(admin, "DROP DATABASE IF EXISTS unfinished WITH (FORCE)").await;
        execute(admin, "CREATE DATABASE unfinished TEMPLATE template0").await;
        let (place, _) = server.rsplit_once('/').expect("a database");
        let url = format!("{place}/unfinished?sslmode=disable");
        SqlStore::migrate(&url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'unfinished'";
        until("the migration's connection to end", async || {
            admin.query_one(others, &[]).await.expect("an answer").get::<_, i64>(0) == 0
        })
        .await;
        execute(admin, &format!("ALTER DATABASE unfinished RENAME TO {name}")).await;
    }
    execute(admin, "SELECT pg_advisory_unlock(1)").await;
    name
}

/// Runs something to its end on a thread of its own, where a runtime may already be on this one.
fn beside<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) {
    if let Err(panic) = std::thread::spawn(|| block_on(work())).join()
        && !std::thread::panicking()
    {
        std::panic::resume_unwind(panic);
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime").block_on(future)
}

async fn client(url: &str) -> Client {
    try_client(url).await.unwrap_or_else(|| panic!("no connection to {url}"))
}

async fn try_client(url: &str) -> Option<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

async fn execute(client: &Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {}", chain(&error)));
}

async fn number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {}", chain(&error))).get(0)
}

/// Asks again and again until it is so.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + LONGEST_WAIT;
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn commit(store: &SqlStore, change: &Change) -> Head {
    let head = store.head().await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    store.commit(&head, change).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
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
