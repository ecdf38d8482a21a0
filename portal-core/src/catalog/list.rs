//! Lists: which entities, in which order.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use super::filter::{Filter, Hidden};
use super::fold::fold;
use super::items::{Item, NameKey};
use super::marks::{self, Place as Where};
use super::page::{self, Entry, Key, Page, Paging, Place, Sort};
use super::set::{Set, Slot};
use super::{Catalog, CatalogError};
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Health, Live, RelationType, ServiceKind, ServiceType, Workload};

impl Catalog {
    /// A page of the entities of a type.
    ///
    /// # Errors
    /// [`CatalogError::InvalidCursor`] for a cursor that is none, or that belongs to another list.
    pub fn list(&self, of: EntityType, filter: &Filter, paging: &Paging) -> Result<Page, CatalogError> {
        let after = page::read(of, filter, paging)?;
        let found = self.found(of, filter);
        let total = count(found.len());
        let limit = paging.limit.max(1);
        let mut slots = self.page(of, found, paging, after.as_ref(), limit.saturating_add(1));
        let is_more = slots.len() > limit;
        slots.truncate(limit);
        let last =
            slots.last().filter(|_| is_more).and_then(|slot| self.items.get_in_short(*slot).map(|item| (*slot, item)));
        let next_cursor =
            last.map(|(slot, item)| page::write(of, filter, paging, &self.place(slot, &item, paging.sort)));
        let items =
            slots.iter().filter_map(|slot| Some(self.entry_of(*slot, self.items.get_in_short(*slot)?))).collect();
        Ok(Page { items, total, next_cursor })
    }

    /// One entity with what lists show of it besides.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`].
    pub fn entry(&self, entity: &Ref) -> Result<Entry, CatalogError> {
        let found = self.items.slot(entity).and_then(|slot| Some((slot, self.items.get(slot)?)));
        found.map(|(slot, item)| self.entry_of(slot, item)).ok_or_else(|| CatalogError::NotFound(entity.clone()))
    }

    fn entry_of(&self, slot: Slot, item: Item) -> Entry {
        let Item { entity, first_seen, updated_at, .. } = item;
        let entity_ref = entity.entity_ref();
        let workloads: Vec<Workload> = match entity {
            Entity::Service(_) => self.copies_of(slot).collect(),
            _ => Vec::new(),
        };
        let status = match &entity {
            Entity::Service(_) => Some(self.status_by(&entity_ref, &workloads)),
            _ => self.status_of(slot, &entity),
        };
        let freshness = self.freshness_of(&entity, Some((first_seen, updated_at)), &workloads);
        Entry { entity_ref, entity, freshness, workloads, status }
    }

    /// The refs of all entities of a type that fit a filter, sorted by ref.
    pub fn refs(&self, of: EntityType, filter: &Filter) -> Vec<Ref> {
        self.sorted_refs(self.found(of, filter))
    }

    pub(super) fn sorted_refs(&self, slots: impl IntoIterator<Item = Slot>) -> Vec<Ref> {
        let mut refs: Vec<Ref> = slots.into_iter().map(|slot| self.items.entity_ref(slot)).collect();
        refs.sort_unstable();
        refs
    }

