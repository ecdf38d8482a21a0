//! Some entities with what is next to them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use portal_core::model::Relation;
use portal_core::part::Part;
use portal_core::resolve::Finding;
use portal_core::store::{Loaded, Record};
use portal_core::{EntityType, Ref, Text};

use super::super::Connection;
use super::load::made_at;
use super::{LIST, curated, head};
use crate::sql::error::Failure;
use crate::sql::rows::{self, EntityRow, FindingRow, RelationRow};
use crate::sql::schema::{entity, finding, part, relation, revision};
use crate::sql::types::JsonText;

pub(super) async fn around(connection: &mut Connection, refs: &[Ref]) -> Result<Loaded, Failure> {
    connection.transaction(async |connection| around_now(connection, refs).await).await
}

async fn around_now(connection: &mut Connection, refs: &[Ref]) -> Result<Loaded, Failure> {
    let mut records: BTreeMap<Ref, Record> = BTreeMap::new();
    let mut relations: BTreeMap<(Ref, portal_core::RelationType, Ref), Relation> = BTreeMap::new();
    let asked: Vec<&str> = refs.iter().map(Ref::as_str).collect();
    let mut wanted: Vec<String> = asked.iter().map(|text| (*text).to_owned()).collect();
    let now = relation::table.filter(relation::valid_to.is_null());
    let columns = (relation::from_ref, relation::relation_type, relation::to_ref, relation::evidence);
    for asked in asked.chunks(LIST) {
        let outgoing: Vec<RelationRow> =
            now.filter(relation::from_ref.eq_any(asked)).select(columns).load(connection).await?;
        let incoming: Vec<RelationRow> =
            now.filter(relation::to_ref.eq_any(asked)).select(columns).load(connection).await?;
        for row in outgoing.into_iter().chain(incoming) {
            let found = rows::relation(row)?;
            wanted.extend([found.from.to_string(), found.to.to_string()]);
            relations.insert((found.from.clone(), found.relation, found.to.clone()), found);
        }
    }
    wanted.sort();
    wanted.dedup();
    let mut found: Vec<EntityRow> = Vec::new();
    for refs in wanted.chunks(LIST) {
        found.extend(newest().filter(entity::entity_ref.eq_any(refs)).load::<EntityRow>(connection).await?);
    }
    // Relations that follow from the entities at their other end: what a team owns, what is in an environment.
    for asked in refs {
        let local = asked.local().to_owned();
        match asked.entity_type() {
            EntityType::Team => {
                found.extend(newest().filter(entity::team.eq(local)).load::<EntityRow>(connection).await?);
            }
            EntityType::Product => {
                found.extend(newest().filter(entity::product.eq(local)).load::<EntityRow>(connection).await?);
            }
            EntityType::Environment => {
                found.extend(newest().filter(entity::account.eq(local)).load::<EntityRow>(connection).await?);
            }
            EntityType::Service | EntityType::Workload | EntityType::Resource => {}
        }
    }
    // Teams, products and environments are few, and any relation may lead to one.
    let few = [EntityType::Team, EntityType::Product, EntityType::Environment].map(EntityType::as_str);
    found.extend(newest().filter(entity::entity_type.eq_any(few)).load::<EntityRow>(connection).await?);
    for row in found {
        let record = rows::record(row)?;
        records.insert(record.entity.entity_ref(), record);
    }
    let head = head(connection).await?;
    let revision = head.revision;
    let mut shown: Vec<&str> = records.keys().map(Ref::as_str).chain(asked.iter().copied()).collect();
    shown.sort_unstable();
    shown.dedup();
    let shown = curated::of(connection, &shown).await?;
    let entities: Vec<Record> = records.into_values().collect();
    let relations: Vec<Relation> = relations.into_values().collect();
    Ok(Loaded {
        head,
        revision,
        curated: shown,
        revised_at: made_at(connection, revision).await?,
        parts: parts_of(connection, &entities, &relations).await?,
        findings: findings_about(connection, &asked).await?,
        entities: entities.into_iter().collect(),
        relations,
    })
}

/// The parts that entities were seen in and that evidence comes from: a large estate has thousands of others.
async fn parts_of(
    connection: &mut Connection,
    entities: &[Record],
    relations: &[Relation],
) -> Result<Vec<Part>, Failure> {
    let owners =
        entities.iter().filter_map(|record| record.entity.ownership()).flat_map(|ownership| &ownership.evidence);
    let evidence = relations.iter().flat_map(|relation| &relation.evidence).chain(owners);
    let seen = entities.iter().flat_map(|record| record.entity.parts());
    let keys: BTreeSet<&str> = evidence.map(|evidence| &evidence.part).chain(seen).map(Text::as_str).collect();
    let keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    let mut found: Vec<Part> = Vec::with_capacity(keys.len());
    for keys in keys.chunks(LIST) {
        let data: Vec<JsonText> =
            part::table.filter(part::key.eq_any(keys)).select(part::data).order(part::key).load(connection).await?;
        for data in data {
            found.push(rows::json("a part", &data)?);
        }
    }
    Ok(found)
}

async fn findings_about(connection: &mut Connection, refs: &[&str]) -> Result<Vec<Finding>, Failure> {
    let mut found: Vec<FindingRow> = Vec::new();
    for refs in refs.chunks(LIST) {
        let about = finding::table.filter(finding::subject.eq_any(refs)).order(finding::id);
        let columns = (finding::kind, finding::subject, finding::message);
        found.extend(about.select(columns).load::<FindingRow>(connection).await?);
    }
    found.into_iter().map(rows::finding).collect()
}

type EntityColumns = (entity::data, entity::live, entity::first_seen, revision::made_at);

/// The newest entities with the columns that a record is made of.
#[diesel::dsl::auto_type]
fn newest() -> _ {
    let columns: EntityColumns = (entity::data, entity::live, entity::first_seen, revision::made_at);
    entity::table.inner_join(revision::table).filter(entity::valid_to.is_null()).select(columns)
}
