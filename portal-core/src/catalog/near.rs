//! The neighbourhood of an entity: a small piece of the graph that can be drawn.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Serialize;

use super::set::Slot;
use super::{Catalog, CatalogError};
use crate::id::{EntityType, Ref, Text};
use crate::model::RelationType;

/// A piece of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Neighbourhood {
    /// What is in it, nearest first; the entity itself is the first one.
    pub nodes: Vec<Node>,
    /// All relations between these, sorted.
    pub edges: Vec<Edge>,
    /// Whether there was more than the limit allowed.
    pub is_cut: bool,
}

/// An entity in a neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What it is.
    #[serde(rename = "ref")]
    pub entity: Ref,
    /// The name to show.
    pub name: Text,
    /// How many steps away.
    pub distance: usize,
}

/// A relation in a neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// Where it starts.
    pub from: Ref,
    /// What it means.
    #[serde(rename = "type")]
    pub relation: RelationType,
    /// Where it leads.
    pub to: Ref,
}

impl Catalog {
    /// What is around an entity, up to so many steps away and so many entities.
    ///
    /// Teams, products and environments are shown and not walked through, except for the asked one: everything is near to
    /// everything over them. Hidden entities are left out.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`].
    pub fn neighbourhood(&self, asked: &Ref, depth: usize, limit: usize) -> Result<Neighbourhood, CatalogError> {
        let start = self.items.living(asked).ok_or_else(|| CatalogError::NotFound(asked.clone()))?;
        let mut distances: HashMap<Slot, usize> = HashMap::from([(start, 0)]);
        let mut order = vec![start];
        let mut queue = VecDeque::from([start]);
        let mut is_cut = false;
        while let Some(from) = queue.pop_front() {
            let distance = distances[&from];
            if distance == depth || distance > 0 && is_hub(&self.items.entity_ref(from)) {
                continue;
            }
            let away = self.steps_from(from).into_iter().chain(self.steps_to(from));
            for next in away.map(|(_, next)| next) {
                if distances.contains_key(&next) || self.index.hidden.contains(next) {
                    continue;
                }
                if order.len() >= limit.max(1) {
                    is_cut = true;
                    break;
                }
                distances.insert(next, distance + 1);
                order.push(next);
                queue.push_back(next);
            }
        }
        let edge = |from: Slot, (relation, to): (RelationType, Slot)| Edge {
            from: self.items.entity_ref(from),
            relation,
            to: self.items.entity_ref(to),
        };
        let mut edges: BTreeSet<Edge> = BTreeSet::new();
        for from in &order {
            let inside = self.steps_from(*from).into_iter().filter(|(_, to)| distances.contains_key(to));
            edges.extend(inside.map(|step| edge(*from, step)));
        }
        let node = |slot: Slot| {
            let entity = self.items.entity_ref(slot);
            Node { name: self.display_name(&entity), distance: distances[&slot], entity }
        };
        Ok(Neighbourhood { nodes: order.into_iter().map(node).collect(), edges: edges.into_iter().collect(), is_cut })
    }
}

/// Whether everything comes together there.
fn is_hub(entity: &Ref) -> bool {
    matches!(entity.entity_type(), EntityType::Team | EntityType::Product | EntityType::Environment)
}
