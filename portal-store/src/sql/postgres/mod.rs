//! The store in PostgreSQL, without libpq.
//!
//! Reads go over diesel and a pool. A commit goes over a connection of its own, because it is made of COPY, which diesel
//! does not have; so does an edit, whose outcome has to be known. Who waits for news listens on another one.

mod clients;
mod commit;
mod connection;
mod copy;
mod edit;
mod error;
mod follow;
mod health;
mod keys;
mod lock;
mod merge;
mod migrate;
mod outcome;
mod tls;
mod url;

#[allow(clippy::duplicate_mod, reason = "the queries are compiled once per database, see there")]
#[path = "../reads/mod.rs"]
mod reads;

use std::sync::Arc;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::SimpleAsyncConnection;
use diesel_async::pooled_connection::PoolableConnection;
use futures::future::BoxFuture;
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::{Change, Head};
use tokio::time::Instant;

use super::error::Failure;
use super::watch::Watch;

use clients::Clients;
use connection::{Connection, LONGEST_READ, Opener, Pool};
use deadpool::managed::Object;
use error::say;
pub(super) use migrate::{check_exists, migrate};
pub(super) use url::Place;

/// An open database.
pub(super) struct Database {
    place: Arc<Place>,
    pool: Pool,
    clients: Clients,
    watch: Watch,
}

impl Database {
    /// Opens a store, makes its tables if they are not there, and brings its schema to this version's.
    pub(super) async fn open(place: Place) -> Result<Database, StoreError> {
        migrate(&place).await?;
        let place = Arc::new(place);
        let pool = connection::pool(&place)?;
        Ok(Database { place, pool, clients: Clients::default(), watch: Watch::default() })
    }

    fn place(&self) -> &Place {
        &self.place
    }

    /// PostgreSQL keeps microseconds: a time that it gives back is the one that it was given.
    fn now() -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    async fn read<A: Sync + ?Sized, T>(
        &self,
        verb: &str,
        arguments: &A,
        query: impl for<'q> Fn(&'q mut Connection, &'q A) -> BoxFuture<'q, Result<T, Failure>>,
    ) -> Result<T, StoreError> {
        let mut connection = connection::take(&self.pool, &self.place).await?;
        let started = Instant::now();
        let failure = match query(&mut connection, arguments).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if !is_lost(&failure, &mut connection).await {
            return Err(self.explain(failure, verb, started).await);
        }
        // The other idle ones went the same way, if the server was restarted. To read twice harms nobody.
        drop(Object::take(connection));
        self.pool.retain(|_, _| false);
        let mut fresh = connection::take(&self.pool, &self.place).await?;
        query(&mut fresh, arguments).await.map_err(|failure| say(failure, verb, &self.place))
    }

    async fn write(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        commit::commit(&self.place, head, change, Database::now()).await
    }

    async fn put_edits(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        edit::edit(&self.place, by, edits, Database::now()).await
    }

    async fn watch(&self, head: &Head) -> Result<Head, StoreError> {
        self.watch.newer_than(head, |teller| follow::follow(Arc::clone(&self.place), teller)).await
    }

    /// The error of a query that the server refused. diesel keeps the reason to itself, so it is asked for once more.
    async fn explain(&self, failure: Failure, verb: &str, started: Instant) -> StoreError {
        if !matches!(failure, Failure::Database(DieselError::DatabaseError(DatabaseErrorKind::Unknown, _))) {
            return say(failure, verb, &self.place);
        }
        if started.elapsed() >= LONGEST_READ {
            let message = format!(
                "cannot {verb} the store {}: it took longer than {} s; raise it with \
                 options=-c%20statement_timeout=10min in the URL",
                self.place,
                LONGEST_READ.as_secs()
            );
            return StoreError::new(ErrorKind::Unavailable, message).caused_by(failure);
        }
        let reason = async {
            let client = connection::connect(&self.place).await?;
            let tables = "SELECT 1 FROM head, revision, scope, part, entity, relation, finding, curated, api_key, health, \
                          health_span LIMIT 0";
            client.batch_execute(tables).await?;
            Ok(())
        };
        say(reason.await.err().unwrap_or(failure), verb, &self.place)
    }
}

/// Whether a query failed because its connection is gone.
async fn is_lost(failure: &Failure, connection: &mut Object<Opener>) -> bool {
    let Failure::Database(error) = failure else { return false };
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _)
        | DieselError::BrokenTransactionManager => true,
        // The server says why it hangs up before it does: one that is not gone answers.
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, _) => {
            connection.is_broken() || connection.batch_execute("SELECT 1").await.is_err()
        }
        _ => connection.is_broken(),
    }
}
