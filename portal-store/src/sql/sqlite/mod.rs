//! The store in a file, with SQLite.

mod connection;
mod edit;
mod error;
mod follow;
mod health;
mod insert;
mod keys;
mod migrate;
mod write;

#[allow(clippy::duplicate_mod, reason = "the queries are compiled once per database, see there")]
#[path = "../reads/mod.rs"]
mod reads;

use diesel::SqliteConnection;
use diesel_async::SimpleAsyncConnection;
use futures::future::BoxFuture;
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::{Change, Head};

use super::error::Failure;
use super::watch::Watch;

pub(super) use connection::Place;
use connection::{Connection, Pool, Pooled};
pub(super) use migrate::migrate;

/// An open file.
pub(super) struct Database {
    place: Place,
    pool: Pool,
    watch: Watch,
}

impl Database {
    /// Opens a store, makes it if it is not there, and brings its schema to this version's.
    pub(super) async fn open(place: Place) -> Result<Database, StoreError> {
        migrate(&place).await?;
        let pool = connection::pool(&place)?;
        Ok(Database { place, pool, watch: Watch::default() })
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn now() -> Timestamp {
        Timestamp::now()
    }

    async fn read<A: Sync + ?Sized, T>(
        &self,
        verb: &str,
        arguments: &A,
        query: impl for<'q> Fn(&'q mut Connection, &'q A) -> BoxFuture<'q, Result<T, Failure>>,
    ) -> Result<T, StoreError> {
        let mut connection = connection::take(&self.pool, &self.place).await?;
        query(&mut connection, arguments).await.map_err(|failure| say(failure, verb, &self.place))
    }

    async fn write(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        // Out of the pool: a commit that is dropped half-way must close its connection, or the write lock would wait
        // in the pool for the next one who takes it.
        let mut connection = Pooled::take(connection::take(&self.pool, &self.place).await?);
        let wide = connection.batch_execute(connection::WIDE).await;
        wide.map_err(|error| say(Failure::from(error), "write to", &self.place))?;
        let written = write::commit(&mut connection, head, change, Database::now()).await;
        self.watch.ring();
        written.map_err(|failure| say(failure, "write to", &self.place))
    }

    async fn put_edits(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        let (by, edits) = (by.to_owned(), edits.to_vec());
        let edited = self.change(move |connection| edit::apply(connection, &by, &edits, Database::now())).await;
        self.watch.ring();
        edited
    }

    async fn watch(&self, head: &Head) -> Result<Head, StoreError> {
        self.watch.newer_than(head, |teller| follow::follow(self.place.clone(), teller)).await
    }

    /// Does something small in one transaction that has the write lock from its beginning. On a thread of its own: it is
    /// whole or nothing, also if nobody waits for it any more.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut connection = Pooled::take(connection::take(&self.pool, &self.place).await?);
        let worked = connection.spawn_blocking(move |connection| Ok(connection.immediate_transaction(work))).await;
        worked.map_err(Failure::from).flatten().map_err(|failure| say(failure, "write to", &self.place))
    }
}

fn say(failure: Failure, verb: &str, place: &Place) -> StoreError {
    failure.say(verb, place, |failure| match failure {
        Failure::Database(error) => {
            let (kind, hint) = error::of_database(error);
            (kind, hint.to_owned())
        }
        _ => (ErrorKind::Unexpected, "the database refused; nothing was changed".to_owned()),
    })
}
