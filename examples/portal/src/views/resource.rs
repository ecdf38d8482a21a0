//! Resources.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portal_core::model::{OwnershipState, Resource};
use portal_core::{Arn, Catalog, Curated, Ref, RelationType, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::Known;
use super::said::{CuratedView, HiddenView, LinkView, Said};
use super::words::{AsObject, OwnershipWord};

/// A resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub struct ResourceView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String, example = "resource:arn:aws:s3:::invoices")]
    pub entity_ref: Ref,
    /// Its ARN, where the provider has one.
    #[schema(value_type = Option<String>, required)]
    pub arn: Option<Text>,
    /// The name that people use.
    #[schema(value_type = String)]
    pub name: Text,
    /// The name to show.
    #[schema(value_type = String)]
    pub display_name: Text,
    /// `bucket`, `database`, …
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub resource_type: Text,
    /// The account id.
    #[schema(value_type = Option<String>, required)]
    pub account: Option<Text>,
    /// The name of the account.
    #[schema(value_type = Option<String>, required)]
    pub environment: Option<Text>,
    /// The region.
    #[schema(value_type = Option<String>, required)]
    pub region: Option<Text>,
    /// The owner's slug.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// The state of ownership.
    #[schema(value_type = OwnershipWord)]
    pub ownership: OwnershipState,
    /// The rule that spoke.
    #[schema(value_type = Option<String>, required)]
    pub rule: Option<Text>,
    /// Slug of its product.
    #[schema(value_type = Option<String>, required)]
    pub product: Option<Text>,
    /// What it is for.
    #[schema(value_type = Option<String>, required)]
    pub description: Option<Text>,
    /// Its documentation.
    #[schema(value_type = Option<String>, required)]
    pub docs_url: Option<Text>,
    /// The code that makes it.
    #[schema(value_type = Option<String>, required)]
    pub github_url: Option<Text>,
    /// Its dashboards.
    #[schema(value_type = Option<String>, required)]
    pub dashboard_url: Option<Text>,
    /// Where its status can be seen.
    #[schema(value_type = Option<String>, required)]
    pub status_url: Option<Text>,
    /// More links.
    pub links: Vec<LinkView>,
    /// Refs of the services that use it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    pub used_by: Option<Vec<Ref>>,
    /// Ref of the stack that made it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub created_by: Option<Ref>,
    /// Who might own it, for one that nobody owns; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub suggestion: Option<SuggestionView>,
    /// Its tags.
    #[schema(value_type = BTreeMap<String, String>)]
    pub tags: AsObject,
    /// A few facts; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, String>>, nullable = false)]
    pub attributes: Option<BTreeMap<Text, Text>>,
    /// Who took it out of the lists; [`None`] for one that is in them.
    #[schema(required)]
    pub hidden: Option<HiddenView>,
    /// What people said about it; only in full, and only if somebody said something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub curated: Option<CuratedView>,
    /// When it was made.
    #[schema(required)]
    pub created_at: Option<Timestamp>,
    /// When it came.
    #[schema(required)]
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    #[schema(required)]
    pub last_seen: Option<Timestamp>,
    /// Whether the newest read of it did not succeed.
    pub stale: bool,
    /// When something about it was changed last.
    #[schema(required)]
    pub updated_at: Option<Timestamp>,
}

/// Who might own a resource: never ownership, until a person confirms it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub struct SuggestionView {
    /// Slug of the team.
    #[schema(value_type = String)]
    pub team: Text,
    /// `stack` or `name`.
    #[schema(value_type = String)]
    pub rule: Text,
    /// Why, in a sentence.
    pub reason: String,
}

impl ResourceView {
    pub(super) fn of(catalog: &Catalog, resource: Resource, known: Known) -> ResourceView {
        let Known { entity_ref, freshness, whole, .. } = known;
        let said = Said::of(catalog, &entity_ref);
        let word = |word: fn(&Curated) -> &Option<Text>| said.curated().and_then(|said| word(said).clone());
        let suggestion = if whole { catalog.suggestion(&entity_ref) } else { None };
        ResourceView {
            arn: if Arn::parse(&resource.id).is_some() { Some(resource.id) } else { None },
            display_name: said.display_name(&resource.name),
            name: resource.name,
            resource_type: resource.resource_type,
            environment: resource.account.as_deref().map(|account| catalog.environment_name(account)),
            account: resource.account,
            region: resource.region,
            team: resource.ownership.team,
            ownership: resource.ownership.state,
            rule: resource.ownership.rule,
            product: resource.product,
            description: word(|said| &said.description),
            docs_url: word(|said| &said.docs_url),
            github_url: word(|said| &said.github_url),
            dashboard_url: word(|said| &said.dashboard_url),
            status_url: word(|said| &said.status_url),
            links: said.links(),
            used_by: whole.then(|| catalog.origins(&entity_ref, RelationType::Uses)),
            created_by: if whole { catalog.targets(&entity_ref, RelationType::CreatedBy).pop() } else { None },
            suggestion: suggestion.map(|found| SuggestionView {
                team: found.team,
                rule: found.rule,
                reason: found.reason,
            }),
            tags: AsObject(resource.tags),
            attributes: whole.then_some(resource.attributes),
            hidden: said.hidden(),
            curated: if whole { said.whole() } else { None },
            created_at: resource.created_at,
            first_seen: freshness.first_seen,
            last_seen: freshness.last_seen,
            stale: freshness.stale,
            updated_at: freshness.updated_at,
            entity_ref,
        }
    }
}
