//! A store in memory, with its history.

mod edits;
mod health;
mod history;
mod keys;
mod state;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{ManualClock, step_aside};
use crate::collect::Clock as _;
use crate::curated::Edit;
use crate::error::{ErrorKind, StoreError};
use crate::id::{EntityType, Ref, Text};
use crate::model::OwnershipState;
use crate::part::{Known, Part};
use crate::store::{Change, Delta, Digests, Head, HistoryQuery, Loaded, ScopeState, Step, Store};
use state::{Kept, Row, State};

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
        MemoryStore(Arc::new(Shared { clock: ManualClock::at(start), state: Mutex::default() }))
    }

    /// The clock of all handles.
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// From now on every commit and edit fails in this way, until [`MemoryStore::heal`].
    pub fn refuse_commits(&self, kind: ErrorKind) {
        self.lock().refusal = Some(kind);
    }

    /// Takes commits and edits again.
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

    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        Edit::check(by, edits)?;
        step_aside().await;
        let now = self.now();
        self.lock().edit(by, edits, now)
    }

    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError> {
        step_aside().await;
        Ok(edits::NewerThan::new(self, head).await)
    }

    async fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        self.read(|state| state.since(head)).await?
    }

    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError> {
        self.read(|state| state.history(asked)).await
    }

    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.read(|state| state.revision_at(at)).await
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
