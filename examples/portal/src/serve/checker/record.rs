//! Results on their way to the store. One that is gone stops no check: results wait, up to a bound.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use portal_core::HealthLog;
use portal_core::error::{ErrorKind, chain};
use portal_core::health::Checked;
use tokio::sync::Notify;

use super::FAREWELL;
use super::figures::Figures;
use crate::serve::cell::jittered;
use crate::serve::{Portal, Stopping};

/// How many results wait for a store that is gone. At 2,000 services that is 25 minutes, and some 20 MB.
const MOST: usize = 50_000;
/// How many are recorded at once.
const BATCH: usize = 5_000;
/// Between two attempts: from, to.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// Results that are not recorded yet, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    backlog: Mutex<VecDeque<Checked>>,
    news: Notify,
    /// One records at a time, or results would overtake each other.
    recording: tokio::sync::Mutex<()>,
}

impl Recorder {
    /// Takes results; they are recorded soon.
    pub(super) fn push(&self, results: Vec<Checked>, figures: &Figures) {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        backlog.extend(results);
        bound(&mut backlog, figures);
        drop(backlog);
        self.news.notify_one();
    }

    /// Records all that wait. What cannot be recorded goes on waiting.
    async fn record(&self, portal: &Portal) -> Result<(), portal_core::StoreError> {
        let figures = &portal.checker.figures;
        let _alone = self.recording.lock().await;
        loop {
            let batch: Vec<Checked> = {
                let backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
                backlog.iter().take(BATCH).cloned().collect()
            };
            if batch.is_empty() {
                return Ok(());
            }
            // They stay where they are meanwhile: who is dropped in the middle loses none.
            match portal.store.record(&batch).await {
                Err(error) if error.kind() != ErrorKind::Invalid => return Err(error),
                Err(error) => {
                    tracing::error!(error = chain(&error), "results of health checks cannot be kept, and are given up");
                    figures.lost.fetch_add(batch.len() as u64, std::sync::atomic::Ordering::Relaxed);
                }
                Ok(()) => {}
            }
            let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
            // The bound may have taken some of them away at the front; the rest of the batch is recorded.
            let first = backlog.front().and_then(|first| batch.iter().position(|recorded| same(recorded, first)));
            let recorded = first.map_or(0, |first| batch.len() - first);
            drop(backlog.drain(..recorded));
            figures.unrecorded.store(backlog.len(), std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// The same, within a moment; for who cannot wait for a store that is gone.
    pub(super) async fn record_soon(&self, portal: &Portal) {
        match tokio::time::timeout(FAREWELL, self.record(portal)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(error = chain(&error), "results of health checks wait for the store"),
            Err(_) => tracing::debug!("results of health checks wait for the store"),
        }
    }
}

fn same(a: &Checked, b: &Checked) -> bool {
    a.checked_at == b.checked_at && a.service == b.service
}

fn bound(backlog: &mut VecDeque<Checked>, figures: &Figures) {
    let over = backlog.len().saturating_sub(MOST);
    drop(backlog.drain(..over));
    figures.lost.fetch_add(over as u64, std::sync::atomic::Ordering::Relaxed);
    figures.unrecorded.store(backlog.len(), std::sync::atomic::Ordering::Relaxed);
}

/// Records what comes, until it is time to stop.
pub(super) async fn run(portal: &Portal, mut stopping: Stopping) {
    let recorder = &portal.checker.recorder;
    let mut wait = BACKOFF.0;
    loop {
        tokio::select! {
            () = stopping.wait() => break,
            () = recorder.news.notified() => {}
        }
        loop {
            let recorded = tokio::select! {
                () = stopping.wait() => break,
                recorded = recorder.record(portal) => recorded,
            };
            let Err(error) = recorded else { break };
            if wait == BACKOFF.0 {
                tracing::warn!(error = chain(&error), "results of health checks wait for the store");
            }
            if !stopping.sleep(jittered(wait)).await {
                break;
            }
            wait = (wait * 2).min(BACKOFF.1);
        }
        wait = BACKOFF.0;
    }
    recorder.record_soon(portal).await;
}
