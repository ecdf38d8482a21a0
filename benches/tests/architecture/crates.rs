//! Who depends on whom, from `cargo metadata`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::process::Command;

use serde_json::Value;

/// The workspace as cargo sees it on this machine, with the features that a build of the whole workspace has.
pub(crate) struct Crates {
    /// Every crate of the graph by its id, with the ids of what it needs to build or run; not to be tested.
    needs: HashMap<String, Vec<String>>,
    names: HashMap<String, String>,
    /// The workspace's own by name.
    pub(crate) members: BTreeMap<String, Member>,
}

/// A crate of the workspace.
pub(crate) struct Member {
    id: String,
    /// Its folder, relative to the workspace.
    pub(crate) folder: String,
    /// What stands in its Cargo.toml outside of `[dev-dependencies]`, also what is optional or for other systems.
    pub(crate) direct: Vec<String>,
}

impl Crates {
    pub(crate) fn load() -> Crates {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // Without the part for other systems: it is not sure to be downloaded, and what it brings in does not run here.
        let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform=host-tuple"];
        let output = Command::new(&cargo).args(arguments).current_dir(crate::root()).output();
        let output = output.unwrap_or_else(|e| panic!("{} does not start: {e}", cargo.display()));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {} failed: {errors}", arguments.join(" "));
        Crates::read(&serde_json::from_slice(&output.stdout).expect("cargo prints JSON"))
    }

    fn read(metadata: &Value) -> Crates {
        let needs = list(&metadata["resolve"]["nodes"]).map(|node| {
            let for_building = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev");
            (text(&node["id"]), list(&node["deps"]).filter(for_building).map(|d| text(&d["pkg"])).collect())
        });
        let top = text(&metadata["workspace_root"]);
        let own: Vec<String> = list(&metadata["workspace_members"]).map(text).collect();
        let mut members = BTreeMap::new();
        let mut names = HashMap::new();
        for package in list(&metadata["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            names.insert(id.clone(), name.clone());
            if own.contains(&id) {
                let manifest = text(&package["manifest_path"]);
                let folder = manifest.trim_start_matches(&top).trim_end_matches("Cargo.toml").trim_matches('/');
                let direct = list(&package["dependencies"]).filter(|d| d["kind"] != "dev").map(|d| text(&d["name"]));
                members.insert(name, Member { id, folder: folder.to_owned(), direct: direct.collect() });
            }
        }
        Crates { needs: needs.collect(), names, members }
    }

    pub(crate) fn member(&self, name: &str) -> &Member {
        self.members.get(name).unwrap_or_else(|| panic!("the workspace has no crate `{name}`"))
    }

    /// The shortest way from a crate of the workspace to each crate that one of the patterns names.
    pub(crate) fn ways(&self, from: &str, patterns: &[&str]) -> Vec<String> {
        let member = self.member(from);
        let optional = member.direct.iter().filter(|name| is_one_of(name, patterns));
        let mut ways: Vec<String> = optional.map(|name| format!("{from} -> {name}")).collect();
        let mut reached_by: HashMap<&str, &str> = HashMap::from([(member.id.as_str(), "")]);
        let mut waiting = VecDeque::from([member.id.as_str()]);
        while let Some(at) = waiting.pop_front() {
            if at != member.id && is_one_of(&self.names[at], patterns) {
                ways.push(self.way(at, &reached_by));
                continue; // what a forbidden crate brings along is its own business
            }
            for next in self.needs.get(at).into_iter().flatten() {
                if !reached_by.contains_key(next.as_str()) {
                    reached_by.insert(next, at);
                    waiting.push_back(next);
                }
            }
        }
        ways.sort();
        ways.dedup();
        ways
    }

    fn way(&self, to: &str, reached_by: &HashMap<&str, &str>) -> String {
        let mut way = Vec::new();
        let mut at = to;
        while !at.is_empty() {
            way.push(self.names[at].as_str());
            at = reached_by[at];
        }
        way.reverse();
        way.join(" -> ")
    }
}

/// Whether a crate's name is one of these; `aws-*` stands for all that begin so.
pub(crate) fn is_one_of(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("cargo metadata has {value} where a text should be")).to_owned()
}

#[test]
fn a_way_goes_over_what_is_built_and_not_over_what_is_only_tested() {
    let metadata = serde_json::json!({
        "workspace_root": "/w", "workspace_members": ["core"],
        "packages": [
            {"id": "core", "name": "core", "manifest_path": "/w/core/Cargo.toml", "dependencies": [
                {"name": "url", "kind": null}, {"name": "tempfile", "kind": "dev"}, {"name": "kube", "kind": null}
            ]},
            {"id": "url", "name": "url"}, {"id": "aws-x", "name": "aws-x"}, {"id": "tempfile", "name": "tempfile"}
        ],
        "resolve": {"nodes": [
            {"id": "core", "deps": [
                {"pkg": "url", "dep_kinds": [{"kind": null}]}, {"pkg": "tempfile", "dep_kinds": [{"kind": "dev"}]}
            ]},
            {"id": "url", "deps": [{"pkg": "aws-x", "dep_kinds": [{"kind": "dev"}, {"kind": "build"}]}]},
            {"id": "tempfile", "deps": []}
        ]}
    });
    let crates = Crates::read(&metadata);
    assert_eq!(crates.member("core").folder, "core");
    assert_eq!(crates.ways("core", &["aws-*", "tempfile", "kube"]), ["core -> kube", "core -> url -> aws-x"]);
}
