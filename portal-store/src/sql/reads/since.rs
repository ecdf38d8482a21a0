//! What changed since an earlier state: only rows that did are read, by the revisions at which they began and ended.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use portal_core::Ref;
use portal_core::model::{Live, Relation};
use portal_core::store::{Delta, Head, Record, RelationKey};

use super::super::Connection;
use super::load::{findings, made_at};
use super::{curated, head, parts};
use crate::sql::error::Failure;
use crate::sql::rows::{self, EntityRow, RelationRow};
use crate::sql::schema::{curated as said, entity, relation, revision};
use crate::sql::types::JsonText;

pub(super) async fn since(connection: &mut Connection, asked: &Head) -> Result<Delta, Failure> {
    connection.transaction(async |connection| since_then(connection, asked).await).await
}

async fn since_then(connection: &mut Connection, asked: &Head) -> Result<Delta, Failure> {
    let head = head(connection).await?;
    if asked.revision > head.revision || asked.generation > head.generation {
        return Err(Failure::OtherLine);
    }
    let mut delta = Delta { revised_at: made_at(connection, head.revision).await?, ..Delta::default() };
    if asked.revision < head.revision {
        let then = rows::stored(asked.revision);
        entities(connection, then, &mut delta).await?;
        relations(connection, then, &mut delta).await?;
        delta.curated = curated::after(connection, then).await?;
        let gone: Vec<String> = said::table
            .filter(said::valid_to.gt(then))
            .filter(said::valid_from.le(then))
            .select(said::entity_ref)
            .load(connection)
            .await?;
        delta.gone_curated = without(&gone, delta.curated.iter().map(|record| &record.entity))?;
    }
    if asked.generation < head.generation {
        delta.live = live(connection).await?;
        delta.parts = Some(parts(connection).await?);
        delta.findings = Some(findings(connection).await?);
    }
    Ok(Delta { head, ..delta })
}

async fn entities(connection: &mut Connection, then: i64, delta: &mut Delta) -> Result<(), Failure> {
    let new: Vec<EntityRow> = entity::table
        .inner_join(revision::table)
        .filter(entity::valid_to.is_null())
        .filter(entity::valid_from.gt(then))
        .select((entity::data, entity::live, entity::first_seen, revision::made_at))
        .load(connection)
        .await?;
    let mut new: Vec<Record> = new.into_iter().map(rows::record).collect::<Result<_, _>>()?;
    // Sorted here: to read in order would be to walk along another index than the one that knows what changed.
    new.sort_by_cached_key(|record| record.entity.entity_ref());
    let ended: Vec<String> = entity::table
        .filter(entity::valid_to.gt(then))
        .filter(entity::valid_from.le(then))
        .select(entity::entity_ref)
        .load(connection)
        .await?;
    // What is there again has begun again, and stands among the new.
    let refs: Vec<Ref> = new.iter().map(|record| record.entity.entity_ref()).collect();
    delta.gone = without(&ended, refs.iter())?;
    delta.entities = new;
    Ok(())
}

async fn relations(connection: &mut Connection, then: i64, delta: &mut Delta) -> Result<(), Failure> {
    let new: Vec<RelationRow> = relation::table
        .filter(relation::valid_to.is_null())
        .filter(relation::valid_from.gt(then))
        .select((relation::from_ref, relation::relation_type, relation::to_ref, relation::evidence))
        .load(connection)
        .await?;
    let mut new: Vec<Relation> = new.into_iter().map(rows::relation).collect::<Result<_, _>>()?;
    new.sort_unstable_by(|a, b| (&a.from, a.relation, &a.to).cmp(&(&b.from, b.relation, &b.to)));
    let ended: Vec<(String, String, String)> = relation::table
        .filter(relation::valid_to.gt(then))
        .filter(relation::valid_from.le(then))
        .select((relation::from_ref, relation::relation_type, relation::to_ref))
        .load(connection)
        .await?;
    let there: HashSet<RelationKey> = new.iter().map(|it| (it.from.clone(), it.relation, it.to.clone())).collect();
    let ended = ended
        .iter()
        .map(|(from, word, to)| Ok((rows::entity_ref(from)?, rows::relation_type(word)?, rows::entity_ref(to)?)));
    let mut gone: Vec<RelationKey> = ended.collect::<Result<_, Failure>>()?;
    gone.retain(|key| !there.contains(key));
    gone.sort_unstable();
    delta.gone_relations = gone;
    delta.relations = new;
    Ok(())
}

async fn live(connection: &mut Connection) -> Result<Vec<(Ref, Live)>, Failure> {
    let found: Vec<(String, Option<JsonText>)> = entity::table
        .filter(entity::valid_to.is_null())
        .filter(entity::entity_type.eq(portal_core::EntityType::Workload.as_str()))
        .filter(entity::live.is_not_null())
        .order(entity::entity_ref)
        .select((entity::entity_ref, entity::live))
        .load(connection)
        .await?;
    let live = found.iter().filter_map(|(entity_ref, live)| Some((entity_ref, live.as_ref()?)));
    let live = live
        .map(|(entity_ref, live)| Ok((rows::entity_ref(entity_ref)?, rows::json("counts of running copies", live)?)));
    live.collect()
}

/// Refs that are not among others.
fn without<'r>(all: &[String], others: impl Iterator<Item = &'r Ref>) -> Result<Vec<Ref>, Failure> {
    let others: HashSet<&str> = others.map(Ref::as_str).collect();
    let gone = all.iter().filter(|text| !others.contains(text.as_str()));
    let mut gone: Vec<Ref> = gone.map(|text| rows::entity_ref(text)).collect::<Result<_, _>>()?;
    gone.sort_unstable();
    Ok(gone)
}
