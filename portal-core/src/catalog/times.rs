//! Lists by time: sorted once when somebody asks for one, and kept up to date from then on.

use std::cmp::Ordering;
use std::sync::OnceLock;

use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::Catalog;
use super::items::Item;
use super::page::{Key, Place, Sort};
use super::set::Slot;
use crate::id::EntityType;

/// The orders that lists by time have.
const SORTS: [Sort; 3] = [Sort::FirstSeen, Sort::UpdatedAt, Sort::CreatedAt];

/// Of a list that is so many times shorter than all of its type only itself is sorted.
const SHORT: u64 = 64;

/// All slots of each type by each time, as far as somebody asked for them.
#[derive(Debug, Default)]
pub(super) struct Times([[OnceLock<Vec<Slot>>; SORTS.len()]; EntityType::ALL.len()]);

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
        let is_found = |slot: &Slot| found.contains(*slot);
        if is_descending {
            let end = after.map(|after| all.partition_point(|slot| self.compare_place(*slot, after, sort).is_lt()));
            all[..end.unwrap_or(all.len())].iter().rev().copied().filter(is_found).take(limit).collect()
        } else {
            let start = after.map(|after| all.partition_point(|slot| self.compare_place(*slot, after, sort).is_le()));
            all[start.unwrap_or(0)..].iter().copied().filter(is_found).take(limit).collect()
        }
    }

    fn all_by_time(&self, of: EntityType, sort: Sort) -> &[Slot] {
        let number = SORTS.iter().position(|known| *known == sort).expect("only lists by time come here");
        let all = || self.sorted_by_time(self.index.entity_types[of as usize].bitmap().iter(), sort);
        self.times.0[of as usize][number].get_or_init(all)
    }

    /// The lists that there are already, with what changed in its new place.
    pub(super) fn times_after(&self, old: &Catalog, changed: &RoaringBitmap) -> Times {
        let times = Times::default();
        for of in EntityType::ALL {
            let is_of = |slot: &Slot| self.items.entity_type(*slot) == Some(of);
            for (number, sort) in SORTS.into_iter().enumerate() {
                let Some(known) = old.times.0[of as usize][number].get() else { continue };
                let mut new = self.sorted_by_time(changed.iter().filter(is_of), sort).into_iter().peekable();
                let mut all = Vec::with_capacity(known.len() + new.len());
                for slot in known.iter().copied().filter(|slot| !changed.contains(*slot)) {
                    while let Some(next) = new.next_if(|next| self.compare_times(*next, slot, sort).is_lt()) {
                        all.push(next);
                    }
                    all.push(slot);
                }
                all.extend(new);
                let _ = times.0[of as usize][number].set(all);
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
