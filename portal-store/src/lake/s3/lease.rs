//! The lock of a folder: an object that names its holder, and is over when nobody has written it for a while.
//!
//! Only the server's clock says how long that is: the answer to one request carries the time of the object's last
//! writing and the time now. The clocks of the machines that collect do not matter.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use portal_core::LakePath;
use portal_core::lake::{Etag, Precondition};
use serde::{Deserialize, Serialize};

use super::client::Bucket;
use super::error::S3Error;
use super::{read, write};

/// The name of the object in its folder.
const NAME: &str = ".lock";

/// How often the lease is looked at anew when it changes between looking and taking.
const TRIES: u32 = 20;

/// Owners whose guards were dropped in this process. Their leases are free, whether or not the server knows yet.
static DROPPED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What the object holds.
#[derive(Debug, Serialize, Deserialize)]
struct Lease {
    /// Who holds it; nobody after its end.
    owner: Option<String>,
    /// The holder in words, for people.
    #[serde(default)]
    holder: String,
    /// How long it lasts after it was written.
    lease_ms: u64,
    /// Grows with each writing, so that no two contents are equal.
    count: u64,
}

/// A lease that this process holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) folder: LakePath,
    pub(super) owner: String,
    path: LakePath,
    tag: Etag,
    count: u64,
    /// When the request that was answered last was sent.
    since: Instant,
}

/// How a renewal went.
pub(super) enum Renewed {
    Yes,
    /// It may work the next time.
    NotNow,
    /// The lease is somebody else's, or may be.
    Lost,
}

