//! From observations to owners: a pure function of what was seen and the rules.
//!
//! The same input gives an equal result in any order of input. Nothing here reads a clock, a disk or a network.

mod directory;
mod estate;
mod findings;
mod ownership;
mod references;
mod relations;
mod services;
mod teams;

pub use findings::{Finding, FindingKind};

use crate::graph::OwnershipGraph;
use crate::model::{Entity, Relation};
use crate::part::PartContent;
use crate::rules::Rules;
use directory::Directory;
use estate::Estate;
use findings::Findings;
use relations::Edges;
use services::Services;
use teams::Teams;

/// What the resolver found out.
#[derive(Debug)]
pub struct Resolution {
    /// All entities and relations.
    pub graph: OwnershipGraph,
    /// What a person should look at, sorted.
    pub findings: Vec<Finding>,
}

/// Resolves a whole estate.
pub fn resolve(parts: &[PartContent], rules: &Rules) -> Resolution {
    let (entities, relations, findings) = resolve_flat(parts, rules);
    Resolution { graph: OwnershipGraph::new(entities, relations), findings }
}

/// Entities and relations as the store keeps them, sorted, without what follows from the entities alone; and findings.
pub(crate) type Flat = (Vec<Entity>, Vec<Relation>, Vec<Finding>);

/// Resolves a whole estate for who asks no questions of the graph.
pub(crate) fn resolve_flat(parts: &[PartContent], rules: &Rules) -> Flat {
    let mut findings = Findings::default();
    let estate = Estate::gather(parts, &mut findings);
    let directory = Directory::read(&estate, rules, &mut findings);
    let teams = Teams::of(rules, directory, &mut findings);
    let mut services = Services::group(&estate, rules);
    let mut edges = Edges::default();
    relations::created_by(&estate, &mut edges);
    references::find(&estate, &services, rules, &mut edges, &mut findings);
    let mut owners = ownership::decide(&estate, &services, &edges, rules, &teams, &mut findings);
    services.take_owners(&mut owners.services);
    let (entities, relations) = relations::assemble(&estate, services, owners.resources, edges, rules, &teams);
    (entities, relations, findings.sorted())
}
