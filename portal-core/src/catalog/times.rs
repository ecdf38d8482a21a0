//! Lists by time: sorted once when somebody asks for one, and kept up to date from then on.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::Catalog;
use super::items::{Item, slot};
use super::page::{Key, Place, Sort};
use super::set::Slot;
use crate::id::EntityType;
use crate::packed::index;

/// The orders that lists by time have.
const SORTS: [Sort; 3] = [Sort::FirstSeen, Sort::UpdatedAt, Sort::CreatedAt];

/// Of a list that is so many times shorter than all of its type only itself is sorted.
const SHORT: u64 = 64;

/// Of a list that is so many times shorter the places are compared, which takes as long as it is; in a longer one the first
/// page is soon found by looking through all.
const SPARSE: u64 = 4;

/// All slots of each type by each time, as far as somebody asked for them.
#[derive(Debug, Default)]
pub(super) struct Times([[OnceLock<Sorted>; SORTS.len()]; EntityType::ALL.len()]);

/// Slots in an order.
#[derive(Debug)]
struct Sorted {
    slots: Vec<Slot>,
    /// By slot its place among them.
    places: Vec<u32>,
}

impl Sorted {
    fn new(slots: Vec<Slot>, all: usize) -> Sorted {
        let mut places = vec![u32::MAX; all];
        for (place, known) in slots.iter().enumerate() {
            places[index(*known)] = slot(place);
        }
        Sorted { slots, places }
    }

    /// The first so many of some slots among those of a range of places.
    fn first_of(&self, found: &RoaringBitmap, range: Range<usize>, is_descending: bool, limit: usize) -> Vec<Slot> {
        let slots = &self.slots[range.clone()];
        let is_found = |slot: &Slot| found.contains(*slot);
        if found.len() * SPARSE > self.slots.len() as u64 {
            let slots = slots.iter().copied().filter(is_found);
            return if is_descending { slots.rev().take(limit).collect() } else { slots.take(limit).collect() };
        }
        let mut places: Vec<u32> = found.iter().map(|slot| self.places[index(slot)]).collect();
        places.retain(|place| range.contains(&index(*place)));
        let order = |a: &u32, b: &u32| if is_descending { b.cmp(a) } else { a.cmp(b) };
        if places.len() > limit {
            places.select_nth_unstable_by(limit, order);
            places.truncate(limit);
        }
        places.sort_unstable_by(order);
        places.into_iter().map(|place| self.slots[index(place)]).collect()
    }
}

/// What has no time comes last.
type TimeKey = (bool, Option<Timestamp>);

/// The time that a list goes by.
pub(super) fn time(item: &Item, sort: Sort) -> Option<Timestamp> {
    match sort {
        Sort::FirstSeen => Some(item.first_seen),
        Sort::UpdatedAt => Some(item.updated_at),
        Sort::CreatedAt => item.entity.created_at(),
        Sort::Name | Sort::Type | Sort::Team | Sort::Status => None,
    }
}

impl Catalog {
    /// The first so many by a time, from behind a place on.
    pub(super) fn by_time(
        &self,
        of: EntityType,
        found: &RoaringBitmap,
        sort: Sort,
        is_descending: bool,
        after: Option<&Place>,
        limit: usize,
    ) -> Vec<Slot> {
        if found.len() < 1_000 || found.len() * SHORT < self.index.entity_types[of as usize].len() {
            let wanted = if is_descending { Ordering::Less } else { Ordering::Greater };
            let is_behind = |slot: &Slot| after.is_none_or(|after| self.compare_place(*slot, after, sort) == wanted);
            let mut slots = self.sorted_by_time(found.iter().filter(is_behind), sort);
            if is_descending {
                slots.reverse();
            }
            slots.truncate(limit);
            return slots;
        }
        let all = self.all_by_time(of, sort);
        let before = |is_before: fn(Ordering) -> bool, after: &Place| {
            all.slots.partition_point(|slot| is_before(self.compare_place(*slot, after, sort)))
        };
        let range = match after {
            None => 0..all.slots.len(),
            Some(after) if is_descending => 0..before(Ordering::is_lt, after),
            Some(after) => before(Ordering::is_le, after)..all.slots.len(),
        };
        all.first_of(found, range, is_descending, limit)
    }

