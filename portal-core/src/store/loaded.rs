//! What a store gives back: a whole state, and the difference to it.

use jiff::Timestamp;

use super::{Head, Records, RelationKey};
use crate::curated::CuratedRecord;
use crate::id::Ref;
use crate::model::{Entity, Live, Relation};
use crate::part::Part;
use crate::resolve::Finding;

/// What a store knows of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The entity, with its counts of running copies.
    pub entity: Entity,
    /// When it came.
    pub first_seen: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A state of the store.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The store's newest state when this was read, also where this is an earlier one.
    pub head: Head,
    /// Its revision.
    pub revision: u64,
    /// When that revision was made.
    pub revised_at: Option<Timestamp>,
    /// Entities, sorted by ref.
    pub entities: Records,
    /// Relations that do not follow from a single entity, sorted.
    pub relations: Vec<Relation>,
    /// Parts, sorted by key: always those of now. Around some refs at least those that concern what is shown.
    pub parts: Vec<Part>,
    /// Findings: always those of now. Around some refs at least those about them.
    pub findings: Vec<Finding>,
    /// What people said by then, sorted by ref. Around some refs what concerns the entities that are shown, and the asked
    /// refs of which nothing but people's words is known.
    pub curated: Vec<CuratedRecord>,
}

/// What is different now from what was loaded at an earlier state.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// The newest state.
    pub head: Head,
    /// When its revision was made.
    pub revised_at: Option<Timestamp>,
    /// Entities that are new or different, sorted by ref.
    pub entities: Vec<Record>,
    /// Entities that are there no more, sorted.
    pub gone: Vec<Ref>,
    /// Relations that are new or different, sorted.
    pub relations: Vec<Relation>,
    /// Relations that are there no more, sorted.
    pub gone_relations: Vec<RelationKey>,
    /// If the generation moved, all counts of running copies that there are now, sorted by ref: a workload that is not
    /// among them has none. Else nothing, and the counts are what they were.
    pub live: Vec<(Ref, Live)>,
    /// If the generation moved, all parts of now, sorted by key.
    pub parts: Option<Vec<Part>>,
    /// If the generation moved, all findings of now.
    pub findings: Option<Vec<Finding>>,
    /// What people said anew, sorted by ref.
    pub curated: Vec<CuratedRecord>,
    /// Refs of which people say nothing any more, sorted.
    pub gone_curated: Vec<Ref>,
}
