//! Services and their workloads.

use jiff::Timestamp;
use portal_core::model::{Entity, Health, Live, OwnershipState, Service, Workload};
use portal_core::{Catalog, Ref, RelationType, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::Known;
use super::said::{CuratedView, HiddenView, LinkView, Said};
use super::words::{AsTags, HealthWord, OwnershipWord};

/// A service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String, example = "service:payments/orders-api")]
    pub entity_ref: Ref,
    /// Its name.
    #[schema(value_type = String)]
    pub name: Text,
    /// The name to show.
    #[schema(value_type = String)]
    pub display_name: Text,
    /// The namespace that groups it.
    #[schema(value_type = String)]
    pub namespace: Text,
    /// `kubernetes`, `serverless`, `other`.
    #[serde(rename = "type")]
    pub service_type: &'static str,
    /// `http-service`, `scheduled-job`, `function`.
    pub kind: &'static str,
    /// What it is for.
    #[schema(value_type = Option<String>, required)]
    pub description: Option<Text>,
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
    /// Names of the environments that it runs in.
    #[schema(value_type = Vec<String>)]
    pub environments: Vec<Text>,
    /// The worse of what its running copies say and what health checks found.
    #[schema(value_type = HealthWord)]
    pub status: Health,
    /// Where health checks ask.
    #[schema(value_type = Option<String>, required)]
    pub status_url: Option<Text>,
    /// When a health check asked last.
    #[schema(required)]
    pub last_checked_at: Option<Timestamp>,
    /// What the last health check found: `200 in 12 ms`, `connection refused`.
    #[schema(value_type = Option<String>, required)]
    pub check_detail: Option<Text>,
    /// Its documentation.
    #[schema(value_type = Option<String>, required)]
    pub docs_url: Option<Text>,
    /// Its code.
    #[schema(value_type = Option<String>, required)]
    pub github_url: Option<Text>,
    /// Its dashboards.
    #[schema(value_type = Option<String>, required)]
    pub dashboard_url: Option<Text>,
    /// More links.
    pub links: Vec<LinkView>,
    /// Labels and tags, as `key=value`, or a single word.
    #[schema(value_type = Vec<String>)]
    pub tags: AsTags,
    /// What runs where; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub workloads: Option<Vec<WorkloadView>>,
    /// Refs of the resources that it uses; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    pub uses: Option<Vec<Ref>>,
    /// Refs of the services that it depends on; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    pub depends_on: Option<Vec<Ref>>,
    /// Refs of the services that depend on it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    pub used_by: Option<Vec<Ref>>,
    /// `collected`, or `manual` for one that a person added.
    pub origin: &'static str,
    /// Who took it out of the lists; [`None`] for one that is in them.
    #[schema(required)]
    pub hidden: Option<HiddenView>,
    /// What people said about it; only in full, and only if somebody said something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub curated: Option<CuratedView>,
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

/// One running copy of a service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workload)]
pub struct WorkloadView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The name of the account.
    #[schema(value_type = Option<String>, required)]
    pub environment: Option<Text>,
    /// The account id.
    #[schema(value_type = Option<String>, required)]
    pub account: Option<Text>,
    /// The region.
    #[schema(value_type = Option<String>, required)]
    pub region: Option<Text>,
    /// The cluster.
    #[schema(value_type = Option<String>, required)]
    pub cluster: Option<Text>,
    /// The namespace.
    #[schema(value_type = String)]
    pub namespace: Text,
    /// `deployment`, `cronjob`, …
    #[schema(value_type = String)]
    pub kind: Text,
    /// The object's name.
    #[schema(value_type = String)]
    pub name: Text,
    /// The first container's image, or the function's runtime.
    #[schema(value_type = Option<String>, required)]
    pub image: Option<Text>,
    /// Ready and desired copies.
    #[schema(required)]
    pub replicas: Option<Replicas>,
    /// When it runs, in cron's notation.
    #[schema(value_type = Option<String>, required)]
    pub schedule: Option<Text>,
    /// What the copies say.
    #[schema(value_type = HealthWord)]
    pub status: Health,
    /// Whether the newest read of it did not succeed.
    pub stale: bool,
}

