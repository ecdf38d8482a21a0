//! Between rows and the model.

use jiff::Timestamp;
use portal_core::digest::Digest;
use portal_core::model::{Entity, Live, OwnershipState, Relation, RelationType};
use portal_core::part::Known;
use portal_core::resolve::Finding;
use portal_core::store::Record;
use portal_core::{EntityType, Ref};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::Failure;

/// How hard observations are compressed: the lowest level is three times smaller than JSON and costs next to nothing.
const LEVEL: i32 = 1;

/// Columns of an entity as they are read: data, live, first seen, time of its revision.
pub(super) type EntityRow = (String, Option<String>, String, String);

/// Columns of a relation as they are read: from, type, to, evidence.
pub(super) type RelationRow = (String, String, String, String);

/// Columns of a finding as they are read: kind, subject, message.
pub(super) type FindingRow = (String, Option<String>, String);

pub(super) fn finding((kind, subject, message): FindingRow) -> Result<Finding, Failure> {
    let value = serde_json::json!({"kind": kind, "subject": subject, "message": message});
    serde_json::from_value(value).map_err(|error| Failure::content("a finding", error))
}

pub(super) fn record((data, live, first_seen, updated_at): EntityRow) -> Result<Record, Failure> {
    let mut entity: Entity = json("an entity", &data)?;
    if let (Entity::Workload(workload), Some(live)) = (&mut entity, live) {
        workload.live = Some(json::<Live>("counts of running copies", &live)?);
    }
    Ok(Record { entity, first_seen: time(&first_seen)?, updated_at: time(&updated_at)? })
}

pub(super) fn relation((from, relation, to, evidence): RelationRow) -> Result<Relation, Failure> {
    Ok(Relation {
        from: entity_ref(&from)?,
        relation: relation_type(&relation)?,
        to: entity_ref(&to)?,
        evidence: json("evidence", &evidence)?,
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

pub(super) fn entity_ref(text: &str) -> Result<Ref, Failure> {
    text.parse().map_err(|error: portal_core::InvalidRef| Failure::content(format!("the ref `{text}`"), error))
}

pub(super) fn time(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|error: jiff::Error| Failure::content(format!("the time `{text}`"), error))
}

pub(super) fn digest(text: &str) -> Result<Digest, Failure> {
    Digest::from_hex(text).ok_or_else(|| Failure::content("a digest", "not 32 hexadecimal digits"))
}

pub(super) fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::content(what, error))
}

pub(super) fn to_json<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::content(what, error))
}

pub(super) fn to_raw<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<Box<RawValue>, Failure> {
    serde_json::value::to_raw_value(value).map_err(|error| Failure::content(what, error))
}

pub(super) fn pack(observations: &[Known]) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_vec(observations).map_err(|error| Failure::content("observations", error))?;
    zstd::bulk::compress(&json, LEVEL).map_err(|error| Failure::content("observations", error))
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<Known>, Failure> {
    let json = zstd::stream::decode_all(bytes).map_err(|error| Failure::content("observations", error))?;
    serde_json::from_slice(&json).map_err(|error| Failure::content("observations", error))
}
