//! What lists are narrowed and counted by: for each value the set of what has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Catalog;
use super::fold::fold;
use super::items::Item;
use super::set::{Set, Slot};
use crate::id::{EntityType, Text};
use crate::model::{Entity, Health, OwnershipState, Pairs};

/// Account and region.
pub(super) type Place = (Option<Text>, Option<Text>);

/// The values of one entity.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marks {
    pub(super) entity_type: EntityType,
    pub(super) team: Option<Text>,
    pub(super) product: Option<Text>,
    pub(super) types: Vec<Text>,
    /// Each once.
    pub(super) places: Vec<Place>,
    pub(super) tags: Pairs,
    pub(super) ownership: Option<OwnershipState>,
    pub(super) status: Option<Health>,
    pub(super) is_hidden: bool,
}

/// Sets by value, in the order of values.
pub(super) type Field = Arc<BTreeMap<Text, Set>>;

/// All values of all entities.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) entity_types: [Set; EntityType::ALL.len()],
    pub(super) teams: Field,
    /// What has no owner.
    pub(super) no_team: Set,
    pub(super) products: Field,
    pub(super) types: Field,
    pub(super) accounts: Field,
    pub(super) regions: Field,
    /// Account and region together, for who asks for both: a service may be in several places.
    pub(super) places: Arc<BTreeMap<Place, Set>>,
    /// Tags as they are written.
    pub(super) tags: Arc<HashMap<(Text, Text), Set>>,
    /// Keys of tags as they are written, by their form without case.
    pub(super) tag_keys: Arc<BTreeMap<String, BTreeSet<Text>>>,
    pub(super) ownership: [Set; OwnershipState::ALL.len()],
    pub(super) statuses: [Set; Health::ALL.len()],
    pub(super) hidden: Set,
}

/// What becomes of a slot in a set.
#[derive(Clone, Copy)]
enum Step {
    Insert(Slot),
    Remove(Slot),
}

impl Index {
    /// Replaces the marks of a slot.
    pub(super) fn change(&mut self, slot: Slot, before: Option<&Marks>, after: Option<&Marks>) {
        if let Some(before) = before {
            self.step(Step::Remove(slot), before, after);
        }
        if let Some(after) = after {
            self.step(Step::Insert(slot), after, before);
        }
    }

    /// Gives back what filling it left over.
    pub(super) fn settle(&mut self) {
        let fields = [&mut self.teams, &mut self.products, &mut self.types, &mut self.accounts, &mut self.regions];
        fields.into_iter().flat_map(|field| Arc::make_mut(field).values_mut()).for_each(Set::settle);
        Arc::make_mut(&mut self.places).values_mut().for_each(Set::settle);
        Arc::make_mut(&mut self.tags).values_mut().for_each(Set::settle);
        let single = self.entity_types.iter_mut().chain(&mut self.ownership).chain(&mut self.statuses);
        single.chain([&mut self.no_team, &mut self.hidden]).for_each(Set::settle);
    }

    /// Does something to the sets of all marks but those that another entity has, too.
    fn step(&mut self, step: Step, marks: &Marks, but: Option<&Marks>) {
        let is_same = |same: &dyn Fn(&Marks) -> bool| but.is_some_and(same);
        if !is_same(&|other| other.entity_type == marks.entity_type) {
            take(&mut self.entity_types[marks.entity_type as usize], step);
        }
        if !is_same(&|other| other.team == marks.team) {
            match &marks.team {
                Some(team) => keyed(&mut self.teams, team, step),
                None => take(&mut self.no_team, step),
            }
        }
        if let Some(product) = marks.product.as_ref().filter(|_| !is_same(&|other| other.product == marks.product)) {
            keyed(&mut self.products, product, step);
        }
        for word in marks.types.iter().filter(|word| !is_same(&|other| other.types.contains(word))) {
            keyed(&mut self.types, word, step);
        }
        for place in marks.places.iter().filter(|place| !is_same(&|other| other.places.contains(place))) {
            keyed(&mut self.places, place, step);
        }
        let (accounts, other) = (marks.accounts(), but.map(Marks::accounts).unwrap_or_default());
        for account in accounts.difference(&other) {
            keyed(&mut self.accounts, *account, step);
        }
        let (regions, other) = (marks.regions(), but.map(Marks::regions).unwrap_or_default());
        for region in regions.difference(&other) {
            keyed(&mut self.regions, *region, step);
        }
        for tag in marks.tags.iter().filter(|tag| !is_same(&|other| other.tags.contains(tag))) {
            self.tag(tag, step);
        }
        if let Some(state) = marks.ownership.filter(|_| !is_same(&|other| other.ownership == marks.ownership)) {
            take(&mut self.ownership[state as usize], step);
        }
        if let Some(status) = marks.status.filter(|_| !is_same(&|other| other.status == marks.status)) {
            take(&mut self.statuses[status as usize], step);
        }
        if marks.is_hidden && !is_same(&|other| other.is_hidden) {
            take(&mut self.hidden, step);
        }
    }

