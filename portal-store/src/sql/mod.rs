//! The SQL store: entities and relations with their history, parts with their observations.
//!
//! Knows nothing of sources and lakes. Each database is a folder of its own, behind a feature; `schema`, `rows` and
//! the queries in `reads` are common to them.

mod edits;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod rounds;
mod rows;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod types;
mod watch;

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use portal_core::curated::Edit;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::health::{Checked, HealthLog, Span};
use portal_core::keys::{ApiKey, Keyring};
use portal_core::model::OwnershipState;
use portal_core::part::{Known, Part};
use portal_core::store::{Change, Delta, Digests, Head, HistoryQuery, Loaded, ScopeState, Step, Store};
use portal_core::{EntityType, Ref, Text};
use serde::Serialize;

/// A store in an SQL database.
///
/// A call to a store in SQLite that is dropped half-way waits for its statement to end, which tokio allows on its
/// multi-threaded runtime only; on a single thread that is a panic.
pub struct SqlStore {
    database: Box<dyn Database>,
}

/// All that a database keeps.
trait Database: Store + HealthLog + Keyring {}

impl<T: Store + HealthLog + Keyring> Database for T {}

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The store.
    pub store: String,
    /// The schema's version now.
    pub version: String,
    /// The versions that were applied.
    pub applied: Vec<String>,
}

/// What a URL names.
enum Place {
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Place>),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Place),
}

impl Place {
    #[allow(unreachable_patterns, reason = "with one feature, the other's words are left for the last arm but one")]
    fn parse(url: &str) -> Result<Place, StoreError> {
        let invalid = |message: String| Err(StoreError::new(ErrorKind::Invalid, message));
        let (scheme, _rest) = url.split_once(':').unwrap_or((url, ""));
        match scheme {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Place::Postgres(Box::new(postgres::Place::parse(url)?))),
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(Place::Sqlite(sqlite::Place::parse(_rest)?)),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            "postgres" | "postgresql" | "sqlite" => invalid(format!(
                "this program was built without `{scheme}`; build it with that feature of portal-store"
            )),
            _ => invalid(format!(
                "a store is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`; this build knows no `{scheme}`"
            )),
        }
    }
}

impl SqlStore {
    /// Opens a store, makes it if it is not there, and brings its schema to this version's.
    ///
    /// See [`crate::open`] for what a URL can say.
    ///
    /// # Errors
    /// `Invalid` for a URL of no known form; `NotFound` for a folder or database that is not there; `Denied`, `Storage`
    /// or `Unavailable` if the place cannot be used.
    pub async fn open(url: &str) -> Result<SqlStore, StoreError> {
        let database: Box<dyn Database> = match Place::parse(url)? {
            #[cfg(feature = "postgres")]
            Place::Postgres(place) => Box::new(postgres::Database::open(*place).await?),
            #[cfg(feature = "sqlite")]
            Place::Sqlite(place) => Box::new(sqlite::Database::open(place).await?),
        };
        Ok(SqlStore { database })
    }

    /// Opens a store that is there already.
    ///
    /// # Errors
    /// `NotFound` if it is not there; else as [`SqlStore::open`].
    pub async fn open_existing(url: &str) -> Result<SqlStore, StoreError> {
        match Place::parse(url)? {
            #[cfg(feature = "postgres")]
            Place::Postgres(place) => postgres::check_exists(&place).await?,
            #[cfg(feature = "sqlite")]
            Place::Sqlite(place) => place.check_exists()?,
        }
        SqlStore::open(url).await
    }

    /// Brings the schema of a store to this version's and says what was done.
    ///
    /// # Errors
    /// As [`SqlStore::open`].
    pub async fn migrate(url: &str) -> Result<Migrated, StoreError> {
        match Place::parse(url)? {
            #[cfg(feature = "postgres")]
            Place::Postgres(place) => postgres::migrate(&place).await,
            #[cfg(feature = "sqlite")]
            Place::Sqlite(place) => sqlite::migrate(&place).await,
        }
    }
}

#[async_trait]
impl Store for SqlStore {
    fn location(&self) -> String {
        self.database.location()
    }

    fn now(&self) -> Timestamp {
        self.database.now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.database.head().await
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        self.database.scopes().await
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        self.database.parts().await
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        self.database.observations(parts).await
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        self.database.digests().await
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        self.database.commit(head, change).await
    }

    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        self.database.edit(by, edits).await
    }

    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError> {
        self.database.newer_than(head).await
    }

    async fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        self.database.since(head).await
    }

    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError> {
        self.database.history(asked).await
    }

    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.database.revision_at(at).await
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        self.database.load(at).await
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        self.database.around(refs).await
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        self.database.named(name, limit).await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        self.database.counts().await
    }
}

#[async_trait]
impl HealthLog for SqlStore {
    async fn checkers(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError> {
        self.database.checkers(me, lease).await
    }

    async fn record(&self, results: &[Checked]) -> Result<(), StoreError> {
        self.database.record(results).await
    }

    async fn checked(&self, since: Option<Timestamp>) -> Result<Vec<Checked>, StoreError> {
        self.database.checked(since).await
    }

    async fn spans(&self, service: &Ref, since: Timestamp) -> Result<Vec<Span>, StoreError> {
        self.database.spans(service, since).await
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database.forget(before).await
    }
}

#[async_trait]
impl Keyring for SqlStore {
    async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.database.add_key(key).await
    }

    async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        self.database.key(id).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.database.keys().await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        self.database.revoke_key(id, at).await
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        self.database.key_used(id, at).await
    }
}
