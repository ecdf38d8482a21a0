//! The transaction that changes what people say.

use std::collections::HashMap;

use futures::FutureExt;
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::Head;
use tokio_postgres::{Client, Transaction};

use super::commit::{REVISIONS, VERB};
use super::connection::connect;
use super::error::{is_loss, say};
use super::lock::{self, WRITERS};
use super::outcome::{Broken, Outcome, SETTINGS, TRIES, find_out, not_applied};
use super::url::Place;
use crate::sql::edits::{CAUSE, Plan, There};
use crate::sql::error::Failure;
use crate::sql::rows::{self, stored};
use crate::sql::types::JsonText;

/// How many rows one statement writes.
const ROWS: usize = 2_000;

/// Applies edits to what people say now.
pub(super) async fn edit(place: &Place, by: &str, edits: &[Edit], now: Timestamp) -> Result<Head, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let client = match connect(place).await {
            Ok(client) => client,
            Err(failure) if tries == 1 => return Err(say(failure, "connect to", place)),
            Err(failure) => return Err(not_applied(place, failure)),
        };
        let mut next = Head::default();
        match attempt(&client, &mut next, by, edits, now).await {
            Ok(()) => return Ok(next),
            Err(Broken { failure, .. }) if !is_loss(&failure) => return Err(say(failure, VERB, place)),
            Err(Broken { failure, token: None }) => {
                // Without COMMIT the server undoes it, be it now or when it notices that nobody is there.
                if tries == TRIES {
                    return Err(not_applied(place, failure));
                }
                tracing::info!(store = %place, "the connection was lost before an edit; trying once more");
            }
            Err(Broken { failure, token: Some(token) }) => {
                tracing::info!(store = %place, "the connection was lost in an edit; asking what became of it");
                let asked = (stored(next.revision), token);
                match find_out(place, &asked, |asked, (revision, token)| ask(asked, *revision, token).boxed()).await {
                    Some(Outcome::Applied) => return Ok(next),
                    // Whoever took its revision may have edited something else: the versions tell.
                    Some(Outcome::NotApplied | Outcome::Overtaken) if tries < TRIES => {}
                    Some(Outcome::NotApplied | Outcome::Overtaken) => return Err(not_applied(place, failure)),
                    None => return Err(nobody_knows(place, failure)),
                }
            }
        }
    }
}

/// Tries once, on a connection of its own: whatever becomes of it, transaction and locks end with it.
async fn attempt(client: &Client, next: &mut Head, by: &str, edits: &[Edit], now: Timestamp) -> Result<(), Broken> {
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    client.batch_execute(SETTINGS).await?;
    lock::for_transaction(client, WRITERS).await?;
    let head = client.query_one("SELECT revision, generation, rules FROM head", &[]).await?;
    let revision: i64 = head.get(0);
    let rules: Option<String> = head.get(2);
    *next =
        Head { revision: rows::number(revision), generation: rows::number(head.get(1)), rules: rules.map(Into::into) };
    let there = there(client, edits).await?;
    let plan = Plan::new(edits, &there, now)?;
    if plan.is_empty() {
        return Ok(());
    }
    next.revision += 1;
    let token = write(client, revision + 1, by, &plan, now).await?;
    client.execute("SELECT pg_notify($1, $2)", &[&REVISIONS, &next.revision.to_string()]).await?;
    match client.batch_execute("COMMIT").await {
        Ok(()) => Ok(()),
        Err(error) => Err(Broken { failure: error.into(), token: Some(token) }),
    }
}

/// Writes the revision and its edits, and gives back by what it is known.
async fn write(client: &Client, revision: i64, by: &str, plan: &Plan<'_>, now: Timestamp) -> Result<String, Failure> {
    client.execute("UPDATE head SET revision = $1", &[&revision]).await?;
    let sign = "INSERT INTO revision (id, made_at, cause, added, retired, made_by, token) \
                VALUES ($1, $2::text::timestamptz, $3, $4, $5, $6, gen_random_uuid()) RETURNING token::text";
    let (begun, taken_back) = (stored(plan.begun.len() as u64), stored(plan.taken_back));
    let signed = client.query_one(sign, &[&revision, &now.to_string(), &CAUSE, &begun, &taken_back, &by]).await?;
    let end = "UPDATE curated SET valid_to = $1 WHERE valid_to IS NULL AND ref = ANY ($2)";
    for refs in plan.ended.chunks(ROWS) {
        let refs: Vec<&str> = refs.iter().map(|entity| entity.as_str()).collect();
        client.execute(end, &[&revision, &refs]).await?;
    }
    let begin = "INSERT INTO curated (ref, owner, hidden, data, edited_by, first_at, valid_from) \
                 SELECT ref, owner, hidden, data::json, $1, first_at, $2 FROM json_to_recordset($3::text::json) \
                 AS said(ref text, owner text, hidden boolean, data text, first_at timestamptz)";
    for said in plan.begun.chunks(ROWS) {
        let said = JsonText::of("what people say", said)?.0;
        client.execute(begin, &[&by, &revision, &said]).await?;
    }
    Ok(signed.get(0))
}

/// What is said now about the refs of edits.
async fn there(client: &Client, edits: &[Edit]) -> Result<HashMap<String, There>, Failure> {
    let mut there = HashMap::new();
    let question = "SELECT ref, valid_from, data::text, (extract(epoch FROM first_at) * 1000000)::bigint FROM curated \
                    WHERE valid_to IS NULL AND ref = ANY ($1)";
    let refs: Vec<&str> = edits.iter().map(|edit| edit.entity.as_str()).collect();
    for refs in refs.chunks(ROWS) {
        for row in client.query(question, &[&refs]).await? {
            let first_at =
                Timestamp::from_microsecond(row.get(3)).map_err(|error| Failure::content("a time", error))?;
            let curated = rows::json("what people say", &JsonText(row.get(2)))?;
            there.insert(row.get(0), There { version: rows::number(row.get(1)), curated, first_at });
        }
    }
    Ok(there)
}

async fn ask(transaction: &Transaction<'_>, revision: i64, token: &str) -> Result<Option<Outcome>, Failure> {
    let question = "SELECT head.revision, made.id IS NOT NULL, made.token::text FROM head \
                    LEFT JOIN revision made ON made.id = $1";
    let answer = transaction.query_one(question, &[&revision]).await?;
    let (newest, is_made, signed): (i64, bool, Option<String>) = (answer.get(0), answer.get(1), answer.get(2));
    Ok(match signed {
        Some(signed) if signed == token => Some(Outcome::Applied),
        // A commit signs its generation, not its revision.
        _ if is_made => Some(Outcome::Overtaken),
        _ if newest < revision => Some(Outcome::NotApplied),
        _ => None,
    })
}

fn nobody_knows(place: &Place, failure: Failure) -> StoreError {
    let message = format!(
        "cannot write to the store {place}: the connection was lost while the edit was being applied, so all of it is \
         there or nothing; see that the server runs, and look again before you repeat it"
    );
    StoreError::new(ErrorKind::Unavailable, message).caused_by(failure)
}
