//! Who owns something and why it exists: the answers of the catalog in the form that scripts read.

use jiff::Timestamp;
use portal_core::catalog::{EvidenceAnswer, Explanation, Linked, Owner};
use portal_core::{OwnershipState, Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::OwnershipWord;

/// Who owns something, with every claim that was heard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Owner)]
pub struct OwnerView {
    /// What was asked for.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The outcome.
    #[schema(value_type = OwnershipWord)]
    pub state: OwnershipState,
    /// The owner's slug; with `unknown` the last known one.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// The id of the rule that spoke.
    #[schema(value_type = Option<String>, required)]
    pub rule: Option<Text>,
    /// Whether the newest read did not succeed, so that it may be different by now.
    pub stale: bool,
    /// Winners and losers, strongest rule first.
    pub evidence: Vec<EvidenceView>,
}

/// One claim: where it stands, what it says, and whether it decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    /// The id of the rule that read it.
    #[schema(value_type = String)]
    pub rule: Text,
    /// The place: `tag Team`.
    #[schema(value_type = String)]
    pub field: Text,
    /// What stands there.
    #[schema(value_type = String)]
    pub raw: Text,
    /// The known team that it names.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// Whether it decided.
    pub won: bool,
    /// The source that read it.
    #[schema(value_type = String)]
    pub source: Text,
    /// When its place was last read well.
    #[schema(required)]
    pub read_at: Option<Timestamp>,
    /// The object that carries it.
    #[schema(value_type = Option<String>, required)]
    pub found_on: Option<Text>,
}

/// Something at the other end of a relation, with the evidence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Linked)]
pub struct LinkedView {
    /// What it is.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The name that people use.
    #[schema(value_type = String)]
    pub name: Text,
    /// Why the portal believes it.
    pub evidence: Vec<EvidenceView>,
}

/// Why something exists: its owner and everything around it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub struct ExplanationView {
    /// Who owns it.
    #[serde(flatten)]
    pub owner: OwnerView,
    /// Services that use or depend on it.
    pub used_by: Vec<LinkedView>,
    /// Resources that it uses.
    pub uses: Vec<LinkedView>,
    /// Services that it depends on.
    pub depends_on: Vec<LinkedView>,
    /// What it runs as.
    pub runs_as: Vec<LinkedView>,
    /// Products that it is a part of.
    pub part_of: Vec<LinkedView>,
    /// The stack that made it.
    #[schema(required)]
    pub created_by: Option<LinkedView>,
    /// Where it is; several for a service.
    pub environments: Vec<LinkedView>,
    /// Where it is, if that is one place.
    #[schema(required)]
    pub environment: Option<LinkedView>,
    /// When it came.
    #[schema(required)]
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    #[schema(required)]
    pub last_seen: Option<Timestamp>,
}

impl From<Owner> for OwnerView {
    fn from(owner: Owner) -> OwnerView {
        let Owner { entity, state, team, rule, stale, evidence } = owner;
        OwnerView {
            entity_ref: entity,
            state,
            team,
            rule,
            stale,
            evidence: evidence.into_iter().map(EvidenceView::from).collect(),
        }
    }
}

impl From<EvidenceAnswer> for EvidenceView {
    fn from(evidence: EvidenceAnswer) -> EvidenceView {
        let EvidenceAnswer { rule, field, raw, team, won, source, read_at, found_on } = evidence;
        EvidenceView { rule, field, raw, team, won, source, read_at, found_on }
    }
}

impl From<Linked> for LinkedView {
    fn from(linked: Linked) -> LinkedView {
        let Linked { entity, name, evidence } = linked;
        LinkedView { entity_ref: entity, name, evidence: evidence.into_iter().map(EvidenceView::from).collect() }
    }
}

impl From<Explanation> for ExplanationView {
    fn from(why: Explanation) -> ExplanationView {
        let linked = |links: Vec<Linked>| links.into_iter().map(LinkedView::from).collect();
        ExplanationView {
            owner: why.owner.into(),
            used_by: linked(why.used_by),
            uses: linked(why.uses),
            depends_on: linked(why.depends_on),
            runs_as: linked(why.runs_as),
            part_of: linked(why.part_of),
            created_by: why.created_by.map(LinkedView::from),
            environments: linked(why.environments),
            environment: why.environment.map(LinkedView::from),
            first_seen: why.first_seen,
            last_seen: why.last_seen,
        }
    }
}
