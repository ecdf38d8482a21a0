//! What people say about entities: a layer of its own that no collection run undoes.
//!
//! A field that nobody set is [`None`]: what was collected counts. How the two layers are put together is the
//! catalog's part; how they are kept is the store's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Ref, Text};
use crate::model::ServiceKind;

/// What people said about one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curated {
    /// Set for a service that a person added: it is there although no source shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Added>,
    /// The name to show. The ref stays what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Text>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs_url: Option<Text>,
    /// Its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github_url: Option<Text>,
    /// Its dashboards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard_url: Option<Text>,
    /// Where the health checker asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_url: Option<Text>,
    /// More links, in the order that the person chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<Link>>,
    /// Tags instead of the collected ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Text>>,
    /// The owner as it was written, a known team or not: the rule `override`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// Slugs of teams that were suggested as owners, and that a person rejected. Sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Text>,
    /// Set for what a person took out of the lists, until it is unhidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
}

/// What the ref of an added service does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// How it runs.
    pub kind: ServiceKind,
    /// Slug of its product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Text>,
}

/// A link with the words to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words.
    pub title: Text,
    /// `http` or `https`.
    pub url: Text,
}

/// Who hid something, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The person or key.
    pub by: Text,
    /// When.
    pub at: Timestamp,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

impl Curated {
    /// The id of the rule by which a person's word decides.
    pub const OVERRIDE: &'static str = "override";

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Curated::default()
    }
}

/// What a store keeps of [`Curated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CuratedRecord {
    /// What it is about.
    pub entity: Ref,
    /// What people said.
    pub curated: Curated,
    /// The revision of the newest edit: who edits names it, so that nobody's words are lost.
    pub version: u64,
    /// Who made that edit.
    pub by: Text,
    /// When that edit was made.
    pub edited_at: Timestamp,
    /// When the first edit of the unbroken line was made: for an added service the time it came.
    pub first_at: Timestamp,
}

/// A change of what people say about one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it is about.
    pub entity: Ref,
    /// The [`CuratedRecord::version`] that the writer saw; 0 where there was nothing.
    pub seen: u64,
    /// All that is said from now on; [`None`], or an empty one, takes everything back.
    pub curated: Option<Curated>,
}
