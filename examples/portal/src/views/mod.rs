//! What users see of an entity: JSON for machines, the same for the command line and the API.
//!
//! These are counterparts of the model's types, so that the model may change without breaking a script.

mod organisation;
mod resource;
mod service;

use portal_core::catalog::Filter;
use portal_core::model::Entity;
use portal_core::{Catalog, RelationType};
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
    let ends = if incoming { catalog.origins(&entity_ref, relation) } else { catalog.targets(&entity_ref, relation) };
    ends.iter().map(ToString::to_string).collect()
}

/// Counts of what fits a filter.
fn counts(catalog: &Catalog, filter: &Filter) -> organisation::Counts {
    let counts = catalog.counts(filter);
    organisation::Counts {
        services: counts.services,
        resources: counts.resources,
        by_environment: counts.by_environment.into_iter().map(|(name, count)| (name.to_string(), count)).collect(),
    }
}
