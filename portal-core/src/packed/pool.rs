//! Texts that are kept once each, by number: most texts of an estate are those of many entities.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use indexmap::IndexSet;

use super::index;
use crate::id::Text;

/// The number of a text.
pub(crate) type Number = u32;

/// Who numbers texts.
pub(crate) trait Numbers {
    /// The number of a text; a new one if it has none.
    fn number(&mut self, text: &str) -> Number;
}

/// All texts of a picture. A copy shares what is in it; texts are only ever added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    whole: Arc<Whole>,
    /// What came after the beginning.
    fresh: Arc<IndexSet<Text>>,
}

impl Pool {
    /// The texts of the beginning, to add to them: nothing may have come later.
    pub(crate) fn beginning(&mut self) -> &mut dyn Numbers {
        debug_assert!(self.fresh.is_empty(), "numbers go on behind the beginning");
        let whole: &mut Whole = Arc::make_mut(&mut self.whole);
        whole
    }

    /// Whether so many texts came since the beginning that it is time to throw away those that nobody has any more.
    pub(crate) fn is_worn(&self) -> bool {
        self.fresh.len() > 256 + self.whole.ends.len() / 4
    }

    /// Takes what came so far for the beginning. All numbers stay; nothing is done where others share the beginning.
    pub(crate) fn settle(&mut self) {
        if let Some(whole) = Arc::get_mut(&mut self.whole) {
            for text in std::mem::take(&mut self.fresh).iter() {
                whole.number(text);
            }
        }
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: Number) -> &str {
        match self.whole.text(number) {
            Some(text) => text,
            None => &self.fresh[index(number) - self.whole.ends.len()],
        }
    }
}

impl Numbers for Pool {
    fn number(&mut self, text: &str) -> Number {
        if let Some(known) = self.whole.find(text) {
            return known;
        }
        let place = match self.fresh.get_index_of(text) {
            Some(known) => known,
            None => Arc::make_mut(&mut self.fresh).insert_full(Text::from(text)).0,
        };
        number(self.whole.ends.len() + place)
    }
}

/// Texts in one long text.
#[derive(Clone, Debug, Default)]
struct Whole {
    text: String,
    /// Where each one ends.
    ends: Vec<u32>,
    hasher: RandomState,
    numbers: HashTable<Number>,
}

impl Whole {
    fn text(&self, number: Number) -> Option<&str> {
        cut(&self.text, &self.ends, number)
    }

    fn find(&self, text: &str) -> Option<Number> {
        self.numbers.find(self.hasher.hash_one(text), |known| self.text(*known) == Some(text)).copied()
    }
}

impl Numbers for Whole {
    fn number(&mut self, text: &str) -> Number {
        if let Some(known) = self.find(text) {
            return known;
        }
        let new = number(self.ends.len());
        self.text.push_str(text);
        self.ends.push(number(self.text.len()));
        let hash_of = |known: &Number| self.hasher.hash_one(cut(&self.text, &self.ends, *known).unwrap_or_default());
        self.numbers.insert_unique(self.hasher.hash_one(text), new, hash_of);
        new
    }
}

/// The text of a number.
fn cut<'t>(text: &'t str, ends: &[u32], number: Number) -> Option<&'t str> {
    let end = index(*ends.get(index(number))?);
    let start = if number == 0 { 0 } else { index(ends[index(number) - 1]) };
    Some(&text[start..end])
}

fn number(number: usize) -> Number {
    Number::try_from(number).expect("four gigabytes of different texts are not expected in one estate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number_and_a_copy_its_texts() {
        let mut pool = Pool::default();
        let texts: Vec<String> = (0..500).map(|at| "x".repeat(at % 7) + &at.to_string()).collect();
        let numbers: Vec<Number> = texts.iter().map(|text| pool.beginning().number(text)).collect();
        let before = pool.clone();
        for (text, number) in texts.iter().zip(&numbers) {
            assert_eq!((pool.number(text), pool.text(*number)), (*number, text.as_str()));
        }
        let new = pool.number("new");
        assert_eq!((new, pool.number("new"), pool.text(new)), (500, 500, "new"));
        let empty = pool.number("");
        assert_eq!((pool.number(""), pool.text(empty)), (empty, ""));
        assert!(before.fresh.is_empty());
        drop(before);
        pool.settle();
        assert_eq!((pool.number("new"), pool.number("")), (new, empty));
        assert_eq!(pool.text(new), "new");
        assert!(pool.fresh.is_empty() && !pool.is_worn());
    }
}
