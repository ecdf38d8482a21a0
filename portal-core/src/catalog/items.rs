//! Entities by number: every ref that a picture knows has a slot, which stays its own while the picture is changed.
//!
//! What is in a slot is kept as a few bytes, and made an entity when somebody asks for it.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use jiff::Timestamp;

use super::set::Slot;
use crate::id::{EntityType, Ref, Text};
use crate::model::Entity;
use crate::packed::{self, Packed, Pool, Reader, Rows, Same, Writer, index};

/// An entity as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) entity: Entity,
    pub(super) first_seen: Timestamp,
    pub(super) updated_at: Timestamp,
    /// The name that lists are sorted by, without case.
    pub(super) shown: Text,
}

/// Where an item stands in the order of lists.
pub(super) type NameKey<'k> = (EntityType, &'k str, &'k Ref);

/// In the place of a type: no entity is there, only others name its ref.
const ABSENT: u8 = u8::MAX;

/// All slots. A copy shares what is not changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    rows: Rows,
    pool: Pool,
    /// Slots that were there from the beginning, by their refs.
    table: Arc<Table>,
    /// Slots that came later.
    fresh: Arc<HashMap<Ref, Slot>>,
}

/// Items that are numbered one after the other.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    items: Items,
    hasher: RandomState,
    hashes: Vec<u64>,
    ref_text: String,
}

impl Numbering {
    /// With the texts that records name.
    pub(super) fn new(pool: Pool) -> Numbering {
        Numbering { items: Items { pool, ..Items::default() }, ..Numbering::default() }
    }

    /// The next item, from what is a record's row.
    pub(super) fn push_row(&mut self, row: &[u8], shown: &str) {
        let Items { rows, pool, .. } = &mut self.items;
        let numbers = pool.beginning();
        rows.push(|bytes| {
            bytes.push(row[0]);
            Writer { bytes: &mut *bytes, numbers }.piece(shown);
            bytes.extend_from_slice(&row[1..]);
        });
        self.note_ref();
    }

    /// The next item.
    pub(super) fn push(&mut self, item: &Item) {
        let Items { rows, pool, .. } = &mut self.items;
        let numbers = pool.beginning();
        rows.push(|bytes| write(item, &mut Writer { bytes, numbers }));
        self.note_ref();
    }

    fn note_ref(&mut self) {
        self.ref_text.clear();
        let last = slot(self.items.len() - 1);
        self.items.ref_to(last, &mut self.ref_text).expect("a text takes everything");
        self.hashes.push(self.hasher.hash_one(self.ref_text.as_str()));
    }

    pub(super) fn finish(mut self) -> Items {
        self.items.table = Arc::new(Table::new(self.hasher, &self.hashes));
        self.items
    }
}

impl Items {
    /// How many slots there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether so much came and went that it is time to number everything anew.
    pub(super) fn is_worn(&self) -> bool {
        self.pool.is_worn()
    }

    /// Says that the picture is whole: what comes from now on came later.
    pub(super) fn settle(&mut self) {
        self.pool.settle();
    }

    /// The slot of a ref, whether an entity is there or not.
    pub(super) fn slot(&self, entity: &Ref) -> Option<Slot> {
        let old = self.table.find(entity, |slot| self.is_of(slot, entity));
        old.or_else(|| self.fresh.get(entity).copied())
    }

    /// The slot of a ref; a new one if it has none.
    pub(super) fn slot_or_new(&mut self, entity: &Ref) -> Slot {
        if let Some(slot) = self.slot(entity) {
            return slot;
        }
        let new = slot(self.len());
        let numbers = &mut self.pool;
        self.rows.push(|bytes| write_absent(entity, &mut Writer { bytes, numbers }));
        Arc::make_mut(&mut self.fresh).insert(entity.clone(), new);
        new
    }

    /// The slot of a ref, if an entity is there.
    pub(super) fn living(&self, entity: &Ref) -> Option<Slot> {
        self.slot(entity).filter(|slot| self.is_there(*slot))
    }

    pub(super) fn find(&self, entity: &Ref) -> Option<Item> {
        self.get(self.slot(entity)?)
    }

    /// Whether there is an entity in a slot.
    pub(super) fn is_there(&self, slot: Slot) -> bool {
        self.entity_type(slot).is_some()
    }

    /// What is in a slot.
    pub(super) fn entity_type(&self, slot: Slot) -> Option<EntityType> {
        EntityType::ALL.get(usize::from(*self.bytes(slot).first()?)).copied()
    }

    pub(super) fn get(&self, slot: Slot) -> Option<Item> {
        Some(read(self.entity_type(slot)?, self.reader(slot)))
    }

    /// The same without evidence and attributes.
    pub(super) fn get_in_short(&self, slot: Slot) -> Option<Item> {
        Some(read(self.entity_type(slot)?, self.reader(slot).in_short()))
    }

    /// When what is in a slot came, and when it was changed last.
    pub(super) fn times(&self, slot: Slot) -> Option<(Timestamp, Timestamp)> {
        self.entity_type(slot)?;
        let mut from = self.reader(slot);
        from.piece();
        Some(packed::read_times(&mut from))
    }

