//! Runs a source as the core does, and keeps what it wrote.
#![allow(dead_code, reason = "not every feature has tests that use all of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use portal_core::collect::SourceReport;
use portal_core::snapshot::redact::Redaction;
use portal_core::source::KindSnapshot;
use portal_core::testing::MemoryLake;
use portal_core::{CollectOptions, Coverage, Outcome, Scope, Scopes, SnapshotWriter, Source, Text};
use serde_json::Value;

/// What a source planned and read.
pub(crate) struct Seen {
    /// The plan.
    pub(crate) plan: Scopes,
    /// By the path of the scope, then by kind.
    pub(crate) scopes: BTreeMap<String, BTreeMap<Text, KindSnapshot>>,
}

/// Plans and reads all scopes, as many at a time as the core does.
pub(crate) async fn see(source: &dyn Source) -> Seen {
    let plan = source.scopes().await.expect("the scopes can be found out");
    let read = plan.scopes.iter().map(|scope| async { (shown(scope), see_scope(source, scope).await) });
    let scopes = futures::future::join_all(read).await.into_iter().collect();
    Seen { plan, scopes }
}

/// Reads one scope.
pub(crate) async fn see_scope(source: &dyn Source, scope: &Scope) -> BTreeMap<Text, KindSnapshot> {
    let out = SnapshotWriter::default();
    let rest = match source.collect(scope, &out).await {
        Ok(()) => Outcome::not(Coverage::Failed, "the kind was not finished"),
        Err(error) => Outcome::of_error(&error),
    };
    out.into_kinds(&rest)
}

/// Runs a source into a lake.
pub(crate) async fn collect_into(lake: &MemoryLake, source: impl Source + 'static) -> SourceReport {
    let options = CollectOptions::new(Arc::new(portal_sources::SystemClock));
    let mut report = portal_core::collect(&[Box::new(source)], lake, &options).await.expect("one source");
    report.sources.remove(0)
}

/// The keys of a lake that begin so.
pub(crate) fn keys(lake: &MemoryLake, prefix: &str) -> Vec<String> {
    lake.contents().into_keys().filter(|key| key.starts_with(prefix)).collect()
}

/// The manifest of a folder.
pub(crate) fn manifest(lake: &MemoryLake, folder: &str) -> Value {
    let contents = lake.contents();
    let bytes = contents.get(&format!("{folder}/_manifest.json")).expect("the scope has a manifest");
    serde_json::from_slice(bytes).expect("a manifest is JSON")
}

/// The path of a scope.
pub(crate) fn shown(scope: &Scope) -> String {
    scope.path().join("/")
}

impl Seen {
    /// A kind of a scope.
    #[track_caller]
    pub(crate) fn kind(&self, scope: &str, kind: &str) -> &KindSnapshot {
        let kinds = self.scopes.get(scope).unwrap_or_else(|| panic!("no scope {scope} in {:?}", self.scopes.keys()));
        kinds.get(kind).unwrap_or_else(|| panic!("no kind {kind} in {scope}: {:?}", kinds.keys()))
    }

    /// The names of a kind's objects in a scope, sorted.
    #[track_caller]
    pub(crate) fn names(&self, scope: &str, kind: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self.kind(scope, kind).objects.iter().map(|object| object.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// How the read of a kind ended.
    #[track_caller]
    pub(crate) fn outcome(&self, scope: &str, kind: &str) -> &Outcome {
        self.kind(scope, kind).outcome.as_ref().expect("every kind ends somehow")
    }

    /// Coverage and reason of a kind.
    #[track_caller]
    pub(crate) fn ended(&self, scope: &str, kind: &str) -> (Coverage, &str) {
        let outcome = self.outcome(scope, kind);
        (outcome.coverage, outcome.reason.as_deref().unwrap_or_default())
    }

    /// Whether every kind of every scope was read whole, with nothing left out.
    pub(crate) fn is_whole(&self) -> bool {
        let kinds = self.scopes.values().flat_map(BTreeMap::values);
        let whole = |kind: &KindSnapshot| kind.outcome == Some(Outcome::complete()) && kind.unread.is_empty();
        kinds.clone().count() > 0 && kinds.into_iter().all(whole)
    }

    /// Every object as it would stand in the lake, by scope, kind and name.
    pub(crate) fn redacted(&self) -> BTreeMap<(String, Text, Text), Value> {
        let mut objects = BTreeMap::new();
        let somewhere = Scope::Kubernetes { account: None, region: None, cluster: "c".into(), namespace: "n".into() };
        for (scope, kinds) in &self.scopes {
            for (kind, snapshot) in kinds {
                for object in &snapshot.objects {
                    let key = (scope.clone(), kind.clone(), object.name.clone());
                    objects.insert(key, Redaction::default().apply(&somewhere, object.value.clone()));
                }
            }
        }
        objects
    }
}
