//! A lake in memory that fails on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::step_aside;
use crate::error::{ErrorKind, LakeError};
use crate::lake::{Etag, Lake, LakeLock, LakePath, Listed, Listing, Precondition, Stored};

/// A lake in memory. A clone is a second handle to the same content, as a second process would have.
///
/// Every call steps aside once before it does its work, so that futures that run side by side really interleave.
///
/// ```
/// use portal_core::{ErrorKind, Lake as _, LakePath, lake::Precondition, testing::{Fault, MemoryLake}};
///
/// # futures::executor::block_on(async {
/// let lake = MemoryLake::new();
/// let key = LakePath::root().join("a.json");
/// lake.inject(Fault::put(1, ErrorKind::Storage));
/// lake.put(&key, "1".into(), Precondition::None).await.expect("the first put works");
/// lake.put(&key, "2".into(), Precondition::None).await.expect_err("the second does not");
/// assert_eq!(lake.contents()["a.json"], "1");
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryLake(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    locks: BTreeSet<String>,
    calls: BTreeMap<Call, usize>,
    faults: Vec<Fault>,
}

/// A method of a lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// [`Lake::list`].
    List,
    /// [`Lake::get`].
    Get,
    /// [`Lake::put`].
    Put,
    /// [`Lake::delete`].
    Delete,
    /// [`Lake::lock`].
    Lock,
}

/// A call that is going to fail.
#[derive(Clone, Debug)]
pub struct Fault {
    call: Call,
    nth: usize,
    kind: ErrorKind,
    all_later: bool,
    after_effect: bool,
}

impl Fault {
    /// The call with this number fails; `0` is the next one after [`MemoryLake::inject`].
    pub fn new(call: Call, nth: usize, kind: ErrorKind) -> Fault {
        Fault { call, nth, kind, all_later: false, after_effect: false }
    }

    /// A `put` that fails.
    pub fn put(nth: usize, kind: ErrorKind) -> Fault {
        Fault::new(Call::Put, nth, kind)
    }

    /// A `get` that fails.
    pub fn get(nth: usize, kind: ErrorKind) -> Fault {
        Fault::new(Call::Get, nth, kind)
    }

    /// Every later call of the same method fails too: the disk is full, the network is gone.
    #[must_use]
    pub fn and_all_later(mut self) -> Fault {
        self.all_later = true;
        self
    }

    /// The call does its work and says all the same that it failed: the answer was lost.
    #[must_use]
    pub fn after_its_effect(mut self) -> Fault {
        self.after_effect = true;
        self
    }

    fn hits(&self, call: Call, number: usize) -> bool {
        self.call == call && (number == self.nth || (self.all_later && number > self.nth))
    }

    fn error(&self) -> LakeError {
        LakeError::new(self.kind, format!("{:?} number {} fails because a test wants it to", self.call, self.nth))
    }
}

impl MemoryLake {
    /// An empty lake.
    pub fn new() -> MemoryLake {
        MemoryLake::default()
    }

    /// Lets calls fail from now on; several faults add up.
    pub fn inject(&self, mut fault: Fault) {
        let mut state = self.lock_state();
        fault.nth += state.calls.get(&fault.call).copied().unwrap_or(0);
        state.faults.push(fault);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.lock_state().faults.clear();
    }

    /// How often a method was called so far, through all handles.
    pub fn calls(&self, call: Call) -> usize {
        self.lock_state().calls.get(&call).copied().unwrap_or(0)
    }

    /// All objects by their keys.
    pub fn contents(&self) -> BTreeMap<String, Bytes> {
        self.lock_state().objects.clone()
    }

    /// Replaces all objects; locks stay.
    pub fn restore(&self, contents: BTreeMap<String, Bytes>) {
        self.lock_state().objects = contents;
    }

    /// Counts a call and does its work, unless a fault says otherwise.
    async fn call<T>(
        &self,
        call: Call,
        work: impl FnOnce(&mut State) -> Result<T, LakeError> + Send,
    ) -> Result<T, LakeError> {
        step_aside().await;
        let mut state = self.lock_state();
        let count = state.calls.entry(call).or_default();
        let number = *count;
        *count += 1;
        let fault = state.faults.iter().find(|fault| fault.hits(call, number)).cloned();
        match fault {
            Some(fault) if fault.after_effect => work(&mut state).and(Err(fault.error())),
            Some(fault) => Err(fault.error()),
            None => work(&mut state),
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Lake for MemoryLake {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError> {
        self.call(Call::List, |state| Ok(list(&state.objects, folder))).await
    }

    async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError> {
        self.call(Call::Get, |state| {
            Ok(state.objects.get(key.as_str()).map(|bytes| Stored { bytes: bytes.clone(), etag: etag(bytes) }))
        })
        .await
    }

    async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError> {
        self.call(Call::Put, |state| {
            if key.as_str().split('/').any(|part| part.is_empty() || part.starts_with('.')) {
                return Err(LakeError::new(ErrorKind::Invalid, format!("`{key}` cannot be an object: it is hidden")));
            }
            let there = state.objects.get(key.as_str()).map(|old| etag(old));
            let holds = match &condition {
                Precondition::None => true,
                Precondition::Absent => there.is_none(),
                Precondition::Matches(tag) => there.as_ref() == Some(tag),
            };
            if !holds {
                return Err(LakeError::new(ErrorKind::Conflict, format!("somebody else wrote {key}; read it again")));
            }
            let tag = etag(&bytes);
            state.objects.insert(key.as_str().to_owned(), bytes);
            Ok(tag)
        })
        .await
    }

    async fn delete(&self, key: &LakePath) -> Result<(), LakeError> {
        self.call(Call::Delete, |state| {
            state.objects.remove(key.as_str());
            Ok(())
        })
        .await
    }

    async fn lock(&self, folder: &LakePath) -> Result<LakeLock, LakeError> {
        let name = folder.as_str().to_owned();
        let lake = self.clone();
        self.call(Call::Lock, |state| {
            if !state.locks.insert(name.clone()) {
                return Err(LakeError::new(ErrorKind::Conflict, format!("another collector holds {folder}")));
            }
            Ok(LakeLock::new(Held { lake, name }))
        })
        .await
    }
}

struct Held {
    lake: MemoryLake,
    name: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.lake.lock_state().locks.remove(&self.name);
    }
}

fn etag(bytes: &[u8]) -> Etag {
    Etag(crate::digest::hex(bytes))
}

fn list(objects: &BTreeMap<String, Bytes>, folder: &LakePath) -> Listing {
    let prefix = if folder.as_str().is_empty() { String::new() } else { format!("{folder}/") };
    let mut listing = Listing::default();
    let mut folders = BTreeSet::new();
    let below = objects.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
    for (key, bytes) in below {
        match key[prefix.len()..].split_once('/') {
            Some((name, _)) => {
                folders.insert(name.to_owned());
            }
            None => listing.objects.push(Listed {
                name: key[prefix.len()..].to_owned(),
                size: bytes.len() as u64,
                modified: None,
                version: Some(crate::digest::hex(bytes)),
            }),
        }
    }
    listing.folders = folders.into_iter().collect();
    listing
}
