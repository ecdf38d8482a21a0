//! Resources.

use std::collections::BTreeMap;

use portal_core::model::{Entity, OwnershipState, Resource};
use portal_core::{Arn, Catalog, Ref, RelationType};
use serde::Serialize;

/// A resource.
#[derive(Debug, Serialize)]
pub struct ResourceView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// Its ARN, where the provider has one.
    pub arn: Option<String>,
    /// The name that people use.
    pub name: String,
    /// `bucket`, `database`, …
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The account id.
    pub account: Option<String>,
    /// The name of the account.
    pub environment: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The owner's slug.
    pub team: Option<String>,
    /// The state of ownership.
    pub ownership: OwnershipState,
    /// The rule that spoke.
    pub rule: Option<String>,
    /// Slug of its product.
    pub product: Option<String>,
    /// Refs of the services that use it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_by: Option<Vec<String>>,
    /// Ref of the stack that made it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// A few facts; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<BTreeMap<String, String>>,
    /// When it was made.
    pub created_at: Option<String>,
    /// When it came.
    pub first_seen: Option<String>,
    /// When it was seen last.
    pub last_seen: Option<String>,
    /// Whether the newest read of it did not succeed.
    pub stale: bool,
}

impl ResourceView {
    pub(super) fn of(catalog: &Catalog, entity: &Entity, resource: &Resource, whole: bool) -> ResourceView {
        let freshness = catalog.freshness(entity);
        let texts = |pairs: &mut dyn Iterator<Item = (&portal_core::Text, &portal_core::Text)>| {
            pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect()
        };
        ResourceView {
            entity_ref: Ref::resource(&resource.id).to_string(),
            arn: Arn::parse(&resource.id).map(|_| resource.id.to_string()),
            name: resource.name.to_string(),
            resource_type: resource.resource_type.to_string(),
            account: resource.account.as_ref().map(ToString::to_string),
            environment: resource.account.as_deref().map(|account| catalog.environment_name(account).to_string()),
            region: resource.region.as_ref().map(ToString::to_string),
            team: resource.ownership.team.as_ref().map(ToString::to_string),
            ownership: resource.ownership.state,
            rule: resource.ownership.rule.as_ref().map(ToString::to_string),
            product: resource.product.as_ref().map(ToString::to_string),
            used_by: whole.then(|| super::ends(catalog, entity, RelationType::Uses, true)),
            created_by: if whole { super::ends(catalog, entity, RelationType::CreatedBy, false).pop() } else { None },
            tags: texts(&mut resource.tags.iter().map(|(key, value)| (key, value))),
            attributes: whole.then(|| texts(&mut resource.attributes.iter())),
            created_at: resource.created_at.map(|time| time.to_string()),
            first_seen: freshness.first_seen.map(|time| time.to_string()),
            last_seen: freshness.last_seen.map(|time| time.to_string()),
            stale: freshness.stale,
        }
    }
}
