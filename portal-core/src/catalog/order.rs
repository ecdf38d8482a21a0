//! The order of lists: type, shown name without case, ref.
//!
//! Slots are numbered in that order when a picture is built, so that a set of slots comes out sorted. What came, went or
//! was renamed since then strays: it is kept sorted beside the others and merged in.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::Catalog;
use super::items::{Items, NameKey, slot};
use super::set::Slot;
use crate::id::EntityType;

/// Who stands where.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// Where each type begins among the slots of the beginning, and where the last one ends.
    starts: [Slot; EntityType::ALL.len() + 1],
    strays: Arc<RoaringBitmap>,
    /// Strays that are there, sorted.
    sorted: Arc<Vec<Slot>>,
}

impl Order {
    /// The order of items that were numbered in it.
    pub(super) fn new(items: &Items) -> Order {
        let mut order = Order::default();
        let mut counts = [0; EntityType::ALL.len()];
        for of in (0..slot(items.len())).filter_map(|slot| items.entity_type(slot)) {
            counts[of as usize] += 1;
        }
        for (at, count) in counts.into_iter().enumerate() {
            order.starts[at + 1] = order.starts[at] + count;
        }
        order
    }

    /// How many slots stood in order at the beginning.
    pub(super) fn len(&self) -> Slot {
        self.starts[EntityType::ALL.len()]
    }

    /// Whether so many strayed that it is time to number everything anew.
    pub(super) fn is_worn(&self) -> bool {
        self.strays.len() > 64 + u64::from(self.len()) / 16
    }

    /// Lets slots stray that are new, gone, or have another name now.
    pub(super) fn stray(&mut self, slots: &BTreeSet<Slot>, items: &Items) {
        if slots.is_empty() {
            return;
        }
        Arc::make_mut(&mut self.strays).extend(slots.iter().copied());
        let stay = self.sorted.iter().copied().filter(|slot| !slots.contains(slot));
        let mut sorted: Vec<Slot> = stay.chain(slots.iter().copied()).filter(|slot| items.is_there(*slot)).collect();
        // What is left of the old ones is sorted: merging the new ones in costs little.
        sorted.sort_by(|a, b| items.compare_slots(*a, *b));
        self.sorted = Arc::new(sorted);
    }

    /// Compares two places; both must be there.
    pub(super) fn compare(&self, items: &Items, a: Slot, b: Slot) -> Ordering {
        if self.is_in_order(a) && self.is_in_order(b) { a.cmp(&b) } else { items.compare_slots(a, b) }
    }

    fn is_in_order(&self, slot: Slot) -> bool {
        slot < self.len() && !self.strays.contains(slot)
    }

    /// The first slot in order of a type for which something does not hold that holds for all before it.
    fn first_not(&self, of: EntityType, holds: impl Fn(Slot) -> bool) -> Slot {
        let (mut low, mut high) = (self.starts[of as usize], self.starts[of as usize + 1]);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(probe) = (middle..high).find(|slot| !self.strays.contains(*slot)) else {
                high = middle;
                continue;
            };
            if holds(probe) {
                low = probe + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Catalog {
    /// A set in the order of lists, or in its reverse, from behind a place on. Everything in it must be there, and with a
    /// place be of its type.
    pub(super) fn by_name(
        &self,
        set: RoaringBitmap,
        after: Option<NameKey<'_>>,
        is_descending: bool,
    ) -> impl Iterator<Item = Slot> {
        let (items, order) = (&self.items, &self.order);
        let strays = self.strays_of(&set);
        let mut set = set;
        if !strays.is_empty() {
            set -= &*order.strays;
        }
        let mut strays: Vec<Slot> = match after {
            Some(after) if is_descending => {
                strays.into_iter().filter(|slot| items.compare(*slot, after).is_lt()).collect()
            }
            Some(after) => strays.into_iter().filter(|slot| items.compare(*slot, after).is_gt()).collect(),
            None => strays,
        };
        let range = match after {
            Some(after) if is_descending => 0..order.first_not(after.0, |slot| items.compare(slot, after).is_lt()),
            Some(after) => order.first_not(after.0, |slot| items.compare(slot, after).is_le())..Slot::MAX,
            None => 0..Slot::MAX,
        };
        if is_descending {
            strays.reverse();
        }
        Merged {
            catalog: self,
            is_descending,
            in_order: if range.is_empty() { RoaringBitmap::new().into_iter() } else { set.into_range(range) },
            strays: strays.into_iter().peekable(),
            waiting: None,
        }
    }

    /// The strays among a set, sorted.
    fn strays_of(&self, set: &RoaringBitmap) -> Vec<Slot> {
        let order = &self.order;
        if order.strays.is_empty() {
            return Vec::new();
        }
        let count = order.strays.intersection_len(set);
        if count * 16 > order.sorted.len() as u64 {
            return order.sorted.iter().copied().filter(|slot| set.contains(*slot)).collect();
        }
        let mut strays: Vec<Slot> = (&*order.strays & set).into_iter().collect();
        strays.sort_by(|a, b| self.items.compare_slots(*a, *b));
        strays
    }

    /// Everything of a type whose shown name, without case, is a text or begins with it.
    pub(super) fn shown_as(&self, of: EntityType, text: &str, is_whole: bool) -> RoaringBitmap {
        let (items, order) = (&self.items, &self.order);
        let fits = |name: &str| if is_whole { name == text } else { name.starts_with(text) };
        let first = order.first_not(of, |slot| items.shown(slot) < text);
        let end = order.first_not(of, |slot| items.shown(slot) < text || fits(items.shown(slot)));
        let mut found = RoaringBitmap::new();
        found.insert_range(first..end);
        found -= &*order.strays;
        let before = |slot: &Slot| (items.entity_type(*slot), items.shown(*slot)) < (Some(of), text);
        let strays = &order.sorted[order.sorted.partition_point(before)..];
        let fitting = |slot: &Slot| items.entity_type(*slot) == Some(of) && fits(items.shown(*slot));
        found.extend(strays.iter().copied().take_while(fitting));
        found
    }
}

/// Two sorted lists made one.
struct Merged<'c> {
    catalog: &'c Catalog,
    is_descending: bool,
    in_order: roaring::bitmap::IntoIter,
    strays: std::iter::Peekable<std::vec::IntoIter<Slot>>,
    /// The next one that is in order, if it was looked at already.
    waiting: Option<Slot>,
}

impl Iterator for Merged<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let ordered = self
            .waiting
            .take()
            .or_else(|| if self.is_descending { self.in_order.next_back() } else { self.in_order.next() });
        let Some(stray) = self.strays.peek().copied() else { return ordered };
        let Some(ordered) = ordered else { return self.strays.next() };
        let compared = self.catalog.order.compare(&self.catalog.items, ordered, stray);
        if (compared == Ordering::Less) != self.is_descending {
            return Some(ordered);
        }
        self.waiting = Some(ordered);
        self.strays.next()
    }
}
