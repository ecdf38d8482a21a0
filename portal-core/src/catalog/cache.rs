//! Answers that are asked for again and again, kept for as long as the picture that they are about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use roaring::RoaringBitmap;

use super::facets::{Counts, Facets};
use crate::id::Text;

/// What is kept of one picture.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) facets: Kept<Facets>,
    pub(super) counts: Kept<Counts>,
    /// What holds a word, by words of filters.
    pub(super) words: Kept<RoaringBitmap>,
    /// Names of environments by account: almost everything that is shown has one.
    pub(super) environments: OnceLock<HashMap<Text, Text>>,
}

impl Default for Cache {
    fn default() -> Cache {
        // A set of a million slots may take a hundred kilobytes, a count takes a few hundred bytes.
        Cache {
            facets: Kept::at_most(256),
            counts: Kept::at_most(4_096),
            words: Kept::at_most(32),
            environments: OnceLock::new(),
        }
    }
}

/// Answers of one kind by their questions.
#[derive(Debug)]
pub(super) struct Kept<T> {
    most: usize,
    answers: Mutex<HashMap<String, Arc<T>>>,
}

impl<T> Kept<T> {
    fn at_most(most: usize) -> Kept<T> {
        Kept { most, answers: Mutex::default() }
    }

    /// The answer to a question. Nobody waits while it is made: two who ask at once both make it.
    pub(super) fn get_or_make(&self, question: String, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.get(&question) {
            return known;
        }
        let made = Arc::new(make());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= self.most {
            answers.clear();
        }
        answers.insert(question, Arc::clone(&made));
        made
    }

    /// The answer to a question that was asked before.
    pub(super) fn get(&self, question: &str) -> Option<Arc<T>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
    }
}
