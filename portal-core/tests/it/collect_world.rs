//! A small world that is a source, and a portal that collects from it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use portal_core::collect::SourceReport;
use portal_core::snapshot::manifest::{KindEntry, Manifest};
use portal_core::source::Unread;
use portal_core::testing::{ManualClock, MemoryLake};
use portal_core::{
    CollectOptions, CollectReport, Coverage, ErrorKind, Outcome, Permission, Scope, Scopes, SnapshotWriter, Source,
    SourceError, Text, collect,
};
use serde_json::json;

/// How a kind of a [`World`] reads.
#[derive(Clone)]
pub(crate) enum Read {
    /// These objects, in a version that is part of each.
    All(Vec<&'static str>, u32),
    /// Some objects, and then the list was cut.
    Some(Vec<&'static str>),
    Denied,
    /// Not, in words that hold a character which databases refuse.
    DeniedOddly,
    Absent,
    /// Some objects, and then nothing is said of how it ended.
    Unfinished(Vec<&'static str>),
    /// The clock passes the deadline, and the answer never comes.
    Hangs,
}

/// A source that reads what the test says.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) scopes: BTreeMap<Scope, BTreeMap<&'static str, Read>>,
    pub(crate) whole_below: Vec<Vec<Text>>,
    pub(crate) unread: Vec<Unread>,
    /// `scopes` fails.
    pub(crate) closed: bool,
    /// `collect` fails before it announced a kind.
    pub(crate) refuses: bool,
    /// `collect` announces its kinds before it reads them, as it has to.
    pub(crate) announces: bool,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn new(portal: &Portal) -> World {
        World {
            name: "world",
            scopes: BTreeMap::new(),
            whole_below: vec![Vec::new()],
            unread: Vec::new(),
            closed: false,
            refuses: false,
            announces: true,
            clock: Arc::clone(&portal.clock),
        }
    }

    pub(crate) fn with(mut self, scope: &Scope, kind: &'static str, read: Read) -> World {
        self.scopes.entry(scope.clone()).or_default().insert(kind, read);
        self
    }

    pub(crate) fn without(mut self, scope: &Scope) -> World {
        self.scopes.remove(scope);
        self
    }

    pub(crate) fn named(mut self, name: &'static str) -> World {
        self.name = name;
        self
    }
}

#[async_trait]
impl Source for World {
    fn name(&self) -> &str {
        self.name
    }

    fn folder(&self) -> &str {
        "test"
    }

    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        if self.closed {
            return Err(SourceError::new(ErrorKind::Unavailable, "the world is closed; try again tomorrow"));
        }
        let scopes = self.scopes.keys().cloned().collect();
        Ok(Scopes { scopes, whole_below: self.whole_below.clone(), unread: self.unread.clone() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        if self.refuses {
            return Err(SourceError::new(ErrorKind::Denied, "may not enter; ask for the key"));
        }
        let kinds = &self.scopes[scope];
        if self.announces {
            out.expect(kinds.keys().copied());
        }
        for (kind, read) in kinds {
            pause().await;
            let write = |names: &[&'static str], version: u32| {
                for name in names {
                    // In two shapes at once: in each scope the fields of its own may stand in the lake.
                    let object = json!({"metadata": {"name": name}, "spec": {"replicas": version}, "Name": name, "Port": version});
                    out.object(kind, *name, object);
                }
            };
            match read {
                Read::All(names, version) => {
                    write(names, *version);
                    out.finish(kind, Outcome::complete());
                }
                Read::Some(names) => {
                    write(names, 1);
                    out.finish(kind, Outcome::not(Coverage::Partial, "the list was cut"));
                }
                Read::Denied => out.finish(kind, Outcome::denied("world:Read", "AccessDenied")),
                Read::DeniedOddly => {
                    out.unread(kind, "tags of a\0b");
                    out.finish(kind, Outcome::denied("world:Read", "Access\0Denied"));
                }
                Read::Absent => out.finish(kind, Outcome::not(Coverage::Absent, "not served here")),
                Read::Unfinished(names) => write(names, 1),
                Read::Hangs => {
                    self.clock.advance(Duration::from_secs(3600));
                    futures::future::pending::<()>().await;
                }
            }
        }
        Ok(())
    }
}

/// Lets the others have their turn.
async fn pause() {
    let mut paused = false;
    futures::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut paused, true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// A lake with the time of its collectors.
pub(crate) struct Portal {
    pub(crate) lake: MemoryLake,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) options: CollectOptions,
}

impl Portal {
    pub(crate) fn new() -> Portal {
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        let options = CollectOptions::new(Arc::clone(&clock) as Arc<dyn portal_core::Clock>);
        Portal { lake: MemoryLake::new(), clock, options }
    }

    pub(crate) fn run(&self, world: &World) -> SourceReport {
        self.run_all(&[world]).sources.remove(0)
    }

    pub(crate) fn run_all(&self, worlds: &[&World]) -> CollectReport {
        let sources: Vec<Box<dyn Source>> =
            worlds.iter().map(|world| Box::new((*world).clone()) as Box<dyn Source>).collect();
        block_on(collect(&sources, &self.lake, &self.options)).expect("each source has its name")
    }

    pub(crate) fn manifest(&self, scope: &Scope) -> Manifest {
        let key = format!("test-collector/{scope}/_manifest.json");
        let contents = self.lake.contents();
        let bytes = contents.get(&key).unwrap_or_else(|| panic!("{key} is not there"));
        serde_json::from_slice(bytes).expect("a manifest")
    }

    pub(crate) fn kind(&self, scope: &Scope, kind: &str) -> KindEntry {
        self.manifest(scope).kinds.remove(kind).unwrap_or_else(|| panic!("no kind {kind} in the manifest"))
    }

    /// Asserts that every manifest names files that are there as it says.
    pub(crate) fn assert_sound(&self) {
        let contents = self.lake.contents();
        for (key, bytes) in &contents {
            let Some(folder) = key.strip_suffix("_manifest.json") else { continue };
            let manifest: Manifest = serde_json::from_slice(bytes).expect("a manifest");
            for file in manifest.kinds.values().flat_map(|entry| &entry.files) {
                let there = contents.get(&format!("{folder}{}", file.path));
                let there = there.unwrap_or_else(|| panic!("{folder}{} is named and not there", file.path));
                assert_eq!(portal_core::digest::hex(there), file.sha256, "{folder}{}", file.path);
                assert_eq!(there.len() as u64, file.bytes);
            }
        }
    }
}

/// A scope whose kinds are a file each.
pub(crate) fn region(name: &str) -> Scope {
    Scope::Aws { account: "1".into(), region: name.into() }
}

/// A scope whose kinds are a folder each.
pub(crate) fn namespace(name: &str) -> Scope {
    let known = |text: &str| Some(Text::from(text));
    Scope::Kubernetes { account: known("2"), region: known("eu"), cluster: "c".into(), namespace: name.into() }
}
