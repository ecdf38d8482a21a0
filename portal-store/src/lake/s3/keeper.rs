//! Renews and ends leases, on a thread of its own.
//!
//! A guard that is dropped cannot wait for a request, and the runtime that it was taken in may end in the next moment,
//! or be blocked for minutes. So the lake has one thread with a runtime and a connection of its own from its first lock
//! on. Dropping a guard frees the lock for this process at once, and asks the thread to tell the server; dropping the
//! lake waits until that is done, at most [`PATIENCE`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use portal_core::LakePath;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::S3Options;
use super::client::Bucket;
use super::error::S3Error;
use super::lease::{self, Held, Renewed};
use super::place::Place;

/// How long the end of the last leases may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The thread, as the lake sees it.
#[derive(Debug)]
pub(super) struct Keeper {
    /// `None` once it is ending.
    leases: Option<mpsc::UnboundedSender<Kept>>,
    thread: Option<JoinHandle<()>>,
}

/// A lease with the end of its guard.
struct Kept {
    held: Held,
    dropped: oneshot::Receiver<()>,
    lost: Lost,
}

/// Holds a lease; dropping it ends the lease.
struct Guard {
    owner: String,
    folder: LakePath,
    lost: Lost,
    end: Option<oneshot::Sender<()>>,
    /// The thread lives as long as there is something to end.
    _keeper: Arc<Keeper>,
}

impl Keeper {
    pub(super) fn start(place: &Place, options: &S3Options) -> Result<Keeper, S3Error> {
        let (leases, orders) = mpsc::unbounded_channel();
        let (place, options) = (place.clone(), options.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| S3Error::NoKeeper { source })?;
        let thread = std::thread::Builder::new()
            .name("portal-lake-locks".to_owned())
            .spawn(move || runtime.block_on(run(place, options, orders)))
            .map_err(|source| S3Error::NoKeeper { source })?;
        Ok(Keeper { leases: Some(leases), thread: Some(thread) })
    }

    /// Renews a lease until what is returned is dropped.
    pub(super) fn keep(keeper: &Arc<Keeper>, held: Held, lost: Lost) -> impl Send + Sync + use<> {
        let (end, dropped) = oneshot::channel();
        let guard = Guard {
            owner: held.owner.clone(),
            folder: held.folder.clone(),
            lost: lost.clone(),
            end: Some(end),
            _keeper: Arc::clone(keeper),
        };
        if let Some(leases) = &keeper.leases {
            // It only fails when the thread is gone; then the lease ends by itself.
            let _ = leases.send(Kept { held, dropped, lost });
        }
        guard
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        lease::drop_owner(&self.owner);
        self.lost.remove(&self.folder);
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.leases = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // A panic there has been printed; it is no reason for another one here.
            let _ = thread.join();
        }
    }
}

async fn run(place: Place, options: S3Options, mut orders: mpsc::UnboundedReceiver<Kept>) {
    // Connections belong to the runtime that made them, so this one makes its own.
    let bucket = Arc::new(Box::pin(Bucket::open(place, options)).await);
    let mut leases = JoinSet::new();
    while let Some(kept) = orders.recv().await {
        while leases.try_join_next().is_some() {}
        leases.spawn(keep(Arc::clone(&bucket), kept));
    }
    // All guards are dropped by now: they hold the keeper.
    let all = async { while leases.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!(lake = bucket.place.location(), "some locks were not ended; they end by themselves");
    }
}

async fn keep(bucket: Arc<Bucket>, kept: Kept) {
    let Kept { mut held, mut dropped, lost } = kept;
    let often = bucket.options.lease / 3;
    let mut pause = often;
    let is_lost = loop {
        tokio::select! {
            _ = &mut dropped => break false,
            () = tokio::time::sleep(pause) => {}
        }
        // A guard that is dropped meanwhile does not cut the request short: what it did would not be known.
        match held.renew(&bucket).await {
            Renewed::Yes => pause = often,
            Renewed::NotNow => pause = often / 8,
            Renewed::Lost => break true,
        }
    };
    if is_lost {
        tracing::warn!(folder = held.folder.as_str(), "the lock was lost: it could not be renewed in time");
        lost.insert(&held.folder);
        // The folder stays closed to this process for as long as it believes to hold the lock.
        let _ = dropped.await;
        lost.remove(&held.folder);
        lease::forget_owner(&held.owner);
    } else {
        held.end(&bucket).await;
    }
}

/// Folders whose lock this lake's users believe to hold, and do not.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost(Arc<Mutex<BTreeSet<LakePath>>>);

impl Lost {
    /// An error if a path is in a folder whose lock is lost.
    pub(super) fn refuse(&self, bucket: &Bucket, path: &LakePath) -> Result<(), S3Error> {
        let inside = |folder: &LakePath| {
            let rest = path.as_str().strip_prefix(folder.as_str());
            folder.as_str().is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        if self.all().iter().any(inside) { Err(S3Error::LockLost { place: bucket.shown(path) }) } else { Ok(()) }
    }

    fn insert(&self, folder: &LakePath) {
        self.all().insert(folder.clone());
    }

    fn remove(&self, folder: &LakePath) {
        self.all().remove(folder);
    }

    fn all(&self) -> MutexGuard<'_, BTreeSet<LakePath>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
