//! Connections for small writes that make no revision: health results and keys. They are kept between two writes.

use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;
use portal_core::error::StoreError;
use tokio_postgres::Client;

use super::connection::connect;
use super::error::{is_loss, say};
use super::url::Place;
use crate::sql::error::Failure;

/// How many idle ones are kept.
const KEPT: usize = 2;

/// Idle connections.
#[derive(Default)]
pub(super) struct Clients {
    idle: Mutex<Vec<Client>>,
}

impl Clients {
    /// Does something in one transaction.
    pub(super) async fn change<A: Sync + ?Sized, T>(
        &self,
        place: &Place,
        arguments: &A,
        work: impl for<'c> Fn(&'c Client, &'c A) -> BoxFuture<'c, Result<T, Failure>>,
    ) -> Result<T, StoreError> {
        if let Some(client) = self.take() {
            match self.attempt(client, arguments, &work).await {
                // It was idle for long; perhaps the server was restarted. Nothing was applied yet.
                Err(Ended { failure, may_last: false }) if is_loss(&failure) => {}
                done => return done.map_err(|ended| say(ended.failure, super::commit::VERB, place)),
            }
        }
        let client = connect(place).await.map_err(|failure| say(failure, "connect to", place))?;
        let done = self.attempt(client, arguments, &work).await;
        done.map_err(|ended| say(ended.failure, super::commit::VERB, place))
    }

    /// A connection is kept if all went well, else it ends, and with it its transaction.
    async fn attempt<A: Sync + ?Sized, T>(
        &self,
        client: Client,
        arguments: &A,
        work: &impl for<'c> Fn(&'c Client, &'c A) -> BoxFuture<'c, Result<T, Failure>>,
    ) -> Result<T, Ended> {
        client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        let done = work(&client, arguments).await?;
        let committed = client.batch_execute("COMMIT").await;
        committed.map_err(|error| Ended { failure: error.into(), may_last: true })?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(client);
        }
        Ok(done)
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }
}

/// How a transaction ended that did not end well.
struct Ended {
    failure: Failure,
    /// Whether the server was asked to make it last.
    may_last: bool,
}

impl<E: Into<Failure>> From<E> for Ended {
    fn from(failure: E) -> Ended {
        Ended { failure: failure.into(), may_last: false }
    }
}
