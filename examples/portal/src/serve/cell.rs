//! What is known now, in memory: an immutable picture that is swapped when the store moves on.
//!
//! Readers take it without a lock. Whoever changes it (the follower, the health checker, a route that wrote) waits for
//! the others, and does the work on a thread of its own, so that requests keep their latency.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use portal_core::catalog::{Filter, Hidden};
use portal_core::error::{ErrorKind, chain};
use portal_core::health::Checked;
use portal_core::model::Health as State;
use portal_core::{Catalog, EntityType, Ref, Store, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::answers::Answers;
use super::{Portal, Stopping, checker};
use crate::views::LegacyServiceView;

/// Between two attempts to reach a store that is gone: from, to.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));
/// How often it is looked whether the last reader of an old picture is done with it.
const REAP_EVERY: Duration = Duration::from_millis(20);

/// The newest picture, and how it stands with the store.
#[derive(Debug)]
pub struct Cell {
    picture: ArcSwapOption<Picture>,
    changing: Mutex<Health>,
    began: Instant,
    /// Milliseconds from `began` to the loss of the store, plus one; 0 while it is there.
    lost: AtomicU64,
    swaps: AtomicU64,
    loads: AtomicU64,
}

/// A catalog, and what tells it from every other one.
#[derive(Debug)]
pub struct Picture {
    /// What is known.
    pub catalog: Arc<Catalog>,
    states: [u64; Basis::COUNT],
    /// Services by their ids in the catalogue of the second article; made when somebody asks for the first of them.
    ids: OnceLock<HashMap<Uuid, Ref>>,
    answers: [Arc<Answers>; Basis::COUNT],
}

/// What an answer follows from, beside the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// What was collected, and what people say.
    Estate,
    /// The same, and what health checks found: they find something all the time.
    Everything,
}

impl Basis {
    const COUNT: usize = 2;
    /// The one that changes less often first.
    pub(super) const ALL: [Basis; Basis::COUNT] = [Basis::Estate, Basis::Everything];

    /// That of what is shown of entities of a type.
    pub(super) fn of(entities: EntityType) -> Basis {
        if entities == EntityType::Resource { Basis::Estate } else { Basis::Everything }
    }
}

impl Picture {
    /// A picture that keeps the answers of the one before, as far as these are still right.
    fn new(catalog: Arc<Catalog>, states: [u64; Basis::COUNT], before: Option<&Picture>) -> Picture {
        let answers = Basis::ALL.map(|basis| {
            let same = before.filter(|before| before.state(basis) == states[basis as usize]);
            same.map(|before| Arc::clone(&before.answers[basis as usize])).unwrap_or_default()
        });
        Picture { catalog, states, ids: OnceLock::new(), answers }
    }

    /// Differs if any answer may differ that follows from this; the same in every replica that knows the same.
    pub fn state(&self, basis: Basis) -> u64 {
        self.states[basis as usize]
    }

    /// What was answered from it.
    pub(super) fn answers(&self, basis: Basis) -> &Answers {
        &self.answers[basis as usize]
    }

    /// The service of an id in the catalogue of the second article.
    pub fn service_of(&self, id: &Uuid) -> Option<Ref> {
        let all = Filter { hidden: Hidden::With, ..Filter::default() };
        let refs = || self.catalog.refs(EntityType::Service, &all);
        let ids = || refs().into_iter().map(|service| (LegacyServiceView::id_of(&service), service)).collect();
        self.ids.get_or_init(ids).get(id).cloned()
    }
}

/// The newest results of health checks: a picture that is loaded anew needs all of them.
#[derive(Debug, Default)]
struct Health {
    checked: HashMap<Ref, Checked>,
    fingerprint: u64,
}

impl Default for Cell {
    fn default() -> Cell {
        Cell {
            picture: ArcSwapOption::empty(),
            changing: Mutex::default(),
            began: Instant::now(),
            lost: AtomicU64::new(0),
            swaps: AtomicU64::new(0),
            loads: AtomicU64::new(0),
        }
    }
}

