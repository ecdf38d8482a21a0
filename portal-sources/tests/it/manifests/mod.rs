//! Manifests: what good files give, and what bad ones take with them.

mod bad;
mod contract;
mod files;
mod good;
mod lake;

use std::path::Path;

use portal_sources::manifests::{Config, Manifests};
use tempfile::TempDir;

/// The folder of the fixture.
pub(crate) fn online_boutique() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/online-boutique"))
}

/// A source over a path, for cluster `dev`.
pub(crate) fn source(path: &Path) -> Manifests {
    Manifests::new("gitops", Config::new(path, "dev")).expect("the configuration is fine")
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (name, content) in files {
        write(folder.path(), name, content);
    }
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
    std::fs::write(path, content).expect("files can be written");
}

/// A Deployment in YAML.
pub(crate) fn deployment(namespace: &str, name: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: {namespace}\n")
}
