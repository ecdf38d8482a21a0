//! Facets: how many there are of each value, so that a person sees what narrowing a list would give.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use roaring::RoaringBitmap;

use super::Catalog;
use super::filter::{Filter, shown_tag};
use super::list::count;
use super::marks::{Field, Marks};
use super::set::Set;
use crate::id::{EntityType, Text};
use crate::model::{Health, OwnershipState};

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

/// Of a list that is so short each entity is looked at; of a longer one each value.
const SHORT: u64 = 2_000;

impl Catalog {
    /// How many of a list have each value.
    pub fn facets(&self, of: EntityType, filter: &Filter) -> Facets {
        let key = format!("{of} {}", filter.canonical());
        Facets::clone(&self.cache.facets.get_or_make(key, || self.count_facets(of, filter)))
    }

    fn count_facets(&self, of: EntityType, filter: &Filter) -> Facets {
        let found = self.within(self.found(of, filter));
        // Each field is counted as if the filter did not name it.
        let without = |is_named: bool, clear: fn(&mut Filter), count: &dyn Fn(&Within) -> Vec<Count>| {
            if !is_named {
                return count(&found);
            }
            let mut filter = filter.clone();
            clear(&mut filter);
            count(&self.within(self.found(of, &filter)))
        };
        let index = &self.index;
        let mut tags = without(!filter.tags.is_empty(), |f| f.tags.clear(), &|within| self.count_tags(within));
        tags.truncate(TAGS);
        Facets {
            total: count(found.slots.len()),
            teams: without(!filter.teams.is_empty(), |f| f.teams.clear(), &|within| {
                within.count(&index.teams, |marks| marks.team.iter().collect())
            }),
            products: without(!filter.products.is_empty(), |f| f.products.clear(), &|within| {
                within.count(&index.products, |marks| marks.product.iter().collect())
            }),
            types: without(!filter.types.is_empty(), |f| f.types.clear(), &|within| {
                within.count(&index.types, |marks| marks.types.iter().collect())
            }),
            environments: without(!filter.environments.is_empty(), |f| f.environments.clear(), &|within| {
                sorted(self.count_environments(within).into_iter().map(|(value, count)| Count { value, count }))
            }),
            accounts: without(!filter.accounts.is_empty(), |f| f.accounts.clear(), &|within| {
                within.count(&index.accounts, Marks::accounts)
            }),
            regions: without(!filter.regions.is_empty(), |f| f.regions.clear(), &|within| {
                within.count(&index.regions, Marks::regions)
            }),
            ownership: without(!filter.ownership.is_empty(), |f| f.ownership.clear(), &|within| {
                within
                    .count_words(&OwnershipState::ALL, OwnershipState::as_str, |state| &index.ownership[state as usize])
            }),
            statuses: without(!filter.statuses.is_empty(), |f| f.statuses.clear(), &|within| {
                within.count_words(&Health::ALL, Health::as_str, |status| &index.statuses[status as usize])
            }),
            tags,
        }
    }

    /// How many services and resources fit a filter, and where they are.
    pub fn counts(&self, filter: &Filter) -> Counts {
        Counts::clone(&self.cache.counts.get_or_make(filter.canonical(), || {
            let mut counts = Counts::default();
            for of in [EntityType::Service, EntityType::Resource] {
                let within = self.within(self.found(of, filter));
                match of {
                    EntityType::Service => counts.services = count(within.slots.len()),
                    _ => counts.resources = count(within.slots.len()),
                }
                for (name, count) in self.count_environments(&within) {
                    *counts.by_environment.entry(name).or_default() += count;
                }
            }
            counts
        }))
    }

    fn within(&self, slots: RoaringBitmap) -> Within {
        let marks = (slots.len() <= SHORT).then(|| slots.iter().filter_map(|slot| self.marks(slot)).collect());
        Within { slots, marks }
    }

