//! What health checks found, and how replicas share them: the contract of the place that keeps it.
//!
//! Knows nothing of HTTP; asking an address is an adapter's part, and when to ask the portal's.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::id::{Ref, Text};
use crate::model::Health;

/// What is known of one service from asking its status URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The service.
    #[serde(rename = "ref")]
    pub service: Ref,
    /// The address that was asked. A result about another address than the service's newest one counts no more.
    pub url: Text,
    /// What is believed after the newest answers: N of the last M must agree before it changes.
    pub status: Health,
    /// What the newest answer alone said.
    pub newest: Health,
    /// The newest answer in words: `200 in 12 ms`, `connection refused`.
    pub detail: Text,
    /// What the last answers said, newest first, at most [`Checked::KEPT`].
    pub recent: Vec<Health>,
    /// When the newest answer came.
    pub checked_at: Timestamp,
    /// Since when the status is what it is.
    pub since: Timestamp,
}

impl Checked {
    /// How many of the last answers are kept.
    pub const KEPT: usize = 16;
}

/// A time in which a service had one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The status.
    pub status: Health,
    /// When it began.
    pub from: Timestamp,
    /// The newest check that still found it.
    pub to: Timestamp,
    /// How many checks found it.
    pub checks: u64,
}

/// Keeps what health checks found.
///
/// # Contract
///
/// - [`HealthLog::record`] is whole or nothing. It replaces what was known of each service, and lengthens its newest
///   [`Span`] where the status is the same, else begins a new one. A result that is not newer than the known one changes
///   nothing: to record one twice is to record it once.
/// - Nothing here makes a revision.
/// - [`HealthLog::checkers`] is the membership of replicas: who does not call it again within the lease is out.
///   The store's clock judges, not the caller's.
#[async_trait]
pub trait HealthLog: Send + Sync {
    /// Says that a checker is alive for so long, and names all that are, sorted. A zero lease takes it out at once.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn checkers(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError>;

    /// Keeps results.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn record(&self, results: &[Checked]) -> Result<(), StoreError>;

    /// The newest results, sorted by ref; with a time only those that were recorded since then, by the store's clock.
    ///
    /// That clock may differ from the caller's, and a result is seen only after it was recorded: ask from a minute before
    /// the last time on, and take what comes twice.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn checked(&self, since: Option<Timestamp>) -> Result<Vec<Checked>, StoreError>;

    /// The spans of a service that reach beyond a time, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn spans(&self, service: &Ref, since: Timestamp) -> Result<Vec<Span>, StoreError>;

    /// Forgets spans that ended before a time, and services whose newest result is older than that; says how many
    /// spans went.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// The share of the known time in which something was healthy, from 0 to 1; [`None`] if nothing is known.
///
/// `unknown` counts on neither side: a checker that was cut off says nothing about the service.
pub fn uptime(spans: &[Span], since: Timestamp) -> Option<f64> {
    let seconds = |span: &Span| span.to.duration_since(span.from.max(since)).as_secs_f64().max(0.0);
    let known: f64 = spans.iter().filter(|span| span.status != Health::Unknown).map(seconds).sum();
    let healthy: f64 = spans.iter().filter(|span| span.status == Health::Healthy).map(seconds).sum();
    (known > 0.0).then(|| healthy / known)
}
