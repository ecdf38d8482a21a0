//! Health checks: every service with a status URL is asked in each interval, by one replica of all that share a store.
//!
//! `plan` says who is asked when, `share` which replica asks, `believe` what answers mean together, `cut_off` whether they
//! mean anything. `run` is the task that asks, `now` a check that somebody asks for; `record` brings results to the store
//! and `hear` those of others from it. How one address is asked is [`portal_sources::health`].

mod believe;
mod cut_off;
mod figures;
mod hear;
mod now;
mod plan;
mod record;
mod run;
mod settings;
mod share;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use portal_core::error::chain;
use portal_core::health::Checked;
use portal_core::{HealthLog, Text};
use portal_sources::health::Probe;
use tokio::sync::{OnceCell, watch};

pub use believe::Confirm;
pub use settings::{InvalidHealth, Settings};

use super::cell::jittered;
use super::{Background, Portal, Stopping};

/// How long the last words may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often old history is looked for.
const FORGET_EVERY: Duration = Duration::from_secs(6 * 3600);

/// What checks share.
pub struct Checker {
    settings: Settings,
    /// What this process goes by among the replicas.
    me: Text,
    /// Made when it is needed first: reading the system's certificates takes a moment.
    probe: OnceCell<Arc<Probe>>,
    asking: now::Asking,
    recorder: record::Recorder,
    figures: figures::Figures,
    /// Whether what was found before is known.
    heard: watch::Sender<bool>,
    /// The replicas that share the checks, as the store last said.
    members: watch::Sender<Vec<Text>>,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("me", &self.me).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Checker {
    pub(super) fn new(settings: Settings) -> Checker {
        Checker {
            settings,
            me: name(),
            probe: OnceCell::new(),
            asking: now::Asking::default(),
            recorder: record::Recorder::default(),
            figures: figures::Figures::default(),
            heard: watch::Sender::new(false),
            members: watch::Sender::new(Vec::new()),
        }
    }

    /// How services are checked.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Writes figures for Prometheus.
    pub(super) fn write_figures(&self, out: &mut String) {
        self.figures.write(out);
    }

    async fn probe(&self) -> Arc<Probe> {
        let make = || async {
            let options = self.settings.probe.clone();
            let made = tokio::task::spawn_blocking(move || Arc::new(Probe::new(&options))).await;
            made.unwrap_or_else(|_| Arc::new(Probe::new(&self.settings.probe)))
        };
        Arc::clone(self.probe.get_or_init(make).await)
    }

    /// Starts the tasks.
    pub(super) fn start(portal: &Portal, background: &mut Background) {
        let of = |portal: &Portal| portal.clone();
        let shared = of(portal);
        background.spawn("hear of checks", |stopping| async move { hear::run(&shared, stopping).await });
        let shared = of(portal);
        background.spawn("record checks", |stopping| async move { record::run(&shared, stopping).await });
        if portal.checker.settings.enabled {
            let shared = of(portal);
            background.spawn("share checks", |stopping| async move { belong(&shared, stopping).await });
            let shared = of(portal);
            background.spawn("check", |stopping| async move { run::run(&shared, stopping).await });
        }
    }
}

/// Belongs to the replicas that share the checks, until it is time to stop; the first of them forgets what is old.
async fn belong(portal: &Portal, mut stopping: Stopping) {
    let checker = &portal.checker;
    let lease = checker.settings.lease();
    let mut forget_at = tokio::time::Instant::now() + jittered(checker.settings.every);
    loop {
        let called = portal.store.checkers(&checker.me, SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX));
        let called = tokio::select! {
            () = stopping.wait() => break,
            called = called => called,
        };
        match called {
            Ok(members) => {
                let first = members.first() == Some(&checker.me);
                checker.members.send_if_modified(|known| {
                    let changed = *known != members;
                    *known = members;
                    changed
                });
                if first && tokio::time::Instant::now() >= forget_at {
                    forget_at = tokio::time::Instant::now() + FORGET_EVERY;
                    forget(portal).await;
                }
            }
            // Who shares with whom stays as it was: one who cannot ask may be alone, or all the others may be as well.
            Err(error) => tracing::debug!(error = chain(&error), "the store does not say who shares the checks"),
        }
        if !stopping.sleep(lease / 3).await {
            break;
        }
    }
    // The others take over now, and not when the lease is over.
    let _ = tokio::time::timeout(FAREWELL, portal.store.checkers(&checker.me, SignedDuration::ZERO)).await;
}

async fn forget(portal: &Portal) {
    let keep = SignedDuration::try_from(portal.checker.settings.keep).unwrap_or(SignedDuration::MAX);
    let before = Timestamp::now().saturating_sub(keep).unwrap_or(Timestamp::MIN);
    match portal.store.forget(before).await {
        Ok(0) => {}
        Ok(spans) => tracing::info!(spans, "old history of health checks was forgotten"),
        Err(error) => tracing::warn!(error = chain(&error), "old history of health checks could not be forgotten"),
    }
}

/// What is shown of a result that is too old to be believed.
pub(super) fn doubted(result: Checked) -> Checked {
    believe::doubted(result)
}

/// A name that no other process has.
fn name() -> Text {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        let now = Timestamp::now().as_nanosecond() as u64 ^ u64::from(std::process::id()).rotate_left(32);
        bytes = now.to_le_bytes();
    }
    Text::from(format!("portal-{:016x}", u64::from_le_bytes(bytes)))
}
