//! Lists: which entities, in which order.

use super::filter::{Filter, Hidden, TagFilter};
use super::fold::fold;
use super::page::{self, Key, Page, Paging, Place, Sort};
use super::{Catalog, CatalogError};
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Health, Live, RelationType, Workload};

impl Catalog {
    /// A page of the entities of a type.
    ///
    /// # Errors
    /// [`CatalogError::InvalidCursor`] for a cursor that is none, or that belongs to another list.
    pub fn list(&self, of: EntityType, filter: &Filter, paging: &Paging) -> Result<Page, CatalogError> {
        let after = page::read(of, filter, paging)?;
        let words = filter.words();
        let mut found: Vec<(Place, &Entity)> =
            self.matching(of, filter, &words).map(|entity| (self.place(entity, paging.sort), entity)).collect();
        let total = found.len();
        found.sort_by(|a, b| if paging.descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) });
        if let Some(after) = after {
            found.retain(|(place, _)| if paging.descending { *place < after } else { *place > after });
        }
        let more = found.len() > paging.limit.max(1);
        found.truncate(paging.limit.max(1));
        let next_cursor = found.last().filter(|_| more).map(|(place, _)| page::write(of, filter, paging, place));
        Ok(Page { items: found.into_iter().map(|(_, entity)| entity.clone()).collect(), total, next_cursor })
    }

    /// The refs of all entities of a type that fit a filter, sorted by ref.
    pub fn refs(&self, of: EntityType, filter: &Filter) -> Vec<Ref> {
        let words = filter.words();
        let mut refs: Vec<Ref> = self.matching(of, filter, &words).map(Entity::entity_ref).collect();
        refs.sort();
        refs
    }

    pub(super) fn matching<'c>(
        &'c self,
        of: EntityType,
        filter: &Filter,
        words: &[String],
    ) -> impl Iterator<Item = &'c Entity> {
        self.graph.entities().filter(move |entity| entity.entity_type() == of && self.fits(entity, filter, words))
    }

    fn place(&self, entity: &Entity, sort: Sort) -> Place {
        let entity_ref = entity.entity_ref();
        let text = |text: Option<String>| text.map_or(Key::Nothing, Key::Text);
        let times = self.times.get(&entity_ref);
        let key = match sort {
            Sort::Name => Key::Nothing,
            Sort::Type => text(Some(types(entity).join(" "))),
            Sort::Team => text(team(entity).map(ToString::to_string)),
            Sort::Status => self.status(entity).map_or(Key::Nothing, |health| Key::Number(health as i128)),
            Sort::FirstSeen => times.map_or(Key::Nothing, |times| Key::Number(times.0.as_nanosecond())),
            Sort::UpdatedAt => times.map_or(Key::Nothing, |times| Key::Number(times.1.as_nanosecond())),
            Sort::CreatedAt => entity.created_at().map_or(Key::Nothing, |time| Key::Number(time.as_nanosecond())),
        };
        Place { key, name: fold(&self.shown_name(entity, &entity_ref)), entity: entity_ref }
    }

    fn fits(&self, entity: &Entity, filter: &Filter, words: &[String]) -> bool {
        let state = entity.ownership().map(|ownership| ownership.state);
        let hidden = || self.is_hidden(&entity.entity_ref());
        any(&filter.teams, |wanted| team(entity) == Some(wanted))
            && any(&filter.products, |wanted| product(entity) == Some(wanted))
            && any(&filter.ownership, |wanted| state == Some(*wanted))
            && any(&filter.types, |wanted| types(entity).contains(&wanted.as_str()))
            && any(&filter.statuses, |wanted| self.status(entity) == Some(*wanted))
            && self.fits_place(entity, filter)
            && any(&filter.tags, |wanted| has_tag(entity, wanted))
            && self.fits_words(entity, words)
            && match filter.hidden {
                Hidden::With => true,
                Hidden::Only => hidden(),
                Hidden::Without => !hidden(),
            }
    }

    fn fits_words(&self, entity: &Entity, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let entity_ref = entity.entity_ref();
        let mut texts = self.names(entity, &entity_ref);
        texts.push(fold(entity_ref.as_str()));
        words.iter().all(|word| texts.iter().any(|text| text.contains(word)) || self.described(&entity_ref, word))
    }

    fn fits_place(&self, entity: &Entity, filter: &Filter) -> bool {
        if filter.environments.is_empty() && filter.accounts.is_empty() && filter.regions.is_empty() {
            return true;
        }
        self.places(entity).into_iter().any(|(account, region)| {
            let named =
                |wanted: &Text| account.as_ref().is_some_and(|id| id == wanted || self.environment_name(id) == *wanted);
            any(&filter.environments, named)
                && any(&filter.accounts, |wanted| account.as_ref() == Some(wanted))
                && any(&filter.regions, |wanted| region.as_ref() == Some(wanted))
        })
    }

    /// What services and workloads are found to be.
    pub(super) fn status(&self, entity: &Entity) -> Option<Health> {
        match entity {
            Entity::Service(_) => Some(self.service_status(&entity.entity_ref())),
            Entity::Workload(workload) => Some(workload.live.map_or(Health::Unknown, Live::health)),
            _ => None,
        }
    }

    /// Account and region of everything that an entity is or runs as.
    pub fn places(&self, entity: &Entity) -> Vec<(Option<Text>, Option<Text>)> {
        match entity {
            Entity::Resource(resource) => vec![(resource.account.clone(), resource.region.clone())],
            Entity::Workload(workload) => vec![(workload.account.clone(), workload.region.clone())],
            Entity::Environment(environment) => vec![(Some(environment.account.clone()), None)],
            Entity::Service(_) => self.workloads(entity).into_iter().map(|w| (w.account, w.region)).collect(),
            Entity::Team(_) | Entity::Product(_) => Vec::new(),
        }
    }

    /// What a service runs as, sorted by ref.
    pub fn workloads(&self, service: &Entity) -> Vec<Workload> {
        self.workloads_of(&service.entity_ref())
    }

    pub(super) fn workloads_of(&self, service: &Ref) -> Vec<Workload> {
        let targets = self.targets(service, RelationType::RunsAs);
        targets
            .iter()
            .filter_map(|target| match self.entity(target) {
                Ok(Entity::Workload(workload)) => Some(workload),
                _ => None,
            })
            .collect()
    }
}

