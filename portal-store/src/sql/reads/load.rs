//! Everything, at one revision.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use jiff::Timestamp;
use portal_core::model::Relation;
use portal_core::resolve::Finding;
use portal_core::store::{Loaded, Records};
use tokio::task::JoinHandle;

use super::super::Connection;
use super::{curated, head, parts};
use crate::sql::error::Failure;
use crate::sql::rows::{self, EntityRow, FindingRow, RelationRow};
use crate::sql::schema::{entity, finding, relation, revision};
use crate::sql::types::Moment;

pub(super) async fn load(connection: &mut Connection, at: Option<u64>) -> Result<Loaded, Failure> {
    connection.transaction(async |connection| load_at(connection, at).await).await
}

async fn load_at(connection: &mut Connection, at: Option<u64>) -> Result<Loaded, Failure> {
    let head = head(connection).await?;
    let newest = head.revision;
    let at = at.unwrap_or(newest);
    if at > newest {
        return Err(Failure::NoRevision(at, newest));
    }
    let moment = rows::stored(at);
    let entities =
        if at == newest { newest_entities(connection).await? } else { entities_at(connection, moment).await? };
    let relations: Vec<RelationRow> = relation::table
        .filter(relation::valid_from.le(moment))
        .filter(relation::valid_to.is_null().or(relation::valid_to.gt(moment)))
        .select((relation::from_ref, relation::relation_type, relation::to_ref, relation::evidence))
        .load(connection)
        .await?;
    let mut relations: Vec<Relation> = relations.into_iter().map(rows::relation).collect::<Result<_, _>>()?;
    // By the types' own order, which is not that of their words.
    relations.sort_unstable_by(|a, b| (&a.from, a.relation, &a.to).cmp(&(&b.from, b.relation, &b.to)));
    let findings = findings(connection).await?;
    let parts = parts(connection).await?;
    Ok(Loaded {
        head,
        revision: at,
        revised_at: made_at(connection, at).await?,
        entities,
        relations,
        parts,
        findings,
        curated: curated::at(connection, moment).await?,
    })
}

/// So many rows are in memory as they come from the database.
const BATCH: i64 = 4_000;

async fn newest_entities(connection: &mut Connection) -> Result<Records, Failure> {
    let mut last = String::new();
    let mut read = tokio::task::spawn_blocking(|| Ok(Records::default()));
    loop {
        let rows: Vec<(String, EntityRow)> = entity::table
            .inner_join(revision::table)
            .filter(entity::valid_to.is_null())
            .filter(entity::entity_ref.gt(&last))
            .order(entity::entity_ref)
            .limit(BATCH)
            .select((entity::entity_ref, (entity::data, entity::live, entity::first_seen, revision::made_at)))
            .load(connection)
            .await?;
        let more =
            if rows.len() < BATCH as usize { None } else { rows.last().map(|(entity_ref, _)| entity_ref.clone()) };
        let mut records = finished(read).await?;
        // While these are understood the next ones come.
        read = tokio::task::spawn_blocking(move || {
            rows.into_iter().try_for_each(|(_, row)| rows::record(row).map(|record| records.push(&record)))?;
            Ok(records)
        });
        match more {
            Some(more) => last = more,
            None => return finished(read).await,
        }
    }
}

async fn finished(read: JoinHandle<Result<Records, Failure>>) -> Result<Records, Failure> {
    read.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

async fn entities_at(connection: &mut Connection, moment: i64) -> Result<Records, Failure> {
    let rows: Vec<EntityRow> = entity::table
        .inner_join(revision::table)
        .filter(entity::valid_from.le(moment))
        .filter(entity::valid_to.is_null().or(entity::valid_to.gt(moment)))
        .order(entity::entity_ref)
        .select((entity::data, entity::live, entity::first_seen, revision::made_at))
        .load(connection)
        .await?;
    rows.into_iter().map(rows::record).collect()
}

/// All findings of now.
pub(super) async fn findings(connection: &mut Connection) -> Result<Vec<Finding>, Failure> {
    let columns = (finding::kind, finding::subject, finding::message);
    let findings: Vec<FindingRow> = finding::table.order(finding::id).select(columns).load(connection).await?;
    findings.into_iter().map(rows::finding).collect()
}

/// When a revision was made; nothing of the one that an empty store is at.
pub(super) async fn made_at(connection: &mut Connection, revision: u64) -> Result<Option<Timestamp>, Failure> {
    let made_at: Option<Moment> =
        revision::table.find(rows::stored(revision)).select(revision::made_at).first(connection).await.optional()?;
    Ok(made_at.map(|made_at| made_at.0))
}
