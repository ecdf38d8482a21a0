//! A source of buckets and workloads in the providers' own shapes, and what a store knows after they were read.
//!
//! This file needs nothing of the tests that it stands in; other crates' tests include it with `#[path]`.

// Each crate's tests need a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use portal_core::part::Known;
use portal_core::snapshot::layout::Layout;
use portal_core::testing::{ManualClock, MemoryStore};
use portal_core::{
    CollectOptions, CollectReport, Coverage, IngestReport, Lake, Outcome, Permission, Rules, Scope, Scopes,
    SnapshotWriter, Source, SourceError, Store as _, Text, collect, ingest,
};
use serde_json::{Value, json};

/// How a kind is read.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    All(Vec<String>),
    /// These, and then the list was cut.
    Some(Vec<String>),
    Denied,
}

/// Scopes of one kind of provider with what is in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Company {
    pub(crate) scopes: BTreeMap<Scope, BTreeMap<&'static str, Seen>>,
    /// Part of each object, so that a test can change all of them.
    pub(crate) version: u32,
}

/// Both kinds of scopes, of some size.
pub(crate) fn company(size: usize) -> Company {
    let mut company = Company::default();
    for at in 0..size {
        let names = |what: &str| Seen::All((0..4 * size).map(|n| format!("{what}-{at}-{n:03}")).collect());
        let region = company.scopes.entry(region(at)).or_default();
        region.insert("s3", names("bucket"));
        region.insert("dynamodb", if at == 0 { Seen::Denied } else { Seen::All(Vec::new()) });
        let namespace = company.scopes.entry(namespace(at)).or_default();
        namespace.insert("deployments", names("deployment"));
        namespace.insert("services", names("service"));
    }
    company
}

pub(crate) fn region(at: usize) -> Scope {
    Scope::Aws { account: "011122223333".into(), region: format!("eu-west-{at}").as_str().into() }
}

pub(crate) fn namespace(at: usize) -> Scope {
    Scope::Kubernetes {
        account: Some("011122223333".into()),
        region: Some("eu-west-1".into()),
        cluster: "prod".into(),
        namespace: format!("shop-{at}").as_str().into(),
    }
}

impl Company {
    pub(crate) fn with(mut self, scope: &Scope, kind: &'static str, seen: Seen) -> Company {
        self.scopes.entry(scope.clone()).or_default().insert(kind, seen);
        self
    }

    /// One source for each kind of provider: they write into folders of their own.
    pub(crate) fn sources(&self) -> Vec<Box<dyn Source>> {
        let part = |word: &'static str, is_aws: bool| {
            let mut part = self.clone();
            part.scopes.retain(|scope, _| matches!(scope, Scope::Aws { .. }) == is_aws);
            Box::new(Part { word, company: part }) as Box<dyn Source>
        };
        vec![part("aws", true), part("k8s", false)]
    }

    fn object(&self, scope: &Scope, kind: &str, name: &str) -> Value {
        match scope {
            Scope::Aws { .. } => json!({"Name": name, "Tags": [
                {"Key": "team", "Value": "payments"}, {"Key": "version", "Value": self.version.to_string()}]}),
            _ => {
                let labels = json!({"app": name, "team": "payments", "version": self.version.to_string()});
                let kind = if kind == "services" { "Service" } else { "Deployment" };
                json!({"apiVersion": "v1", "kind": kind,
                    "metadata": {"name": name, "namespace": "shop", "labels": labels},
                    "spec": {"replicas": 2, "selector": {"app": name},
                        "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                            {"name": "main", "image": format!("registry.example/{name}:{}", self.version)}]}}}})
            }
        }
    }
}

/// What one source sees of a company.
struct Part {
    word: &'static str,
    company: Company,
}

#[async_trait]
impl Source for Part {
    fn name(&self) -> &str {
        self.word
    }

    fn folder(&self) -> &str {
        self.word
    }

    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        let scopes = self.company.scopes.keys().cloned().collect();
        Ok(Scopes { scopes, whole_below: vec![Vec::new()], unread: Vec::new() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        let kinds = &self.company.scopes[scope];
        out.expect(kinds.keys().copied());
        for (kind, seen) in kinds {
            let (names, outcome): (&[String], _) = match seen {
                Seen::All(names) => (names, Outcome::complete()),
                Seen::Some(names) => (names, Outcome::not(Coverage::Partial, "the list was cut")),
                Seen::Denied => (&[], Outcome::denied("world:Read", "AccessDenied")),
            };
            for name in names {
                out.object(kind, name.as_str(), self.company.object(scope, kind, name));
            }
            out.finish(kind, outcome);
        }
        Ok(())
    }
}

/// Options at a time of the test's own.
pub(crate) fn options(layout: Layout) -> CollectOptions {
    let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time"));
    let mut options = CollectOptions::new(Arc::new(clock));
    options.layout = layout;
    options
}

pub(crate) async fn collected(company: &Company, lake: &dyn Lake, layout: Layout) -> CollectReport {
    collect(&company.sources(), lake, &options(layout)).await.expect("each source has its name")
}

pub(crate) async fn ingested(lake: &dyn Lake, store: &MemoryStore) -> IngestReport {
    ingest(lake, store, &Rules::default()).await.expect("an ingest")
}

/// Everything that was observed, by part.
pub(crate) async fn known(store: &MemoryStore) -> BTreeMap<Text, Vec<Known>> {
    let keys: Vec<Text> = store.parts().await.expect("parts").into_iter().map(|part| part.key).collect();
    store.observations(&keys).await.expect("observations").into_iter().collect()
}

/// What a store that is new knows of a lake.
pub(crate) async fn known_anew(lake: &dyn Lake) -> BTreeMap<Text, Vec<Known>> {
    let store = MemoryStore::new();
    let report = ingested(lake, &store).await;
    assert_eq!((report.scopes.waiting, report.set_aside), (0, 0), "{:?}", report.notes);
    known(&store).await
}

/// How many observations there are of a part.
pub(crate) fn count(known: &BTreeMap<Text, Vec<Known>>, part: &str) -> usize {
    known.get(part).map_or(0, Vec::len)
}
