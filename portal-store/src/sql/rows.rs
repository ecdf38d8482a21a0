//! Between rows and the model.

use jiff::Timestamp;
use portal_core::curated::CuratedRecord;
use portal_core::digest::Digest;
use portal_core::keys::KeyScope;
use portal_core::model::{Entity, Live, OwnershipState, Relation, RelationType};
use portal_core::part::Known;
use portal_core::resolve::Finding;
use portal_core::store::Record;
use portal_core::{EntityType, Ref};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::Failure;
use super::types::{JsonText, Moment};

/// How hard observations are compressed: the lowest level is three times smaller than JSON and costs next to nothing.
const LEVEL: i32 = 1;

/// Columns of an entity as they are read: data, live, first seen, time of its revision.
pub(super) type EntityRow = (JsonText, Option<JsonText>, Moment, Moment);

/// Columns of a relation as they are read: from, type, to, evidence.
pub(super) type RelationRow = (String, String, String, JsonText);

/// Columns of a finding as they are read: kind, subject, message.
pub(super) type FindingRow = (String, Option<String>, String);

/// Columns of what people say as they are read: ref, data, by, first time, revision, its time.
pub(super) type CuratedRow = (String, JsonText, String, Moment, i64, Moment);

/// What of an entity stands in columns of its own, for people who ask in SQL and for indexes.
pub(super) struct EntityColumns<'e> {
    pub(super) entity_type: &'static str,
    pub(super) name: &'e str,
    pub(super) name_folded: String,
    pub(super) ownership: Option<&'static str>,
    pub(super) team: Option<&'e str>,
    pub(super) rule: Option<&'e str>,
    pub(super) product: Option<&'e str>,
    pub(super) account: Option<&'e str>,
    pub(super) region: Option<&'e str>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) stale_since: Option<Timestamp>,
    pub(super) live: Option<Live>,
}

