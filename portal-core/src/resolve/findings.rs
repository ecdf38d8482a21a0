//! What the resolver wants a person to see.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{Ref, Text};

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A claim names a team that nobody knows.
    UnknownTeam,
    /// Claims of the same rank name different teams.
    Conflict,
    /// A team key without a value.
    EmptyClaim,
    /// One name stands for two teams.
    AmbiguousTeam,
    /// Two groups of directories are one team.
    TeamNameClash,
    /// A team is inside of several products.
    AmbiguousProduct,
    /// A reference leads to nothing that was seen.
    UnresolvedReference,
    /// A name could mean several things, and none was picked.
    AmbiguousReference,
    /// One cluster was read under two names.
    SameCluster,
    /// Two clusters have one name.
    ClusterNameClash,
    /// A record or file could not be read.
    SetAside,
}

impl FindingKind {
    /// The word as users read it.
    pub fn as_str(self) -> &'static str {
        match self {
            FindingKind::UnknownTeam => "unknown-team",
            FindingKind::Conflict => "conflict",
            FindingKind::EmptyClaim => "empty-claim",
            FindingKind::AmbiguousTeam => "ambiguous-team",
            FindingKind::TeamNameClash => "team-name-clash",
            FindingKind::AmbiguousProduct => "ambiguous-product",
            FindingKind::UnresolvedReference => "unresolved-reference",
            FindingKind::AmbiguousReference => "ambiguous-reference",
            FindingKind::SameCluster => "same-cluster",
            FindingKind::ClusterNameClash => "cluster-name-clash",
            FindingKind::SetAside => "set-aside",
        }
    }
}

/// Something that the resolver wants a person to see.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Ref>,
    /// What was found, in a sentence.
    pub message: Text,
}

/// Collects findings; each is kept once.
#[derive(Default)]
pub(super) struct Findings(BTreeSet<Finding>);

impl Findings {
    pub(super) fn add(&mut self, kind: FindingKind, subject: Option<Ref>, message: impl Into<Text>) {
        self.0.insert(Finding { kind, subject, message: message.into() });
    }

    pub(super) fn sorted(self) -> Vec<Finding> {
        self.0.into_iter().collect()
    }
}
