//! What changed between two graphs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::OwnershipGraph;
use crate::id::Ref;
use crate::model::{Entity, RelationType};

/// What is different in a later graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GraphDiff {
    /// Entities that are new.
    pub added: Vec<Ref>,
    /// Entities that are gone.
    pub removed: Vec<Ref>,
    /// Entities that are there in both and differ.
    pub changed: Vec<Ref>,
    /// Relations that are new.
    pub linked: Vec<(Ref, RelationType, Ref)>,
    /// Relations that are gone.
    pub unlinked: Vec<(Ref, RelationType, Ref)>,
}

impl OwnershipGraph {
    /// What has to happen to this graph to make it the later one. Counts of running copies are no difference.
    pub fn diff(&self, later: &OwnershipGraph) -> GraphDiff {
        let mut diff = GraphDiff::default();
        for entity in self.entities() {
            let entity_ref = entity.entity_ref();
            match later.entity(&entity_ref) {
                None => diff.removed.push(entity_ref),
                Some(other) if entity.without_live() != other.without_live() => diff.changed.push(entity_ref),
                Some(_) => {}
            }
        }
        diff.added = later.entities().map(Entity::entity_ref).filter(|r| !self.index.contains_key(r)).collect();
        let (before, after) = (self.links(), later.links());
        diff.linked = after.difference(&before).cloned().collect();
        diff.unlinked = before.difference(&after).cloned().collect();
        for list in [&mut diff.added, &mut diff.removed, &mut diff.changed] {
            list.sort();
        }
        diff
    }

    fn links(&self) -> BTreeSet<(Ref, RelationType, Ref)> {
        self.graph
            .edge_indices()
            .filter_map(|edge| {
                let (from, to) = self.graph.edge_endpoints(edge)?;
                let relation = self.graph[edge].relation();
                Some((self.graph[from].entity_ref(), relation, self.graph[to].entity_ref()))
            })
            .collect()
    }
}
