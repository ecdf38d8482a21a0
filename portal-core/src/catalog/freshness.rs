//! How old what is known of an entity is.

use jiff::Timestamp;

use super::Catalog;
use super::set::Slot;
use crate::model::{Entity, RelationType, Workload};

/// When an entity was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// When it came.
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    pub last_seen: Option<Timestamp>,
    /// When something about it was changed last.
    pub updated_at: Option<Timestamp>,
    /// Whether the newest read of it did not succeed, so that it may be different by now.
    pub stale: bool,
}

impl Catalog {
    /// When an entity was seen.
    pub fn freshness(&self, entity: &Entity) -> Freshness {
        let slot = self.items.slot(&entity.entity_ref());
        let copies = match (entity, slot) {
            (Entity::Service(_), Some(slot)) => self.copies_of(slot).collect(),
            _ => Vec::new(),
        };
        self.freshness_of(entity, slot.and_then(|slot| self.items.times(slot)), &copies)
    }

    /// [`Catalog::freshness`] by when something came and was changed, and what it runs as.
    pub(super) fn freshness_of(
        &self,
        entity: &Entity,
        times: Option<(Timestamp, Timestamp)>,
        copies: &[Workload],
    ) -> Freshness {
        let parts = entity.parts().iter().filter_map(|key| self.parts.get(key));
        let seen =
            parts.clone().filter_map(|part| if part.is_stale() { part.good_at } else { Some(part.read_at) }).max();
        // The first part is the one that knows most: that a list of tags still shows a function whose own list is
        // denied makes what is known of it no fresher.
        let is_stale = match entity {
            Entity::Workload(_) | Entity::Resource(_) | Entity::Team(_) => {
                parts.clone().next().is_some_and(super::Part::is_stale)
            }
            Entity::Service(_) => {
                let first_part = |copy: &Workload| copy.parts.first().and_then(|key| self.parts.get(key));
                !copies.is_empty() && copies.iter().all(|copy| first_part(copy).is_some_and(super::Part::is_stale))
            }
            Entity::Product(_) | Entity::Environment(_) => false,
        };
        Freshness {
            first_seen: times.map(|times| times.0),
            // It came with an ingest, which is a little later than the read.
            last_seen: entity.stale_since().or(seen).max(times.map(|times| times.0)),
            updated_at: times.map(|times| times.1),
            stale: is_stale || entity.stale_since().is_some(),
        }
    }

    /// When a part was last read well.
    pub(super) fn read_at(&self, part: &str) -> Option<Timestamp> {
        let part = self.parts.get(part)?;
        if part.is_stale() { part.good_at } else { Some(part.read_at) }
    }

    /// The service that a workload belongs to: the first one by ref.
    pub(super) fn service_of(&self, workload: Slot) -> Option<Slot> {
        let backs = self.links.back(workload).iter().filter(|back| back.relation == RelationType::RunsAs);
        backs.map(|back| back.from).find(|service| self.items.is_there(*service))
    }
}
