//! Questions that one relation does not answer.

use std::collections::{HashSet, VecDeque};

use petgraph::Direction;
use petgraph::visit::EdgeRef;
use serde::Serialize;

use super::OwnershipGraph;
use crate::id::Ref;
use crate::model::{Entity, RelationType};

/// Something that is hit when something else fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependent {
    /// What is hit.
    #[serde(rename = "ref")]
    pub entity: Ref,
    /// How many steps away.
    pub distance: usize,
    /// What it reaches the failing thing through.
    pub via: Ref,
    /// What it has to do with that.
    pub relation: RelationType,
}

impl OwnershipGraph {
    /// Everything that a team owns directly, sorted by ref.
    pub fn owned(&self, team: &Ref) -> Vec<&Entity> {
        let Some(node) = self.index.get(team) else { return Vec::new() };
        let mut owned: Vec<&Entity> = self
            .graph
            .edges_directed(*node, Direction::Incoming)
            .filter(|edge| edge.weight().relation() == RelationType::OwnedBy)
            .map(|edge| &self.graph[edge.source()])
            .collect();
        owned.sort_by_cached_key(|entity| entity.entity_ref());
        owned
    }

    /// The blast radius: what uses or depends on an entity, directly or through others, nearest first.
    pub fn dependents(&self, entity: &Ref) -> Vec<Dependent> {
        let Some(start) = self.index.get(entity) else { return Vec::new() };
        // A function is a resource and, under the same ARN, the workload of a service.
        let as_workload = self.index.get(&Ref::function_workload(entity.local()));
        let mut queue: VecDeque<_> =
            std::iter::once(*start).chain(as_workload.copied()).map(|node| (node, 0)).collect();
        let mut seen: HashSet<_> = queue.iter().map(|(node, _)| *node).collect();
        let mut found = Vec::new();
        while let Some((node, distance)) = queue.pop_front() {
            for edge in self.graph.edges_directed(node, Direction::Incoming) {
                let relation = edge.weight().relation();
                let hits = matches!(
                    relation,
                    RelationType::Uses | RelationType::DependsOn | RelationType::RunsAs | RelationType::CreatedBy
                );
                if hits && seen.insert(edge.source()) {
                    queue.push_back((edge.source(), distance + 1));
                    found.push(Dependent {
                        entity: self.graph[edge.source()].entity_ref(),
                        distance: distance + 1,
                        via: self.graph[node].entity_ref(),
                        relation,
                    });
                }
            }
        }
        found.sort_by(|a, b| (a.distance, &a.entity).cmp(&(b.distance, &b.entity)));
        found
    }
}
