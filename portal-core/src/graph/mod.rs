//! The ownership graph: entities, relations, and the questions people ask of them.
//!
//! petgraph is inside and stays there.

pub(crate) mod derive;
mod diff;
mod query;

use std::collections::HashMap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

pub use diff::GraphDiff;
pub use query::Dependent;

use crate::id::Ref;
use crate::model::{Entity, Evidence, Relation, RelationType};

/// All entities and relations of one moment.
#[derive(Clone, Debug, Default)]
pub struct OwnershipGraph {
    graph: DiGraph<Entity, Edge>,
    index: HashMap<Ref, NodeIndex>,
}

#[derive(Clone, Debug)]
enum Edge {
    /// Found by the resolver, with its evidence.
    Found(RelationType, Vec<Evidence>),
    /// Follows from the entity alone, and so does its evidence.
    Derived(RelationType),
}

impl Edge {
    fn relation(&self) -> RelationType {
        match self {
            Edge::Found(relation, _) | Edge::Derived(relation) => *relation,
        }
    }
}

impl OwnershipGraph {
    /// Builds the graph. Relations that follow from an entity (`owned_by`, `part_of`, `in`) are added, not expected;
    /// a relation one end of which is missing is left out.
    pub fn new(entities: Vec<Entity>, relations: Vec<Relation>) -> OwnershipGraph {
        let mut graph = DiGraph::with_capacity(entities.len(), relations.len() + 2 * entities.len());
        let mut index = HashMap::with_capacity(entities.len());
        for entity in entities {
            let entity_ref = entity.entity_ref();
            let node = graph.add_node(entity);
            index.insert(entity_ref, node);
        }
        for Relation { from, relation, to, evidence } in relations {
            if let (Some(from), Some(to)) = (index.get(&from), index.get(&to)) {
                graph.add_edge(*from, *to, Edge::Found(relation, evidence));
            }
        }
        for node in graph.node_indices() {
            for (relation, to) in derive::relations(&graph[node]) {
                if let Some(to) = index.get(&to) {
                    graph.add_edge(node, *to, Edge::Derived(relation));
                }
            }
        }
        OwnershipGraph { graph, index }
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One entity.
    pub fn entity(&self, entity: &Ref) -> Option<&Entity> {
        self.index.get(entity).map(|node| &self.graph[*node])
    }

    /// All entities, sorted by ref.
    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.graph.node_weights()
    }

    /// The relations that do not follow from a single entity, sorted as they were given.
    pub fn found_relations(&self) -> impl Iterator<Item = Relation> + '_ {
        self.graph.edge_references().filter_map(|edge| match edge.weight() {
            Edge::Found(relation, evidence) => Some(Relation {
                from: self.graph[edge.source()].entity_ref(),
                relation: *relation,
                to: self.graph[edge.target()].entity_ref(),
                evidence: evidence.clone(),
            }),
            Edge::Derived(_) => None,
        })
    }

    /// Takes the graph apart again: entities, and the relations that do not follow from a single one.
    pub fn into_parts(self) -> (Vec<Entity>, Vec<Relation>) {
        let (nodes, edges) = self.graph.into_nodes_edges();
        let refs: Vec<Ref> = nodes.iter().map(|node| node.weight.entity_ref()).collect();
        let relations = edges.into_iter().filter_map(|edge| {
            let (from, to) = (refs[edge.source().index()].clone(), refs[edge.target().index()].clone());
            match edge.weight {
                Edge::Found(relation, evidence) => Some(Relation { from, relation, to, evidence }),
                Edge::Derived(_) => None,
            }
        });
        let relations = relations.collect();
        (nodes.into_iter().map(|node| node.weight).collect(), relations)
    }

    /// Relations that lead away from an entity, sorted.
    pub fn relations_from(&self, entity: &Ref) -> Vec<Relation> {
        self.relations(entity, Direction::Outgoing)
    }

    /// Relations that lead to an entity, sorted.
    pub fn relations_to(&self, entity: &Ref) -> Vec<Relation> {
        self.relations(entity, Direction::Incoming)
    }

    fn relations(&self, entity: &Ref, direction: Direction) -> Vec<Relation> {
        let Some(node) = self.index.get(entity) else { return Vec::new() };
        let mut relations: Vec<Relation> = self
            .graph
            .edges_directed(*node, direction)
            .map(|edge| {
                let from = &self.graph[edge.source()];
                let to = self.graph[edge.target()].entity_ref();
                let evidence = match edge.weight() {
                    Edge::Found(_, evidence) => evidence.clone(),
                    Edge::Derived(relation) => derive::evidence(from, *relation, &to),
                };
                Relation { from: from.entity_ref(), relation: edge.weight().relation(), to, evidence }
            })
            .collect();
        relations.sort_by(|a, b| (a.relation, &a.from, &a.to).cmp(&(b.relation, &b.from, &b.to)));
        relations
    }
}