    /// The name that lists are sorted by, without case.
    pub(super) fn shown(&self, slot: Slot) -> &str {
        self.reader(slot).piece()
    }

    /// The ref that a slot was made for.
    pub(super) fn entity_ref(&self, slot: Slot) -> Ref {
        let mut text = String::with_capacity(128);
        self.ref_to(slot, &mut text).expect("a text takes everything");
        Ref::of_known(Text::from(text.as_str()))
    }

    /// Whether a slot was made for a ref.
    fn is_of(&self, slot: Slot, entity: &Ref) -> bool {
        let mut same = Same { rest: entity.as_str() };
        self.ref_to(slot, &mut same).is_ok() && same.rest.is_empty()
    }

    fn ref_to(&self, slot: Slot, to: &mut impl fmt::Write) -> fmt::Result {
        let mut from = self.reader(slot);
        let of = self.entity_type(slot);
        if of.is_some() {
            from.piece();
            packed::read_times(&mut from);
        }
        packed::identity(of, &mut from, to)
    }

    /// Compares what is in a slot with a place in the order of lists; nothing is before everything.
    pub(super) fn compare(&self, slot: Slot, key: NameKey<'_>) -> Ordering {
        let Some(entity_type) = self.entity_type(slot) else { return Ordering::Less };
        (entity_type, self.shown(slot)).cmp(&(key.0, key.1)).then_with(|| self.entity_ref(slot).cmp(key.2))
    }

    /// Compares what is in two slots by the order of lists.
    pub(super) fn compare_slots(&self, a: Slot, b: Slot) -> Ordering {
        let key = |slot: Slot| (self.entity_type(slot), self.shown(slot));
        key(a).cmp(&key(b)).then_with(|| self.entity_ref(a).cmp(&self.entity_ref(b)))
    }

    /// Puts an entity in its slot, or takes it out.
    pub(super) fn put(&mut self, slot: Slot, item: Option<&Item>) {
        let entity_ref = self.entity_ref(slot);
        let mut bytes = Vec::new();
        let mut to = Writer { bytes: &mut bytes, numbers: &mut self.pool };
        match item {
            Some(item) => write(item, &mut to),
            None => write_absent(&entity_ref, &mut to),
        }
        self.rows.replace(index(slot), &bytes);
    }

    /// Something as bytes that stay readable as long as these items.
    pub(super) fn pack<T: Packed>(&mut self, value: &T) -> Box<[u8]> {
        let mut bytes = Vec::new();
        value.write(&mut Writer { bytes: &mut bytes, numbers: &mut self.pool });
        bytes.into()
    }

    /// Reads what [`Items::pack`] made.
    pub(super) fn unpack<T: Packed>(&self, bytes: &[u8]) -> T {
        T::read(&mut Reader::new(bytes, &self.pool))
    }

    /// Reads a slot from behind its type.
    fn reader(&self, slot: Slot) -> Reader<'_> {
        Reader::new(self.bytes(slot).get(1..).expect("slots are not made up"), &self.pool)
    }

    fn bytes(&self, slot: Slot) -> &[u8] {
        self.rows.get(index(slot))
    }
}

fn write(item: &Item, to: &mut Writer<'_>) {
    let Item { entity, first_seen, updated_at, shown } = item;
    to.byte(entity.entity_type() as u8);
    to.piece(shown);
    packed::write_times((*first_seen, *updated_at), to);
    packed::write_entity(entity, to);
}

fn read(of: EntityType, mut from: Reader<'_>) -> Item {
    let shown = Text::from(from.piece());
    let (first_seen, updated_at) = packed::read_times(&mut from);
    Item { entity: packed::read_entity(of, &mut from), first_seen, updated_at, shown }
}

fn write_absent(entity: &Ref, to: &mut Writer<'_>) {
    to.byte(ABSENT);
    Text::from(entity.clone()).write(to);
}

/// The slot with a number.
pub(super) fn slot(number: usize) -> Slot {
    Slot::try_from(number).expect("four thousand million entities do not fit into memory")
}

/// Finds slots by refs without a copy of any ref.
#[derive(Clone, Debug, Default)]
struct Table {
    hasher: RandomState,
    slots: HashTable<Slot>,
}

impl Table {
    /// Slots from zero on, by the refs in their order.
    fn new(hasher: RandomState, hashes: &[u64]) -> Table {
        let mut slots = HashTable::with_capacity(hashes.len());
        for (at, hash) in hashes.iter().enumerate() {
            slots.insert_unique(*hash, slot(at), |known| hashes[index(*known)]);
        }
        Table { hasher, slots }
    }

    fn find(&self, entity: &Ref, is_it: impl Fn(Slot) -> bool) -> Option<Slot> {
        self.slots.find(hash(&self.hasher, entity), |slot| is_it(*slot)).copied()
    }
}

fn hash(hasher: &RandomState, entity: &Ref) -> u64 {
    hasher.hash_one(entity.as_str())
}
