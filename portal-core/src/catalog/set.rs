//! A set of slots that is small where it holds little: most values of most tags stand on one or a few entities.

use std::borrow::Cow;
use std::sync::Arc;

use roaring::RoaringBitmap;

/// The number of a ref in a picture.
pub(super) type Slot = u32;

/// Slots. A copy shares what it holds until one of the two is changed.
#[derive(Clone, Debug, Default)]
pub(super) enum Set {
    #[default]
    Empty,
    One(Slot),
    Many(Arc<RoaringBitmap>),
}

impl Set {
    pub(super) fn insert(&mut self, slot: Slot) {
        match self {
            Set::Empty => *self = Set::One(slot),
            Set::One(one) if *one == slot => {}
            Set::One(one) => *self = Set::Many(Arc::new(RoaringBitmap::from_iter([*one, slot]))),
            Set::Many(many) => {
                Arc::make_mut(many).insert(slot);
            }
        }
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        match self {
            Set::One(one) if *one == slot => *self = Set::Empty,
            Set::Many(many) => {
                let many = Arc::make_mut(many);
                many.remove(slot);
                if many.len() <= 1 {
                    *self = many.min().map_or(Set::Empty, Set::One);
                }
            }
            _ => {}
        }
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        match self {
            Set::Empty => false,
            Set::One(one) => *one == slot,
            Set::Many(many) => many.contains(slot),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Set::Empty)
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Set::Empty => 0,
            Set::One(_) => 1,
            Set::Many(many) => many.len(),
        }
    }

    /// How many are in another set, too.
    pub(super) fn shared(&self, other: &RoaringBitmap) -> u64 {
        match self {
            Set::Empty => 0,
            Set::One(one) => u64::from(other.contains(*one)),
            Set::Many(many) => many.intersection_len(other),
        }
    }

    /// Those that are in another set, too.
    pub(super) fn and(&self, other: &RoaringBitmap) -> RoaringBitmap {
        match self {
            Set::Empty => RoaringBitmap::new(),
            Set::One(one) => other.contains(*one).then_some(*one).into_iter().collect(),
            Set::Many(many) => &**many & other,
        }
    }

    pub(super) fn add_to(&self, other: &mut RoaringBitmap) {
        match self {
            Set::Empty => {}
            Set::One(one) => {
                other.insert(*one);
            }
            Set::Many(many) => *other |= &**many,
        }
    }

    pub(super) fn take_from(&self, other: &mut RoaringBitmap) {
        match self {
            Set::Empty => {}
            Set::One(one) => {
                other.remove(*one);
            }
            Set::Many(many) => *other -= &**many,
        }
    }

    pub(super) fn bitmap(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Set::Empty => Cow::Owned(RoaringBitmap::new()),
            Set::One(one) => Cow::Owned(RoaringBitmap::from_iter([*one])),
            Set::Many(many) => Cow::Borrowed(many),
        }
    }

    /// Gives back what filling it left over.
    pub(super) fn settle(&mut self) {
        if let Set::Many(many) = self {
            // A copy has no room to grow. Runs would be a little smaller, but adding single slots to runs takes longer than
            // all else that a list needs.
            *many = Arc::new(RoaringBitmap::clone(many));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_same_however_it_grew() {
        let mut set = Set::default();
        let mut expected = RoaringBitmap::new();
        for slot in [5, 5, 9, 70_000, 3] {
            set.insert(slot);
            expected.insert(slot);
            assert_eq!(*set.bitmap(), expected);
        }
        for slot in [4, 70_000, 5, 9, 3, 3] {
            let copy = set.clone();
            set.remove(slot);
            expected.remove(slot);
            assert_eq!(*set.bitmap(), expected);
            assert_eq!((set.len(), set.is_empty()), (expected.len(), expected.is_empty()));
            assert!(!set.contains(slot) && (slot == 4 || copy.len() >= set.len()), "a copy stays what it was");
        }
    }
}
