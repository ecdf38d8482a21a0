//! A lake that collectors write, and a store that is brought to it.

use std::fmt::Write as _;

use futures::executor::block_on;
use portal_core::digest::hex;
use portal_core::ingest::release;
use portal_core::lake::Precondition;
use portal_core::model::{Entity, Resource};
use portal_core::rules::TeamRule;
use portal_core::store::Record;
use portal_core::testing::{MemoryLake, MemoryStore};
use portal_core::{Coverage, IngestError, IngestReport, Lake as _, LakePath, Rules, Store as _, ingest};
use serde_json::{Value, json};

pub(crate) const SCOPE: &str = "aws-collector/000000000042/eu-west-1";
pub(crate) const S3: &str = "aws-collector/000000000042/eu-west-1#s3";

/// A lake that collectors write, and a store that is brought to it.
pub(crate) struct World {
    pub(crate) lake: MemoryLake,
    pub(crate) store: MemoryStore,
    pub(crate) rules: Rules,
}

/// How one kind was read: its coverage, and what its file holds, if it has one.
pub(crate) type Kind<'k> = (&'k str, Coverage, Option<&'k str>);

impl World {
    pub(crate) fn new() -> World {
        let team = |name: &str| TeamRule { name: name.into(), ..TeamRule::default() };
        let rules = Rules { teams: vec![team("payments"), team("search")], ..Rules::default() };
        World { lake: MemoryLake::new(), store: MemoryStore::new(), rules }
    }

    pub(crate) fn put(&self, path: &str, content: &str) {
        let key = LakePath::parse(path).expect("a path of this test");
        block_on(self.lake.put(&key, content.to_owned().into(), Precondition::None)).expect("a put");
    }

    pub(crate) fn delete(&self, path: &str) {
        block_on(self.lake.delete(&LakePath::parse(path).expect("a path of this test"))).expect("a delete");
    }

    /// Writes a scope as a collector does: the files, then the manifest.
    pub(crate) fn collect(&self, run: u64, kinds: &[Kind<'_>]) {
        for (kind, _, content) in kinds {
            if let Some(content) = content {
                self.put(&format!("{SCOPE}/{kind}.json"), content);
            }
        }
        self.put(&format!("{SCOPE}/_manifest.json"), &manifest(run, kinds).to_string());
    }

    /// Collects buckets, all of them, and ingests.
    pub(crate) fn buckets(&self, run: u64, content: &str) -> IngestReport {
        self.collect(run, &[("s3", Coverage::Complete, Some(content))]);
        self.ingest()
    }

    /// Collects buckets that could not be read whole, and ingests.
    pub(crate) fn not_whole(&self, run: u64, coverage: Coverage, content: Option<&str>) -> IngestReport {
        self.collect(run, &[("s3", coverage, content)]);
        self.ingest()
    }

    pub(crate) fn ingest(&self) -> IngestReport {
        block_on(ingest(&self.lake, &self.store, &self.rules)).expect("an ingest")
    }

    pub(crate) fn fails(&self) -> IngestError {
        block_on(ingest(&self.lake, &self.store, &self.rules)).expect_err("it cannot work")
    }

    pub(crate) fn release(&self) -> IngestReport {
        let parts = block_on(self.store.parts()).expect("parts");
        let hold = parts.iter().find_map(|part| part.hold.as_ref()).expect("a hold");
        block_on(release(&self.store, &self.rules, &hold.id, Some("ana"))).expect("a release")
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        block_on(self.store.load(None)).expect("a state").entities.iter().collect()
    }

    pub(crate) fn resources(&self) -> Vec<Resource> {
        let records = self.records();
        let resources = records.into_iter().filter_map(|record| match record.entity {
            Entity::Resource(resource) => Some(resource),
            _ => None,
        });
        resources.collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.resources().iter().map(|resource| resource.name.to_string()).collect()
    }

    /// `state team` of each resource with its name.
    pub(crate) fn owners(&self) -> String {
        let mut text = String::new();
        for Resource { name, ownership, .. } in self.resources() {
            let team = ownership.team.as_deref().unwrap_or("-");
            write!(text, "{name}: {} {team}; ", ownership.state.as_str()).expect("a text");
        }
        text.trim_end_matches("; ").to_owned()
    }

    pub(crate) fn part(&self, key: &str) -> portal_core::part::Part {
        let parts = block_on(self.store.parts()).expect("parts");
        parts.into_iter().find(|part| part.key == key).unwrap_or_else(|| panic!("{key} is not there"))
    }
}

pub(crate) fn manifest(run: u64, kinds: &[Kind<'_>]) -> Value {
    let mut entries = serde_json::Map::new();
    for (kind, coverage, content) in kinds {
        let files: Vec<Value> = content
            .iter()
            .map(|text| json!({"path": format!("{kind}.json"), "bytes": text.len(), "sha256": hex(text.as_bytes())}))
            .collect();
        let reason = (*coverage != Coverage::Complete).then_some("AccessDenied: no");
        entries.insert((*kind).to_owned(), json!({"coverage": coverage, "reason": reason, "files": files}));
    }
    json!({"source": "aws", "scope": {"account": "000000000042", "region": "eu-west-1"}, "run": run,
        "finished_at": portal_core::testing::estate::time(run), "kinds": entries})
}

/// A file of buckets; a name may have its team behind a colon.
pub(crate) fn file(names: &[&str]) -> String {
    let buckets = names.iter().map(|name| match name.split_once(':') {
        Some((name, team)) => json!({"Name": name, "Tags": [{"Key": "team", "Value": team}]}),
        None => json!({"Name": name, "Tags": []}),
    });
    Value::from(buckets.collect::<Vec<_>>()).to_string()
}

/// A file of the buckets with these numbers.
pub(crate) fn numbered(numbers: impl IntoIterator<Item = u32>) -> String {
    let names: Vec<String> = numbers.into_iter().map(|at| format!("b{at:02}:payments")).collect();
    file(&names.iter().map(String::as_str).collect::<Vec<_>>())
}