    /// What fits a filter.
    pub(super) fn found<'c>(&'c self, of: EntityType, filter: &Filter) -> RoaringBitmap {
        let index = &self.index;
        let mut narrowed: Vec<Cow<'c, RoaringBitmap>> = vec![index.entity_types[of as usize].bitmap()];
        let mut any = |is_named: bool, sets: &mut dyn Iterator<Item = &'c Set>| {
            if is_named {
                narrowed.push(union(sets));
            }
        };
        any(!filter.teams.is_empty(), &mut filter.teams.iter().filter_map(|team| index.teams.get(team)));
        any(!filter.products.is_empty(), &mut filter.products.iter().filter_map(|it| index.products.get(it)));
        any(!filter.types.is_empty(), &mut filter.types.iter().filter_map(|word| index.types.get(word)));
        let mut states = filter.ownership.iter().map(|state| &index.ownership[*state as usize]);
        any(!filter.ownership.is_empty(), &mut states);
        let mut statuses = filter.statuses.iter().map(|status| &index.statuses[*status as usize]);
        any(!filter.statuses.is_empty(), &mut statuses);
        let mut tags = filter.tags.iter().flat_map(|tag| {
            let keys = index.tag_keys.get(&fold(&tag.key)).into_iter().flatten();
            keys.filter_map(|key| index.tags.get(&(key.clone(), tag.value.clone())))
        });
        any(!filter.tags.is_empty(), &mut tags);
        self.narrow_places(filter, &mut any);
        for word in filter.words() {
            narrowed.push(Cow::Owned(self.holding(&word)));
        }
        if filter.hidden == Hidden::Only {
            narrowed.push(index.hidden.bitmap());
        }
        narrowed.sort_by_key(|set| set.len());
        let mut narrowed = narrowed.into_iter();
        let mut found = narrowed.next().map(Cow::into_owned).unwrap_or_default();
        for set in narrowed {
            if found.is_empty() {
                return found;
            }
            found &= &*set;
        }
        if filter.hidden == Hidden::Without {
            index.hidden.take_from(&mut found);
        }
        found
    }

    /// One place has to fit environment, account and region at once.
    fn narrow_places<'c>(&'c self, filter: &Filter, any: &mut dyn FnMut(bool, &mut dyn Iterator<Item = &'c Set>)) {
        let index = &self.index;
        let by_account = !filter.environments.is_empty() || !filter.accounts.is_empty();
        let fits_account = |account: &Text| {
            let named = |wanted: &Text| account == wanted || self.environment_name(account) == *wanted;
            (filter.environments.is_empty() || filter.environments.iter().any(named))
                && (filter.accounts.is_empty() || filter.accounts.contains(account))
        };
        if !by_account {
            let mut regions = filter.regions.iter().filter_map(|region| index.regions.get(region));
            return any(!filter.regions.is_empty(), &mut regions);
        }
        // Few accounts are asked for, but a name may be that of several.
        let accounts: Vec<&Text> = if filter.accounts.is_empty() {
            index.accounts.keys().filter(|account| fits_account(account)).collect()
        } else {
            filter.accounts.iter().filter(|account| fits_account(account)).collect()
        };
        if filter.regions.is_empty() {
            return any(true, &mut accounts.into_iter().filter_map(|account| index.accounts.get(account)));
        }
        let places = accounts.iter().flat_map(|account| {
            filter.regions.iter().map(move |region| -> Where { (Some((*account).clone()), Some(region.clone())) })
        });
        any(true, &mut places.filter_map(|place| index.places.get(&place)));
    }

    /// The first so many in an order, from behind a place on.
    fn page(
        &self,
        of: EntityType,
        found: RoaringBitmap,
        paging: &Paging,
        after: Option<&Place>,
        limit: usize,
    ) -> Vec<Slot> {
        match paging.sort {
            Sort::Name => {
                let after = after.map(|place| name_key(of, place));
                self.by_name(found, after, paging.descending).take(limit).collect()
            }
            Sort::Type => self.by_groups(of, self.by_type(of), &found, paging.descending, after, limit),
            Sort::Team => {
                let teams =
                    self.index.teams.iter().map(|(team, set)| (Key::Text(team.to_string()), Cow::Borrowed(set)));
                let rest = (Key::Nothing, Cow::Borrowed(&self.index.no_team));
                self.by_groups(of, teams.chain([rest]).collect(), &found, paging.descending, after, limit)
            }
            Sort::Status => {
                let mut groups: Vec<_> = Health::ALL
                    .into_iter()
                    .map(|status| (status_key(status), Cow::Borrowed(&self.index.statuses[status as usize])))
                    .collect();
                if !matches!(of, EntityType::Service | EntityType::Workload) {
                    groups = vec![(Key::Nothing, Cow::Borrowed(&self.index.entity_types[of as usize]))];
                }
                self.by_groups(of, groups, &found, paging.descending, after, limit)
            }
            Sort::FirstSeen | Sort::UpdatedAt | Sort::CreatedAt => {
                self.by_time(of, &found, paging.sort, paging.descending, after, limit)
            }
        }
    }

    /// What is equal in an order comes by name: one group after the other, until there are enough.
    fn by_groups(
        &self,
        of: EntityType,
        mut groups: Vec<(Key, Cow<'_, Set>)>,
        found: &RoaringBitmap,
        is_descending: bool,
        after: Option<&Place>,
        limit: usize,
    ) -> Vec<Slot> {
        if is_descending {
            groups.reverse();
        }
        let mut slots = Vec::new();
        for (key, set) in groups {
            let is_behind = |place: &&Place| if is_descending { key <= place.key } else { key >= place.key };
            if after.is_some_and(|place| !is_behind(&place)) {
                continue;
            }
            let after = after.filter(|place| place.key == key).map(|place| name_key(of, place));
            slots.extend(self.by_name(set.and(found), after, is_descending).take(limit - slots.len()));
            if slots.len() == limit {
                break;
            }
        }
        slots
    }

    /// Sets by the words of a type as they are sorted by.
    fn by_type(&self, of: EntityType) -> Vec<(Key, Cow<'_, Set>)> {
        let types = &self.index.types;
        match of {
            EntityType::Resource | EntityType::Workload => {
                types.iter().map(|(word, set)| (Key::Text(word.to_string()), Cow::Borrowed(set))).collect()
            }
            EntityType::Service => {
                let words = |service_type: ServiceType, kind: ServiceKind| (service_type.as_str(), kind.as_str());
                let all_types = [ServiceType::Kubernetes, ServiceType::Serverless, ServiceType::Other];
                let all_kinds = [ServiceKind::HttpService, ServiceKind::ScheduledJob, ServiceKind::Function];
                let pairs =
                    all_types.into_iter().flat_map(|one| all_kinds.into_iter().map(move |kind| words(one, kind)));
                let sets = pairs.filter_map(|(one, kind)| {
                    let both = types.get(one)?.and(&types.get(kind)?.bitmap());
                    let set = if both.is_empty() { Set::Empty } else { Set::Many(both.into()) };
                    Some((Key::Text(format!("{one} {kind}")), Cow::Owned(set)))
                });
                let mut sets: Vec<_> = sets.collect();
                sets.sort_by(|a, b| a.0.cmp(&b.0));
                sets
            }
            EntityType::Product | EntityType::Team | EntityType::Environment => {
                vec![(Key::Text(String::new()), Cow::Borrowed(&self.index.entity_types[of as usize]))]
            }
        }
    }

    pub(super) fn place(&self, slot: Slot, item: &Item, sort: Sort) -> Place {
        let text = |text: Option<String>| text.map_or(Key::Nothing, Key::Text);
        let key = match sort {
            Sort::Name => Key::Nothing,
            Sort::Type => text(Some(marks::types(&item.entity).join(" "))),
            Sort::Team => text(marks::team(&item.entity).map(ToString::to_string)),
            Sort::Status => self.status_of(slot, &item.entity).map_or(Key::Nothing, status_key),
            Sort::FirstSeen | Sort::UpdatedAt | Sort::CreatedAt => {
                super::times::time(item, sort).map_or(Key::Nothing, |time| Key::Number(time.as_nanosecond()))
            }
        };
        Place { key, name: item.shown.to_string(), entity: item.entity.entity_ref() }
    }

    /// What services and workloads are found to be.
    pub(super) fn status_of(&self, slot: Slot, entity: &Entity) -> Option<Health> {
        match entity {
            Entity::Service(_) => Some(self.status_of_service(slot)),
            Entity::Workload(workload) => Some(workload.live.map_or(Health::Unknown, Live::health)),
            _ => None,
        }
    }

    /// Account and region of everything that an entity is or runs as.
    pub fn places(&self, entity: &Entity) -> Vec<(Option<Text>, Option<Text>)> {
        match entity {
            Entity::Service(_) => {
                let slot = self.items.slot(&entity.entity_ref());
                slot.map(|slot| self.places_of(slot, entity)).unwrap_or_default()
            }
            _ => self.places_of(Slot::MAX, entity),
        }
    }

    /// [`Catalog::places`] of what is in a slot.
    pub(super) fn places_of(&self, slot: Slot, entity: &Entity) -> Vec<Where> {
        match entity {
            Entity::Resource(resource) => vec![(resource.account.clone(), resource.region.clone())],
            Entity::Workload(workload) => vec![(workload.account.clone(), workload.region.clone())],
            Entity::Environment(environment) => vec![(Some(environment.account.clone()), None)],
            Entity::Service(_) => self.copies_of(slot).map(|workload| (workload.account, workload.region)).collect(),
            Entity::Team(_) | Entity::Product(_) => Vec::new(),
        }
    }

    /// What a service runs as, sorted by ref.
    pub fn workloads(&self, service: &Entity) -> Vec<Workload> {
        let slot = self.items.slot(&service.entity_ref());
        slot.map(|slot| self.copies_of(slot).collect()).unwrap_or_default()
    }

    /// What the service in a slot runs as, sorted by ref.
    pub(super) fn copies_of(&self, service: Slot) -> impl Iterator<Item = Workload> {
        let runs_as = self.links.out(service).iter().filter(|link| link.relation == RelationType::RunsAs);
        runs_as.filter_map(|link| match self.items.get_in_short(link.to)?.entity {
            Entity::Workload(workload) => Some(workload),
            _ => None,
        })
    }
}

fn name_key(of: EntityType, place: &Place) -> NameKey<'_> {
    (of, &place.name, &place.entity)
}

fn status_key(status: Health) -> Key {
    Key::Number(status as i128)
}

/// A count of what is in memory.
pub(super) fn count(count: u64) -> usize {
    usize::try_from(count).expect("what is in memory can be counted")
}

/// What is in any of the sets; one alone is not copied.
fn union<'s>(sets: &mut dyn Iterator<Item = &'s Set>) -> Cow<'s, RoaringBitmap> {
    let mut all = sets.next().map(Set::bitmap).unwrap_or_default();
    sets.for_each(|set| set.add_to(all.to_mut()));
    all
}