    /// By the names of environments: one of several accounts of a name counts once.
    fn count_environments(&self, within: &Within) -> BTreeMap<Text, usize> {
        let mut counts: BTreeMap<Text, usize> = BTreeMap::new();
        if let Some(marks) = &within.marks {
            let mut names: HashMap<&Text, Text> = HashMap::new();
            for marks in marks {
                let named = marks.accounts().into_iter();
                let named = named.map(|id| names.entry(id).or_insert_with(|| self.environment_name(id)).clone());
                for name in named.collect::<BTreeSet<Text>>() {
                    *counts.entry(name).or_default() += 1;
                }
            }
            return counts;
        }
        let mut accounts: BTreeMap<Text, Vec<&Set>> = BTreeMap::new();
        for (account, set) in self.index.accounts.iter() {
            accounts.entry(self.environment_name(account)).or_default().push(set);
        }
        for (name, sets) in accounts {
            let found = shared(&sets, &within.slots);
            if found > 0 {
                counts.insert(name, found);
            }
        }
        counts
    }

    fn count_tags(&self, within: &Within) -> Vec<Count> {
        let mut counts: HashMap<Text, usize> = HashMap::new();
        if let Some(marks) = &within.marks {
            for marks in marks {
                let shown = marks.tags.iter().map(|(key, value)| Text::from(shown_tag(key, value)));
                for tag in shown.collect::<BTreeSet<Text>>() {
                    *counts.entry(tag).or_default() += 1;
                }
            }
            return sorted(counts.into_iter().map(|(value, count)| Count { value, count }));
        }
        // Tags of which one key holds what looks like another one's value are shown as one.
        let mut mixed: HashMap<Text, Vec<&Set>> = HashMap::new();
        let mut most: Vec<(usize, &(Text, Text))> = Vec::new();
        for (tag, set) in self.index.tags.iter() {
            if tag.0.contains('=') {
                mixed.entry(Text::from(shown_tag(&tag.0, &tag.1))).or_default().push(set);
            } else {
                most.extend(Some((count(set.shared(&within.slots)), tag)).filter(|(count, _)| *count > 0));
            }
        }
        for (shown, mut sets) in mixed {
            let (key, value) = shown.split_once('=').unwrap_or((&shown, ""));
            sets.extend(self.index.tags.get(&(Text::from(key), Text::from(value))));
            let found = shared(&sets, &within.slots);
            if found > 0 {
                counts.insert(shown, found);
            }
        }
        // Of very many tags only those that have a chance are written out.
        if most.len() > TAGS {
            most.select_nth_unstable_by(TAGS, |a, b| b.0.cmp(&a.0));
            let least = most[TAGS].0;
            most.retain(|(count, _)| *count >= least);
        }
        for (count, (key, value)) in most {
            counts.entry(Text::from(shown_tag(key, value))).or_insert(count);
        }
        sorted(counts.into_iter().map(|(value, count)| Count { value, count }))
    }
}

/// What is counted.
struct Within {
    slots: RoaringBitmap,
    /// The values of each, if these are few.
    marks: Option<Vec<Marks>>,
}

impl Within {
    fn count<'w>(&'w self, field: &Field, values: impl Fn(&'w Marks) -> BTreeSet<&'w Text>) -> Vec<Count> {
        let Some(marks) = &self.marks else {
            let counted = field.iter().map(|(value, set)| (value, count(set.shared(&self.slots))));
            return sorted(counted.filter(|(_, n)| *n > 0).map(|(value, count)| Count { value: value.clone(), count }));
        };
        let mut counts: HashMap<&Text, usize> = HashMap::new();
        for value in marks.iter().flat_map(values) {
            *counts.entry(value).or_default() += 1;
        }
        sorted(counts.into_iter().map(|(value, count)| Count { value: value.clone(), count }))
    }

    fn count_words<'i, T: Copy>(
        &self,
        all: &[T],
        word: fn(T) -> &'static str,
        set: impl Fn(T) -> &'i Set,
    ) -> Vec<Count> {
        let counted = all.iter().map(|value| (word(*value), count(set(*value).shared(&self.slots))));
        sorted(counted.filter(|(_, n)| *n > 0).map(|(word, count)| Count { value: Text::new_static(word), count }))
    }
}

/// How many are in any of the sets.
fn shared(sets: &[&Set], within: &RoaringBitmap) -> usize {
    match sets {
        [one] => count(one.shared(within)),
        several => {
            let mut all = RoaringBitmap::new();
            several.iter().for_each(|set| set.add_to(&mut all));
            count(all.intersection_len(within))
        }
    }
}

fn sorted(counts: impl Iterator<Item = Count>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts.collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    counts
}
