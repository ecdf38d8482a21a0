//! A piece of the graph that can be drawn.

use portal_core::catalog::Neighbourhood;
use portal_core::{Catalog, EntityType, Ref, RelationType, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{EntityTypeWord, RelationWord};

/// What is around an entity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Graph)]
pub struct GraphView {
    /// Entities, nearest first; the asked one is the first.
    pub nodes: Vec<NodeView>,
    /// All relations between these.
    pub edges: Vec<EdgeView>,
    /// Whether there was more than the limit allowed.
    pub cut: bool,
}

/// An entity in a graph.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphNode)]
pub struct NodeView {
    /// What it is.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The name to show.
    #[schema(value_type = String)]
    pub name: Text,
    /// What it is.
    #[serde(rename = "type")]
    #[schema(value_type = EntityTypeWord)]
    pub entity_type: EntityType,
    /// The owner's slug.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// How many steps away.
    pub distance: usize,
}

/// A relation in a graph.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphEdge)]
pub struct EdgeView {
    /// Where it starts.
    #[schema(value_type = String)]
    pub from: Ref,
    /// What it means.
    #[serde(rename = "type")]
    #[schema(value_type = RelationWord)]
    pub relation: RelationType,
    /// Where it leads.
    #[schema(value_type = String)]
    pub to: Ref,
}

impl GraphView {
    /// The view of a neighbourhood.
    pub fn of(catalog: &Catalog, found: Neighbourhood) -> GraphView {
        let node = |node: portal_core::catalog::Node| NodeView {
            team: catalog.entity(&node.entity).ok().and_then(|entity| entity.ownership()?.team.clone()),
            entity_type: node.entity.entity_type(),
            name: node.name,
            distance: node.distance,
            entity_ref: node.entity,
        };
        let edge =
            |edge: portal_core::catalog::Edge| EdgeView { from: edge.from, relation: edge.relation, to: edge.to };
        GraphView {
            nodes: found.nodes.into_iter().map(node).collect(),
            edges: found.edges.into_iter().map(edge).collect(),
            cut: found.is_cut,
        }
    }
}
