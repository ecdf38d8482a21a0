//! A service as the catalogue of the second article shows it.

use jiff::Timestamp;
use portal_core::model::{Entity, Health, Service};
use portal_core::{Catalog, Curated, Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{AsTags, HealthWord};

/// The namespace of the ids: made by chance, once, and never to be changed.
const IDS: Uuid = Uuid::from_u128(0x6f1d_6c0e_8a43_4be7_9d5b_27e0_c1f4_93a2);

/// A service as the catalogue of the second article shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyService)]
pub struct LegacyServiceView {
    /// Stable: also for a service that is renamed.
    #[schema(value_type = String, format = "uuid")]
    pub id: String,
    /// The name.
    #[schema(value_type = String)]
    pub name: Text,
    /// What it is for.
    #[schema(value_type = Option<String>, required)]
    pub description: Option<Text>,
    /// The owner as it was written, a known team or not.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// Whether it works.
    #[schema(value_type = HealthWord)]
    pub status: Health,
    /// Where health checks ask.
    #[schema(value_type = Option<String>, required)]
    pub status_url: Option<Text>,
    /// Its documentation.
    #[schema(value_type = Option<String>, required)]
    pub docs_url: Option<Text>,
    /// Its code.
    #[schema(value_type = Option<String>, required)]
    pub github_url: Option<Text>,
    /// Its dashboards.
    #[schema(value_type = Option<String>, required)]
    pub dashboard_url: Option<Text>,
    /// Tags: `key=value`, or a single word.
    #[schema(value_type = Vec<String>)]
    pub tags: AsTags,
    /// When a health check asked last.
    #[schema(required)]
    pub last_checked_at: Option<Timestamp>,
    /// When it came.
    #[schema(required)]
    pub created_at: Option<Timestamp>,
    /// When something about it was changed last.
    #[schema(required)]
    pub updated_at: Option<Timestamp>,
}

/// Services, all of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyServices)]
pub struct LegacyServicesView {
    /// Sorted by name.
    pub items: Vec<LegacyServiceView>,
    /// How many they are.
    pub total: usize,
}

impl LegacyServiceView {
    /// The id of the service under a ref.
    pub fn id_of(entity_ref: &Ref) -> Uuid {
        Uuid::new_v5(&IDS, entity_ref.as_str().as_bytes())
    }

    /// A service of the catalog.
    pub fn of(catalog: &Catalog, service: Service) -> LegacyServiceView {
        let entity_ref = Ref::service(&service.namespace, &service.name);
        let said = catalog.curated(&entity_ref).map(|said| &said.curated);
        let word = |word: fn(&Curated) -> &Option<Text>| said.and_then(|said| word(said).clone());
        let checked = catalog.checked(&entity_ref);
        let evidence = service.ownership.evidence.iter().find(|evidence| evidence.won).map(|won| won.raw.clone());
        let team = word(|said| &said.owner).or(evidence).or_else(|| service.ownership.team.clone());
        let status = catalog.service_status(&entity_ref);
        let tags = AsTags(service.tags.clone());
        let freshness = catalog.freshness(&Entity::Service(service));
        LegacyServiceView {
            id: LegacyServiceView::id_of(&entity_ref).to_string(),
            name: catalog.display_name(&entity_ref),
            description: word(|said| &said.description),
            team,
            status,
            status_url: word(|said| &said.status_url),
            docs_url: word(|said| &said.docs_url),
            github_url: word(|said| &said.github_url),
            dashboard_url: word(|said| &said.dashboard_url),
            tags,
            last_checked_at: checked.map(|checked| checked.checked_at),
            created_at: freshness.first_seen,
            updated_at: freshness.updated_at,
        }
    }
}
