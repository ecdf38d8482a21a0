//! Listens for news on a connection of its own.
//!
//! What PostgreSQL notifies is only when to look: what is there, the head says. Looking now and then all the same finds
//! what a proxy in between may have swallowed, and that the connection is still alive.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use portal_core::store::Head;
use tokio_postgres::{AsyncMessage, Client};

use super::commit::{GENERATIONS, REVISIONS};
use super::connection::{Driver, dial};
use super::error::{is_loss, say};
use super::url::Place;
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::watch::Teller;

/// How long nobody looks if nothing is heard.
const PERIOD: Duration = Duration::from_secs(5);

/// How long it waits before it connects again after a connection was lost.
const AFTER_LOSS: Duration = Duration::from_millis(50);

/// How long it waits where no connection came about.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

pub(super) async fn follow(place: Arc<Place>, teller: Teller) {
    loop {
        let mut has_told = false;
        let Err(failure) = session(&place, &teller, &mut has_told).await;
        // A connection that was lost and can be made again is no news.
        tracing::debug!(error = %failure, store = %place, "the connection that listens for news ended");
        if has_told {
            tokio::time::sleep(AFTER_LOSS).await;
        } else {
            teller.tell(Err(say(failure, "read", &place)));
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }
}

/// Listens until the connection ends.
async fn session(place: &Place, teller: &Teller, has_told: &mut bool) -> Result<Infallible, Failure> {
    let (client, mut driver) = dial(place).await?;
    tokio::select! {
        ended = drive(&mut driver, teller) => Err(ended),
        looked = look(&client, place, teller, has_told) => looked,
    }
}

/// Keeps the connection going, and passes on what it hears.
async fn drive(driver: &mut Driver, teller: &Teller) -> Failure {
    std::future::poll_fn(|context| {
        loop {
            match driver.poll_message(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(_)))) => teller.ring(),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Failure::Server(error)),
                Poll::Ready(None) => return Poll::Ready(Failure::NoAnswer),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

async fn look(client: &Client, place: &Place, teller: &Teller, has_told: &mut bool) -> Result<Infallible, Failure> {
    let listen = format!("LISTEN {REVISIONS}; LISTEN {GENERATIONS}");
    match in_time(place, client.batch_execute(&listen)).await {
        Err(failure) if is_loss(&failure) => return Err(failure),
        // A standby takes no listeners.
        Err(failure) => tracing::info!(error = %failure, store = %place, "nobody tells news; looking now and then"),
        Ok(()) => {}
    }
    loop {
        let question = "SELECT revision, generation, rules FROM head";
        let row = in_time(place, client.query_one(question, &[])).await?;
        let rules: Option<String> = row.get(2);
        let (revision, generation) = (rows::number(row.get(0)), rows::number(row.get(1)));
        teller.tell(Ok(Head { revision, generation, rules: rules.map(Into::into) }));
        *has_told = true;
        teller.rest(PERIOD).await;
    }
}

/// A server that does not answer is taken for gone.
async fn in_time<T>(place: &Place, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Failure> {
    let patience = place.config.get_connect_timeout().copied().unwrap_or(PERIOD);
    Ok(tokio::time::timeout(patience, work).await.map_err(|_| Failure::NoAnswer)??)
}