impl Cell {
    /// The newest picture; [`None`] until the first one is loaded.
    pub fn picture(&self) -> Option<Arc<Picture>> {
        self.picture.load_full()
    }

    /// The newest catalog; [`None`] until the first one is loaded.
    pub fn catalog(&self) -> Option<Arc<Catalog>> {
        self.picture.load().as_ref().map(|picture| Arc::clone(&picture.catalog))
    }

    /// Since how long the store does not answer; [`None`] while it does. What is in the picture is at least that old.
    pub fn lost_for(&self) -> Option<Duration> {
        match self.lost.load(Ordering::Relaxed) {
            0 => None,
            lost => Some(self.began.elapsed().saturating_sub(Duration::from_millis(lost - 1))),
        }
    }

    /// How many pictures there were, and how many of them were loaded whole.
    pub fn swaps_and_loads(&self) -> (u64, u64) {
        (self.swaps.load(Ordering::Relaxed), self.loads.load(Ordering::Relaxed))
    }

    fn is_there(&self) {
        if self.lost.swap(0, Ordering::Relaxed) != 0 {
            tracing::info!("the store answers again");
        }
    }

    fn is_lost(&self, error: &StoreError) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1;
        if self.lost.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!(error = chain(error), "the store does not answer; reads go on from memory");
        }
    }

    fn put(&self, catalog: Catalog, health: &Health) -> Arc<Catalog> {
        let mut hasher = DefaultHasher::new();
        let head = catalog.head();
        (env!("CARGO_PKG_VERSION"), head.revision, head.generation, catalog.revised_at()).hash(&mut hasher);
        let estate = hasher.finish();
        health.fingerprint.hash(&mut hasher);
        let catalog = Arc::new(catalog);
        let before = self.picture();
        let picture = Picture::new(Arc::clone(&catalog), [estate, hasher.finish()], before.as_deref());
        drop(before);
        if let Some(old) = self.picture.swap(Some(Arc::new(picture))) {
            tokio::spawn(reap(old));
        }
        self.swaps.fetch_add(1, Ordering::Relaxed);
        catalog
    }
}

impl Portal {
    /// Brings the picture to what the store says now, and gives it back: after this an edit that was made before is seen.
    ///
    /// # Errors
    /// If the store cannot be read; the picture stays what it was.
    pub async fn refresh(&self) -> Result<Arc<Catalog>, StoreError> {
        let health = self.cell.changing.lock().await;
        let next = match self.cell.catalog() {
            None => self.load(&health).await,
            Some(now) => match self.store.since(now.head()).await {
                Ok(delta) if delta.head == *now.head() => {
                    self.cell.is_there();
                    return Ok(now);
                }
                Ok(delta) => {
                    let head = delta.head.clone();
                    match off_thread(move || now.apply(&delta)).await {
                        Ok(next) if *next.head() == head => Ok(next),
                        _ => self.load(&health).await,
                    }
                }
                // The store was replaced, by an older one or another.
                Err(error) if error.kind() == ErrorKind::Conflict => self.load(&health).await,
                Err(error) => Err(error),
            },
        };
        match next {
            Ok(catalog) => {
                self.cell.is_there();
                Ok(self.cell.put(catalog, &health))
            }
            Err(error) => {
                if error.kind() == ErrorKind::Unavailable {
                    self.cell.is_lost(&error);
                }
                Err(error)
            }
        }
    }

    /// Puts what health checks found into the picture.
    pub async fn heard(&self, results: Vec<Checked>) {
        let mut health = self.cell.changing.lock().await;
        self.take_over(&mut health, results).await;
    }