/// Takes the lease of a folder if it is free or over.
pub(super) async fn take(bucket: &Bucket, folder: &LakePath) -> Result<Held, S3Error> {
    let path = folder.descend(NAME).expect("a name without slashes is a path");
    let owner = write::mark();
    let mut tries = 0;
    loop {
        tries += 1;
        // One that ends while the object is read may be in none of the later answers.
        let ended = dropped().clone();
        let condition = match read::get(bucket, &path).await? {
            None => Precondition::Absent,
            Some(there) => match held_by(&there, bucket.options.lease, &ended) {
                Some(holder) => return Err(S3Error::Held { place: bucket.shown(folder), holder }),
                None => Precondition::Matches(there.etag),
            },
        };
        let since = Instant::now();
        let asked = Asked::new(&owner);
        match write_lease(bucket, &path, &condition, Some(&owner), tries.into()).await {
            Ok(tag) => {
                asked.was_answered();
                return Ok(Held { folder: folder.clone(), owner, path, tag, count: tries.into(), since });
            }
            // Somebody was faster: to take it, or only to end it.
            Err(error @ S3Error::Precondition { .. }) => {
                asked.was_answered();
                if tries == TRIES {
                    return Err(error);
                }
                tokio::time::sleep(write::pause(0)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A lease that was asked for. If the wait for the answer is given up, or the answer tells nothing, the server may have
/// written it for nobody: to this process it is free, to others it is over after its time.
struct Asked<'a> {
    owner: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn new(owner: &'a str) -> Asked<'a> {
        Asked { owner: Some(owner) }
    }

    fn was_answered(mut self) {
        self.owner = None;
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if let Some(owner) = self.owner {
            drop_owner(owner);
        }
    }
}

impl Held {
    /// Writes the lease anew.
    pub(super) async fn renew(&mut self, bucket: &Bucket) -> Renewed {
        let since = Instant::now();
        self.count += 1;
        let condition = Precondition::Matches(self.tag.clone());
        let left = bucket.options.lease.saturating_sub(self.since.elapsed());
        let written = write_lease(bucket, &self.path, &condition, Some(&self.owner), self.count);
        match tokio::time::timeout(left, written).await {
            Ok(Ok(tag)) => {
                self.tag = tag;
                self.since = since;
                Renewed::Yes
            }
            Ok(Err(S3Error::Precondition { .. })) => self.look_again(bucket).await,
            Ok(Err(_)) | Err(_) if self.since.elapsed() < bucket.options.lease => Renewed::NotNow,
            Ok(Err(_)) | Err(_) => Renewed::Lost,
        }
    }

    /// A renewal that seemed to fail may have been done: then the tag is another one and the owner is the same.
    async fn look_again(&mut self, bucket: &Bucket) -> Renewed {
        match read::get(bucket, &self.path).await {
            Ok(Some(there)) => {
                let lease: Option<Lease> = serde_json::from_slice(&there.bytes).ok();
                if lease.is_some_and(|lease| lease.owner.as_ref() == Some(&self.owner)) {
                    self.tag = there.etag;
                    Renewed::NotNow
                } else {
                    Renewed::Lost
                }
            }
            Ok(None) => Renewed::Lost,
            Err(_) if self.since.elapsed() < bucket.options.lease => Renewed::NotNow,
            Err(_) => Renewed::Lost,
        }
    }

    /// Says in the object that nobody holds it. What another one holds meanwhile is left alone.
    pub(super) async fn end(self, bucket: &Bucket) {
        let condition = Precondition::Matches(self.tag.clone());
        match write_lease(bucket, &self.path, &condition, None, self.count + 1).await {
            Ok(_) | Err(S3Error::Precondition { .. }) => forget_owner(&self.owner),
            // It ends by itself; for this process it has ended already.
            Err(error) => tracing::debug!(folder = self.folder.as_str(), %error, "the lock was not ended"),
        }
    }
}

/// From here on the lease counts as free in this process.
pub(super) fn drop_owner(owner: &str) {
    dropped().insert(owner.to_owned());
}

/// Nothing on the server names this owner any more.
pub(super) fn forget_owner(owner: &str) {
    dropped().remove(owner);
}

fn dropped() -> MutexGuard<'static, BTreeSet<String>> {
    DROPPED.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write_lease(
    bucket: &Bucket,
    path: &LakePath,
    condition: &Precondition,
    owner: Option<&str>,
    count: u64,
) -> Result<Etag, S3Error> {
    let holder = if owner.is_some() { this_process() } else { String::new() };
    let lease_ms = u64::try_from(bucket.options.lease.as_millis()).unwrap_or(u64::MAX);
    let lease = Lease { owner: owner.map(str::to_owned), holder, lease_ms, count };
    let content = serde_json::to_vec(&lease).expect("a lease has string keys and no failing serializer");
    write::put(bucket, path, Bytes::from(content), condition).await
}

/// Who holds a lease, in words; `None` if nobody does.
fn held_by(there: &read::Read, own_lease: Duration, ended: &BTreeSet<String>) -> Option<String> {
    // What nobody can read is somebody's, for as long as an own lease would be.
    let lease: Option<Lease> = serde_json::from_slice(&there.bytes).ok();
    let (owner, holder, lasts) = match lease {
        Some(Lease { owner, holder, lease_ms, .. }) => (owner?, holder, Duration::from_millis(lease_ms)),
        None => (String::new(), "somebody who writes locks in another form".to_owned(), own_lease),
    };
    if ended.contains(&owner) || dropped().contains(&owner) {
        return None;
    }
    let age = match (there.now, there.modified) {
        // Both are cut to whole seconds, so that a lease seems to last up to a second longer than it does.
        (Some(now), Some(modified)) => now.secs().saturating_sub(modified.secs()),
        // A server without a clock lets nobody in before the holder ends.
        _ => return Some(format!("{holder}; the server names no time, so it is not known for how long")),
    };
    if u64::try_from(age).is_ok_and(|age| Duration::from_secs(age) > lasts) {
        return None;
    }
    Some(format!("{holder}; if it died, the lock ends within {} s", lasts.as_secs() + 1))
}

fn this_process() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let process = std::process::id();
    if host.is_empty() { format!("process {process}") } else { format!("process {process} on {host}") }
}
