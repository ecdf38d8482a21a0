//! The one query that writes: a whole change in one transaction.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text as SqlText};
use diesel_async::{AsyncConnection, RunQueryDsl};
use jiff::Timestamp;
use portal_core::Ref;
use portal_core::model::Live;
use portal_core::part::{Known, Part};
use portal_core::store::{Change, Head, RelationKey};
use serde_json::{Value, json};

use super::connection::Connection;
use super::insert;
use crate::sql::error::Failure;
use crate::sql::rows::{self, stored};
use crate::sql::schema::{finding, head, part, revision, scope};
use crate::sql::types::{JsonText, Moment};

/// How many rows one statement writes.
const ROWS: usize = 2_000;

pub(super) async fn commit(
    connection: &mut Connection,
    expected: &Head,
    change: &Change,
    now: Timestamp,
) -> Result<Head, Failure> {
    connection.transaction(async |connection| apply(connection, expected, change, now).await).await
}

async fn apply(connection: &mut Connection, expected: &Head, change: &Change, now: Timestamp) -> Result<Head, Failure> {
    let grown = i64::from(change.makes_revision());
    // Written first: it takes the write lock, and tells whether somebody else has committed since. An edit since is no
    // matter: its revision is not this one's.
    let moved = diesel::update(head::table.filter(head::generation.eq(stored(expected.generation))))
        .set((
            head::revision.eq(head::revision + grown),
            head::generation.eq(stored(expected.generation + 1)),
            head::rules.eq(change.rules.as_str()),
        ))
        .execute(connection)
        .await?;
    if moved == 0 {
        return Err(Failure::Moved);
    }
    let revision: i64 = head::table.select(head::revision).first(connection).await?;
    let next = Head {
        revision: rows::number(revision),
        generation: expected.generation + 1,
        rules: Some(change.rules.clone()),
    };
    if change.makes_revision() {
        diesel::insert_into(revision::table)
            .values((
                revision::id.eq(stored(next.revision)),
                revision::made_at.eq(Moment(now)),
                revision::cause.eq(change.cause.as_str()),
                revision::added.eq(stored(change.put_entities.len() as u64)),
                revision::retired.eq(stored(change.retired_entities.len() as u64)),
                revision::made_by.eq(change.by.as_deref()),
            ))
            .execute(connection)
            .await?;
    }
    scopes(connection, change).await?;
    for (part, observations) in &change.parts {
        put_part(connection, part, observations.as_deref()).await?;
    }
    let at = Now { revision: stored(next.revision), now, first: expected.generation == 0 };
    entities(connection, change, &at).await?;
    relations(connection, change, &at).await?;
    live(connection, &change.live).await?;
    findings(connection, change).await?;
    Ok(next)
}

/// The revision that is being made.
struct Now {
    revision: i64,
    now: Timestamp,
    /// Nothing was committed before.
    first: bool,
}

