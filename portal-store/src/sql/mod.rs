//! The SQL store: entities and relations with their history, parts with their observations.
//!
//! Knows nothing of sources and lakes.

mod connection;
mod error;
mod migrate;
mod read;
mod rows;
mod schema;
mod write;

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use portal_core::error::StoreError;
use portal_core::model::OwnershipState;
use portal_core::part::{Known, Part};
use portal_core::store::{Change, Digests, Head, Loaded, ScopeState, Store};
use portal_core::{EntityType, Ref, Text};

pub use migrate::Migrated;

use connection::{Place, Pool, Pooled};

/// A store in an SQL database.
///
/// A call that is dropped half-way waits for its statement to end, which tokio allows on its multi-threaded runtime
/// only; on a single thread that is a panic.
pub struct SqlStore {
    place: Place,
    pool: Pool,
}

impl SqlStore {
    /// Opens a store, makes it if it is not there, and brings its schema to this version's.
    ///
    /// # Errors
    /// `Invalid` for a URL of no known form; `Denied`, `Storage` or `Unavailable` if the place cannot be used.
    pub async fn open(url: &str) -> Result<SqlStore, StoreError> {
        let place = Place::parse(url)?;
        migrate::run(&place).await?;
        let pool = connection::pool(&place)?;
        Ok(SqlStore { place, pool })
    }

    /// Opens a store that is there already.
    ///
    /// # Errors
    /// `NotFound` if it is not there; else as [`SqlStore::open`].
    pub async fn open_existing(url: &str) -> Result<SqlStore, StoreError> {
        Place::parse(url)?.check_exists()?;
        SqlStore::open(url).await
    }

    /// Brings the schema of a store to this version's and says what was done.
    ///
    /// # Errors
    /// As [`SqlStore::open`].
    pub async fn migrate(url: &str) -> Result<Migrated, StoreError> {
        migrate::run(&Place::parse(url)?).await
    }

    async fn connection(&self) -> Result<Pooled, StoreError> {
        connection::take(&self.pool, &self.place).await
    }
}

#[async_trait]
impl Store for SqlStore {
    fn location(&self) -> String {
        self.place.to_string()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let mut connection = self.connection().await?;
        read::head(&mut connection).await.map_err(|failure| failure.say("read", &self.place))
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        let mut connection = self.connection().await?;
        read::scopes(&mut connection).await.map_err(|failure| failure.say("read the scopes of", &self.place))
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        let mut connection = self.connection().await?;
        read::parts(&mut connection).await.map_err(|failure| failure.say("read the parts of", &self.place))
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        let mut connection = self.connection().await?;
        let found = read::observations(&mut connection, parts).await;
        found.map_err(|failure| failure.say("read the observations of", &self.place))
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        let mut connection = self.connection().await?;
        read::digests(&mut connection).await.map_err(|failure| failure.say("read", &self.place))
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        // Out of the pool: a commit that is dropped half-way must close its connection, or the write lock would wait
        // in the pool for the next one who takes it.
        let mut connection = Pooled::take(self.connection().await?);
        let written = write::commit(&mut connection, head, change, self.now()).await;
        written.map_err(|failure| failure.say("write to", &self.place))
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        let mut connection = self.connection().await?;
        read::load(&mut connection, at).await.map_err(|failure| failure.say("read", &self.place))
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        let mut connection = self.connection().await?;
        read::around(&mut connection, refs).await.map_err(|failure| failure.say("read", &self.place))
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        let mut connection = self.connection().await?;
        read::named(&mut connection, name, limit).await.map_err(|failure| failure.say("search", &self.place))
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        let mut connection = self.connection().await?;
        read::counts(&mut connection).await.map_err(|failure| failure.say("count in", &self.place))
    }
}
