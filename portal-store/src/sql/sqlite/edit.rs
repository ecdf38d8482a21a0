//! What people say, written in one transaction.

use std::collections::HashMap;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text as SqlText};
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::store::Head;

use crate::sql::edits::{CAUSE, Plan, There};
use crate::sql::error::Failure;
use crate::sql::rows::{self, stored};
use crate::sql::schema::{curated, head, revision};
use crate::sql::types::{JsonText, Moment};

/// How many refs one statement takes.
const ROWS: usize = 2_000;

/// Applies edits. The connection has the write lock already.
pub(super) fn apply(
    connection: &mut SqliteConnection,
    by: &str,
    edits: &[Edit],
    now: Timestamp,
) -> Result<Head, Failure> {
    let (newest, generation, rules): (i64, i64, Option<String>) =
        head::table.select((head::revision, head::generation, head::rules)).first(connection)?;
    let there = there(connection, edits)?;
    let plan = Plan::new(edits, &there, now)?;
    let next = if plan.is_empty() { newest } else { newest + 1 };
    let moved =
        Head { revision: rows::number(next), generation: rows::number(generation), rules: rules.map(Into::into) };
    if plan.is_empty() {
        return Ok(moved);
    }
    diesel::update(head::table).set(head::revision.eq(next)).execute(connection)?;
    diesel::insert_into(revision::table)
        .values((
            revision::id.eq(next),
            revision::made_at.eq(Moment(now)),
            revision::cause.eq(CAUSE),
            revision::added.eq(stored(plan.begun.len() as u64)),
            revision::retired.eq(stored(plan.taken_back)),
            revision::made_by.eq(by),
        ))
        .execute(connection)?;
    let end = "UPDATE curated SET valid_to = ? WHERE valid_to IS NULL AND ref IN (SELECT value FROM json_each(?))";
    for refs in plan.ended.chunks(ROWS) {
        let refs = JsonText::of("refs", refs)?.0;
        diesel::sql_query(end).bind::<BigInt, _>(next).bind::<SqlText, _>(refs).execute(connection)?;
    }
    let begin = "INSERT INTO curated (ref, owner, hidden, data, edited_by, first_at, valid_from) \
                 SELECT value->>'ref', value->>'owner', value->>'hidden', value->>'data', ?1, value->>'first_at', ?2 \
                 FROM json_each(?3)";
    for said in plan.begun.chunks(ROWS) {
        let said = JsonText::of("what people say", said)?.0;
        let begin = diesel::sql_query(begin).bind::<SqlText, _>(by).bind::<BigInt, _>(next);
        begin.bind::<SqlText, _>(said).execute(connection)?;
    }
    Ok(moved)
}

/// What is said now about the refs of edits.
fn there(connection: &mut SqliteConnection, edits: &[Edit]) -> Result<HashMap<String, There>, Failure> {
    let mut there = HashMap::new();
    let refs: Vec<&str> = edits.iter().map(|edit| edit.entity.as_str()).collect();
    for refs in refs.chunks(ROWS) {
        let found: Vec<(String, i64, JsonText, Moment)> = curated::table
            .filter(curated::valid_to.is_null())
            .filter(curated::entity_ref.eq_any(refs))
            .select((curated::entity_ref, curated::valid_from, curated::data, curated::first_at))
            .load(connection)?;
        for (entity, version, data, first_at) in found {
            let curated = rows::json("what people say", &data)?;
            there.insert(entity, There { version: rows::number(version), curated, first_at: first_at.0 });
        }
    }
    Ok(there)
}
