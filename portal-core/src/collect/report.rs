//! What a collection run did.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::id::Text;
use crate::source::{Coverage, Outcome, Scope};

/// Hears of a run while it goes on.
pub trait Progress: Send + Sync {
    /// A source has so many scopes to read.
    fn planned(&self, source: &str, scopes: usize);

    /// One of them is done.
    fn scope_done(&self, source: &str, report: &ScopeReport);
}

/// What a collection run did.
#[derive(Clone, Debug, Serialize)]
pub struct CollectReport {
    /// Each source, in the order of the configuration.
    pub sources: Vec<SourceReport>,
    /// How long it took.
    pub seconds: f64,
}

impl CollectReport {
    /// Whether everything was seen as it is.
    pub fn is_whole(&self) -> bool {
        self.sources.iter().all(|source| {
            source.error.is_none() && source.scopes.iter().all(|scope| scope.error.is_none() && scope.is_whole())
        })
    }

    /// Whether not a single kind of any source was read.
    pub fn is_failure(&self) -> bool {
        let something = self.sources.iter().flat_map(|source| &source.scopes).any(|scope| {
            scope.run.is_some() && scope.kinds.values().any(|kind| kind.outcome.coverage != Coverage::Failed)
        });
        !something && !self.is_whole()
    }
}

/// What happened to one source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceReport {
    /// Its name.
    pub source: Text,
    /// What concerns the source as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Its scopes.
    pub scopes: Vec<ScopeReport>,
}

impl SourceReport {
    pub(super) fn new(source: &str) -> SourceReport {
        SourceReport { source: Text::from(source), error: None, scopes: Vec::new() }
    }
}

/// What happened to one scope.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeReport {
    /// What was to be read.
    pub scope: Scope,
    /// The number of the run, if its manifest was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// What was read of each kind.
    pub kinds: BTreeMap<Text, KindReport>,
    /// Why nothing of it reached the lake; beside a run, what went wrong after it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl ScopeReport {
    /// Whether every kind of it was seen as it is.
    pub fn is_whole(&self) -> bool {
        self.kinds.values().all(|kind| kind.outcome.coverage.is_whole() && kind.unread.is_empty())
    }
}

/// What was read of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct KindReport {
    /// How much, and why not all.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How many objects.
    pub items: u64,
    /// Single things inside that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}
