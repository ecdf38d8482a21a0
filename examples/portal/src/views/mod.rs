//! What users see of an entity: JSON for machines, the same for the command line and the API.
//!
//! These are counterparts of the model's types, so that the model may change without breaking a script, and they name
//! themselves to the API's document.

mod answer;
mod change;
mod found;
mod graph;
mod health;
mod legacy;
mod organisation;
mod resource;
mod said;
mod service;
mod source;
pub mod words;

use portal_core::catalog::{Entry, Freshness};
use portal_core::model::{Entity, Health};
use portal_core::{Catalog, Ref};
use serde::Serialize;
use utoipa::ToSchema;

pub use answer::{EvidenceView, ExplanationView, LinkedView, OwnerView};
pub use change::{ChangeList, ChangeView, FieldView};
pub use found::{CountView, FacetView, FacetsView, FindingView, FoundView, HitView};
pub use graph::{EdgeView, GraphView, NodeView};
pub use health::{HealthView, SpanView};
pub use legacy::{LegacyServiceView, LegacyServicesView};
pub use organisation::{Counts, EXPANDED, EnvironmentView, MemberView, Owned, ProductView, TeamView};
pub use resource::{ResourceView, SuggestionView};
pub use said::{CuratedView, HiddenView, LinkView};
pub use service::{Replicas, ServiceView, WorkloadView};
pub use source::{HoldView, KindView, ReleaseView, ScopeView};

/// A list: the API's envelope.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: usize,
    /// What asks for the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The same page with each item in another form.
    pub fn map<U>(self, form: impl FnMut(T) -> U) -> List<U> {
        let List { items, total, next_cursor } = self;
        List { items: items.into_iter().map(form).collect(), total, next_cursor }
    }
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
pub fn view(catalog: &Catalog, entry: Entry, whole: bool) -> View {
    let Entry { entity_ref, entity, freshness, workloads, status } = entry;
    let known = Known { entity_ref, freshness, status: status.unwrap_or(Health::Unknown), whole };
    match entity {
        Entity::Product(product) => View::Product(ProductView::of(catalog, product, known)),
        Entity::Team(team) => View::Team(Box::new(TeamView::of(catalog, team, known))),
        Entity::Service(service) => View::Service(Box::new(ServiceView::of(catalog, service, workloads, known))),
        Entity::Workload(workload) => View::Workload(Box::new(WorkloadView::of(catalog, workload, known))),
        Entity::Resource(resource) => View::Resource(Box::new(ResourceView::of(catalog, resource, known))),
        Entity::Environment(environment) => View::Environment(EnvironmentView::of(environment, known)),
    }
}

/// What is known of an entity before it is taken apart.
struct Known {
    entity_ref: Ref,
    freshness: Freshness,
    /// What a service or workload is found to be.
    status: Health,
    whole: bool,
}
