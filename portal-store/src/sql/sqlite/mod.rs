//! The store in a file, with SQLite.

mod connection;
mod error;
mod insert;
mod migrate;
mod write;

#[allow(clippy::duplicate_mod, reason = "the queries are compiled once per database, see there")]
#[path = "../reads/mod.rs"]
mod reads;

use futures::future::BoxFuture;
use jiff::Timestamp;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::{Change, Head};

use super::error::Failure;

pub(super) use connection::Place;
use connection::{Connection, Pool, Pooled};
pub(super) use migrate::migrate;

/// An open file.
pub(super) struct Database {
    place: Place,
    pool: Pool,
}

impl Database {
    /// Opens a store, makes it if it is not there, and brings its schema to this version's.
    pub(super) async fn open(place: Place) -> Result<Database, StoreError> {
        migrate(&place).await?;
        let pool = connection::pool(&place)?;
        Ok(Database { place, pool })
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
        let written = write::commit(&mut connection, head, change, Database::now()).await;
        written.map_err(|failure| say(failure, "write to", &self.place))
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
