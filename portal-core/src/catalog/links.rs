//! Relations that do not follow from a single entity, by slot and in both directions.

use std::collections::HashMap;
use std::sync::Arc;

use super::items::Items;
use super::set::Slot;
use crate::model::{Evidence, Relation, RelationType};
use crate::packed::index;

/// A relation as seen from where it starts.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) relation: RelationType,
    pub(super) to: Slot,
    /// As [`Items::pack`] makes it.
    pub(super) evidence: Arc<[u8]>,
}

/// A relation as seen from where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Back {
    pub(super) from: Slot,
    pub(super) relation: RelationType,
}

/// All relations. A copy shares what is not changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    whole: Arc<Whole>,
    /// Slots whose lists are others than those of the beginning.
    out: Arc<HashMap<Slot, Arc<Vec<Link>>>>,
    into: Arc<HashMap<Slot, Arc<Vec<Back>>>>,
}

/// The relations of the beginning: of each slot the part of a long list that is its own.
#[derive(Debug, Default)]
struct Whole {
    out_from: Vec<u32>,
    out: Vec<Link>,
    into_from: Vec<u32>,
    into: Vec<Back>,
}

impl Links {
    /// Keeps relations; ends that are not there get slots, because they may come later.
    ///
    /// Of two relations with one identity the last one counts.
    pub(super) fn new(mut relations: Vec<Relation>, items: &mut Items) -> Links {
        if !relations.is_sorted_by(|a, b| key(a) < key(b)) {
            relations.sort_by(|a, b| key(a).cmp(&key(b)));
            relations.reverse();
            relations.dedup_by(|next, kept| key(next) == key(kept));
            relations.reverse();
        }
        // Sorted by their refs, so that both kinds of lists are in the order of refs whatever the slots are.
        let ends: Vec<(Slot, Link)> = relations
            .into_iter()
            .map(|Relation { from, relation, to, evidence }| {
                let (from, to) = (items.slot_or_new(&from), items.slot_or_new(&to));
                let evidence = items.pack::<Vec<Evidence>>(&evidence).into();
                (from, Link { relation, to, evidence })
            })
            .collect();
        let slots = items.len();
        let out_from = starts(slots, ends.iter().map(|(from, _)| *from));
        let into_from = starts(slots, ends.iter().map(|(_, link)| link.to));
        let mut into = vec![Back { from: 0, relation: RelationType::Uses }; ends.len()];
        let mut free = into_from.clone();
        for (from, link) in &ends {
            let at = &mut free[index(link.to)];
            into[index(*at)] = Back { from: *from, relation: link.relation };
            *at += 1;
        }
        let mut sorted = ends;
        // Stable: what starts at one slot stays in its order.
        sorted.sort_by_key(|(from, _)| *from);
        let out = sorted.into_iter().map(|(_, link)| link).collect();
        let whole = Whole { out_from, out, into_from, into };
        Links { whole: Arc::new(whole), ..Links::default() }
    }

    /// Whether so many lists are new that copying them takes long.
    pub(super) fn is_worn(&self) -> bool {
        self.out.len() + self.into.len() > 256 + self.whole.out_from.len() / 4
    }

    /// What leads away from a slot, sorted by relation and the ref at the other end.
    pub(super) fn out(&self, slot: Slot) -> &[Link] {
        match self.out.get(&slot) {
            Some(list) => list,
            None => cut(&self.whole.out, &self.whole.out_from, slot),
        }
    }

    /// What leads to a slot, sorted by the ref at the other end and relation.
    pub(super) fn back(&self, slot: Slot) -> &[Back] {
        match self.into.get(&slot) {
            Some(list) => list,
            None => cut(&self.whole.into, &self.whole.into_from, slot),
        }
    }

    /// Adds a relation, or replaces its evidence.
    pub(super) fn put(&mut self, relation: &Relation, items: &mut Items) -> (Slot, Slot) {
        let (from, to) = (items.slot_or_new(&relation.from), items.slot_or_new(&relation.to));
        let evidence = items.pack(&relation.evidence).into();
        let link = Link { relation: relation.relation, to, evidence };
        let list = self.out_mut(from);
        match place(list, &(link.relation, relation.to.clone()), |link| (link.relation, items.entity_ref(link.to))) {
            Ok(at) => list[at] = link,
            Err(at) => list.insert(at, link),
        }
        let back = Back { from, relation: relation.relation };
        let list = self.back_mut(to);
        let here = |back: &Back| (items.entity_ref(back.from), back.relation);
        if let Err(at) = place(list, &(relation.from.clone(), relation.relation), here) {
            list.insert(at, back);
        }
        (from, to)
    }

    pub(super) fn remove(&mut self, from: Slot, relation: RelationType, to: Slot) {
        self.out_mut(from).retain(|link| (link.relation, link.to) != (relation, to));
        self.back_mut(to).retain(|back| *back != Back { from, relation });
    }

    fn out_mut(&mut self, slot: Slot) -> &mut Vec<Link> {
        let whole = &self.whole;
        let fresh = || Arc::new(cut(&whole.out, &whole.out_from, slot).to_vec());
        Arc::make_mut(Arc::make_mut(&mut self.out).entry(slot).or_insert_with(fresh))
    }

    fn back_mut(&mut self, slot: Slot) -> &mut Vec<Back> {
        let whole = &self.whole;
        let fresh = || Arc::new(cut(&whole.into, &whole.into_from, slot).to_vec());
        Arc::make_mut(Arc::make_mut(&mut self.into).entry(slot).or_insert_with(fresh))
    }
}

fn key(relation: &Relation) -> (&crate::id::Ref, RelationType, &crate::id::Ref) {
    (&relation.from, relation.relation, &relation.to)
}

fn place<T, K: Ord>(list: &[T], wanted: &K, key: impl Fn(&T) -> K) -> Result<usize, usize> {
    list.binary_search_by(|entry| key(entry).cmp(wanted))
}

/// Where the list of each slot begins; one number more than there are slots.
fn starts(slots: usize, of: impl Iterator<Item = Slot>) -> Vec<u32> {
    let mut starts = vec![0; slots + 1];
    for slot in of {
        starts[index(slot) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    starts
}

/// A slot that came later than the lists has nothing in them.
fn cut<'l, T>(list: &'l [T], starts: &[u32], slot: Slot) -> &'l [T] {
    match (starts.get(index(slot)), starts.get(index(slot) + 1)) {
        (Some(from), Some(to)) => &list[index(*from)..index(*to)],
        _ => &[],
    }
}
