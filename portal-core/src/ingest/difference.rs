//! What differs between a resolution and what the store holds.

use super::IngestReport;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::model::Entity;
use crate::resolve::Flat;
use crate::store::{Change, Store};

/// Adds to a change all that makes the store equal to the resolution.
pub(super) async fn add<S: Store + ?Sized>(
    store: &S,
    (entities, relations, findings): Flat,
    change: &mut Change,
    report: &mut IngestReport,
) -> Result<(), StoreError> {
    let mut before = store.digests().await?;
    for entity in entities {
        let entity_ref = entity.entity_ref();
        let digest = Digest::of(entity.without_live().as_ref());
        let live = match &entity {
            Entity::Workload(workload) => workload.live,
            _ => None,
        };
        let old = before.entities.remove(&entity_ref);
        if old != Some(digest) {
            *(if old.is_none() { &mut report.added } else { &mut report.changed }) += 1;
            change.put_entities.push((entity, digest));
        } else if before.live.get(&entity_ref).copied() != live {
            change.live.push((entity_ref, live));
        }
    }
    change.retired_entities = before.entities.into_keys().collect();
    change.retired_entities.sort();
    report.retired = change.retired_entities.len() as u64;
    for relation in relations {
        let digest = Digest::of(&relation.evidence);
        let key = (relation.from.clone(), relation.relation, relation.to.clone());
        if before.relations.remove(&key) != Some(digest) {
            change.put_relations.push((relation, digest));
        }
    }
    change.retired_relations = before.relations.into_keys().collect();
    change.retired_relations.sort();
    let digest = Digest::of(&findings);
    if before.findings != Some(digest) && !(before.findings.is_none() && findings.is_empty()) {
        change.findings = Some((findings, digest));
    }
    Ok(())
}