/// The owner; of a team itself.
pub(super) fn team(entity: &Entity) -> Option<&Text> {
    match entity {
        Entity::Team(team) => Some(&team.name),
        other => other.ownership().and_then(|ownership| ownership.team.as_ref()),
    }
}

pub(super) fn product(entity: &Entity) -> Option<&Text> {
    match entity {
        Entity::Product(product) => Some(&product.name),
        Entity::Team(team) => team.product.as_ref(),
        Entity::Service(service) => service.product.as_ref(),
        Entity::Resource(resource) => resource.product.as_ref(),
        Entity::Workload(_) | Entity::Environment(_) => None,
    }
}

/// The words of a type.
pub(super) fn types(entity: &Entity) -> Vec<&str> {
    match entity {
        Entity::Resource(resource) => vec![&resource.resource_type],
        Entity::Workload(workload) => vec![&workload.kind],
        Entity::Service(service) => vec![service.service_type.as_str(), service.kind.as_str()],
        Entity::Team(_) | Entity::Product(_) | Entity::Environment(_) => Vec::new(),
    }
}

fn any<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

fn has_tag(entity: &Entity, wanted: &TagFilter) -> bool {
    let tags = match entity {
        Entity::Resource(resource) => &resource.tags,
        Entity::Service(service) => &service.tags,
        Entity::Team(_) | Entity::Product(_) | Entity::Workload(_) | Entity::Environment(_) => return false,
    };
    tags.iter().any(|(key, value)| fold(key) == fold(&wanted.key) && *value == wanted.value)
}
