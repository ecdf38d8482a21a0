//! What people say, in memory; who waits for news, and what these are.

use std::pin::Pin;
use std::task::{Context, Poll};

use jiff::Timestamp;

use super::MemoryStore;
use super::state::{Revision, Row, Said, State, end};
use crate::curated::{Curated, CuratedRecord, Edit};
use crate::digest::Digest;
use crate::error::{ErrorKind, StoreError};
use crate::id::{Ref, Text};
use crate::store::{Delta, Head};

impl State {
    pub(super) fn edit(&mut self, by: &str, edits: &[Edit], now: Timestamp) -> Result<Head, StoreError> {
        if let Some(kind) = self.refusal {
            return Err(StoreError::new(kind, "the edit fails because a test wants it to"));
        }
        let mut changes: Vec<(&Ref, Option<&Curated>)> = Vec::new();
        for edit in edits {
            let there = self.said(&edit.entity);
            if there.map_or(0, |row| row.valid_from) != edit.seen {
                let message = format!("somebody else has edited {} since; look at it again", edit.entity);
                return Err(StoreError::new(ErrorKind::Conflict, message));
            }
            let new = edit.curated.as_ref().filter(|curated| !curated.is_empty());
            if there.map(|row| &row.value.curated) != new {
                changes.push((&edit.entity, new));
            }
        }
        if changes.is_empty() {
            return Ok(self.head.clone());
        }
        self.head.revision += 1;
        let revision = self.head.revision;
        let cause = Text::new_static("edit");
        self.revisions.push(Revision { made_at: now, cause, by: Some(by.into()) });
        for (entity, new) in changes {
            let rows = self.curated.entry(entity.clone()).or_default();
            let first_at = end(Some(rows), revision).map_or(now, |row| row.value.first_at);
            if let Some(curated) = new {
                let value = Said { curated: curated.clone(), first_at };
                rows.push(Row { value, digest: Digest::of(curated), valid_from: revision, valid_to: None });
            }
        }
        self.waiting.wake();
        Ok(self.head.clone())
    }

    pub(super) fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        if head.revision > self.head.revision || head.generation > self.head.generation {
            let message = "the store is older than what was loaded from it; load everything again";
            return Err(StoreError::new(ErrorKind::Conflict, message));
        }
        let asked = head.revision;
        let moved = head.generation != self.head.generation;
        let lives = self.newest().filter_map(|row| Some((row.value.entity.entity_ref(), row.value.live?)));
        Ok(Delta {
            head: self.head.clone(),
            revised_at: self.head.revision.checked_sub(1).map(|_| self.made_at(self.head.revision)),
            entities: self.newest().filter(|row| row.valid_from > asked).map(|row| self.record(row)).collect(),
            gone: gone(&self.entities, asked),
            relations: self
                .newest_relations()
                .filter(|(_, row)| row.valid_from > asked)
                .map(|(_, row)| row.value.clone())
                .collect(),
            gone_relations: gone(&self.relations, asked),
            live: if moved { lives.collect() } else { Vec::new() },
            parts: moved.then(|| self.parts()),
            findings: moved.then(|| self.findings.clone()),
            curated: self.curated_at(self.head.revision).into_iter().filter(|said| said.version > asked).collect(),
            gone_curated: gone(&self.curated, asked),
        })
    }

    /// What people said at a revision.
    pub(super) fn curated_at(&self, revision: u64) -> Vec<CuratedRecord> {
        let rows = self.curated.iter().filter_map(|(entity, rows)| Some((entity, valid_at(rows, revision)?)));
        let record = |(entity, row): (&Ref, &Row<Said>)| CuratedRecord {
            entity: entity.clone(),
            curated: row.value.curated.clone(),
            version: row.valid_from,
            by: self.revision(row.valid_from).by.clone().unwrap_or_default(),
            edited_at: self.made_at(row.valid_from),
            first_at: row.value.first_at,
        };
        rows.map(record).collect()
    }

    fn said(&self, entity: &Ref) -> Option<&Row<Said>> {
        self.curated.get(entity)?.last().filter(|row| row.valid_to.is_none())
    }
}

/// The state of something at a revision.
pub(super) fn valid_at<T>(rows: &[Row<T>], revision: u64) -> Option<&Row<T>> {
    rows.iter().find(|row| row.is_valid_at(revision))
}

/// What was there at a revision, and is there no more.
fn gone<K: Clone + Ord, T>(all: &std::collections::BTreeMap<K, Vec<Row<T>>>, asked: u64) -> Vec<K> {
    let ended = |rows: &[Row<T>]| rows.last().is_some_and(|row| row.valid_to.is_some());
    let gone = all.iter().filter(|(_, rows)| ended(rows) && valid_at(rows, asked).is_some());
    gone.map(|(key, _)| key.clone()).collect()
}

/// Waits for another head.
pub(super) struct NewerThan<'s> {
    store: &'s MemoryStore,
    head: &'s Head,
    number: Option<u64>,
}

impl NewerThan<'_> {
    pub(super) fn new<'s>(store: &'s MemoryStore, head: &'s Head) -> NewerThan<'s> {
        NewerThan { store, head, number: None }
    }
}

impl Future for NewerThan<'_> {
    type Output = Head;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Head> {
        let mut state = self.store.lock();
        if (state.head.revision, state.head.generation) != (self.head.revision, self.head.generation) {
            return Poll::Ready(state.head.clone());
        }
        let number = self.number.unwrap_or(state.waiting.next);
        state.waiting.next = state.waiting.next.max(number + 1);
        state.waiting.wakers.insert(number, context.waker().clone());
        drop(state);
        self.number = Some(number);
        Poll::Pending
    }
}

impl Drop for NewerThan<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.store.lock().waiting.wakers.remove(&number);
        }
    }
}