/// Ready and desired copies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replicas {
    /// Copies that are ready.
    pub ready: u32,
    /// Copies that are asked for.
    pub desired: u32,
}

impl ServiceView {
    pub(super) fn of(catalog: &Catalog, service: Service, workloads: Vec<Workload>, known: Known) -> ServiceView {
        let Known { entity_ref, freshness, status, whole } = known;
        let mut environments: Vec<Text> =
            workloads.iter().filter_map(|w| w.account.as_deref()).map(|a| catalog.environment_name(a)).collect();
        environments.sort_unstable();
        environments.dedup();
        let checked = catalog.checked(&entity_ref);
        let said = Said::of(catalog, &entity_ref);
        let curated = said.curated();
        let url = |url: fn(&portal_core::Curated) -> &Option<Text>| curated.and_then(|said| url(said).clone());
        let ends = |relation| catalog.targets(&entity_ref, relation);
        ServiceView {
            display_name: said.display_name(&service.name),
            service_type: service.service_type.as_str(),
            kind: service.kind.as_str(),
            description: url(|said| &said.description),
            team: service.ownership.team,
            ownership: service.ownership.state,
            rule: service.ownership.rule,
            product: service.product,
            environments,
            status,
            status_url: url(|said| &said.status_url),
            last_checked_at: checked.map(|checked| checked.checked_at),
            check_detail: checked.map(|checked| checked.detail.clone()),
            docs_url: url(|said| &said.docs_url),
            github_url: url(|said| &said.github_url),
            dashboard_url: url(|said| &said.dashboard_url),
            links: said.links(),
            tags: AsTags(service.tags),
            uses: whole.then(|| ends(RelationType::Uses)),
            depends_on: whole.then(|| ends(RelationType::DependsOn)),
            used_by: whole.then(|| catalog.origins(&entity_ref, RelationType::DependsOn)),
            workloads: whole
                .then(|| workloads.into_iter().map(|workload| WorkloadView::of_service(catalog, workload)).collect()),
            origin: if curated.is_some_and(|said| said.added.is_some()) { "manual" } else { "collected" },
            hidden: said.hidden(),
            curated: if whole { said.whole() } else { None },
            first_seen: freshness.first_seen,
            last_seen: freshness.last_seen,
            stale: freshness.stale,
            updated_at: freshness.updated_at,
            name: service.name,
            namespace: service.namespace,
            entity_ref,
        }
    }
}

impl WorkloadView {
    fn of_service(catalog: &Catalog, workload: Workload) -> WorkloadView {
        let entity = Entity::Workload(workload);
        let (entity_ref, freshness) = (entity.entity_ref(), catalog.freshness(&entity));
        match entity {
            Entity::Workload(workload) => {
                let status = workload.live.map_or(Health::Unknown, Live::health);
                WorkloadView::of(catalog, workload, Known { entity_ref, freshness, status, whole: false })
            }
            _ => unreachable!("it was made as one above"),
        }
    }

    pub(super) fn of(catalog: &Catalog, workload: Workload, known: Known) -> WorkloadView {
        WorkloadView {
            entity_ref: known.entity_ref,
            environment: workload.account.as_deref().map(|account| catalog.environment_name(account)),
            account: workload.account,
            region: workload.region,
            cluster: workload.cluster,
            namespace: workload.namespace,
            kind: workload.kind,
            name: workload.name,
            image: workload.images.into_iter().next(),
            replicas: workload.live.map(|live| Replicas { ready: live.ready, desired: live.desired }),
            schedule: workload.schedule,
            status: known.status,
            stale: known.freshness.stale,
        }
    }
}
