//! What a store in memory holds, and what an ingest does to it.

use std::collections::{BTreeMap, BTreeSet};
use std::task::Waker;

use jiff::Timestamp;

use crate::curated::Curated;
use crate::digest::Digest;
use crate::error::{ErrorKind, StoreError};
use crate::graph::OwnershipGraph;
use crate::id::{Ref, Text};
use crate::keys::ApiKey;
use crate::model::{Entity, Live, Relation};
use crate::part::{Observations, Part};
use crate::resolve::Finding;
use crate::store::{Change, Digests, Head, Loaded, Record, RelationKey, ScopeState};

/// All that a store in memory knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) head: Head,
    /// The first one is number 1.
    pub(super) revisions: Vec<Revision>,
    pub(super) scopes: BTreeMap<Text, ScopeState>,
    pub(super) parts: BTreeMap<Text, (Part, Observations)>,
    pub(super) entities: BTreeMap<Ref, Vec<Row<Kept>>>,
    pub(super) relations: BTreeMap<RelationKey, Vec<Row<Relation>>>,
    pub(super) curated: BTreeMap<Ref, Vec<Row<Said>>>,
    pub(super) findings: Vec<Finding>,
    findings_digest: Option<Digest>,
    pub(super) refusal: Option<ErrorKind>,
    pub(super) observations_read: usize,
    pub(super) waiting: Waiting,
    pub(super) health: super::health::Health,
    pub(super) keys: BTreeMap<Text, ApiKey>,
}

/// A revision as it was made.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) made_at: Timestamp,
    pub(super) cause: Text,
    pub(super) by: Option<Text>,
}

/// Who waits for the head to move, by number.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) next: u64,
    pub(super) wakers: BTreeMap<u64, Waker>,
}

/// One state of something, valid from one revision until another; the newest has no end.
#[derive(Clone, Debug)]
pub(super) struct Row<T> {
    pub(super) value: T,
    pub(super) digest: Digest,
    pub(super) valid_from: u64,
    pub(super) valid_to: Option<u64>,
}

/// An entity without its counts, and its counts.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) entity: Entity,
    pub(super) live: Option<Live>,
    pub(super) first_seen: Timestamp,
}

/// What people said, and when the line of edits began.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) curated: Curated,
    pub(super) first_at: Timestamp,
}

impl<T> Row<T> {
    pub(super) fn is_valid_at(&self, revision: u64) -> bool {
        self.valid_from <= revision && self.valid_to.is_none_or(|end| end > revision)
    }
}

impl State {
    pub(super) fn commit(&mut self, head: &Head, change: &Change, now: Timestamp) -> Result<Head, StoreError> {
        if let Some(kind) = self.refusal {
            return Err(StoreError::new(kind, "the commit fails because a test wants it to"));
        }
        if self.head.generation != head.generation {
            return Err(StoreError::new(ErrorKind::Conflict, "another writer was faster"));
        }
        self.head.generation += 1;
        self.head.rules = Some(change.rules.clone());
        if change.makes_revision() {
            self.head.revision += 1;
            self.revisions.push(Revision { made_at: now, cause: change.cause.clone(), by: change.by.clone() });
        }
        self.scopes.extend(change.scopes.iter().map(|scope| (scope.folder.clone(), scope.clone())));
        for (part, observations) in &change.parts {
            let kept = self.parts.remove(&part.key).map(|(_, kept)| kept).unwrap_or_default();
            let observations = observations.clone().unwrap_or(kept);
            self.parts.insert(part.key.clone(), (part.clone(), observations));
        }
        self.put_entities(change, now);
        self.put_relations(change);
        for (entity_ref, live) in &change.live {
            if let Some(row) = self.entities.get_mut(entity_ref).and_then(|rows| rows.last_mut())
                && row.valid_to.is_none()
            {
                row.value.live = *live;
            }
        }
        if let Some((findings, digest)) = &change.findings {
            self.findings.clone_from(findings);
            self.findings_digest = Some(*digest);
        }
        self.waiting.wake();
        Ok(self.head.clone())
    }

    fn put_entities(&mut self, change: &Change, now: Timestamp) {
        let revision = self.head.revision;
        for entity_ref in &change.retired_entities {
            end(self.entities.get_mut(entity_ref), revision);
        }
        for (entity, digest) in &change.put_entities {
            let rows = self.entities.entry(entity.entity_ref()).or_default();
            let before = end(Some(rows), revision).map(|row| &row.value);
            let first_seen = before.filter(|old| !made_anew(&old.entity, entity)).map_or(now, |old| old.first_seen);
            let live = match entity {
                Entity::Workload(workload) => workload.live,
                _ => None,
            };
            let value = Kept { entity: entity.without_live().into_owned(), live, first_seen };
            rows.push(Row { value, digest: *digest, valid_from: revision, valid_to: None });
        }
    }

