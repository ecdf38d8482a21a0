//! What no file may say.

use std::collections::BTreeSet;

use crate::check;
use crate::code::{self, File};

/// Crates whose types belong to one room.
const INNER: &[&str] = &["petgraph", "diesel", "diesel_async", "diesel_migrations", "kube", "k8s_openapi", "ldap3"];
const LIBRARIES: &[&str] = &["portal-core/src", "portal-sources/src", "portal-store/src", "portal-py/src"];

#[test]
fn no_public_signature_names_petgraph_diesel_kube_or_aws_types() {
    let is_inner = |path: &str| {
        let first = path.trim_start_matches("::").split("::").next().unwrap_or_default();
        INNER.contains(&first) || first.starts_with("aws_")
    };
    let mut broken = Vec::new();
    for file in LIBRARIES.iter().flat_map(|folder| code::below(folder)) {
        let imported = file.imports().into_iter().filter(|(_, path, _)| is_inner(path));
        let names: BTreeSet<String> = imported.map(|(_, _, name)| name).filter(|name| name != "*").collect();
        for (at, item) in file.public_items() {
            for (name, path) in words(item) {
                if names.contains(name) || is_inner(path) && path.contains("::") {
                    broken.push(format!("{}: {path} in `{}`", file.place(at), first_line(item)));
                }
            }
        }
    }
    check(
        "petgraph, diesel, kube and AWS types stand in no public signature",
        "a new major version of one of them would be a new major version of ours, and whoever calls us would have to \
         take the same one",
        &broken,
    );
}

#[test]
fn the_model_is_no_row_no_wire_type_and_no_python_class() {
    let words =
        ["diesel", "utoipa", "pyo3", "sqlx", "petgraph", "axum", "Queryable", "Insertable", "ToSchema", "pyclass"];
    let files = code::below("portal-core/src/model");
    check(
        "the model's files do not know databases, HTTP or Python",
        "rows, wire types and Python classes are counterparts with conversions: each can change without the others",
        &places(&files, &words),
    );
}

#[test]
fn the_core_reads_no_clock_disk_environment_or_network() {
    let words = [
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "TimeZone::system",
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread::spawn",
        "std::thread::sleep",
        "println!",
        "print!",
        "eprintln!",
        "eprint!",
        "rand::",
    ];
    let modules = ["std::fs", "std::env", "std::net", "std::process", "std::time::Instant", "std::time::SystemTime"];
    let mut files = code::below("portal-core/src");
    files.retain(|file| !file.path.starts_with("portal-core/src/testing/"));
    let mut broken = places(&files, &words);
    for file in &files {
        for (at, path, _) in file.imports() {
            let inner = modules.iter().any(|module| path == *module || path.starts_with(&format!("{module}::")));
            if inner {
                broken.push(format!("{}: {path}", file.place(at)));
            }
        }
    }
    broken.sort();
    broken.dedup();
    check(
        "portal-core asks nothing of the machine that it runs on",
        "time, storage and sources are handed in, so that a run can be repeated exactly; `std::io` types are fine",
        &broken,
    );
}

#[test]
fn every_adapter_has_the_same_files() {
    let files = code::below("portal-sources/src");
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut broken = Vec::new();
    for adapter in adapters(&files) {
        for name in ["mod.rs", "config.rs", "collect.rs"] {
            let path = format!("portal-sources/src/{adapter}/{name}");
            if !paths.contains(path.as_str()) {
                broken.push(format!("{path} is missing"));
            }
        }
    }
    check(
        "each folder of portal-sources/src has mod.rs, config.rs (what stands in portal.toml) and collect.rs (the reading)",
        "who knows one adapter finds any line of the next one",
        &broken,
    );
}

#[test]
fn no_adapter_knows_another() {
    let files = code::below("portal-sources/src");
    let adapters = adapters(&files);
    let mut broken = Vec::new();
    for file in &files {
        let own = adapters.iter().find(|adapter| file.path.starts_with(&format!("portal-sources/src/{adapter}/")));
        let Some(own) = own else { continue };
        for other in adapters.iter().filter(|other| *other != own) {
            broken.extend(file.places(&format!("crate::{other}")));
            let imports = file.imports().into_iter().filter(|(_, path, _)| path.contains(&format!("super::{other}")));
            broken.extend(imports.map(|(at, path, _)| format!("{}: {path}", file.place(at))));
        }
    }
    check(
        "no file of one adapter names another adapter",
        "each is a feature of its own and has to build alone; what two of them need belongs above both",
        &broken,
    );
}

#[test]
fn no_adapter_spawns_a_task() {
    let words = [
        "tokio::spawn",
        "task::spawn(",
        "spawn_local",
        "tokio::task::spawn(",
        "Handle::current().spawn",
        "thread::spawn",
    ];
    let files = code::below("portal-sources/src");
    let mut broken = places(&files, &words);
    for file in &files {
        let spawns = file.imports().into_iter().filter(|(_, path, _)| {
            ["tokio::spawn", "tokio::task::spawn", "std::thread::spawn"].contains(&path.as_str())
        });
        broken.extend(spawns.map(|(at, path, _)| format!("{}: {path}", file.place(at))));
    }
    broken.sort();
    broken.dedup();
    check(
        "adapters spawn no tasks and no threads; a blocking call that is awaited (spawn_blocking) is fine",
        "a collection that is dropped, by a deadline or Ctrl-C, has to end all that it began",
        &broken,
    );
}

#[test]
fn errors_are_returned_and_not_unwrapped() {
    let folders = LIBRARIES.iter().chain(&["examples", "benches/src"]);
    let mut files: Vec<File> = folders.flat_map(|folder| code::below(folder)).collect();
    files.retain(|file| !file.path.contains("/tests/"));
    check(
        "no .unwrap() outside of tests",
        "a panic in one scope ends the whole run; return an error, or say with expect(\"…\") why it cannot happen",
        &places(&files, &[".unwrap()", ".unwrap_unchecked()"]),
    );
}

fn places(files: &[File], words: &[&str]) -> Vec<String> {
    files.iter().flat_map(|file| words.iter().flat_map(|word| file.places(word))).collect()
}

/// The folders of portal-sources/src: each is an adapter, but for the one that asks status URLs and reads nothing.
fn adapters(files: &[File]) -> BTreeSet<String> {
    let folders = files.iter().filter_map(|file| {
        let (folder, _) = file.path.strip_prefix("portal-sources/src/")?.split_once('/')?;
        Some(folder.to_owned())
    });
    let adapters: BTreeSet<String> = folders.filter(|folder| folder != "health").collect();
    assert!(!adapters.is_empty(), "portal-sources/src has no adapters: have they moved?");
    adapters
}

/// Every path in a text, with its first name: of `a::B<C>` the paths `a::B` and `C`.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let paths = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    paths.map(|path| path.trim_end_matches(':')).filter(|path| !path.is_empty()).map(|path| {
        let first = path.trim_start_matches(':').split(':').next().unwrap_or_default();
        (first, path)
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}
