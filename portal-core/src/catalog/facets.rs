//! Facets: how many there are of each value, so that a person sees what narrowing a list would give.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Catalog;
use super::filter::{Filter, shown_tag};
use crate::id::{EntityType, Text};
use crate::model::Entity;

/// How many tags are counted at most: the most frequent ones.
pub(super) const TAGS: usize = 50;

/// How many of a list have each value. Each field is counted as if the filter did not name it.
///
/// The most frequent value comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// How many fit the whole filter.
    pub total: usize,
    /// Slugs of owners.
    pub teams: Vec<Count>,
    /// Slugs of products.
    pub products: Vec<Count>,
    /// Types of resources, kinds of workloads, types and kinds of services.
    pub types: Vec<Count>,
    /// Names of environments.
    pub environments: Vec<Count>,
    /// Account ids.
    pub accounts: Vec<Count>,
    /// Regions.
    pub regions: Vec<Count>,
    /// States of ownership.
    pub ownership: Vec<Count>,
    /// What services and workloads are found to be.
    pub statuses: Vec<Count>,
    /// Tags as `key=value`, only the most frequent ones.
    pub tags: Vec<Count>,
}

/// How many have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The value, as a filter takes it.
    pub value: Text,
    /// How many.
    pub count: usize,
}

/// How much is owned or made up by something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Resources.
    pub resources: usize,
    /// Services and resources by the name of their environment; one in several counts in each.
    pub by_environment: BTreeMap<Text, usize>,
}

impl Catalog {
    /// How many of a list have each value.
    pub fn facets(&self, of: EntityType, filter: &Filter) -> Facets {
        let words = filter.words();
        let count = |filter: &Filter, values: &dyn Fn(&Entity) -> Vec<String>| {
            let mut counts: HashMap<String, usize> = HashMap::new();
            for entity in self.matching(of, filter, &words) {
                for value in values(entity).into_iter().collect::<BTreeSet<String>>() {
                    *counts.entry(value).or_default() += 1;
                }
            }
            sorted(counts.into_iter().map(|(value, count)| Count { value: Text::from(value), count }))
        };
        let without = |clear: &dyn Fn(&mut Filter)| {
            let mut filter = filter.clone();
            clear(&mut filter);
            filter
        };
        let text = |text: Option<&Text>| text.map(ToString::to_string).into_iter().collect::<Vec<String>>();
        let accounts =
            |entity: &Entity| self.places(entity).into_iter().filter_map(|(account, _)| account).collect::<Vec<Text>>();
        let mut tags = count(&without(&|f| f.tags.clear()), &|entity| {
            let tags = match entity {
                Entity::Service(service) => &service.tags,
                Entity::Resource(resource) => &resource.tags,
                _ => return Vec::new(),
            };
            tags.iter().map(|(key, value)| shown_tag(key, value)).collect()
        });
        tags.truncate(TAGS);
        Facets {
            total: self.matching(of, filter, &words).count(),
            teams: count(&without(&|f| f.teams.clear()), &|entity| text(super::list::team(entity))),
            products: count(&without(&|f| f.products.clear()), &|entity| text(super::list::product(entity))),
            types: count(&without(&|f| f.types.clear()), &|entity| {
                super::list::types(entity).into_iter().map(str::to_owned).collect()
            }),
            environments: count(&without(&|f| f.environments.clear()), &|entity| {
                accounts(entity).iter().map(|account| self.environment_name(account).to_string()).collect()
            }),
            accounts: count(&without(&|f| f.accounts.clear()), &|entity| {
                accounts(entity).iter().map(ToString::to_string).collect()
            }),
            regions: count(&without(&|f| f.regions.clear()), &|entity| {
                self.places(entity).into_iter().filter_map(|(_, region)| region.map(|r| r.to_string())).collect()
            }),
            ownership: count(&without(&|f| f.ownership.clear()), &|entity| {
                entity.ownership().map(|ownership| ownership.state.as_str().to_owned()).into_iter().collect()
            }),
            statuses: count(&without(&|f| f.statuses.clear()), &|entity| {
                self.status(entity).map(|status| status.as_str().to_owned()).into_iter().collect()
            }),
            tags,
        }
    }

    /// How many services and resources fit a filter, and where they are.
    pub fn counts(&self, filter: &Filter) -> Counts {
        let words = filter.words();
        let mut counts = Counts::default();
        for of in [EntityType::Service, EntityType::Resource] {
            for entity in self.matching(of, filter, &words) {
                match of {
                    EntityType::Service => counts.services += 1,
                    _ => counts.resources += 1,
                }
                let accounts = self.places(entity).into_iter().filter_map(|(account, _)| account);
                let names: BTreeSet<Text> = accounts.map(|account| self.environment_name(&account)).collect();
                for name in names {
                    *counts.by_environment.entry(name).or_default() += 1;
                }
            }
        }
        counts
    }
}

fn sorted(counts: impl Iterator<Item = Count>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts.collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    counts
}