    fn put_relations(&mut self, change: &Change) {
        let revision = self.head.revision;
        for key in &change.retired_relations {
            end(self.relations.get_mut(key), revision);
        }
        for (relation, digest) in &change.put_relations {
            let key = (relation.from.clone(), relation.relation, relation.to.clone());
            let rows = self.relations.entry(key).or_default();
            end(Some(rows), revision);
            rows.push(Row { value: relation.clone(), digest: *digest, valid_from: revision, valid_to: None });
        }
    }

    pub(super) fn newest(&self) -> impl Iterator<Item = &Row<Kept>> {
        self.entities.values().filter_map(|rows| rows.last().filter(|row| row.valid_to.is_none()))
    }

    pub(super) fn newest_relations(&self) -> impl Iterator<Item = (&RelationKey, &Row<Relation>)> {
        self.relations.iter().filter_map(|(key, rows)| Some((key, rows.last().filter(|row| row.valid_to.is_none())?)))
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        self.parts.values().map(|(part, _)| part.clone()).collect()
    }

    pub(super) fn digests(&self) -> Digests {
        let mut all = Digests { findings: self.findings_digest, ..Digests::default() };
        for row in self.newest() {
            let entity_ref = row.value.entity.entity_ref();
            all.live.extend(row.value.live.map(|live| (entity_ref.clone(), live)));
            all.entities.insert(entity_ref, row.digest);
        }
        all.relations = self.newest_relations().map(|(key, row)| (key.clone(), row.digest)).collect();
        all
    }

    pub(super) fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        let newest = self.head.revision;
        let at = at.unwrap_or(newest);
        if at > newest {
            let message = format!("there is no revision {at}; the newest is {newest}");
            return Err(StoreError::new(ErrorKind::NotFound, message));
        }
        let entities = self.entities.values().flatten().filter(|row| row.is_valid_at(at));
        let relations = self.relations.values().flatten().filter(|row| row.is_valid_at(at));
        let mut loaded = self.loaded(
            at,
            entities.map(|row| self.record(row)).collect(),
            relations.map(|row| row.value.clone()).collect(),
        );
        loaded.curated = self.curated_at(at);
        Ok(loaded)
    }

    pub(super) fn around(&self, refs: &[Ref]) -> Loaded {
        let graph = OwnershipGraph::new(
            self.newest().map(|row| row.value.entity.clone()).collect(),
            self.newest_relations().map(|(_, row)| row.value.clone()).collect(),
        );
        let mut near: BTreeSet<Ref> = refs.iter().cloned().collect();
        let mut relations: BTreeMap<RelationKey, Relation> = BTreeMap::new();
        for asked in refs {
            for relation in graph.relations_from(asked).into_iter().chain(graph.relations_to(asked)) {
                near.extend([relation.from.clone(), relation.to.clone()]);
                let key = (relation.from.clone(), relation.relation, relation.to.clone());
                if self.relations.contains_key(&key) {
                    relations.insert(key, relation);
                }
            }
        }
        let entities = self.newest().filter(|row| near.contains(&row.value.entity.entity_ref()));
        let entities: Vec<Record> = entities.map(|row| self.record(row)).collect();
        let shown: BTreeSet<Ref> = entities.iter().map(|record| record.entity.entity_ref()).collect();
        let mut loaded = self.loaded(self.head.revision, entities, relations.into_values().collect());
        loaded.curated = self.curated_at(self.head.revision);
        loaded.curated.retain(|said| shown.contains(&said.entity) || refs.contains(&said.entity));
        loaded
    }

    fn loaded(&self, revision: u64, entities: Vec<Record>, relations: Vec<Relation>) -> Loaded {
        Loaded {
            head: self.head.clone(),
            revision,
            revised_at: revision.checked_sub(1).map(|_| self.made_at(revision)),
            entities: entities.into_iter().collect(),
            relations,
            parts: self.parts(),
            findings: self.findings.clone(),
            curated: Vec::new(),
        }
    }

    pub(super) fn record(&self, row: &Row<Kept>) -> Record {
        let mut entity = row.value.entity.clone();
        if let Entity::Workload(workload) = &mut entity {
            workload.live = row.value.live;
        }
        Record { entity, first_seen: row.value.first_seen, updated_at: self.made_at(row.valid_from) }
    }

    pub(super) fn made_at(&self, revision: u64) -> Timestamp {
        let at = usize::try_from(revision).expect("as many revisions as were pushed") - 1;
        self.revisions[at].made_at
    }
}

/// Ends what is valid now.
pub(super) fn end<T>(rows: Option<&mut Vec<Row<T>>>, revision: u64) -> Option<&Row<T>> {
    let row = rows?.last_mut().filter(|row| row.valid_to.is_none())?;
    row.valid_to = Some(revision);
    Some(row)
}

impl Waiting {
    pub(super) fn wake(&mut self) {
        for (_, waker) in std::mem::take(&mut self.wakers) {
            waker.wake();
        }
    }
}

/// Whether the outside world made it again under the same ref, as far as both say when they were made.
fn made_anew(old: &Entity, new: &Entity) -> bool {
    matches!((old.created_at(), new.created_at()), (Some(old), Some(new)) if old != new)
}
