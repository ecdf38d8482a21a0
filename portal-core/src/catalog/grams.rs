//! Finds parts of names and refs: for each three letters the set of what holds them.
//!
//! It gives candidates: everything that holds a word is among them, and few others are. Who asks looks again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::fold::{begins_word, fold};
use super::items::Item;
use super::set::{Set, Slot};
use crate::curated::Curated;
use crate::id::{Ref, Text};
use crate::model::Entity;
use crate::packed::index;

/// Three bytes of a text; zeros behind its end, and a one before two that begin a word.
type Gram = u32;

const BEGIN: u8 = 1;

/// Which texts hold what.
#[derive(Clone, Debug, Default)]
pub(super) struct Grams {
    grams: Arc<BTreeMap<Gram, Set>>,
    /// What stands in refs before their last part: it is the same for many.
    heads: Arc<HashMap<Text, Set>>,
    /// Names beside the one that lists are sorted by.
    other_names: Arc<BTreeMap<Text, Set>>,
}

/// The texts of one entity, without case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Texts {
    /// The name that lists are sorted by.
    shown: Text,
    other_names: BTreeSet<Text>,
    /// What its ref begins with …
    head: Text,
    /// … and what is left of it, unless that is a name.
    tail: Option<Text>,
}

impl Texts {
    pub(super) fn of(item: &Item, entity_ref: &Ref, said: Option<&Curated>) -> Texts {
        let mut other_names = names(&item.entity, said);
        other_names.remove(&item.shown);
        let name = fold(item.entity.name());
        let whole = fold(entity_ref.as_str());
        let (head, tail) = match whole.strip_suffix(name.as_str()).filter(|_| !name.is_empty()) {
            Some(head) => (Text::from(head), None),
            None => {
                let at = whole.rfind(['/', ':']).map_or(0, |at| at + 1);
                (Text::from(&whole[..at]), Some(Text::from(&whole[at..])))
            }
        };
        Texts { shown: item.shown.clone(), other_names, head, tail }
    }

    fn each_gram(&self, mut then: impl FnMut(Gram)) {
        for text in std::iter::once(&self.shown).chain(&self.other_names).chain(&self.tail) {
            each_gram(text, &mut then);
        }
    }

    fn grams(&self) -> BTreeSet<Gram> {
        let mut grams = BTreeSet::new();
        self.each_gram(|gram| {
            grams.insert(gram);
        });
        grams
    }
}

/// Every name that an entity goes by, without case.
pub(super) fn names(entity: &Entity, said: Option<&Curated>) -> BTreeSet<Text> {
    let mut names = BTreeSet::from([Text::from(fold(entity.name()))]);
    names.extend(said.and_then(|said| said.display_name.as_deref()).map(|name| Text::from(fold(name))));
    match entity {
        Entity::Team(team) => {
            let others = team.aliases.iter().chain(&team.old_names).chain([&team.display_name]);
            names.extend(others.map(|name| Text::from(fold(name))));
        }
        Entity::Product(product) => {
            names.insert(Text::from(fold(&product.display_name)));
        }
        _ => {}
    }
    names
}

fn each_gram(text: &str, mut then: impl FnMut(Gram)) {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    for at in 0..bytes.len() {
        then(gram(byte(at), byte(at + 1), byte(at + 2)));
        if text.is_char_boundary(at) && begins_word(text, at) {
            then(gram(BEGIN, byte(at), byte(at + 1)));
        }
    }
}

fn gram(a: u8, b: u8, c: u8) -> Gram {
    Gram::from_be_bytes([0, a, b, c])
}

/// Fills an index with slots in ascending order.
pub(super) struct Filling {
    /// By gram the number of its set, plus one.
    numbers: Vec<u32>,
    /// With the slot that was added last.
    sets: Vec<(Gram, Slot, RoaringBitmap)>,
    heads: HashMap<Text, Set>,
    other_names: BTreeMap<Text, Set>,
}

impl Filling {
    pub(super) fn new() -> Filling {
        // Pages of it that no gram falls on take no memory.
        Filling { numbers: vec![0; 1 << 24], sets: Vec::new(), heads: HashMap::new(), other_names: BTreeMap::new() }
    }

    pub(super) fn push(&mut self, slot: Slot, texts: &Texts) {
        texts.each_gram(|gram| {
            let number = &mut self.numbers[index(gram)];
            if *number == 0 {
                self.sets.push((gram, Slot::MAX, RoaringBitmap::new()));
                *number = super::items::slot(self.sets.len());
            }
            let (_, last, set) = &mut self.sets[index(*number) - 1];
            if *last != slot {
                *last = slot;
                // And not `try_push`: in a dense set that looks for the greatest slot each time.
                set.insert(slot);
            }
        });
        match self.heads.get_mut(&texts.head) {
            Some(set) => set.insert(slot),
            None => {
                self.heads.insert(texts.head.clone(), Set::One(slot));
            }
        }
        for name in &texts.other_names {
            self.other_names.entry(name.clone()).or_default().insert(slot);
        }
    }

