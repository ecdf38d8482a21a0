//! Queries that read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text as SqlText};
use diesel_async::{AsyncConnection, RunQueryDsl};
use jiff::Timestamp;
use portal_core::digest::Digest;
use portal_core::model::{OwnershipState, Relation};
use portal_core::part::{Known, Part};
use portal_core::resolve::Finding;
use portal_core::store::{Digests, Head, Loaded, Record, ScopeState};
use portal_core::{EntityType, Ref, Text};

use super::connection::Connection;
use super::error::Failure;
use super::rows::{self, EntityRow, FindingRow, RelationRow};
use super::schema::{entity, finding, head, part, relation, revision, scope};

/// How many values one statement takes in a list.
const LIST: usize = 5_000;

pub(super) async fn head(connection: &mut Connection) -> Result<Head, Failure> {
    let (revision, generation, rules): (i64, i64, Option<String>) =
        head::table.select((head::revision, head::generation, head::rules)).first(connection).await?;
    Ok(Head { revision: number(revision), generation: number(generation), rules: rules.map(Text::from) })
}

pub(super) async fn scopes(connection: &mut Connection) -> Result<Vec<ScopeState>, Failure> {
    let found: Vec<(String, String, String, i64, String, String)> = scope::table
        .select((scope::folder, scope::source, scope::what, scope::run, scope::manifest, scope::read_at))
        .order(scope::folder)
        .load(connection)
        .await?;
    found
        .into_iter()
        .map(|(folder, source, scope, run, manifest, read_at)| {
            Ok(ScopeState {
                folder: Text::from(folder),
                source: Text::from(source),
                scope: rows::json("a scope", &scope)?,
                run: number(run),
                manifest: Text::from(manifest),
                read_at: rows::time(&read_at)?,
            })
        })
        .collect()
}

pub(super) async fn parts(connection: &mut Connection) -> Result<Vec<Part>, Failure> {
    let found: Vec<String> = part::table.select(part::data).order(part::key).load(connection).await?;
    found.iter().map(|data| rows::json("a part", data)).collect()
}

pub(super) async fn observations(
    connection: &mut Connection,
    parts: &[Text],
) -> Result<HashMap<Text, Vec<Known>>, Failure> {
    let mut all = HashMap::with_capacity(parts.len());
    for keys in parts.chunks(LIST) {
        let keys: Vec<&str> = keys.iter().map(Text::as_str).collect();
        let found: Vec<(String, Option<Vec<u8>>)> =
            part::table.filter(part::key.eq_any(keys)).select((part::key, part::observations)).load(connection).await?;
        for (key, packed) in found {
            let known = packed.map(|packed| rows::unpack(&packed)).transpose()?.unwrap_or_default();
            all.insert(Text::from(key), known);
        }
    }
    Ok(all)
}

pub(super) async fn digests(connection: &mut Connection) -> Result<Digests, Failure> {
    connection.transaction(async |connection| digests_now(connection).await).await
}

async fn digests_now(connection: &mut Connection) -> Result<Digests, Failure> {
    let mut all = Digests::default();
    let entities: Vec<(String, String, Option<String>)> = entity::table
        .filter(entity::valid_to.is_null())
        .select((entity::entity_ref, entity::digest, entity::live))
        .load(connection)
        .await?;
    all.entities.reserve(entities.len());
    for (entity_ref, digest, live) in entities {
        let entity_ref = rows::entity_ref(&entity_ref)?;
        if let Some(live) = live {
            all.live.insert(entity_ref.clone(), rows::json("counts of running copies", &live)?);
        }
        all.entities.insert(entity_ref, rows::digest(&digest)?);
    }
    let relations: Vec<(String, String, String, String)> = relation::table
        .filter(relation::valid_to.is_null())
        .select((relation::from_ref, relation::relation_type, relation::to_ref, relation::digest))
        .load(connection)
        .await?;
    all.relations.reserve(relations.len());
    for (from, word, to, digest) in relations {
        let key = (rows::entity_ref(&from)?, rows::relation_type(&word)?, rows::entity_ref(&to)?);
        all.relations.insert(key, rows::digest(&digest)?);
    }
    let findings: Option<String> = head::table.select(head::findings).first(connection).await?;
    all.findings = findings.as_deref().and_then(Digest::from_hex);
    Ok(all)
}

