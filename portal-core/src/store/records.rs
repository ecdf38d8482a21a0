//! Many records, each as a few bytes until somebody reads it.

use std::collections::BTreeMap;
use std::fmt;

use super::Record;
use crate::id::{EntityType, Ref, Text};
use crate::model::Entity;
use crate::packed::{self, Pool, Reader, Rows, Writer};

/// Records in the order in which they came.
///
/// A million of them as they are take gigabytes, most of it texts that others have as well.
///
/// ```
/// use portal_core::store::Records;
/// let records: Records = std::iter::empty().collect();
/// assert!(records.is_empty() && records.iter().next().is_none());
/// ```
#[derive(Clone, Default)]
pub struct Records {
    /// The type, the times, and what else the entity is made of.
    rows: Rows,
    texts: Pool,
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds one.
    pub fn push(&mut self, record: &Record) {
        let numbers = self.texts.beginning();
        self.rows.push(|bytes| {
            let mut to = Writer { bytes, numbers };
            to.byte(record.entity.entity_type() as u8);
            packed::write_times((record.first_seen, record.updated_at), &mut to);
            packed::write_entity(&record.entity, &mut to);
        });
    }

    /// Reads them one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Record> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Reads one.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn get(&self, at: usize) -> Record {
        self.read(at, self.reader(at))
    }

    fn read(&self, at: usize, mut from: Reader<'_>) -> Record {
        let (first_seen, updated_at) = packed::read_times(&mut from);
        Record { entity: packed::read_entity(self.entity_type(at), &mut from), first_seen, updated_at }
    }

    /// Reads the entities of a type.
    pub(crate) fn iter_of(&self, of: EntityType) -> impl Iterator<Item = Entity> + '_ {
        (0..self.len()).filter(move |at| self.entity_type(*at) == of).map(|at| self.get(at).entity)
    }

    /// Reads all entities without evidence and attributes.
    pub(crate) fn iter_in_short(&self) -> impl Iterator<Item = Entity> + '_ {
        (0..self.len()).map(|at| self.read(at, self.reader(at).in_short()).entity)
    }

    /// What one is.
    pub(crate) fn entity_type(&self, at: usize) -> EntityType {
        EntityType::ALL[usize::from(self.rows.get(at)[0])]
    }

    /// The ref of one.
    pub(crate) fn entity_ref(&self, at: usize) -> Ref {
        let mut text = String::with_capacity(128);
        self.ref_to(at, &mut text);
        Ref::of_known(Text::from(text))
    }

    fn ref_to(&self, at: usize, to: &mut String) {
        let mut from = self.reader(at);
        packed::read_times(&mut from);
        packed::identity(Some(self.entity_type(at)), &mut from, to).expect("a text takes everything");
    }

    /// Where the record of a ref stands; they have to be sorted by it.
    pub(crate) fn find(&self, entity: &Ref) -> Option<usize> {
        let mut known = String::new();
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            known.clear();
            self.ref_to(middle, &mut known);
            match known.as_str().cmp(entity.as_str()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Sorted by ref; of two of one ref the later one.
    pub(crate) fn by_ref(self) -> Records {
        let (mut before, mut this) = (String::new(), String::new());
        let is_sorted = (0..self.len()).all(|at| {
            std::mem::swap(&mut before, &mut this);
            this.clear();
            self.ref_to(at, &mut this);
            at == 0 || before < this
        });
        if is_sorted {
            return self;
        }
        let sorted: BTreeMap<Ref, usize> = (0..self.len()).map(|at| (self.entity_ref(at), at)).collect();
        sorted.into_values().map(|at| self.get(at)).collect()
    }

    /// The bytes of each, and the texts that they name.
    pub(crate) fn into_parts(self) -> (Rows, Pool) {
        (self.rows, self.texts)
    }

    fn reader(&self, at: usize) -> Reader<'_> {
        Reader::new(&self.rows.get(at)[1..], &self.texts)
    }
}

impl Extend<Record> for Records {
    fn extend<I: IntoIterator<Item = Record>>(&mut self, records: I) {
        records.into_iter().for_each(|record| self.push(&record));
    }
}

impl FromIterator<Record> for Records {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Records {
        let mut all = Records::default();
        all.extend(records);
        all
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Records) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
