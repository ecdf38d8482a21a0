//! What users see of an entity: JSON for machines, the same for the command line and the API.
//!
//! These are counterparts of the model's types, so that the model may change without breaking a script.

mod organisation;
mod resource;
mod service;

use portal_core::model::Entity;
use portal_core::{Catalog, EntityType, RelationType};
use serde::Serialize;

pub use organisation::{EnvironmentView, ProductView, TeamView};
pub use resource::ResourceView;
pub use service::{ServiceView, WorkloadView};

/// A list: the API's envelope.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: usize,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// Any entity.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum View {
    /// A product.
    Product(ProductView),
    /// A team.
    Team(Box<TeamView>),
    /// A service.
    Service(Box<ServiceView>),
    /// A workload.
    Workload(Box<WorkloadView>),
    /// A resource.
    Resource(Box<ResourceView>),
    /// An environment.
    Environment(EnvironmentView),
}

/// The view of an entity; `whole` with all that leads to and from it.
pub fn view(catalog: &Catalog, entity: &Entity, whole: bool) -> View {
    match entity {
        Entity::Product(product) => View::Product(ProductView::of(catalog, product)),
        Entity::Team(team) => View::Team(Box::new(TeamView::of(catalog, team, whole))),
        Entity::Service(service) => View::Service(Box::new(ServiceView::of(catalog, entity, service, whole))),
        Entity::Workload(workload) => View::Workload(Box::new(WorkloadView::of(catalog, entity, workload))),
        Entity::Resource(resource) => View::Resource(Box::new(ResourceView::of(catalog, entity, resource, whole))),
        Entity::Environment(environment) => View::Environment(EnvironmentView::of(environment)),
    }
}

/// Refs at the other end of an entity's relations.
fn ends(catalog: &Catalog, entity: &Entity, relation: RelationType, incoming: bool) -> Vec<String> {
    let entity_ref = entity.entity_ref();
    let graph = catalog.graph();
    let relations = if incoming { graph.relations_to(&entity_ref) } else { graph.relations_from(&entity_ref) };
    relations
        .into_iter()
        .filter(|found| found.relation == relation)
        .map(|found| if incoming { found.from.to_string() } else { found.to.to_string() })
        .collect()
}

/// Counts of services and resources, by environment.
fn counts<'c>(catalog: &'c Catalog, owned: impl Iterator<Item = &'c Entity>) -> organisation::Counts {
    let mut counts = organisation::Counts::default();
    for entity in owned {
        match entity.entity_type() {
            EntityType::Service => counts.services += 1,
            EntityType::Resource => counts.resources += 1,
            _ => continue,
        }
        let mut environments: Vec<&str> = catalog
            .places(entity)
            .into_iter()
            .filter_map(|(account, _)| account)
            .map(|a| catalog.environment_name(a))
            .collect();
        environments.sort_unstable();
        environments.dedup();
        for environment in environments {
            *counts.by_environment.entry(environment.to_owned()).or_default() += 1;
        }
    }
    counts
}