    /// Takes for unknown what nobody has found since a time: whoever asked is gone, or cut off.
    pub(super) async fn doubt(&self, before: Timestamp) {
        let mut health = self.cell.changing.lock().await;
        let old = |checked: &&Checked| checked.checked_at < before && checked.status != State::Unknown;
        let old = health.checked.values().filter(old).cloned().map(checker::doubted).collect();
        self.take_over(&mut health, old).await;
    }

    async fn take_over(&self, health: &mut Health, results: Vec<Checked>) {
        let Health { checked, fingerprint } = health;
        let news = |result: &Checked| {
            checked.get(&result.service).is_none_or(|old| old.checked_at <= result.checked_at && old != result)
        };
        let results: Vec<Checked> = results.into_iter().filter(news).collect();
        for result in &results {
            *fingerprint ^= print(result);
            if let Some(old) = checked.insert(result.service.clone(), result.clone()) {
                *fingerprint ^= print(&old);
            }
        }
        if results.is_empty() {
            return;
        }
        let Some(now) = self.cell.catalog() else { return };
        if let Ok(next) = off_thread(move || now.with_health(&results)).await {
            self.cell.put(next, health);
        }
    }

    async fn load(&self, health: &Health) -> Result<Catalog, StoreError> {
        let loaded = self.store.load(None).await?;
        self.cell.loads.fetch_add(1, Ordering::Relaxed);
        let checked: Vec<Checked> = health.checked.values().cloned().collect();
        off_thread(move || {
            let catalog = Catalog::new(loaded);
            if checked.is_empty() { catalog } else { catalog.with_health(&checked) }
        })
        .await
    }
}

/// Keeps the picture at what the store says, until it is time to stop.
pub(super) async fn follow(portal: &Portal, mut stopping: Stopping) {
    let mut wait = BACKOFF.0;
    loop {
        let step = tokio::select! {
            () = stopping.wait() => return,
            step = step(portal) => step,
        };
        match step {
            Ok(()) => wait = BACKOFF.0,
            Err(error) => {
                portal.cell.is_lost(&error);
                tracing::debug!(error = chain(&error), "the store could not be read");
                if !stopping.sleep(jittered(wait)).await {
                    return;
                }
                wait = (wait * 2).min(BACKOFF.1);
            }
        }
    }
}

/// Waits for news, and takes them over.
async fn step(portal: &Portal) -> Result<(), StoreError> {
    if let Some(catalog) = portal.cell.catalog() {
        if portal.cell.lost_for().is_some() {
            // It may be back without any news.
            portal.store.head().await?;
            portal.cell.is_there();
        }
        portal.store.newer_than(catalog.head()).await?;
    }
    portal.refresh().await.map(drop)
}

/// Replicas that lost one store do not come back to it all at once.
pub(super) fn jittered(time: Duration) -> Duration {
    let mut bytes = [0];
    let chance = if getrandom::fill(&mut bytes).is_ok() { f64::from(bytes[0]) / 255.0 } else { 0.5 };
    time.mul_f64(0.75 + chance / 2.0)
}

/// A picture of a large estate takes long to take apart: never in a request, whose reader may be the last one.
async fn reap(mut old: Arc<Picture>) {
    loop {
        // A reader may hold the catalog alone.
        match Arc::try_unwrap(old).map(|picture| Arc::try_unwrap(picture.catalog)) {
            Ok(Ok(catalog)) => {
                let _ = tokio::task::spawn_blocking(move || drop(catalog)).await;
                return;
            }
            Ok(Err(catalog)) => old = Arc::new(Picture::new(catalog, [0; Basis::COUNT], None)),
            Err(shared) => old = shared,
        }
        tokio::time::sleep(REAP_EVERY).await;
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let failed = |_| StoreError::new(ErrorKind::Unexpected, "the picture could not be made; the log says why");
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

fn print(checked: &Checked) -> u64 {
    let mut hasher = DefaultHasher::new();
    (checked.service.as_str(), &checked.url, checked.status, &checked.detail, checked.checked_at).hash(&mut hasher);
    hasher.finish()
}
