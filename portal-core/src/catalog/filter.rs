//! Lists: which entities, in which order.

use super::Catalog;
use crate::id::{EntityType, Text};
use crate::model::{Entity, OwnershipState};

/// What a list is narrowed to: several values of one field mean any of them, several fields mean all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Slugs of owning teams.
    pub teams: Vec<Text>,
    /// Slugs of products.
    pub products: Vec<Text>,
    /// Names or account ids of environments.
    pub environments: Vec<Text>,
    /// Types of resources, or types or kinds of services.
    pub types: Vec<Text>,
    /// Regions.
    pub regions: Vec<Text>,
    /// Tags or labels.
    pub tags: Vec<TagFilter>,
    /// States of ownership.
    pub ownership: Vec<OwnershipState>,
    /// A part of the name or ref, compared without case.
    pub text: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A tag that has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    /// Compared without case.
    pub key: Text,
    /// Compared as it is.
    pub value: Text,
}

/// A part of a list.
#[derive(Debug)]
pub struct Page<'c> {
    /// What is on it.
    pub items: Vec<&'c Entity>,
    /// How many there are in all.
    pub total: usize,
}

impl Catalog {
    /// Entities of a type, sorted by name and then ref.
    pub fn list(&self, entity_type: EntityType, filter: &Filter) -> Page<'_> {
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        let mut found: Vec<&Entity> = self
            .graph
            .entities()
            .filter(|entity| entity.entity_type() == entity_type && self.fits(entity, filter, text.as_deref()))
            .collect();
        found.sort_by_cached_key(|entity| (entity.name().to_owned(), entity.entity_ref()));
        let total = found.len();
        found.truncate(filter.limit.unwrap_or(total));
        Page { items: found, total }
    }

    fn fits(&self, entity: &Entity, filter: &Filter, text: Option<&str>) -> bool {
        let team = match entity {
            Entity::Team(team) => Some(&team.name),
            other => other.ownership().and_then(|ownership| ownership.team.as_ref()),
        };
        let product = match entity {
            Entity::Product(product) => Some(&product.name),
            Entity::Team(team) => team.product.as_ref(),
            Entity::Service(service) => service.product.as_ref(),
            Entity::Resource(resource) => resource.product.as_ref(),
            Entity::Workload(_) | Entity::Environment(_) => None,
        };
        let state = entity.ownership().map(|ownership| ownership.state);
        any(&filter.teams, |wanted| team == Some(wanted))
            && any(&filter.products, |wanted| product == Some(wanted))
            && any(&filter.ownership, |wanted| state == Some(*wanted))
            && any(&filter.types, |wanted| is_of_type(entity, wanted))
            && self.fits_place(entity, filter)
            && any(&filter.tags, |wanted| has_tag(entity, wanted))
            && text.is_none_or(|text| {
                entity.name().to_lowercase().contains(text)
                    || entity.entity_ref().as_str().to_lowercase().contains(text)
            })
    }

    fn fits_place(&self, entity: &Entity, filter: &Filter) -> bool {
        if filter.environments.is_empty() && filter.regions.is_empty() {
            return true;
        }
        self.places(entity).into_iter().any(|(account, region)| {
            let named = |wanted: &Text| account.is_some_and(|id| id == wanted || self.environment_name(id) == wanted);
            any(&filter.environments, named) && any(&filter.regions, |wanted| region == Some(wanted.as_str()))
        })
    }

    /// Account and region of everything that an entity is or runs as.
    pub fn places<'c>(&'c self, entity: &'c Entity) -> Vec<(Option<&'c str>, Option<&'c str>)> {
        match entity {
            Entity::Resource(resource) => vec![(resource.account.as_deref(), resource.region.as_deref())],
            Entity::Workload(workload) => vec![(workload.account.as_deref(), workload.region.as_deref())],
            Entity::Environment(environment) => vec![(Some(&environment.account), None)],
            Entity::Service(_) => self
                .workloads(entity)
                .map(|workload| (workload.account.as_deref(), workload.region.as_deref()))
                .collect(),
            Entity::Team(_) | Entity::Product(_) => Vec::new(),
        }
    }

    /// What a service runs as, sorted by ref.
    pub fn workloads<'c>(&'c self, service: &Entity) -> impl Iterator<Item = &'c crate::model::Workload> + use<'c> {
        let relations = self.graph.relations_from(&service.entity_ref());
        relations.into_iter().filter(|relation| relation.relation == crate::RelationType::RunsAs).filter_map(
            |relation| match self.graph.entity(&relation.to) {
                Some(Entity::Workload(workload)) => Some(workload),
                _ => None,
            },
        )
    }
}

fn any<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

fn is_of_type(entity: &Entity, wanted: &str) -> bool {
    match entity {
        Entity::Resource(resource) => resource.resource_type == wanted,
        Entity::Workload(workload) => workload.kind == wanted,
        Entity::Service(service) => service.service_type.as_str() == wanted || service.kind.as_str() == wanted,
        Entity::Team(_) | Entity::Product(_) | Entity::Environment(_) => false,
    }
}

fn has_tag(entity: &Entity, wanted: &TagFilter) -> bool {
    let tags = match entity {
        Entity::Resource(resource) => &resource.tags,
        Entity::Service(service) => &service.tags,
        Entity::Team(_) | Entity::Product(_) | Entity::Workload(_) | Entity::Environment(_) => return false,
    };
    tags.iter().any(|(key, value)| key.eq_ignore_ascii_case(&wanted.key) && *value == wanted.value)
}
