//! A part: what is known of one kind in one scope. The unit of completeness.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::Text;
use crate::observe::Observation;
use crate::source::{Outcome, Scope};

/// What the portal knows about a part, without its observations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Lake path of the scope and kind, `path#kind`.
    pub key: Text,
    /// The source's name; the folder's word where no manifest names one.
    pub source: Text,
    /// What was read.
    pub scope: Scope,
    /// The kind.
    pub kind: Text,
    /// The run that was applied last.
    pub run: u64,
    /// How the newest read ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How many objects are known.
    pub items: u64,
    /// Single things inside that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// When the newest read ended.
    pub read_at: Timestamp,
    /// When it was last read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_at: Option<Timestamp>,
    /// Digest of the files that were applied last; `None` if there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Text>,
    /// A mass delete that waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Records of the files that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<String>,
}

impl Part {
    /// The key of a kind in a scope's folder.
    pub fn key(folder: &str, kind: &str) -> Text {
        Text::from(format!("{folder}#{kind}"))
    }

    /// The lake path of its scope.
    pub fn folder(&self) -> &str {
        self.key.split('#').next().unwrap_or_default()
    }

    /// Whether what is known of it is older than its newest read.
    pub fn is_stale(&self) -> bool {
        !self.outcome.coverage.is_whole()
    }
}

/// A complete read that would have retired too much: nothing is retired until a person says so or the objects return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// A short id to release it by.
    pub id: Text,
    /// How many objects the read lacked.
    pub count: u64,
    /// How many there were.
    pub of: u64,
    /// Since when.
    pub since: Timestamp,
}

/// An observation with whether the newest read showed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The read that showed it last, if that was not the newest one of its part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// What was seen.
    pub observation: Observation,
}

impl Known {
    /// One that the newest read showed.
    pub fn fresh(observation: Observation) -> Known {
        Known { stale_since: None, observation }
    }
}

/// The observations of a part. Shared: what the resolver reads is what the store writes.
pub type Observations = Arc<[Known]>;

/// A part with its observations.
#[derive(Clone, Debug, PartialEq)]
pub struct PartContent {
    /// What is known about it.
    pub part: Part,
    /// What is known of its objects.
    pub observations: Observations,
}