async fn scopes(connection: &mut Connection, change: &Change) -> Result<(), Failure> {
    for state in &change.scopes {
        diesel::replace_into(scope::table)
            .values((
                scope::folder.eq(state.folder.as_str()),
                scope::source.eq(state.source.as_str()),
                scope::run.eq(stored(state.run)),
                scope::manifest.eq(state.manifest.as_str()),
                scope::read_at.eq(Moment(state.read_at)),
                scope::data.eq(JsonText::of("a scope", state)?),
            ))
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn put_part(connection: &mut Connection, new: &Part, known: Option<&[Known]>) -> Result<(), Failure> {
    let columns = (
        part::key.eq(new.key.as_str()),
        part::source.eq(new.source.as_str()),
        part::kind.eq(new.kind.as_str()),
        part::coverage.eq(new.outcome.coverage.as_str()),
        part::items.eq(stored(new.items)),
        part::read_at.eq(Moment(new.read_at)),
        part::good_at.eq(new.good_at.map(Moment)),
        part::data.eq(JsonText::of("a part", new)?),
    );
    match known {
        Some(known) => {
            let packed = rows::pack(known)?;
            diesel::replace_into(part::table)
                .values((columns, part::observations.eq(packed)))
                .execute(connection)
                .await?;
        }
        // What was known stays.
        None => {
            let there = diesel::update(part::table.find(new.key.as_str()))
                .set((
                    part::source.eq(new.source.as_str()),
                    part::coverage.eq(new.outcome.coverage.as_str()),
                    part::items.eq(stored(new.items)),
                    part::read_at.eq(Moment(new.read_at)),
                    part::good_at.eq(new.good_at.map(Moment)),
                    part::data.eq(JsonText::of("a part", new)?),
                ))
                .execute(connection)
                .await?;
            if there == 0 {
                diesel::insert_into(part::table).values(columns).execute(connection).await?;
            }
        }
    }
    Ok(())
}

async fn entities(connection: &mut Connection, change: &Change, at: &Now) -> Result<(), Failure> {
    let put: Vec<Ref> = change.put_entities.iter().map(|(entity, _)| entity.entity_ref()).collect();
    if !at.first {
        let ended: Vec<&Ref> = change.retired_entities.iter().chain(&put).collect();
        for refs in ended.chunks(ROWS) {
            let end =
                "UPDATE entity SET valid_to = ? WHERE valid_to IS NULL AND ref IN (SELECT value FROM json_each(?))";
            execute(connection, end, at.revision, JsonText::of("refs", refs)?.0).await?;
        }
    }
    insert::entities(connection, &change.put_entities, at.revision, at.now).await?;
    if !at.first {
        // One that only changed was first seen when it was before, unless it was made anew in the outside world; not to
        // know when it was made says nothing.
        let seen_before = "UPDATE entity AS new SET first_seen = old.first_seen FROM entity AS old \
                           WHERE old.ref = new.ref AND old.valid_to = ?1 AND new.valid_to IS NULL \
                           AND coalesce(old.created_at = new.created_at, TRUE) \
                           AND new.ref IN (SELECT value FROM json_each(?2))";
        for refs in put.chunks(ROWS) {
            execute(connection, seen_before, at.revision, JsonText::of("refs", refs)?.0).await?;
        }
    }
    Ok(())
}

async fn relations(connection: &mut Connection, change: &Change, at: &Now) -> Result<(), Failure> {
    if !at.first {
        let key = |key: &RelationKey| json!([key.0, key.1.as_str(), key.2]);
        let put = change.put_relations.iter().map(|(new, _)| json!([new.from, new.relation.as_str(), new.to]));
        let ended: Vec<Value> = change.retired_relations.iter().map(key).chain(put).collect();
        for keys in ended.chunks(ROWS) {
            let end = "UPDATE relation SET valid_to = ? WHERE valid_to IS NULL AND (from_ref, type, to_ref) IN \
                       (SELECT value->>0, value->>1, value->>2 FROM json_each(?))";
            execute(connection, end, at.revision, JsonText::of("relations", keys)?.0).await?;
        }
    }
    insert::relations(connection, &change.put_relations, at.revision).await
}

async fn live(connection: &mut Connection, live: &[(Ref, Option<Live>)]) -> Result<(), Failure> {
    for (entity_ref, live) in live {
        let live = live.map(|live| JsonText::of("counts of running copies", &live)).transpose()?.map(|json| json.0);
        diesel::sql_query("UPDATE entity SET live = ? WHERE valid_to IS NULL AND ref = ?")
            .bind::<Nullable<SqlText>, _>(live)
            .bind::<SqlText, _>(entity_ref.as_str())
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn findings(connection: &mut Connection, change: &Change) -> Result<(), Failure> {
    let Some((findings, digest)) = &change.findings else { return Ok(()) };
    diesel::delete(finding::table).execute(connection).await?;
    let insert = "INSERT INTO finding (kind, subject, message) \
                  SELECT value->>'kind', value->>'subject', value->>'message' FROM json_each(?)";
    for findings in findings.chunks(ROWS) {
        let json = JsonText::of("findings", findings)?.0;
        diesel::sql_query(insert).bind::<SqlText, _>(json).execute(connection).await?;
    }
    diesel::update(head::table).set(head::findings.eq(digest.to_hex())).execute(connection).await?;
    Ok(())
}

/// Runs a statement that takes a revision and a JSON list.
async fn execute(connection: &mut Connection, statement: &str, revision: i64, list: String) -> Result<usize, Failure> {
    Ok(diesel::sql_query(statement).bind::<BigInt, _>(revision).bind::<SqlText, _>(list).execute(connection).await?)
}
