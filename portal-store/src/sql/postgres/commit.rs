//! The transaction that applies a change, and what becomes of one whose connection is lost.

use std::time::Duration;

use jiff::Timestamp;
use portal_core::Text;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::{Change, Head};
use tokio::time::Instant;
use tokio_postgres::Client;

use super::connection::connect;
use super::error::{is_loss, say};
use super::lock::{self, WRITERS};
use super::merge;
use super::url::Place;
use crate::sql::error::Failure;
use crate::sql::rows::stored;

/// The channel that tells readers of a new revision.
const CHANNEL: &str = "portal_revision";

/// Of how many commits it is kept who made them. A writer asks within seconds.
const REMEMBERED: i64 = 1_000;

/// How long to ask a server that went away in the middle of a commit what became of it, in times that a connection may
/// take.
const PATIENCE: u32 = 3;

/// How often a commit that provably was not applied is tried.
const TRIES: usize = 2;

/// A commit that was answered lasts, also on a server that is set up to forget its last ones in a crash; one that is set
/// up to do more, such as to wait for a standby, does so.
const SETTINGS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '120s'; \
                        SELECT set_config('synchronous_commit', 'on', true) \
                        WHERE current_setting('synchronous_commit') = 'off'";

const VERB: &str = "write to";

/// Applies a change to the state that `head` names.
pub(super) async fn commit(place: &Place, head: &Head, change: &Change, now: Timestamp) -> Result<Head, StoreError> {
    let next = Head {
        revision: head.revision + u64::from(change.makes_revision()),
        generation: head.generation + 1,
        rules: Some(change.rules.clone()),
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let client = match connect(place).await {
            Ok(client) => client,
            Err(failure) if tries == 1 => return Err(say(failure, "connect to", place)),
            Err(failure) => return Err(not_applied(place, failure)),
        };
        match attempt(&client, head, &next, change, now).await {
            Ok(()) => return Ok(next),
            Err(Broken { failure, .. }) if !is_loss(&failure) => return Err(say(failure, VERB, place)),
            Err(Broken { failure, token: None }) => {
                // Without COMMIT the server undoes it, be it now or when it notices that nobody is there.
                if tries == TRIES {
                    return Err(not_applied(place, failure));
                }
                tracing::info!(store = %place, "the connection was lost before a commit; trying once more");
            }
            Err(Broken { failure, token: Some(token) }) => {
                tracing::info!(store = %place, "the connection was lost in a commit; asking what became of it");
                match outcome(place, &next, &token).await {
                    Some(Outcome::Applied) => return Ok(next),
                    Some(Outcome::Overtaken) => return Err(say(Failure::Moved, VERB, place)),
                    Some(Outcome::NotApplied) if tries < TRIES => {}
                    Some(Outcome::NotApplied) => return Err(not_applied(place, failure)),
                    None => return Err(nobody_knows(place, failure)),
                }
            }
        }
    }
}

/// How an attempt ended that did not end well.
struct Broken {
    failure: Failure,
    /// By what the commit is known, if the server was asked to make it last: then it may have done so.
    token: Option<String>,
}

impl<E: Into<Failure>> From<E> for Broken {
    fn from(failure: E) -> Broken {
        Broken { failure: failure.into(), token: None }
    }
}

/// Tries once, on a connection of its own: whatever becomes of it, transaction and locks end with it.
async fn attempt(client: &Client, expected: &Head, next: &Head, change: &Change, now: Timestamp) -> Result<(), Broken> {
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    client.batch_execute(SETTINGS).await?;
    lock::for_transaction(client, WRITERS).await?;
    let token = take_turn(client, expected, next).await?;
    merge::apply(client, change, stored(next.revision), now, expected.revision == 0).await?;
    if change.makes_revision() {
        client.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &next.revision.to_string()]).await?;
    }
    match client.batch_execute("COMMIT").await {
        Ok(()) => Ok(()),
        Err(error) => Err(Broken { failure: error.into(), token: Some(token) }),
    }
}

/// Moves the head, if it is still where the caller saw it, and signs the new generation.
async fn take_turn(client: &Client, expected: &Head, next: &Head) -> Result<String, Failure> {
    let statement = "UPDATE head SET revision = $1, generation = $2, rules = $3 WHERE generation = $4";
    let rules = next.rules.as_ref().map(Text::as_str);
    let (generation, old) = (stored(next.generation), stored(expected.generation));
    let moved = client.execute(statement, &[&stored(next.revision), &generation, &rules, &old]).await?;
    if moved == 0 {
        return Err(Failure::Moved);
    }
    client.execute("DELETE FROM generation WHERE id <= $1", &[&(generation - REMEMBERED)]).await?;
    let sign = "INSERT INTO generation (id, token) VALUES ($1, gen_random_uuid()) RETURNING token::text";
    Ok(client.query_one(sign, &[&generation]).await?.get(0))
}

/// What became of a commit of which nobody heard.
enum Outcome {
    Applied,
    NotApplied,
    /// Not applied, and somebody else has been faster since.
    Overtaken,
}

/// Asks until the server answers; [`None`] if it does not, or does not remember.
async fn outcome(place: &Place, next: &Head, token: &str) -> Option<Outcome> {
    let deadline = Instant::now() + place.config.get_connect_timeout().copied().unwrap_or_default() * PATIENCE;
    loop {
        match ask(place, next, token).await {
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

async fn ask(place: &Place, next: &Head, token: &str) -> Result<Option<Outcome>, Failure> {
    let mut client = connect(place).await?;
    let transaction = client.transaction().await?;
    // Whoever commits holds the lock until the commit lasts or is undone; the old connection may still be at it.
    lock::for_transaction(&transaction, WRITERS).await?;
    let generation = stored(next.generation);
    let question = "SELECT head.generation, signed.token::text FROM head LEFT JOIN generation signed ON signed.id = $1";
    let answer = transaction.query_one(question, &[&generation]).await?;
    let (newest, signed): (i64, Option<String>) = (answer.get(0), answer.get(1));
    Ok(match signed {
        Some(signed) if signed == token => Some(Outcome::Applied),
        Some(_) => Some(Outcome::Overtaken),
        None if newest < generation => Some(Outcome::NotApplied),
        None => None,
    })
}

fn not_applied(place: &Place, failure: Failure) -> StoreError {
    let message = format!(
        "cannot write to the store {place}: the connection was lost and the change was not applied, nothing of it is \
         there; see that the server runs, and run it again"
    );
    StoreError::new(ErrorKind::Unavailable, message).caused_by(failure)
}

fn nobody_knows(place: &Place, failure: Failure) -> StoreError {
    let message = format!(
        "cannot write to the store {place}: the connection was lost while the change was being applied, so all of it is \
         there or nothing; see that the server runs, and run it again, which starts from what is there"
    );
    StoreError::new(ErrorKind::Unavailable, message).caused_by(failure)
}
