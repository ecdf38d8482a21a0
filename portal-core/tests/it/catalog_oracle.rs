//! The answers of a catalog by looking at every entity, one after the other: slow, and plain enough to be believed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use portal_core::catalog::{Count, Counts, Facets, Filter, Hidden, Hit, Matched, Sort, prefer};
use portal_core::model::{Entity, Health, Live, Pairs};
use portal_core::{Catalog, EntityType, OwnershipState, Ref, Text};

/// A catalog that is asked only for single entities.
pub(crate) struct Oracle<'c> {
    catalog: &'c Catalog,
    entities: Vec<Entity>,
}

/// What comes first in a list.
type Place = (u8, String, i128, String, Ref);

impl<'c> Oracle<'c> {
    pub(crate) fn of(catalog: &'c Catalog) -> Oracle<'c> {
        Oracle { catalog, entities: catalog.entities().collect() }
    }

    pub(crate) fn refs(&self) -> Vec<Ref> {
        self.entities.iter().map(Entity::entity_ref).collect()
    }

    /// The whole list in its order.
    pub(crate) fn list(&self, of: EntityType, filter: &Filter, sort: Sort, descending: bool) -> Vec<Entity> {
        let mut found: Vec<&Entity> = self.matching(of, filter).collect();
        found.sort_by_cached_key(|entity| self.place(entity, sort));
        if descending {
            found.reverse();
        }
        found.into_iter().cloned().collect()
    }

    fn matching(&self, of: EntityType, filter: &Filter) -> impl Iterator<Item = &Entity> {
        self.entities.iter().filter(move |entity| entity.entity_type() == of && self.fits(entity, filter))
    }

    fn place(&self, entity: &Entity, sort: Sort) -> Place {
        let entity_ref = entity.entity_ref();
        let freshness = self.catalog.freshness(entity);
        let none = (1, String::new(), 0);
        let text = |text: Option<String>| text.map_or(none.clone(), |text| (0, text, 0));
        let number = |number: Option<i128>| number.map_or(none.clone(), |number| (0, String::new(), number));
        let (rank, key, value) = match sort {
            Sort::Name => none,
            Sort::Type => text(Some(types(entity).join(" "))),
            Sort::Team => text(team(entity).map(ToString::to_string)),
            Sort::Status => number(self.status(entity).map(|status| status as i128)),
            Sort::FirstSeen => number(freshness.first_seen.map(jiff::Timestamp::as_nanosecond)),
            Sort::UpdatedAt => number(freshness.updated_at.map(jiff::Timestamp::as_nanosecond)),
            Sort::CreatedAt => number(entity.created_at().map(jiff::Timestamp::as_nanosecond)),
        };
        (rank, key, value, fold(&self.shown(entity)), entity_ref)
    }

    fn shown(&self, entity: &Entity) -> String {
        let said = self.catalog.curated(&entity.entity_ref()).and_then(|said| said.curated.display_name.as_deref());
        said.unwrap_or(entity.name()).to_owned()
    }

    fn fits(&self, entity: &Entity, filter: &Filter) -> bool {
        let state = entity.ownership().map(|ownership| ownership.state);
        let hidden = self.catalog.is_hidden(&entity.entity_ref());
        any(&filter.teams, |wanted| team(entity) == Some(wanted))
            && any(&filter.products, |wanted| product(entity) == Some(wanted))
            && any(&filter.ownership, |wanted| state == Some(*wanted))
            && any(&filter.types, |wanted| types(entity).contains(&wanted.as_str()))
            && any(&filter.statuses, |wanted| self.status(entity) == Some(*wanted))
            && any(&filter.tags, |wanted| {
                tags(entity).iter().any(|(key, value)| fold(key) == fold(&wanted.key) && *value == wanted.value)
            })
            && self.fits_place(entity, filter)
            && self.fits_words(entity, filter.text.as_deref().unwrap_or_default())
            && match filter.hidden {
                Hidden::With => true,
                Hidden::Only => hidden,
                Hidden::Without => !hidden,
            }
    }

    fn fits_place(&self, entity: &Entity, filter: &Filter) -> bool {
        if filter.environments.is_empty() && filter.accounts.is_empty() && filter.regions.is_empty() {
            return true;
        }
        self.catalog.places(entity).into_iter().any(|(account, region)| {
            let named = |wanted: &Text| {
                account.as_ref().is_some_and(|id| id == wanted || self.catalog.environment_name(id) == *wanted)
            };
            any(&filter.environments, named)
                && any(&filter.accounts, |wanted| account.as_ref() == Some(wanted))
                && any(&filter.regions, |wanted| region.as_ref() == Some(wanted))
        })
    }

    fn fits_words(&self, entity: &Entity, text: &str) -> bool {
        let mut texts = self.names(entity);
        texts.push(fold(entity.entity_ref().as_str()));
        let described = self.description(entity);
        text.split_whitespace().map(fold).all(|word| {
            texts.iter().any(|text| text.contains(&word)) || described.as_ref().is_some_and(|text| text.contains(&word))
        })
    }

    fn description(&self, entity: &Entity) -> Option<String> {
        self.catalog.curated(&entity.entity_ref())?.curated.description.as_deref().map(fold)
    }

    fn names(&self, entity: &Entity) -> Vec<String> {
        let mut names = vec![fold(entity.name()), fold(&self.catalog.display_name(&entity.entity_ref()))];
        match entity {
            Entity::Team(team) => {
                names.push(fold(&team.display_name));
                names.extend(team.aliases.iter().chain(&team.old_names).map(|name| fold(name)));
            }
            Entity::Product(product) => names.push(fold(&product.display_name)),
            _ => {}
        }
        names
    }

    fn status(&self, entity: &Entity) -> Option<Health> {
        match entity {
            Entity::Service(_) => Some(self.catalog.service_status(&entity.entity_ref())),
            Entity::Workload(workload) => Some(workload.live.map_or(Health::Unknown, Live::health)),
            _ => None,
        }
    }

    pub(crate) fn facets(&self, of: EntityType, filter: &Filter) -> Facets {
        let count = |clear: fn(&mut Filter), values: &dyn Fn(&Entity) -> Vec<String>| {
            let mut filter = filter.clone();
            clear(&mut filter);
            let mut counts: HashMap<String, usize> = HashMap::new();
            for entity in self.matching(of, &filter) {
                for value in values(entity).into_iter().collect::<BTreeSet<String>>() {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut counts: Vec<Count> =
                counts.into_iter().map(|(value, count)| Count { value: Text::from(value), count }).collect();
            counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            counts
        };
        let text = |text: Option<&Text>| text.map(ToString::to_string).into_iter().collect::<Vec<String>>();
        let places = |entity: &Entity| self.catalog.places(entity);
        Facets {
            total: self.matching(of, filter).count(),
            teams: count(|f| f.teams.clear(), &|entity| text(team(entity))),
            products: count(|f| f.products.clear(), &|entity| text(product(entity))),
            types: count(|f| f.types.clear(), &|entity| types(entity).into_iter().map(str::to_owned).collect()),
            environments: count(|f| f.environments.clear(), &|entity| {
                let accounts = places(entity).into_iter().filter_map(|(account, _)| account);
                accounts.map(|account| self.catalog.environment_name(&account).to_string()).collect()
            }),
            accounts: count(|f| f.accounts.clear(), &|entity| {
                places(entity).into_iter().filter_map(|(account, _)| Some(account?.to_string())).collect()
            }),
            regions: count(|f| f.regions.clear(), &|entity| {
                places(entity).into_iter().filter_map(|(_, region)| Some(region?.to_string())).collect()
            }),
            ownership: count(|f| f.ownership.clear(), &|entity| {
                let state = entity.ownership().map(|ownership| ownership.state);
                state.map(OwnershipState::as_str).map(str::to_owned).into_iter().collect()
            }),
            statuses: count(|f| f.statuses.clear(), &|entity| {
                self.status(entity).map(|status| status.as_str().to_owned()).into_iter().collect()
            }),
            // Only the most frequent ones are told.
            tags: {
                let mut tags = count(|f| f.tags.clear(), &|entity| tags(entity).iter().map(shown_tag).collect());
                tags.truncate(50);
                tags
            },
        }
    }

    pub(crate) fn counts(&self, filter: &Filter) -> Counts {
        let mut counts = Counts::default();
        for of in [EntityType::Service, EntityType::Resource] {
            for entity in self.matching(of, filter) {
                match of {
                    EntityType::Service => counts.services += 1,
                    _ => counts.resources += 1,
                }
                let accounts = self.catalog.places(entity).into_iter().filter_map(|(account, _)| account);
                let names: BTreeSet<Text> = accounts.map(|account| self.catalog.environment_name(&account)).collect();
                for name in names {
                    *counts.by_environment.entry(name).or_default() += 1;
                }
            }
        }
        counts
    }

    pub(crate) fn search(&self, text: &str, types: &[EntityType], limit: usize) -> Vec<Hit> {
        let words: Vec<String> = text.split_whitespace().map(fold).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let whole = words.join(" ");
        let mut found: BTreeMap<(Matched, EntityType, String, Ref), Hit> = BTreeMap::new();
        for entity in &self.entities {
            let entity_ref = entity.entity_ref();
            let entity_type = entity.entity_type();
            if !types.is_empty() && !types.contains(&entity_type) || self.catalog.is_hidden(&entity_ref) {
                continue;
            }
            if let Some(matched) = self.matched(entity, &whole, &words) {
                let hit = Hit {
                    entity: entity_ref.clone(),
                    name: self.catalog.display_name(&entity_ref),
                    entity_type,
                    team: entity.ownership().and_then(|ownership| ownership.team.clone()),
                    matched,
                };
                found.insert((matched, entity_type, fold(&self.shown(entity)), entity_ref), hit);
            }
        }
        found.into_values().take(limit).collect()
    }

    fn matched(&self, entity: &Entity, whole: &str, words: &[String]) -> Option<Matched> {
        let names = self.names(entity);
        if names.iter().any(|name| name == whole) {
            return Some(Matched::Name);
        }
        let places: Option<Vec<Matched>> = words.iter().map(|word| self.word_matched(entity, &names, word)).collect();
        let worst = places?.into_iter().max()?;
        Some(if names.iter().any(|name| name.starts_with(whole)) { Matched::NameStart } else { worst })
    }

    fn word_matched(&self, entity: &Entity, names: &[String], word: &str) -> Option<Matched> {
        let begins = |name: &String| {
            let before = |at: usize| name[..at].chars().next_back();
            name.match_indices(word).any(|(at, _)| before(at).is_none_or(|c| !c.is_alphanumeric()))
        };
        if names.iter().any(begins) {
            Some(Matched::Word)
        } else if names.iter().any(|name| name.contains(word)) {
            Some(Matched::Inside)
        } else if fold(entity.entity_ref().as_str()).contains(word) {
            Some(Matched::Ref)
        } else if tags(entity).iter().any(|tag| fold(&shown_tag(tag)).contains(word)) {
            Some(Matched::Tag)
        } else {
            self.description(entity).filter(|text| text.contains(word)).map(|_| Matched::Description)
        }
    }

    pub(crate) fn named(&self, name: &str) -> Vec<Ref> {
        let same = |entity: &&Entity| fold(entity.name()) == fold(name) || fold(&self.shown(entity)) == fold(name);
        prefer(self.entities.iter().filter(same).map(Entity::entity_ref).collect())
    }
}

/// Enough for the names of these tests, which are composed and hold no sigma.
fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn shown_tag((key, value): &(Text, Text)) -> String {
    if value.is_empty() { key.to_string() } else { format!("{key}={value}") }
}

fn any<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

fn team(entity: &Entity) -> Option<&Text> {
    match entity {
        Entity::Team(team) => Some(&team.name),
        other => other.ownership().and_then(|ownership| ownership.team.as_ref()),
    }
}

fn product(entity: &Entity) -> Option<&Text> {
    match entity {
        Entity::Product(product) => Some(&product.name),
        Entity::Team(team) => team.product.as_ref(),
        Entity::Service(service) => service.product.as_ref(),
        Entity::Resource(resource) => resource.product.as_ref(),
        Entity::Workload(_) | Entity::Environment(_) => None,
    }
}

fn types(entity: &Entity) -> Vec<&str> {
    match entity {
        Entity::Resource(resource) => vec![&resource.resource_type],
        Entity::Workload(workload) => vec![&workload.kind],
        Entity::Service(service) => vec![service.service_type.as_str(), service.kind.as_str()],
        Entity::Team(_) | Entity::Product(_) | Entity::Environment(_) => Vec::new(),
    }
}

fn tags(entity: &Entity) -> &Pairs {
    static NONE: Pairs = Vec::new();
    match entity {
        Entity::Resource(resource) => &resource.tags,
        Entity::Service(service) => &service.tags,
        Entity::Team(_) | Entity::Product(_) | Entity::Workload(_) | Entity::Environment(_) => &NONE,
    }
}