    pub(super) fn finish(self) -> Grams {
        let settled = |mut set: Set| {
            set.settle();
            set
        };
        let grams = self.sets.into_iter().map(|(gram, last, set)| {
            let set = if set.len() == 1 { Set::One(last) } else { settled(Set::Many(Arc::new(set))) };
            (gram, set)
        });
        Grams {
            grams: Arc::new(grams.collect()),
            heads: Arc::new(self.heads.into_iter().map(|(head, set)| (head, settled(set))).collect()),
            other_names: Arc::new(self.other_names),
        }
    }
}

impl Grams {
    /// Replaces the texts of a slot.
    pub(super) fn change(&mut self, slot: Slot, before: Option<&Texts>, after: Option<&Texts>) {
        if before == after {
            return;
        }
        let (old, new) = (before.map(Texts::grams).unwrap_or_default(), after.map(Texts::grams).unwrap_or_default());
        let grams = Arc::make_mut(&mut self.grams);
        for gone in old.difference(&new) {
            if let Some(set) = grams.get_mut(gone) {
                set.remove(slot);
                if set.is_empty() {
                    grams.remove(gone);
                }
            }
        }
        for come in new.difference(&old) {
            grams.entry(*come).or_default().insert(slot);
        }
        if before.map(|texts| &texts.head) != after.map(|texts| &texts.head) {
            let heads = Arc::make_mut(&mut self.heads);
            if let Some(before) = before
                && let Some(set) = heads.get_mut(&before.head)
            {
                set.remove(slot);
                if set.is_empty() {
                    heads.remove(&before.head);
                }
            }
            if let Some(after) = after {
                heads.entry(after.head.clone()).or_default().insert(slot);
            }
        }
        let (old, new) = (before.map(|texts| &texts.other_names), after.map(|texts| &texts.other_names));
        if old != new {
            let names = Arc::make_mut(&mut self.other_names);
            for name in old.into_iter().flatten() {
                if let Some(set) = names.get_mut(name) {
                    set.remove(slot);
                    if set.is_empty() {
                        names.remove(name);
                    }
                }
            }
            for name in new.into_iter().flatten() {
                names.entry(name.clone()).or_default().insert(slot);
            }
        }
    }

    /// What may hold a word in a name or in the last part of its ref. Exact for words of up to three bytes.
    pub(super) fn holding(&self, word: &str) -> RoaringBitmap {
        match *word.as_bytes() {
            [] => RoaringBitmap::new(),
            [a] => self.between(gram(a, 0, 0), gram(a, u8::MAX, u8::MAX)),
            [a, b] => self.between(gram(a, b, 0), gram(a, b, u8::MAX)),
            ref bytes => self.all_of(bytes.windows(3).map(|three| gram(three[0], three[1], three[2]))),
        }
    }

    /// What may hold a word at the beginning of a word.
    pub(super) fn beginning(&self, word: &str) -> RoaringBitmap {
        match *word.as_bytes() {
            [] => RoaringBitmap::new(),
            [a] => self.between(gram(BEGIN, a, 0), gram(BEGIN, a, u8::MAX)),
            [a, b] => self.all_of([gram(BEGIN, a, b)].into_iter()),
            ref bytes => {
                let three = bytes.windows(3).map(|three| gram(three[0], three[1], three[2]));
                self.all_of(std::iter::once(gram(BEGIN, bytes[0], bytes[1])).chain(three))
            }
        }
    }

    /// What may hold a word in its ref, beside [`Grams::holding`].
    pub(super) fn in_refs(&self, word: &str) -> RoaringBitmap {
        let finder = memchr::memmem::Finder::new(word.as_bytes());
        let mut found = RoaringBitmap::new();
        for (head, set) in self.heads.iter() {
            if finder.find(head.as_bytes()).is_some() {
                set.add_to(&mut found);
                continue;
            }
            // The word may begin in this part and end in the last one.
            let last = head.as_bytes().last();
            let splits = word.char_indices().map(|(at, _)| at).skip(1);
            for at in splits.filter(|at| word.as_bytes().get(at - 1) == last && head.ends_with(&word[..*at])) {
                let rest = &word[at..];
                if rest.len() >= 3 { found |= set.and(&self.holding(rest)) } else { set.add_to(&mut found) }
            }
        }
        found
    }

    /// What has another name than the shown one that is a text or begins with it.
    pub(super) fn named(&self, text: &str, is_whole: bool) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        let from = self.other_names.range::<str, _>((std::ops::Bound::Included(text), std::ops::Bound::Unbounded));
        for (_, set) in from.take_while(|(name, _)| if is_whole { *name == text } else { name.starts_with(text) }) {
            set.add_to(&mut found);
        }
        found
    }

    fn between(&self, first: Gram, last: Gram) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        for (_, set) in self.grams.range(first..=last) {
            set.add_to(&mut found);
        }
        found
    }

    /// What is in the sets of all grams.
    fn all_of(&self, grams: impl Iterator<Item = Gram>) -> RoaringBitmap {
        let sets: Option<Vec<&Set>> = grams.map(|gram| self.grams.get(&gram)).collect();
        let Some(mut sets) = sets else { return RoaringBitmap::new() };
        sets.sort_by_key(|set| set.len());
        let mut sets = sets.into_iter();
        let Some(first) = sets.next() else { return RoaringBitmap::new() };
        let mut found = first.bitmap().into_owned();
        for set in sets {
            if found.is_empty() {
                break;
            }
            found = set.and(&found);
        }
        found
    }
}
