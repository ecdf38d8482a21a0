//! What a list is narrowed to.

use std::fmt;
use std::fmt::Write as _;

use super::fold::fold;
use crate::id::Text;
use crate::model::{Health, OwnershipState};

/// What a list is narrowed to: several values of one field mean any of them, several fields mean all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Slugs of owning teams.
    pub teams: Vec<Text>,
    /// Slugs of products.
    pub products: Vec<Text>,
    /// Names or account ids of environments.
    pub environments: Vec<Text>,
    /// Account ids.
    pub accounts: Vec<Text>,
    /// Types of resources, kinds of workloads, types or kinds of services.
    pub types: Vec<Text>,
    /// Regions. One place has to fit environment, account and region at once.
    pub regions: Vec<Text>,
    /// Tags or labels.
    pub tags: Vec<TagFilter>,
    /// States of ownership.
    pub ownership: Vec<OwnershipState>,
    /// What services and workloads are found to be; nothing else has a status.
    pub statuses: Vec<Health>,
    /// What people took out of the lists.
    pub hidden: Hidden,
    /// Words, each of which is a part of a name, the ref or the description; compared without case.
    pub text: Option<String>,
}

/// Whether a list shows what people took out of the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hidden {
    /// It does not.
    #[default]
    Without,
    /// It shows nothing else.
    Only,
    /// It makes no difference.
    With,
}

/// A tag that has to be there: `critical`, or `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    /// Compared without case.
    pub key: Text,
    /// Compared as it is; empty for a tag that is one word.
    pub value: Text,
}

impl TagFilter {
    /// Reads a tag as it is shown.
    pub fn parse(text: &str) -> TagFilter {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        TagFilter { key: Text::from(key), value: Text::from(value) }
    }
}

impl fmt::Display for TagFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_tag(&self.key, &self.value))
    }
}

/// A tag as people read and type it.
pub(super) fn shown_tag(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}

impl Filter {
    /// The words that are looked for, in the form that they are compared in.
    pub(super) fn words(&self) -> Vec<String> {
        self.text.as_deref().unwrap_or_default().split_whitespace().map(fold).collect()
    }

    /// A text that is equal for filters that mean the same.
    pub(super) fn canonical(&self) -> String {
        let mut text = String::new();
        let mut field = |name: &str, values: Vec<String>| {
            let mut values = values;
            values.sort_unstable();
            values.dedup();
            let _ = write!(text, "{name}{values:?}");
        };
        let texts = |values: &[Text]| values.iter().map(ToString::to_string).collect();
        field("team", texts(&self.teams));
        field("product", texts(&self.products));
        field("environment", texts(&self.environments));
        field("account", texts(&self.accounts));
        field("type", texts(&self.types));
        field("region", texts(&self.regions));
        field("tag", self.tags.iter().map(|tag| format!("{}={}", fold(&tag.key), tag.value)).collect());
        field("ownership", self.ownership.iter().map(|state| state.as_str().to_owned()).collect());
        field("status", self.statuses.iter().map(|status| status.as_str().to_owned()).collect());
        field("hidden", vec![format!("{:?}", self.hidden)]);
        field("text", self.words());
        text
    }
}