pub(super) async fn load(connection: &mut Connection, at: Option<u64>) -> Result<Loaded, Failure> {
    connection.transaction(async |connection| load_at(connection, at).await).await
}

async fn load_at(connection: &mut Connection, at: Option<u64>) -> Result<Loaded, Failure> {
    let newest = head(connection).await?.revision;
    let at = at.unwrap_or(newest);
    if at > newest {
        return Err(Failure::NoRevision(at, newest));
    }
    let moment = stored(at);
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
    let columns = (finding::kind, finding::subject, finding::message);
    let findings: Vec<FindingRow> = finding::table.order(finding::id).select(columns).load(connection).await?;
    let findings = findings.into_iter().map(rows::finding).collect::<Result<_, _>>()?;
    let parts = parts(connection).await?;
    Ok(Loaded { revision: at, revised_at: made_at(connection, at).await?, entities, relations, parts, findings })
}

async fn made_at(connection: &mut Connection, revision: u64) -> Result<Option<Timestamp>, Failure> {
    let made_at: Option<String> =
        revision::table.find(stored(revision)).select(revision::made_at).first(connection).await.optional()?;
    made_at.as_deref().map(rows::time).transpose()
}

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
    let revision = head(connection).await?.revision;
    let entities: Vec<Record> = records.into_values().collect();
    let relations: Vec<Relation> = relations.into_values().collect();
    Ok(Loaded {
        revision,
        revised_at: made_at(connection, revision).await?,
        parts: parts_of(connection, &entities, &relations).await?,
        findings: findings_about(connection, &asked).await?,
        entities,
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
        let data: Vec<String> =
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

pub(super) async fn named(connection: &mut Connection, name: &str, limit: usize) -> Result<Vec<Ref>, Failure> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = SqlText)]
        found: String,
        #[diesel(sql_type = SqlText)]
        name: String,
    }
    // SQLite folds the case of ASCII letters only: where others stand, the index names candidates and Rust compares.
    let (query, most) = if name.is_ascii() {
        let same = "valid_to IS NULL AND name = ?1 COLLATE NOCASE";
        (format!("SELECT ref AS found, name FROM entity WHERE {same} ORDER BY ref LIMIT ?2"), limit)
    } else {
        let other = "valid_to IS NULL AND name GLOB '*[^' || char(1) || '-' || char(127) || ']*'";
        (format!("SELECT ref AS found, name FROM entity WHERE {other} ORDER BY ref LIMIT ?2"), usize::MAX)
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found: Vec<Found> =
        diesel::sql_query(query).bind::<SqlText, _>(name).bind::<BigInt, _>(most).load(connection).await?;
    let wanted = name.to_lowercase();
    let same = found.iter().filter(|row| row.name.to_lowercase() == wanted);
    same.take(limit).map(|row| rows::entity_ref(&row.found)).collect()
}

pub(super) async fn counts(
    connection: &mut Connection,
) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, Failure> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = SqlText)]
        entity_type: String,
        #[diesel(sql_type = Nullable<SqlText>)]
        ownership: Option<String>,
        #[diesel(sql_type = BigInt)]
        how_many: i64,
    }
    let query = "SELECT type AS entity_type, ownership, count(*) AS how_many FROM entity WHERE valid_to IS NULL \
                 GROUP BY type, ownership ORDER BY type, ownership";
    let found: Vec<Count> = diesel::sql_query(query).load(connection).await?;
    found
        .into_iter()
        .map(|row| {
            let state = row.ownership.as_deref().map(rows::ownership_state).transpose()?;
            Ok((rows::entity_type(&row.entity_type)?, state, number(row.how_many)))
        })
        .collect()
}

/// A number as the database keeps it. Revisions and runs stay far below its limit.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from the database, where none is negative.
fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
