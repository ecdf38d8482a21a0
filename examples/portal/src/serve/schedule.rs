//! Collecting and ingesting while the server runs: each source at its own cadence.
//!
//! A source that fails stops no other; a run that takes longer than its cadence makes the next ones late, not many.
//! What changed is seen by way of the store, as if another process had done it.

use std::sync::Arc;
use std::time::Duration;

use portal_core::error::chain;
use portal_core::{CollectOptions, Lake, Rules, Source, Store};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::cell::jittered;
use super::{Background, Stopping};

/// The most that a first run waits, so that sources do not all begin at once.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// What is run, and how.
pub struct Schedule {
    /// Every source.
    pub planned: Vec<Planned>,
    /// Where collectors write.
    pub lake: Arc<dyn Lake>,
    /// Where the ingest writes.
    pub store: Arc<dyn Store>,
    /// What the resolver goes by.
    pub rules: Rules,
    /// How collectors run.
    pub options: CollectOptions,
}

/// A source and its cadence.
pub struct Planned {
    /// Its name.
    pub name: String,
    /// From the beginning of one run to the beginning of the next.
    pub every: Duration,
    /// Made anew for each run, so that a credential that was replaced is read again.
    pub make: Make,
}

/// Makes a source.
pub type Make = Box<dyn Fn() -> Result<Vec<Box<dyn Source>>, String> + Send + Sync>;

impl Schedule {
    /// Starts a task for each source, and one that ingests what they read.
    pub fn start(self, background: &mut Background) {
        let Schedule { planned, lake, store, rules, options } = self;
        let news = Arc::new(Notify::new());
        for planned in planned {
            let (lake, options, news) = (Arc::clone(&lake), options.clone(), Arc::clone(&news));
            background.spawn("collect", |stopping| collect(planned, lake, options, news, stopping));
        }
        background.spawn("ingest", |stopping| ingest(lake, store, rules, news, stopping));
    }
}

async fn collect(
    planned: Planned,
    lake: Arc<dyn Lake>,
    options: CollectOptions,
    news: Arc<Notify>,
    mut stopping: Stopping,
) {
    let Planned { name, every, make } = planned;
    let mut due = Instant::now() + jittered(FIRST_WITHIN.min(every) / 2);
    loop {
        if !stopping.sleep(due.saturating_duration_since(Instant::now())).await {
            return;
        }
        tokio::select! {
            () = stopping.wait() => return,
            () = collect_once(&name, &make, lake.as_ref(), &options) => {}
        }
        news.notify_one();
        due = next(due, jittered(every), Instant::now());
    }
}

/// When the next run begins: the ones that would have begun meanwhile are left out.
fn next(due: Instant, every: Duration, now: Instant) -> Instant {
    let every = every.max(Duration::from_millis(1));
    let late = now.saturating_duration_since(due);
    let missed = u32::try_from(late.as_nanos() / every.as_nanos()).unwrap_or(u32::MAX - 1);
    due + every.saturating_mul(missed + 1)
}

async fn collect_once(name: &str, make: &Make, lake: &dyn Lake, options: &CollectOptions) {
    let sources = match make() {
        Ok(sources) => sources,
        Err(error) => {
            tracing::error!(source = name, error, "the source could not be made; it is tried again at its next turn");
            return;
        }
    };
    match portal_core::collect(&sources, lake, options).await {
        Ok(report) => {
            let scopes: usize = report.sources.iter().map(|source| source.scopes.len()).sum();
            let whole = report.is_whole();
            for error in report.sources.iter().filter_map(|source| source.error.as_ref()) {
                tracing::error!(source = name, error, "the source could not be read; what was known of it stays");
            }
            tracing::info!(source = name, scopes, whole, "collected");
        }
        Err(error) => tracing::error!(source = name, error = chain(&error), "nothing was collected"),
    }
}

async fn ingest(lake: Arc<dyn Lake>, store: Arc<dyn Store>, rules: Rules, news: Arc<Notify>, mut stopping: Stopping) {
    let rules = Arc::new(rules);
    loop {
        tokio::select! {
            () = stopping.wait() => return,
            () = news.notified() => {}
        }
        let (lake, store, rules) = (Arc::clone(&lake), Arc::clone(&store), Arc::clone(&rules));
        let mut until = stopping.clone();
        // Resolving is long work of the processor: not on a thread that answers requests.
        let runtime = tokio::runtime::Handle::current();
        let run = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = until.wait() => None,
                    ended = portal_core::ingest(lake.as_ref(), store.as_ref(), &rules) => Some(ended),
                }
            })
        });
        match run.await {
            Ok(Some(Ok(report))) => tracing::info!(
                revision = report.revision,
                added = report.added,
                changed = report.changed,
                retired = report.retired,
                held = report.held,
                seconds = report.seconds,
                "ingested"
            ),
            Ok(Some(Err(error))) => tracing::error!(error = chain(&error), "nothing was ingested"),
            Ok(None) => return,
            Err(error) => tracing::error!(%error, "the ingest did not end as it should"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_that_were_missed_are_left_out() {
        let due = Instant::now();
        let hour = Duration::from_secs(3600);
        assert_eq!(next(due, hour, due), due + hour);
        assert_eq!(next(due, hour, due + hour / 2), due + hour);
        assert_eq!(next(due, hour, due + hour * 5 / 2), due + hour * 3);
        assert!(next(due, Duration::ZERO, due + hour) > due + hour);
    }
}
