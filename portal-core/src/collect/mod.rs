//! Runs sources and writes what they see into the lake.
//!
//! Knows nothing of any provider, and nothing of the store.

mod kind;
mod report;
mod scope;
mod vanish;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::Either;
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;

pub use report::{CollectReport, KindReport, Progress, ScopeReport, SourceReport};

use crate::error::{ErrorKind, SourceError};
use crate::lake::Lake;
use crate::snapshot::layout::Layout;
use crate::snapshot::redact::Redaction;
use crate::source::{Coverage, Outcome, Scope, Source, Unread};

/// Time, which the core does not have by itself.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Returns after a while.
    async fn sleep(&self, duration: Duration);
}

/// How to collect.
#[derive(Clone)]
pub struct CollectOptions {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who hears of each scope as it ends.
    pub progress: Option<Arc<dyn Progress>>,
    /// How many scopes of one source are read at the same time.
    pub concurrency: usize,
    /// How long one scope may take; what is not finished then counts as failed.
    pub deadline: Duration,
    /// What may stand in the lake beside the built-in lists.
    pub redaction: Redaction,
    /// Files for people, or one compressed file per kind.
    pub layout: Layout,
    /// Believe a source also when most of its earlier scopes are gone.
    pub allow_vanished: bool,
}

impl CollectOptions {
    /// Eight scopes at a time, ten minutes each.
    pub fn new(clock: Arc<dyn Clock>) -> CollectOptions {
        CollectOptions {
            clock,
            progress: None,
            concurrency: 8,
            deadline: Duration::from_secs(600),
            redaction: Redaction::default(),
            layout: Layout::default(),
            allow_vanished: false,
        }
    }
}

/// Runs every source and writes a snapshot of each of its scopes.
///
/// A source, scope or kind that fails stops no other and is no error: the report tells of each.
/// Sources run side by side.
///
/// # Errors
/// [`ErrorKind::Invalid`] if two sources have one name: each would take the other's scopes for its own.
pub async fn collect<L: Lake + ?Sized>(
    sources: &[Box<dyn Source>],
    lake: &L,
    options: &CollectOptions,
) -> Result<CollectReport, SourceError> {
    for (at, source) in sources.iter().enumerate() {
        if sources[..at].iter().any(|other| other.name() == source.name()) {
            let message = format!("two sources are named `{}`; give each a name of its own", source.name());
            return Err(SourceError::new(ErrorKind::Invalid, message));
        }
    }
    let started = options.clock.now();
    let runs = sources.iter().map(|source| collect_source(source.as_ref(), lake, options));
    let sources = futures::future::join_all(runs).await;
    let seconds = options.clock.now().duration_since(started).as_secs_f64();
    Ok(CollectReport { sources, seconds })
}

async fn collect_source<L: Lake + ?Sized>(source: &dyn Source, lake: &L, options: &CollectOptions) -> SourceReport {
    let mut report = SourceReport::new(source.name());
    let late = || {
        let message = format!("what there is to read was not known within {} s", options.deadline.as_secs());
        SourceError::new(ErrorKind::Unavailable, message)
    };
    let listed = match futures::future::select(source.scopes(), options.clock.sleep(options.deadline)).await {
        Either::Left((listed, _)) => listed,
        Either::Right(((), _)) => Err(late()),
    };
    let planned = match listed {
        Ok(planned) => planned,
        Err(error) => {
            // Nothing could be listed: what earlier runs saw stays, and says that it is old.
            report.error = Some(crate::error::chain(&error));
            let mut outcome = Outcome::of_error(&error);
            // A list that is not there says nothing about what would be on it.
            if outcome.coverage == Coverage::Absent {
                outcome.coverage = Coverage::Failed;
            }
            let unread = Unread { below: Vec::new(), outcome };
            report.scopes = vanish::mark_unread(source, lake, options, &[], &[unread]).await.0;
            return report;
        }
    };
    if let Some(progress) = &options.progress {
        progress.planned(source.name(), planned.scopes.len());
    }
    // By number and boxed: else the compiler does not see that the future may move between threads.
    let read = |at: usize| read_scope(source, &planned.scopes[at], lake, options).boxed();
    report.scopes = futures::stream::iter(0..planned.scopes.len())
        .map(read)
        .buffer_unordered(options.concurrency.max(1))
        .collect()
        .await;
    let (marked, unmarked) = vanish::mark_unread(source, lake, options, &planned.scopes, &planned.unread).await;
    let (gone, warning) = vanish::mark_vanished(source, lake, options, &planned).await;
    report.scopes.extend(marked.into_iter().chain(gone));
    report.error = unmarked.or(warning);
    report.scopes.sort_by(|a, b| a.scope.cmp(&b.scope));
    report
}

async fn read_scope<L: Lake + ?Sized>(
    source: &dyn Source,
    scope: &Scope,
    lake: &L,
    options: &CollectOptions,
) -> ScopeReport {
    let report = scope::collect_scope(source, scope, lake, options).await;
    if let Some(progress) = &options.progress {
        progress.scope_done(source.name(), &report);
    }
    report
}