    fn all_by_time(&self, of: EntityType, sort: Sort) -> &Sorted {
        let number = SORTS.iter().position(|known| *known == sort).expect("only lists by time come here");
        let all = || self.sorted_by_time(self.index.entity_types[of as usize].bitmap().iter(), sort);
        self.times.0[of as usize][number].get_or_init(|| Sorted::new(all(), self.items.len()))
    }

    /// The lists that there are already, with what changed in its new place.
    pub(super) fn times_after(&self, old: &Catalog, changed: &RoaringBitmap) -> Times {
        let times = Times::default();
        for of in EntityType::ALL {
            let is_of = |slot: &Slot| self.items.entity_type(*slot) == Some(of);
            for (number, sort) in SORTS.into_iter().enumerate() {
                let Some(known) = old.times.0[of as usize][number].get() else { continue };
                let mut new = self.sorted_by_time(changed.iter().filter(is_of), sort).into_iter().peekable();
                let mut all = Vec::with_capacity(known.slots.len() + new.len());
                for slot in known.slots.iter().copied().filter(|slot| !changed.contains(*slot)) {
                    while let Some(next) = new.next_if(|next| self.compare_times(*next, slot, sort).is_lt()) {
                        all.push(next);
                    }
                    all.push(slot);
                }
                all.extend(new);
                let _ = times.0[of as usize][number].set(Sorted::new(all, self.items.len()));
            }
        }
        times
    }

    fn sorted_by_time(&self, slots: impl Iterator<Item = Slot>, sort: Sort) -> Vec<Slot> {
        let mut slots: Vec<(TimeKey, Slot)> = slots.map(|slot| (self.time_key(slot, sort), slot)).collect();
        slots.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.order.compare(&self.items, a.1, b.1)));
        slots.into_iter().map(|(_, slot)| slot).collect()
    }

    fn compare_times(&self, a: Slot, b: Slot, sort: Sort) -> Ordering {
        let keys = self.time_key(a, sort).cmp(&self.time_key(b, sort));
        keys.then_with(|| self.order.compare(&self.items, a, b))
    }

    fn time_key(&self, slot: Slot, sort: Sort) -> TimeKey {
        let time = match sort {
            Sort::FirstSeen => self.items.times(slot).map(|times| times.0),
            Sort::UpdatedAt => self.items.times(slot).map(|times| times.1),
            _ => self.items.get(slot).and_then(|item| time(&item, sort)),
        };
        (time.is_none(), time)
    }

    /// Where a slot stands beside a place.
    fn compare_place(&self, slot: Slot, place: &Place, sort: Sort) -> Ordering {
        let Some(item) = self.items.get(slot) else { return Ordering::Less };
        let key = time(&item, sort).map_or(Key::Nothing, |time| Key::Number(time.as_nanosecond()));
        let name = || item.shown.as_str().cmp(&place.name).then_with(|| item.entity.entity_ref().cmp(&place.entity));
        key.cmp(&place.key).then_with(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_some_are_the_first_that_all_of_them_show() {
        // In an order in which neighbours are far apart, and some slots are of another type.
        let order: Vec<Slot> = (0..1_000).map(|at| at * 487 % 1_009).filter(|slot| slot % 10 != 3).collect();
        let sorted = Sorted::new(order.clone(), 1_010);
        for every in [1, 2, 7, 90, 2_000] {
            let found: RoaringBitmap = order.iter().copied().filter(|slot| slot % every == 0).collect();
            for range in [0..order.len(), 0..0, 100..700, 899..order.len()] {
                let mut expected: Vec<Slot> = order[range.clone()].to_vec();
                expected.retain(|slot| found.contains(*slot));
                for limit in [1, 13, 5_000] {
                    let first = |is_descending| sorted.first_of(&found, range.clone(), is_descending, limit);
                    assert_eq!(first(false), expected[..limit.min(expected.len())]);
                    let back: Vec<Slot> = expected.iter().rev().copied().take(limit).collect();
                    assert_eq!(first(true), back);
                }
            }
        }
    }
}
