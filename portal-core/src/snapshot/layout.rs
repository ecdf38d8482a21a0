//! Where things stand in the lake.

use serde::{Deserialize, Serialize};

use crate::error::LakeError;
use crate::id::Text;
use crate::lake::LakePath;
use crate::source::Scope;

/// The name of a scope's commit point.
pub const MANIFEST: &str = "_manifest.json";

/// What stands after a source's folder word.
const SUFFIX: &str = "-collector";

/// What ends the name of a bundle.
const BUNDLE: &str = ".ndjson.zst";

/// How collectors write. Ingest reads either, and a collector may change from one run to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Files that people read: one per kind, or one per object where there are folders of them.
    #[default]
    Files,
    /// One compressed file per kind: at scale one request instead of thousands.
    Bundled,
}

/// How a kind's objects stand in the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindLayout {
    /// One file with an array: `rds.json`.
    Array,
    /// A folder with a file per object: `deployments/frontend.json`.
    Folder,
    /// One file with a compressed line per object: `deployments.ndjson.zst`.
    Bundle,
}

/// The folder of a scope, such as `aws-collector/111122223333/eu-west-1`.
pub fn scope_folder(folder: &str, scope: &Scope) -> LakePath {
    scope.path().iter().fold(source_folder(folder), |path, part| path.join(part))
}

/// The folder of all that one kind of source writes, such as `aws-collector`.
pub fn source_folder(folder: &str) -> LakePath {
    LakePath::root().join(&format!("{folder}{SUFFIX}"))
}

/// The layout of a scope's kinds.
pub fn kind_layout(scope: &Scope, layout: Layout) -> KindLayout {
    match (layout, scope) {
        (Layout::Bundled, _) => KindLayout::Bundle,
        (Layout::Files, Scope::Kubernetes { .. }) => KindLayout::Folder,
        (Layout::Files, Scope::Aws { .. } | Scope::Directory { .. } | Scope::Other { .. }) => KindLayout::Array,
    }
}

/// The name of a kind's bundle.
pub fn bundle_name(kind: &str) -> String {
    format!("{kind}{BUNDLE}")
}

/// Whether a file has a record a line.
pub fn is_bundle(path: &str) -> bool {
    path.ends_with(BUNDLE) || path.ends_with(".ndjson")
}

/// The kind that a file directly in a scope's folder is the whole of; `None` for other files.
pub fn kind_of_file(name: &str) -> Option<&str> {
    let endings = [BUNDLE, ".ndjson", ".json"];
    let kind = endings.iter().find_map(|ending| name.strip_suffix(ending))?;
    Some(kind).filter(|kind| !kind.is_empty() && !kind.starts_with('_'))
}

/// The folder word of a top-level folder of the lake: `aws` for `aws-collector`.
pub fn folder_word(name: &str) -> Option<&str> {
    name.strip_suffix(SUFFIX).filter(|word| !word.is_empty())
}

/// How many levels below a source's folder a scope without a manifest stands, for the folders whose form is known.
pub fn scope_depth(folder: &str) -> Option<usize> {
    match folder {
        "aws" => Some(2),
        "k8s" | "manifests" => Some(4),
        "ad" => Some(1),
        _ => None,
    }
}

/// The scope that a path below a known folder stands for, for scopes without a manifest.
pub fn scope_of_path(folder: &str, parts: &[String]) -> Option<Scope> {
    let text = |at: usize| Text::from(unescape(&parts[at]));
    let known = |at: usize| Some(text(at)).filter(|part| part != "_");
    if scope_depth(folder)? != parts.len() {
        return None;
    }
    Some(match folder {
        "aws" => Scope::Aws { account: text(0), region: text(1) },
        "ad" => Scope::Directory { domain: text(0) },
        _ => Scope::Kubernetes { account: known(0), region: known(1), cluster: text(2), namespace: text(3) },
    })
}

/// The files of a kind, relative to the scope: one for an array, one per object for a folder.
///
/// # Errors
/// If the kind's name cannot be a file's name.
pub fn kind_path(kind: &str) -> Result<LakePath, LakeError> {
    LakePath::parse(kind).and_then(|path| {
        if kind.is_empty() || kind.contains('/') || kind.starts_with('_') { LakePath::parse("..") } else { Ok(path) }
    })
}

fn unescape(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| part.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_the_kind_that_it_is_named_after() {
        for (name, kind) in [
            ("rds.json", Some("rds")),
            ("deployments.ndjson", Some("deployments")),
            (bundle_name("rds-clusters").as_str(), Some("rds-clusters")),
            (MANIFEST, None),
            ("_notes.ndjson.zst", None),
            (".json", None),
            ("rds.json.gz", None),
        ] {
            assert_eq!(kind_of_file(name), kind, "{name}");
        }
        assert!(is_bundle("a.ndjson") && is_bundle("a.ndjson.zst") && !is_bundle("a.json"));
    }

    #[test]
    fn keys_are_those_of_the_contract() {
        let scope = Scope::Aws { account: "011122223333".into(), region: "eu-west-1".into() };
        assert_eq!(scope_folder("aws", &scope).as_str(), "aws-collector/011122223333/eu-west-1");
        let scope = Scope::Kubernetes {
            account: Some("1".into()),
            region: None,
            cluster: "arn:aws:eks:x".into(),
            namespace: "shop".into(),
        };
        let path = scope_folder("k8s", &scope);
        assert_eq!(path.as_str(), "k8s-collector/1/_/arn%3Aaws%3Aeks%3Ax/shop");
        let parts: Vec<String> = path.as_str().split('/').skip(1).map(str::to_owned).collect();
        assert_eq!(scope_of_path("k8s", &parts), Some(scope));
    }
}
