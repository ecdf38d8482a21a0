//! A store in memory, with its history.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{ManualClock, step_aside};
use crate::collect::Clock as _;
use crate::digest::Digest;
use crate::error::{ErrorKind, StoreError};
use crate::graph::OwnershipGraph;
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Live, OwnershipState, Relation};
use crate::part::{Known, Observations, Part};
use crate::resolve::Finding;
use crate::store::{Change, Digests, Head, Loaded, Record, RelationKey, ScopeState, Store};

/// A store in memory. A clone is a second handle to the same content, as a second process would have.
///
/// Every call steps aside once before it does its work, so that futures that run side by side really interleave. Its
/// clock is a [`ManualClock`]: no two revisions have the same time.
///
/// ```
/// use portal_core::{ErrorKind, Store as _, store::Change, testing::{MemoryStore, estate}};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStore::new();
/// let empty = store.head().await.expect("a head");
/// let change = estate::change([estate::bucket("invoices")], []);
/// assert_eq!(store.commit(&empty, &change).await.expect("a commit").revision, 1);
/// assert_eq!(store.commit(&empty, &change).await.expect_err("an old head").kind(), ErrorKind::Conflict);
/// assert!(store.load(Some(0)).await.expect("the beginning").entities.is_empty());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: ManualClock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    head: Head,
    /// When each revision was made; the first one is number 1.
    revisions: Vec<Timestamp>,
    scopes: BTreeMap<Text, ScopeState>,
    parts: BTreeMap<Text, (Part, Observations)>,
    entities: BTreeMap<Ref, Vec<Row<Kept>>>,
    relations: BTreeMap<RelationKey, Vec<Row<Relation>>>,
    findings: Vec<Finding>,
    findings_digest: Option<Digest>,
    refusal: Option<ErrorKind>,
    observations_read: usize,
}

/// One state of something, valid from one revision until another; the newest has no end.
#[derive(Clone, Debug)]
struct Row<T> {
    value: T,
    digest: Digest,
    valid_from: u64,
    valid_to: Option<u64>,
}

/// An entity without its counts, and its counts.
#[derive(Clone, Debug)]
struct Kept {
    entity: Entity,
    live: Option<Live>,
    first_seen: Timestamp,
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::at(Timestamp::UNIX_EPOCH)
    }
}

impl MemoryStore {
    /// An empty store whose clock starts with the year 1970.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// An empty store whose clock starts at a time.
    pub fn at(start: Timestamp) -> MemoryStore {
        let state = State {
            head: Head { revision: 0, generation: 0, rules: None },
            revisions: Vec::new(),
            scopes: BTreeMap::new(),
            parts: BTreeMap::new(),
            entities: BTreeMap::new(),
            relations: BTreeMap::new(),
            findings: Vec::new(),
            findings_digest: None,
            refusal: None,
            observations_read: 0,
        };
        MemoryStore(Arc::new(Shared { clock: ManualClock::at(start), state: Mutex::new(state) }))
    }

    /// The clock of all handles.
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// From now on every commit fails in this way, until [`MemoryStore::heal`].
    pub fn refuse_commits(&self, kind: ErrorKind) {
        self.lock().refusal = Some(kind);
    }

    /// Takes commits again.
    pub fn heal(&self) {
        self.lock().refusal = None;
    }

    /// Of how many parts the observations were read so far, through all handles.
    pub fn observations_read(&self) -> usize {
        self.lock().observations_read
    }

