//! Entities by number: every ref that a picture knows has a slot, which stays its own while the picture is changed.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use jiff::Timestamp;

use super::set::Slot;
use crate::id::{EntityType, Ref, Text};
use crate::model::Entity;

/// An entity as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) entity_ref: Ref,
    pub(super) entity: Entity,
    pub(super) first_seen: Timestamp,
    pub(super) updated_at: Timestamp,
    /// The name that lists are sorted by, without case.
    pub(super) shown: Text,
}

/// Where an item stands in the order of lists.
pub(super) type NameKey<'k> = (EntityType, &'k str, &'k Ref);

impl Item {
    pub(super) fn key(&self) -> NameKey<'_> {
        (self.entity.entity_type(), &self.shown, &self.entity_ref)
    }
}

/// A slot: an entity, or a ref that only others name.
#[derive(Clone, Debug)]
enum Entry {
    There(Arc<Item>),
    Absent(Ref),
}

/// How many slots are copied to change one.
const CHUNK: usize = 256;

/// All slots. A copy shares what is not changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    chunks: Arc<Vec<Arc<Vec<Entry>>>>,
    len: usize,
    /// Slots that were there from the beginning, by their refs.
    table: Arc<Table>,
    /// Slots that came later.
    fresh: Arc<HashMap<Ref, Slot>>,
}

impl Items {
    /// Numbers items in the order in which they come.
    pub(super) fn new(items: impl Iterator<Item = Arc<Item>>) -> Items {
        let mut chunks = Vec::new();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut len = 0;
        for item in items {
            chunk.push(Entry::There(item));
            len += 1;
            if chunk.len() == CHUNK {
                chunks.push(Arc::new(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))));
            }
        }
        chunks.push(Arc::new(chunk));
        let mut items = Items { chunks: Arc::new(chunks), len, ..Items::default() };
        let mut table = Table::with_room_for(len);
        for slot in 0..slot(len) {
            table.insert(items.entity_ref(slot), slot);
        }
        items.table = Arc::new(table);
        items
    }

    /// How many slots there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slot of a ref, whether an entity is there or not.
    pub(super) fn slot(&self, entity: &Ref) -> Option<Slot> {
        let old = self.table.find(entity, |slot| self.entity_ref(slot) == entity);
        old.or_else(|| self.fresh.get(entity).copied())
    }

    /// The slot of a ref; a new one if it has none.
    pub(super) fn slot_or_new(&mut self, entity: &Ref) -> Slot {
        if let Some(slot) = self.slot(entity) {
            return slot;
        }
        let new = slot(self.len);
        let chunks = Arc::make_mut(&mut self.chunks);
        if chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        let last = chunks.last_mut().expect("one was pushed if there was none");
        Arc::make_mut(last).push(Entry::Absent(entity.clone()));
        Arc::make_mut(&mut self.fresh).insert(entity.clone(), new);
        self.len += 1;
        new
    }

    /// The slot of a ref, if an entity is there.
    pub(super) fn living(&self, entity: &Ref) -> Option<Slot> {
        self.slot(entity).filter(|slot| self.get(*slot).is_some())
    }

    pub(super) fn find(&self, entity: &Ref) -> Option<&Item> {
        self.get(self.slot(entity)?)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Item> {
        match self.entry(slot)? {
            Entry::There(item) => Some(item),
            Entry::Absent(_) => None,
        }
    }

    /// The ref that a slot was made for.
    pub(super) fn entity_ref(&self, slot: Slot) -> &Ref {
        match self.entry(slot).expect("slots are not made up") {
            Entry::There(item) => &item.entity_ref,
            Entry::Absent(entity_ref) => entity_ref,
        }
    }

    /// Puts an entity in its slot, or takes it out.
    pub(super) fn put(&mut self, slot: Slot, item: Option<Item>) {
        let entry = match item {
            Some(item) => Entry::There(Arc::new(item)),
            None => Entry::Absent(self.entity_ref(slot).clone()),
        };
        let at = index(slot);
        let chunk = &mut Arc::make_mut(&mut self.chunks)[at / CHUNK];
        Arc::make_mut(chunk)[at % CHUNK] = entry;
    }

    fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.chunks.get(index(slot) / CHUNK)?.get(index(slot) % CHUNK)
    }
}

/// The slot with a number.
pub(super) fn slot(number: usize) -> Slot {
    Slot::try_from(number).expect("four thousand million entities do not fit into memory")
}

/// Where a slot stands in a list over all slots.
pub(super) fn index(slot: Slot) -> usize {
    usize::try_from(slot).expect("an index has at least 32 bits")
}

/// Finds slots by refs without a copy of any ref.
#[derive(Clone, Debug, Default)]
struct Table {
    hasher: RandomState,
    /// A power of two; a third of it at least is free.
    places: Vec<Slot>,
}

/// No slot.
const FREE: Slot = Slot::MAX;

impl Table {
    fn with_room_for(slots: usize) -> Table {
        Table { hasher: RandomState::new(), places: vec![FREE; (slots * 3 / 2 + 1).next_power_of_two()] }
    }

    fn insert(&mut self, entity: &Ref, slot: Slot) {
        let mut at = self.start(entity);
        while self.places[at] != FREE {
            at = (at + 1) % self.places.len();
        }
        self.places[at] = slot;
    }

    fn find(&self, entity: &Ref, is_it: impl Fn(Slot) -> bool) -> Option<Slot> {
        if self.places.is_empty() {
            return None;
        }
        let mut at = self.start(entity);
        while self.places[at] != FREE {
            if is_it(self.places[at]) {
                return Some(self.places[at]);
            }
            at = (at + 1) % self.places.len();
        }
        None
    }

    fn start(&self, entity: &Ref) -> usize {
        let hash = self.hasher.hash_one(entity.as_str());
        usize::try_from(hash & (self.places.len() as u64 - 1)).expect("it is below the length of a list")
    }
}
