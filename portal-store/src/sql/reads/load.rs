//! Everything, at one revision.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use jiff::Timestamp;
use portal_core::model::Relation;
use portal_core::resolve::Finding;
use portal_core::store::Loaded;

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
    let entities: Vec<EntityRow> = entity::table
        .inner_join(revision::table)
        .filter(entity::valid_from.le(moment))
        .filter(entity::valid_to.is_null().or(entity::valid_to.gt(moment)))
        .order(entity::entity_ref)
        .select((entity::data, entity::live, entity::first_seen, revision::made_at))
        .load(connection)
        .await?;
    let relations: Vec<RelationRow> = relation::table
        .filter(relation::valid_from.le(moment))
        .filter(relation::valid_to.is_null().or(relation::valid_to.gt(moment)))
        .select((relation::from_ref, relation::relation_type, relation::to_ref, relation::evidence))
        .load(connection)
        .await?;
    let entities = entities.into_iter().map(rows::record).collect::<Result<_, _>>()?;
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
