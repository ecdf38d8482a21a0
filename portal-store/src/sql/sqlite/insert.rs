//! New rows of entities and relations: one prepared statement, many rows, without leaving SQLite's thread.
//!
//! A list as JSON that the database takes apart is fast for short rows; for entities with their evidence it is slower
//! than this, because each column is cut out of the whole text again.

use diesel::prelude::*;
use jiff::Timestamp;
use portal_core::digest::Digest;
use portal_core::model::{Entity, Relation};

use super::connection::Connection;
use crate::sql::error::Failure;
use crate::sql::rows::EntityColumns;
use crate::sql::schema::{entity, relation};
use crate::sql::types::{JsonText, Moment};

/// How many rows are handed over at once. They are copies, and these many of them are not much.
const ROWS: usize = 1_000;

#[derive(Insertable)]
#[diesel(table_name = entity, treat_none_as_default_value = false)]
struct NewEntity {
    entity_ref: String,
    entity_type: &'static str,
    name: String,
    name_folded: String,
    ownership: Option<&'static str>,
    team: Option<String>,
    rule: Option<String>,
    product: Option<String>,
    account: Option<String>,
    region: Option<String>,
    created_at: Option<Moment>,
    stale_since: Option<Moment>,
    data: JsonText,
    digest: String,
    live: Option<JsonText>,
    first_seen: Moment,
    valid_from: i64,
}

#[derive(Insertable)]
#[diesel(table_name = relation)]
struct NewRelation {
    from_ref: String,
    relation_type: &'static str,
    to_ref: String,
    evidence: JsonText,
    digest: String,
    valid_from: i64,
}

/// Inserts entities as first seen now.
pub(super) async fn entities(
    connection: &mut Connection,
    put: &[(Entity, Digest)],
    revision: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    for put in put.chunks(ROWS) {
        let new: Vec<NewEntity> = put
            .iter()
            .map(|(entity, digest)| new_entity(entity, *digest, revision, now))
            .collect::<Result<_, Failure>>()?;
        connection
            .spawn_blocking(move |connection| {
                new.into_iter()
                    .try_for_each(|new| diesel::insert_into(entity::table).values(new).execute(connection).map(|_| ()))
            })
            .await?;
    }
    Ok(())
}

/// Inserts relations.
pub(super) async fn relations(
    connection: &mut Connection,
    put: &[(Relation, Digest)],
    revision: i64,
) -> Result<(), Failure> {
    for put in put.chunks(ROWS) {
        let new: Vec<NewRelation> = put
            .iter()
            .map(|(relation, digest)| new_relation(relation, *digest, revision))
            .collect::<Result<_, Failure>>()?;
        connection
            .spawn_blocking(move |connection| {
                new.into_iter().try_for_each(|new| {
                    diesel::insert_into(relation::table).values(new).execute(connection).map(|_| ())
                })
            })
            .await?;
    }
    Ok(())
}

fn new_entity(entity: &Entity, digest: Digest, revision: i64, now: Timestamp) -> Result<NewEntity, Failure> {
    let plain = EntityColumns::of(entity);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(NewEntity {
        entity_ref: entity.entity_ref().to_string(),
        entity_type: plain.entity_type,
        name: plain.name.to_owned(),
        name_folded: plain.name_folded,
        ownership: plain.ownership,
        team: owned(plain.team),
        rule: owned(plain.rule),
        product: owned(plain.product),
        account: owned(plain.account),
        region: owned(plain.region),
        created_at: plain.created_at.map(Moment),
        stale_since: plain.stale_since.map(Moment),
        data: JsonText::of("an entity", entity.without_live().as_ref())?,
        digest: digest.to_hex(),
        live: plain.live.map(|live| JsonText::of("counts of running copies", &live)).transpose()?,
        first_seen: Moment(now),
        valid_from: revision,
    })
}

fn new_relation(new: &Relation, digest: Digest, revision: i64) -> Result<NewRelation, Failure> {
    Ok(NewRelation {
        from_ref: new.from.to_string(),
        relation_type: new.relation.as_str(),
        to_ref: new.to.to_string(),
        evidence: JsonText::of("evidence", &new.evidence)?,
        digest: digest.to_hex(),
        valid_from: revision,
    })
}
