//! What became of a transaction whose connection was lost in COMMIT.

use std::time::Duration;

use futures::future::BoxFuture;
use portal_core::error::{ErrorKind, StoreError};
use tokio::time::Instant;
use tokio_postgres::Transaction;

use super::connection::connect;
use super::lock::{self, WRITERS};
use super::url::Place;
use crate::sql::error::Failure;

/// How long to ask a server that went away in the middle of a commit what became of it, in times that a connection may
/// take.
const PATIENCE: u32 = 3;

/// How often a transaction that provably was not applied is tried.
pub(super) const TRIES: usize = 2;

/// A transaction that was answered lasts, also on a server that is set up to forget its last ones in a crash; one that is
/// set up to do more, such as to wait for a standby, does so.
pub(super) const SETTINGS: &str = "SET LOCAL statement_timeout = 0; \
     SET LOCAL idle_in_transaction_session_timeout = '120s'; \
     SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";

/// What became of a transaction of which nobody heard.
pub(super) enum Outcome {
    Applied,
    NotApplied,
    /// Not applied, and somebody else has been faster since.
    Overtaken,
}

/// How an attempt ended that did not end well.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// By what the transaction is known, if the server was asked to make it last: then it may have done so.
    pub(super) token: Option<String>,
}

impl<E: Into<Failure>> From<E> for Broken {
    fn from(failure: E) -> Broken {
        Broken { failure: failure.into(), token: None }
    }
}

/// Asks until the server answers; [`None`] if it does not, or does not remember. `ask` reads while nobody writes: the old
/// connection may still be at it, and holds the lock until its transaction lasts or is undone.
pub(super) async fn find_out<'a, A: Sync>(
    place: &Place,
    arguments: &'a A,
    ask: impl for<'t> Fn(&'t Transaction<'_>, &'t A) -> BoxFuture<'t, Result<Option<Outcome>, Failure>> + Sync,
) -> Option<Outcome> {
    let deadline = Instant::now() + place.config.get_connect_timeout().copied().unwrap_or_default() * PATIENCE;
    loop {
        let answer = async {
            let mut client = connect(place).await?;
            let transaction = client.transaction().await?;
            lock::for_transaction(&transaction, WRITERS).await?;
            ask(&transaction, arguments).await
        };
        match answer.await {
            Ok(outcome) => return outcome,
            Err(failure) => {
                tracing::debug!(error = %failure, "the store cannot be asked yet");
                if Instant::now() >= deadline {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Nothing of it is there.
pub(super) fn not_applied(place: &Place, failure: Failure) -> StoreError {
    let message = format!(
        "cannot write to the store {place}: the connection was lost and the change was not applied, nothing of it is \
         there; see that the server runs, and run it again"
    );
    StoreError::new(ErrorKind::Unavailable, message).caused_by(failure)
}
