//! The manifest of a scope: the commit point, written last.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::Text;
use crate::source::{Coverage, Outcome, Scope};

/// The form that this version writes.
pub const SCHEMA: &str = "portal.manifest/v1";

/// What one run of one source saw of one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    #[serde(default = "schema")]
    pub schema: Text,
    /// The source's name from the configuration.
    pub source: Text,
    /// The program that wrote it, with its version.
    #[serde(default)]
    pub collector: Text,
    /// What was read.
    pub scope: Scope,
    /// Grows with each run of the scope; the only thing that orders two manifests.
    pub run: u64,
    /// When the read began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Timestamp,
    /// What was read of each kind.
    pub kinds: BTreeMap<Text, KindEntry>,
}

/// What was read of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindEntry {
    /// How much was read, and why not all.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How many objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// Single things inside that could not be read, such as the tags of one bucket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// The files that hold the objects, relative to the scope's folder. After a read that failed these are the ones of
    /// the last good read, so that nothing is lost for a reader who comes new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileEntry>,
    /// When the files were read, if that was in an earlier run than this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_at: Option<Timestamp>,
}

impl KindEntry {
    /// Whether this run read its files.
    pub fn is_fresh(&self) -> bool {
        matches!(self.outcome.coverage, Coverage::Complete | Coverage::Partial)
    }
}

/// A file with what it must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the scope's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its content in hexadecimal digits.
    pub sha256: String,
}

fn schema() -> Text {
    Text::new_static(SCHEMA)
}