impl<'e> EntityColumns<'e> {
    pub(super) fn of(entity: &'e Entity) -> EntityColumns<'e> {
        let ownership = entity.ownership();
        let (product, account, region) = match entity {
            Entity::Team(team) => (team.product.as_deref(), None, None),
            Entity::Service(service) => (service.product.as_deref(), None, None),
            Entity::Workload(workload) => (None, workload.account.as_deref(), workload.region.as_deref()),
            Entity::Resource(resource) => {
                (resource.product.as_deref(), resource.account.as_deref(), resource.region.as_deref())
            }
            Entity::Environment(environment) => (None, Some(environment.account.as_str()), None),
            Entity::Product(_) => (None, None, None),
        };
        EntityColumns {
            entity_type: entity.entity_type().as_str(),
            name: entity.name(),
            name_folded: folded(entity.name()),
            ownership: ownership.map(|ownership| ownership.state.as_str()),
            team: ownership.and_then(|ownership| ownership.team.as_deref()),
            rule: ownership.and_then(|ownership| ownership.rule.as_deref()),
            product,
            account,
            region,
            created_at: entity.created_at(),
            stale_since: entity.stale_since(),
            live: match entity {
                Entity::Workload(workload) => workload.live,
                _ => None,
            },
        }
    }
}

pub(super) fn finding((kind, subject, message): FindingRow) -> Result<Finding, Failure> {
    let value = serde_json::json!({"kind": kind, "subject": subject, "message": message});
    serde_json::from_value(value).map_err(|error| Failure::content("a finding", error))
}

pub(super) fn record((data, live, first_seen, updated_at): EntityRow) -> Result<Record, Failure> {
    let mut entity = entity(&data)?;
    if let (Entity::Workload(workload), Some(live)) = (&mut entity, live) {
        workload.live = Some(json::<Live>("counts of running copies", &live)?);
    }
    Ok(Record { entity, first_seen: first_seen.0, updated_at: updated_at.0 })
}

/// Reads an entity as what it says that it is. Left to serde every value is kept in between, to look for the word.
fn entity(data: &JsonText) -> Result<Entity, Failure> {
    #[derive(Deserialize)]
    struct Tag {
        entity: EntityType,
    }
    const WHAT: &str = "an entity";
    Ok(match json::<Tag>(WHAT, data)?.entity {
        EntityType::Product => Entity::Product(json(WHAT, data)?),
        EntityType::Team => Entity::Team(json(WHAT, data)?),
        EntityType::Service => Entity::Service(json(WHAT, data)?),
        EntityType::Workload => Entity::Workload(json(WHAT, data)?),
        EntityType::Resource => Entity::Resource(json(WHAT, data)?),
        EntityType::Environment => Entity::Environment(json(WHAT, data)?),
    })
}

pub(super) fn relation((from, relation, to, evidence): RelationRow) -> Result<Relation, Failure> {
    Ok(Relation {
        from: entity_ref(&from)?,
        relation: relation_type(&relation)?,
        to: entity_ref(&to)?,
        evidence: json("evidence", &evidence)?,
    })
}

pub(super) fn curated(row: CuratedRow) -> Result<CuratedRecord, Failure> {
    let (entity, data, by, first_at, version, edited_at) = row;
    Ok(CuratedRecord {
        entity: entity_ref(&entity)?,
        curated: json("what people say", &data)?,
        version: number(version),
        by: by.into(),
        edited_at: edited_at.0,
        first_at: first_at.0,
    })
}

pub(super) fn relation_type(word: &str) -> Result<RelationType, Failure> {
    RelationType::ALL
        .into_iter()
        .find(|relation| relation.as_str() == word)
        .ok_or_else(|| Failure::content(format!("the relation `{word}`"), "unknown type"))
}

pub(super) fn entity_type(word: &str) -> Result<EntityType, Failure> {
    EntityType::ALL
        .into_iter()
        .find(|entity| entity.as_str() == word)
        .ok_or_else(|| Failure::content(format!("the entity type `{word}`"), "unknown type"))
}

pub(super) fn ownership_state(word: &str) -> Result<OwnershipState, Failure> {
    OwnershipState::ALL
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| Failure::content(format!("the ownership state `{word}`"), "unknown state"))
}

pub(super) fn scope_word(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Read => "read",
        KeyScope::Write => "write",
        KeyScope::Admin => "admin",
    }
}

/// A word of an enum that serde knows by its words: a status, a key's scope.
pub(super) fn word<T: DeserializeOwned>(what: &str, word: &str) -> Result<T, Failure> {
    let value = serde_json::Value::from(word);
    serde_json::from_value(value).map_err(|error| Failure::content(format!("{what} `{word}`"), error))
}

pub(super) fn entity_ref(text: &str) -> Result<Ref, Failure> {
    text.parse().map_err(|error: portal_core::InvalidRef| Failure::content(format!("the ref `{text}`"), error))
}

pub(super) fn digest(text: &str) -> Result<Digest, Failure> {
    Digest::from_hex(text).ok_or_else(|| Failure::content("a digest", "not 32 hexadecimal digits"))
}

pub(super) fn json<T: DeserializeOwned>(what: &str, text: &JsonText) -> Result<T, Failure> {
    serde_json::from_str(&text.0).map_err(|error| Failure::content(what, error))
}

pub(super) fn pack(observations: &[Known]) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_vec(observations).map_err(|error| Failure::content("observations", error))?;
    zstd::bulk::compress(&json, LEVEL).map_err(|error| Failure::content("observations", error))
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<Known>, Failure> {
    let json = zstd::stream::decode_all(bytes).map_err(|error| Failure::content("observations", error))?;
    serde_json::from_slice(&json).map_err(|error| Failure::content("observations", error))
}

/// A name without case. Rust folds it, so that every database answers alike, whatever locale it was made with.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// A number as the databases keep it. Revisions and runs stay far below its limit.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from a database, where none is negative.
pub(super) fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