    fn tag(&mut self, tag: &(Text, Text), step: Step) {
        let tags = Arc::make_mut(&mut self.tags);
        match tags.get_mut(tag) {
            Some(set) => {
                take(set, step);
                if set.is_empty() {
                    // The spelling of its key stays known: it finds nothing more, and does no harm.
                    tags.remove(tag);
                }
            }
            None => {
                let mut set = Set::Empty;
                take(&mut set, step);
                if set.is_empty() {
                    return;
                }
                tags.insert(tag.clone(), set);
                let folded = fold(&tag.0);
                if !self.tag_keys.get(&folded).is_some_and(|keys| keys.contains(&tag.0)) {
                    Arc::make_mut(&mut self.tag_keys).entry(folded).or_default().insert(tag.0.clone());
                }
            }
        }
    }
}

fn keyed<K: Ord + Clone>(field: &mut Arc<BTreeMap<K, Set>>, value: &K, step: Step) {
    let field = Arc::make_mut(field);
    match field.get_mut(value) {
        Some(set) => {
            take(set, step);
            if set.is_empty() {
                field.remove(value);
            }
        }
        None => {
            let mut set = Set::Empty;
            take(&mut set, step);
            if !set.is_empty() {
                field.insert(value.clone(), set);
            }
        }
    }
}

fn take(set: &mut Set, step: Step) {
    match step {
        Step::Insert(slot) => set.insert(slot),
        Step::Remove(slot) => set.remove(slot),
    }
}

impl Marks {
    pub(super) fn accounts(&self) -> BTreeSet<&Text> {
        self.places.iter().filter_map(|(account, _)| account.as_ref()).collect()
    }

    pub(super) fn regions(&self) -> BTreeSet<&Text> {
        self.places.iter().filter_map(|(_, region)| region.as_ref()).collect()
    }
}

impl Catalog {
    /// The values of what is in a slot.
    pub(super) fn marks(&self, slot: Slot) -> Option<Marks> {
        self.items.get(slot).map(|item| self.marks_of(slot, &item))
    }

    pub(super) fn marks_of(&self, slot: Slot, item: &Item) -> Marks {
        let entity = &item.entity;
        let mut places = self.places_of(slot, entity);
        places.sort();
        places.dedup();
        Marks {
            entity_type: entity.entity_type(),
            team: team(entity).cloned(),
            product: product(entity).cloned(),
            types: types(entity).into_iter().map(Text::from).collect(),
            places,
            tags: tags(entity).clone(),
            ownership: entity.ownership().map(|ownership| ownership.state),
            status: self.status_of(slot, entity),
            is_hidden: !self.curated.is_empty() && self.is_hidden(&entity.entity_ref()),
        }
    }
}

/// The owner; of a team itself.
pub(super) fn team(entity: &Entity) -> Option<&Text> {
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

/// The words of a type.
pub(super) fn types(entity: &Entity) -> Vec<&str> {
    match entity {
        Entity::Resource(resource) => vec![&resource.resource_type],
        Entity::Workload(workload) => vec![&workload.kind],
        Entity::Service(service) => vec![service.service_type.as_str(), service.kind.as_str()],
        Entity::Team(_) | Entity::Product(_) | Entity::Environment(_) => Vec::new(),
    }
}

/// Tags and labels of what has some.
pub(super) fn tags(entity: &Entity) -> &Pairs {
    static NONE: Pairs = Vec::new();
    match entity {
        Entity::Service(service) => &service.tags,
        Entity::Resource(resource) => &resource.tags,
        Entity::Product(_) | Entity::Team(_) | Entity::Workload(_) | Entity::Environment(_) => &NONE,
    }
}
