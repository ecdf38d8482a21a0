//! Counts of values, hits of a search, findings.

use portal_core::catalog::{Count, Facets, Hit};
use portal_core::resolve::{Finding, FindingKind};
use portal_core::{EntityType, Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{EntityTypeWord, FindingWord};

/// How many of a list have each value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facets)]
pub struct FacetsView {
    /// The list.
    pub of: &'static str,
    /// How many fit the whole filter.
    pub total: usize,
    /// By the names of the filters that take the values.
    pub facets: FacetView,
}

/// Values with their counts, most frequent first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetValues)]
pub struct FacetView {
    /// Slugs of owners.
    pub team: Vec<CountView>,
    /// Slugs of products.
    pub product: Vec<CountView>,
    /// Types of resources; types and kinds of services.
    #[serde(rename = "type")]
    pub types: Vec<CountView>,
    /// Names of environments.
    pub environment: Vec<CountView>,
    /// Account ids.
    pub account: Vec<CountView>,
    /// Regions.
    pub region: Vec<CountView>,
    /// States of ownership.
    pub ownership: Vec<CountView>,
    /// What services are found to be.
    pub status: Vec<CountView>,
    /// Tags, only the most frequent ones.
    pub tag: Vec<CountView>,
}

/// How many have a value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetCount)]
pub struct CountView {
    /// The value, as the filter takes it.
    #[schema(value_type = String)]
    pub value: Text,
    /// How many.
    pub count: usize,
}

/// What a search found, best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Found)]
pub struct FoundView {
    /// The hits.
    pub items: Vec<HitView>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hit)]
pub struct HitView {
    /// What it is.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The name to show.
    #[schema(value_type = String)]
    pub name: Text,
    /// What it is.
    #[serde(rename = "type")]
    #[schema(value_type = EntityTypeWord)]
    pub entity_type: EntityType,
    /// The owner's slug.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// Where the words stand: `name`, `ref`, `tag`, `description`.
    pub matched: &'static str,
}

/// Something that a person should look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// What kind of thing.
    #[schema(value_type = FindingWord)]
    pub kind: FindingKind,
    /// What it is about.
    #[serde(rename = "ref")]
    #[schema(value_type = Option<String>, required)]
    pub subject: Option<Ref>,
    /// What was found, in a sentence.
    #[schema(value_type = String)]
    pub message: Text,
}

impl FacetsView {
    /// The view of facets.
    pub fn of(list: &'static str, found: Facets) -> FacetsView {
        let counts = |counts: Vec<Count>| {
            counts.into_iter().map(|count| CountView { value: count.value, count: count.count }).collect()
        };
        FacetsView {
            of: list,
            total: found.total,
            facets: FacetView {
                team: counts(found.teams),
                product: counts(found.products),
                types: counts(found.types),
                environment: counts(found.environments),
                account: counts(found.accounts),
                region: counts(found.regions),
                ownership: counts(found.ownership),
                status: counts(found.statuses),
                tag: counts(found.tags),
            },
        }
    }
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> HitView {
        HitView {
            entity_ref: hit.entity,
            name: hit.name,
            entity_type: hit.entity_type,
            team: hit.team,
            matched: hit.matched.as_str(),
        }
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> FindingView {
        FindingView { kind: finding.kind, subject: finding.subject, message: finding.message }
    }
}
