//! Why the portal believes something: evidence, ownership and relations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Ref, Text};

/// A claim with where it was found, the rule that read it, and whether it won.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The id of the rule that read the claim.
    pub rule: Text,
    /// The place in the object: `tag Team`, `label team`, `env ORDERS_TABLE`.
    pub field: Text,
    /// What stands there, as it was written.
    pub raw: Text,
    /// The team that the claim names, if it is a known one; for relations always `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Text>,
    /// Whether this claim decided.
    pub won: bool,
    /// The object that carries the claim, as a ref or in words (`namespace prod-eu/payments`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_on: Option<Text>,
    /// The source that read it: the name from the configuration.
    pub source: Text,
    /// The snapshot's part that holds it: lake path of the scope and kind, `path#kind`. Empty for configuration.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub part: Text,
    /// When that part was last read well; filled in when a person asks, never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// The five states of ownership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnershipState {
    /// A claim names a known team.
    Owned,
    /// Read whole, and nothing claims it.
    Unowned,
    /// A claim names a team that nobody knows.
    Unregistered,
    /// Claims of the same rank name different teams.
    Conflict,
    /// What could carry a claim could not be read.
    #[default]
    Unknown,
}

impl OwnershipState {
    /// Every state, in the order in which lists show them.
    pub const ALL: [OwnershipState; 5] = [
        OwnershipState::Owned,
        OwnershipState::Unowned,
        OwnershipState::Unregistered,
        OwnershipState::Conflict,
        OwnershipState::Unknown,
    ];

    /// The word as users type and read it.
    pub fn as_str(self) -> &'static str {
        match self {
            OwnershipState::Owned => "owned",
            OwnershipState::Unowned => "unowned",
            OwnershipState::Unregistered => "unregistered",
            OwnershipState::Conflict => "conflict",
            OwnershipState::Unknown => "unknown",
        }
    }
}

/// Who owns a service or resource, and every claim that was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    /// The outcome.
    pub state: OwnershipState,
    /// The owner's slug. With [`OwnershipState::Unknown`] the last known owner, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Text>,
    /// The id of the rule that spoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Text>,
    /// All claims, strongest rule first, winners and losers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// What an edge of the ownership graph means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationType {
    /// Service or resource to team.
    OwnedBy,
    /// Team or service to product; team to parent team.
    PartOf,
    /// Service to workload.
    RunsAs,
    /// Service to resource.
    Uses,
    /// Service to service.
    DependsOn,
    /// Workload or resource to environment.
    In,
    /// Resource to the stack or module that made it.
    CreatedBy,
}

impl RelationType {
    /// Every relation type.
    pub const ALL: [RelationType; 7] = [
        RelationType::OwnedBy,
        RelationType::PartOf,
        RelationType::RunsAs,
        RelationType::Uses,
        RelationType::DependsOn,
        RelationType::In,
        RelationType::CreatedBy,
    ];

    /// The word as users read it.
    pub fn as_str(self) -> &'static str {
        match self {
            RelationType::OwnedBy => "owned_by",
            RelationType::PartOf => "part_of",
            RelationType::RunsAs => "runs_as",
            RelationType::Uses => "uses",
            RelationType::DependsOn => "depends_on",
            RelationType::In => "in",
            RelationType::CreatedBy => "created_by",
        }
    }
}

/// One edge of the ownership graph, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The entity that has the relation.
    pub from: Ref,
    /// What it means.
    #[serde(rename = "type")]
    pub relation: RelationType,
    /// The entity it leads to.
    pub to: Ref,
    /// Why the portal believes it.
    pub evidence: Vec<Evidence>,
}
