//! Texts that are kept once each, by number: most texts of an estate are those of many entities.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::id::Text;

/// The number of a text.
pub(super) type Number = u32;

/// Who numbers texts.
pub(super) trait Numbers {
    /// The number of a text; a new one if it has none.
    fn number(&mut self, text: &str) -> Number;
}

/// All texts of a picture. A copy shares what is in it; texts are only ever added.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    whole: Arc<Whole>,
    /// What came after the beginning.
    fresh: Arc<Fresh>,
}

#[derive(Clone, Debug, Default)]
struct Fresh {
    texts: Vec<Text>,
    numbers: HashMap<Text, Number>,
}

impl Pool {
    pub(super) fn new(whole: Whole) -> Pool {
        Pool { whole: Arc::new(whole), fresh: Arc::default() }
    }

    /// Whether so many texts came since the beginning that it is time to throw away those that nobody has any more.
    pub(super) fn is_worn(&self) -> bool {
        self.fresh.texts.len() > 256 + self.whole.ends.len() / 4
    }

    /// Takes what came so far for the beginning. All numbers stay; nothing is done where others share the beginning.
    pub(super) fn settle(&mut self) {
        if let Some(whole) = Arc::get_mut(&mut self.whole) {
            for text in &std::mem::take(&mut self.fresh).texts {
                whole.number(text);
            }
        }
    }

    /// The text of a number.
    pub(super) fn text(&self, number: Number) -> &str {
        match self.whole.text(number) {
            Some(text) => text,
            None => &self.fresh.texts[at(number) - self.whole.ends.len()],
        }
    }
}

impl Numbers for Pool {
    fn number(&mut self, text: &str) -> Number {
        if let Some(known) = self.whole.find(text).or_else(|| self.fresh.numbers.get(text).copied()) {
            return known;
        }
        let fresh = Arc::make_mut(&mut self.fresh);
        let new = number(self.whole.ends.len() + fresh.texts.len());
        fresh.texts.push(Text::from(text));
        fresh.numbers.insert(Text::from(text), new);
        new
    }
}

/// Texts in one long text.
#[derive(Debug, Default)]
pub(super) struct Whole {
    text: String,
    /// Where each one ends.
    ends: Vec<u32>,
    hasher: RandomState,
    /// Numbers by the hashes of their texts, at most two thirds of a power of two.
    places: Vec<Number>,
}

/// No number.
const FREE: Number = Number::MAX;

impl Whole {
    fn text(&self, number: Number) -> Option<&str> {
        let end = at(*self.ends.get(at(number))?);
        let start = if number == 0 { 0 } else { at(self.ends[at(number) - 1]) };
        Some(&self.text[start..end])
    }

    fn find(&self, text: &str) -> Option<Number> {
        let found = *self.places.get(self.place_of(text))?;
        Some(found).filter(|found| *found != FREE)
    }

    /// Where the number of a text is, or would be.
    fn place_of(&self, text: &str) -> usize {
        let Some(mask) = self.places.len().checked_sub(1) else { return 0 };
        let mut place = usize::try_from(self.hasher.hash_one(text) & mask as u64).expect("it is below a length");
        while self.places[place] != FREE && self.text(self.places[place]) != Some(text) {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        self.places = vec![FREE; (self.places.len() * 2).max(64)];
        for known in 0..number(self.ends.len()) {
            let place = self.place_of(self.text(known).expect("it was numbered"));
            self.places[place] = known;
        }
    }
}

impl Numbers for Whole {
    fn number(&mut self, text: &str) -> Number {
        if let Some(known) = self.find(text) {
            return known;
        }
        if (self.ends.len() + 1) * 3 > self.places.len() * 2 {
            self.grow();
        }
        let place = self.place_of(text);
        let new = number(self.ends.len());
        self.text.push_str(text);
        self.ends.push(number(self.text.len()));
        self.places[place] = new;
        new
    }
}

fn number(number: usize) -> Number {
    Number::try_from(number).expect("four gigabytes of different texts are not expected in one estate")
}

fn at(number: Number) -> usize {
    usize::try_from(number).expect("an index has at least 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number_and_a_copy_its_texts() {
        let mut whole = Whole::default();
        let texts: Vec<String> = (0..500).map(|at| "x".repeat(at % 7) + &at.to_string()).collect();
        let numbers: Vec<Number> = texts.iter().map(|text| whole.number(text)).collect();
        let mut pool = Pool::new(whole);
        let before = pool.clone();
        for (text, number) in texts.iter().zip(&numbers) {
            assert_eq!((pool.number(text), pool.text(*number)), (*number, text.as_str()));
        }
        let new = pool.number("new");
        assert_eq!((new, pool.number("new"), pool.text(new)), (500, 500, "new"));
        let empty = pool.number("");
        assert_eq!((pool.number(""), pool.text(empty)), (empty, ""));
        assert!(before.fresh.texts.is_empty());
        drop(before);
        pool.settle();
        assert_eq!((pool.number("new"), pool.number("")), (new, empty));
        assert_eq!(pool.text(new), "new");
        assert!(pool.fresh.texts.is_empty() && !pool.is_worn());
    }
}