    async fn read<T>(&self, read: impl FnOnce(&State) -> T + Send) -> Result<T, StoreError> {
        step_aside().await;
        Ok(read(&self.lock()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.read(|state| state.head.clone()).await
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        self.read(|state| state.scopes.values().cloned().collect()).await
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        self.read(State::parts).await
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        step_aside().await;
        let mut state = self.lock();
        state.observations_read += parts.len();
        Ok(parts.iter().filter_map(|key| Some((key.clone(), state.parts.get(key)?.1.to_vec()))).collect())
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        self.read(State::digests).await
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        step_aside().await;
        let now = self.now();
        self.lock().commit(head, change, now)
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        self.read(|state| state.load(at)).await?
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        self.read(|state| state.around(refs)).await
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        let name = name.to_lowercase();
        self.read(|state| {
            let named = state.newest().filter(|row| row.value.entity.name().to_lowercase() == name);
            named.map(|row| row.value.entity.entity_ref()).take(limit).collect()
        })
        .await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        self.read(|state| {
            let mut counts: BTreeMap<(EntityType, Option<OwnershipState>), u64> = BTreeMap::new();
            for Row { value: Kept { entity, .. }, .. } in state.newest() {
                *counts.entry((entity.entity_type(), entity.ownership().map(|own| own.state))).or_default() += 1;
            }
            counts.into_iter().map(|((entity_type, ownership), count)| (entity_type, ownership, count)).collect()
        })
        .await
    }
}

impl<T> Row<T> {
    fn is_valid_at(&self, revision: u64) -> bool {
        self.valid_from <= revision && self.valid_to.is_none_or(|end| end > revision)
    }
}

impl State {
    fn commit(&mut self, head: &Head, change: &Change, now: Timestamp) -> Result<Head, StoreError> {
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
            self.revisions.push(now);
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

    fn newest(&self) -> impl Iterator<Item = &Row<Kept>> {
        self.entities.values().filter_map(|rows| rows.last().filter(|row| row.valid_to.is_none()))
    }

    fn newest_relations(&self) -> impl Iterator<Item = (&RelationKey, &Row<Relation>)> {
        self.relations.iter().filter_map(|(key, rows)| Some((key, rows.last().filter(|row| row.valid_to.is_none())?)))
    }

    fn parts(&self) -> Vec<Part> {
        self.parts.values().map(|(part, _)| part.clone()).collect()
    }

    fn digests(&self) -> Digests {
        let mut all = Digests { findings: self.findings_digest, ..Digests::default() };
        for row in self.newest() {
            let entity_ref = row.value.entity.entity_ref();
            all.live.extend(row.value.live.map(|live| (entity_ref.clone(), live)));
            all.entities.insert(entity_ref, row.digest);
        }
        all.relations = self.newest_relations().map(|(key, row)| (key.clone(), row.digest)).collect();
        all
    }

    fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        let newest = self.head.revision;
        let at = at.unwrap_or(newest);
        if at > newest {
            let message = format!("there is no revision {at}; the newest is {newest}");
            return Err(StoreError::new(ErrorKind::NotFound, message));
        }
        let entities = self.entities.values().flatten().filter(|row| row.is_valid_at(at));
        let relations = self.relations.values().flatten().filter(|row| row.is_valid_at(at));
        Ok(self.loaded(
            at,
            entities.map(|row| self.record(row)).collect(),
            relations.map(|row| row.value.clone()).collect(),
        ))
    }

    fn around(&self, refs: &[Ref]) -> Loaded {
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
        let entities = entities.map(|row| self.record(row)).collect();
        self.loaded(self.head.revision, entities, relations.into_values().collect())
    }

    fn loaded(&self, revision: u64, entities: Vec<Record>, relations: Vec<Relation>) -> Loaded {
        Loaded {
            revision,
            revised_at: revision.checked_sub(1).map(|_| self.made_at(revision)),
            entities,
            relations,
            parts: self.parts(),
            findings: self.findings.clone(),
        }
    }

    fn record(&self, row: &Row<Kept>) -> Record {
        let mut entity = row.value.entity.clone();
        if let Entity::Workload(workload) = &mut entity {
            workload.live = row.value.live;
        }
        Record { entity, first_seen: row.value.first_seen, updated_at: self.made_at(row.valid_from) }
    }

    fn made_at(&self, revision: u64) -> Timestamp {
        let at = usize::try_from(revision).expect("as many revisions as were pushed") - 1;
        self.revisions[at]
    }
}

/// Ends what is valid now.
fn end<T>(rows: Option<&mut Vec<Row<T>>>, revision: u64) -> Option<&Row<T>> {
    let row = rows?.last_mut().filter(|row| row.valid_to.is_none())?;
    row.valid_to = Some(revision);
    Some(row)
}

/// Whether the outside world made it again under the same ref, as far as both say when they were made.
fn made_anew(old: &Entity, new: &Entity) -> bool {
    matches!((old.created_at(), new.created_at()), (Some(old), Some(new)) if old != new)
}
