//! The transaction that applies a change.

use futures::FutureExt;
use jiff::Timestamp;
use portal_core::Text;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::{Change, Head};
use tokio_postgres::{Client, Transaction};

use super::connection::connect;
use super::error::{is_loss, say};
use super::lock::{self, WRITERS};
use super::merge;
use super::outcome::{Broken, Outcome, SETTINGS, TRIES, find_out, not_applied};
use super::url::Place;
use crate::sql::error::Failure;
use crate::sql::rows::{self, stored};

/// The channel that tells readers of a new revision.
pub(super) const REVISIONS: &str = "portal_revision";

/// The channel that tells of a commit without one: counts of running copies may be others.
pub(super) const GENERATIONS: &str = "portal_generation";

/// Of how many commits it is kept who made them. A writer asks within seconds.
const REMEMBERED: i64 = 1_000;

pub(super) const VERB: &str = "write to";

/// Applies a change to the state that `head` names.
pub(super) async fn commit(place: &Place, head: &Head, change: &Change, now: Timestamp) -> Result<Head, StoreError> {
    let mut next = Head { revision: head.revision, generation: head.generation + 1, rules: Some(change.rules.clone()) };
    let mut tries = 0;
    loop {
        tries += 1;
        let client = match connect(place).await {
            Ok(client) => client,
            Err(failure) if tries == 1 => return Err(say(failure, "connect to", place)),
            Err(failure) => return Err(not_applied(place, failure)),
        };
        match attempt(&client, head, &mut next, change, now).await {
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
                let generation = stored(next.generation);
                match find_out(place, &(generation, token), |asked, (generation, token)| {
                    ask(asked, *generation, token).boxed()
                })
                .await
                {
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

/// Tries once, on a connection of its own: whatever becomes of it, transaction and locks end with it.
async fn attempt(
    client: &Client,
    expected: &Head,
    next: &mut Head,
    change: &Change,
    now: Timestamp,
) -> Result<(), Broken> {
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    client.batch_execute(SETTINGS).await?;
    lock::for_transaction(client, WRITERS).await?;
    let token = take_turn(client, expected, next, change.makes_revision()).await?;
    merge::apply(client, change, stored(next.revision), now, expected.generation == 0).await?;
    let (channel, number) =
        if change.makes_revision() { (REVISIONS, next.revision) } else { (GENERATIONS, next.generation) };
    client.execute("SELECT pg_notify($1, $2)", &[&channel, &number.to_string()]).await?;
    match client.batch_execute("COMMIT").await {
        Ok(()) => Ok(()),
        Err(error) => Err(Broken { failure: error.into(), token: Some(token) }),
    }
}

/// Moves the head, if its generation is still the one that the caller saw, and signs the new one. An edit since is no
/// matter: its revision is not this one's.
async fn take_turn(client: &Client, expected: &Head, next: &mut Head, grows: bool) -> Result<String, Failure> {
    let statement = "UPDATE head SET revision = revision + $1, generation = $2, rules = $3 WHERE generation = $4 RETURNING revision";
    let rules = next.rules.as_ref().map(Text::as_str);
    let (generation, old) = (stored(next.generation), stored(expected.generation));
    let moved = client.query_opt(statement, &[&i64::from(grows), &generation, &rules, &old]).await?;
    next.revision = rows::number(moved.ok_or(Failure::Moved)?.get(0));
    client.execute("DELETE FROM generation WHERE id <= $1", &[&(generation - REMEMBERED)]).await?;
    let sign = "INSERT INTO generation (id, token) VALUES ($1, gen_random_uuid()) RETURNING token::text";
    Ok(client.query_one(sign, &[&generation]).await?.get(0))
}

async fn ask(transaction: &Transaction<'_>, generation: i64, token: &str) -> Result<Option<Outcome>, Failure> {
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

fn nobody_knows(place: &Place, failure: Failure) -> StoreError {
    let message = format!(
        "cannot write to the store {place}: the connection was lost while the change was being applied, so all of it is \
         there or nothing; see that the server runs, and run it again, which starts from what is there"
    );
    StoreError::new(ErrorKind::Unavailable, message).caused_by(failure)
}
