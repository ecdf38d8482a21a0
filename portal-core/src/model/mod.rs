//! The entities of the portal and the relations between them.
//!
//! These types are no rows, no wire types and no Python classes: those are counterparts of their own.

mod entity;
mod evidence;

pub use entity::{
    Entity, Environment, Health, Live, Member, Product, Resource, Service, ServiceKind, ServiceType, Team, Workload,
};
pub use evidence::{Evidence, Ownership, OwnershipState, Relation, RelationType};

use crate::id::Text;

/// Key and value pairs, sorted by key: tags, labels, annotations.
pub type Pairs = Vec<(Text, Text)>;
