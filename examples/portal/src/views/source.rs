//! What each source could read, and mass deletes that wait for a person.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portal_core::part::{Hold, Part};
use portal_core::{Coverage, IngestReport, Scope, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::CoverageWord;

/// What was read of a scope.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceScope)]
pub struct ScopeView {
    /// The source's name.
    #[schema(value_type = String)]
    pub source: Text,
    /// What was read: account and region, cluster and namespace, a domain.
    #[schema(value_type = Object)]
    pub scope: Scope,
    /// The newest run.
    pub run: u64,
    /// When that run ended.
    pub read_at: Timestamp,
    /// How much of each kind was read.
    #[schema(value_type = BTreeMap<String, KindView>)]
    pub kinds: BTreeMap<Text, KindView>,
}

/// How much of a kind was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceKind)]
pub struct KindView {
    /// How much of it.
    #[schema(value_type = CoverageWord)]
    pub coverage: Coverage,
    /// How many objects are known.
    pub items: u64,
    /// Why not all of it.
    #[schema(required)]
    pub reason: Option<String>,
    /// The right that is missing.
    #[schema(required)]
    pub permission: Option<String>,
    /// When it was last read whole.
    #[schema(required)]
    pub good_at: Option<Timestamp>,
    /// Single things that could not be read.
    pub unread: Vec<String>,
    /// Records that could not be understood.
    pub set_aside: Vec<String>,
    /// Whether a mass delete waits for a person.
    pub held: bool,
}

/// A mass delete that waits for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub struct HoldView {
    /// The id to release it by.
    #[schema(value_type = String)]
    pub id: Text,
    /// The source's name.
    #[schema(value_type = String)]
    pub source: Text,
    /// What was read.
    #[schema(value_type = Object)]
    pub scope: Scope,
    /// The kind.
    #[schema(value_type = String)]
    pub kind: Text,
    /// How many objects the newest read lacks.
    pub count: u64,
    /// How many there were.
    pub of: u64,
    /// Since when.
    pub since: Timestamp,
}

/// What the release of a hold did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
pub struct ReleaseView {
    /// The hold that is no more.
    #[schema(value_type = String)]
    pub id: Text,
    /// The revision in which it is so.
    pub revision: u64,
    /// Entities that are gone.
    pub retired: u64,
    /// Entities that are different for it.
    pub changed: u64,
}

impl ReleaseView {
    /// Of the report about it.
    pub fn of(id: Text, report: &IngestReport) -> ReleaseView {
        ReleaseView { id, revision: report.revision, retired: report.retired, changed: report.changed }
    }
}

impl ScopeView {
    /// A scope without its kinds.
    pub fn new(source: Text, scope: Scope, run: u64, read_at: Timestamp) -> ScopeView {
        ScopeView { source, scope, run, read_at, kinds: BTreeMap::new() }
    }

    /// A scope by its parts, which are of one folder of the lake.
    pub fn of_parts(parts: &[&Part]) -> ScopeView {
        let newest = parts.iter().max_by_key(|part| (part.run, part.read_at)).expect("a scope has parts");
        let mut view = ScopeView::new(newest.source.clone(), newest.scope.clone(), newest.run, newest.read_at);
        for part in parts {
            view.add(part);
        }
        view
    }

    /// Adds a kind.
    pub fn add(&mut self, part: &Part) {
        let kind = KindView {
            coverage: part.outcome.coverage,
            items: part.items,
            reason: part.outcome.reason.clone(),
            permission: part.outcome.permission.clone(),
            good_at: part.good_at,
            unread: part.unread.clone(),
            set_aside: part.set_aside.clone(),
            held: part.hold.is_some(),
        };
        self.kinds.insert(part.kind.clone(), kind);
    }
}

impl HoldView {
    /// A part's hold.
    pub fn of(part: &Part, hold: &Hold) -> HoldView {
        HoldView {
            id: hold.id.clone(),
            source: part.source.clone(),
            scope: part.scope.clone(),
            kind: part.kind.clone(),
            count: hold.count,
            of: hold.of,
            since: hold.since,
        }
    }
}
