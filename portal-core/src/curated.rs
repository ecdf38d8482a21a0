//! What people say about entities: a layer of its own that no collection run undoes.
//!
//! A field that nobody set is [`None`]: what was collected counts. How the two layers are put together is the
//! catalog's part; how they are kept is the store's.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, StoreError};
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

impl Edit {
    /// What every store refuses: two edits of one ref at once, and texts with the character NUL, which databases cannot
    /// keep.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`]; the text says what to change.
    pub fn check(by: &str, edits: &[Edit]) -> Result<(), StoreError> {
        let invalid = |message: String| Err(StoreError::new(ErrorKind::Invalid, message));
        if by.contains('\0') {
            return invalid("the name of who edits holds the character NUL; leave it out".to_owned());
        }
        let mut seen = BTreeSet::new();
        for edit in edits {
            if edit.entity.as_str().contains('\0') {
                return invalid(format!("{:?} holds the character NUL; leave it out", edit.entity.as_str()));
            }
            if !seen.insert(&edit.entity) {
                return invalid(format!("{} is edited twice at once; make one edit of both", edit.entity));
            }
            if let Some(field) = edit.curated.as_ref().and_then(Curated::field_with_nul) {
                return invalid(format!("{field} of {} holds the character NUL; leave it out", edit.entity));
            }
        }
        Ok(())
    }
}

impl Curated {
    /// The first field that holds the character NUL.
    fn field_with_nul(&self) -> Option<&'static str> {
        let Curated {
            added,
            display_name,
            description,
            docs_url,
            github_url,
            dashboard_url,
            status_url,
            links,
            tags,
            owner,
            rejected,
            hidden,
        } = self;
        let links = links.iter().flatten().flat_map(|link| [&link.title, &link.url]);
        let hidden = hidden.iter().flat_map(|hidden| [Some(&hidden.by), hidden.why.as_ref()]).flatten();
        let single = [
            ("display_name", display_name.as_ref()),
            ("description", description.as_ref()),
            ("docs_url", docs_url.as_ref()),
            ("github_url", github_url.as_ref()),
            ("dashboard_url", dashboard_url.as_ref()),
            ("status_url", status_url.as_ref()),
            ("owner", owner.as_ref()),
            ("product", added.as_ref().and_then(|added| added.product.as_ref())),
        ];
        let single = single.into_iter().filter_map(|(field, text)| Some((field, text?)));
        let several = links.map(|text| ("links", text)).chain(tags.iter().flatten().map(|text| ("tags", text)));
        let several = several.chain(rejected.iter().map(|text| ("rejected", text)));
        let mut all = single.chain(several).chain(hidden.map(|text| ("hidden", text)));
        all.find(|(_, text)| text.contains('\0')).map(|(field, _)| field)
    }
}
