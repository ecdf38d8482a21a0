//! Services and their workloads.

use portal_core::model::{Entity, Health, OwnershipState, Service, Workload};
use portal_core::{Catalog, Ref, RelationType};
use serde::Serialize;

/// A service.
#[derive(Debug, Serialize)]
pub struct ServiceView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// Its name.
    pub name: String,
    /// The namespace that groups it.
    pub namespace: String,
    /// `kubernetes`, `serverless`, `other`.
    #[serde(rename = "type")]
    pub service_type: &'static str,
    /// `http-service`, `scheduled-job`, `function`.
    pub kind: &'static str,
    /// The owner's slug.
    pub team: Option<String>,
    /// The state of ownership.
    pub ownership: OwnershipState,
    /// The rule that spoke.
    pub rule: Option<String>,
    /// Slug of its product.
    pub product: Option<String>,
    /// Names of the environments that it runs in.
    pub environments: Vec<String>,
    /// The worse of what its running copies say and what health checks found.
    pub status: Health,
    /// Labels and tags, as `key=value`.
    pub tags: Vec<String>,
    /// What runs where; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workloads: Option<Vec<WorkloadView>>,
    /// Refs of the resources that it uses; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<Vec<String>>,
    /// Refs of the services that it depends on; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<Vec<String>>,
    /// Refs of the services that depend on it; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_by: Option<Vec<String>>,
    /// When it came.
    pub first_seen: Option<String>,
    /// When it was seen last.
    pub last_seen: Option<String>,
    /// Whether the newest read of it did not succeed.
    pub stale: bool,
    /// When something about it was changed last.
    pub updated_at: Option<String>,
}

/// One running copy of a service.
#[derive(Debug, Serialize)]
pub struct WorkloadView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// The name of the account.
    pub environment: Option<String>,
    /// The account id.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// `deployment`, `cronjob`, …
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The first container's image, or the function's runtime.
    pub image: Option<String>,
    /// Ready and desired copies.
    pub replicas: Option<Replicas>,
    /// When it runs, in cron's notation.
    pub schedule: Option<String>,
    /// What the copies say.
    pub status: Health,
    /// Whether the newest read of it did not succeed.
    pub stale: bool,
}

/// Ready and desired copies.
#[derive(Debug, Serialize)]
pub struct Replicas {
    /// Copies that are ready.
    pub ready: u32,
    /// Copies that are asked for.
    pub desired: u32,
}

impl ServiceView {
    pub(super) fn of(catalog: &Catalog, entity: &Entity, service: &Service, whole: bool) -> ServiceView {
        let freshness = catalog.freshness(entity);
        let workloads: Vec<Workload> = catalog.workloads(entity);
        let mut environments: Vec<String> = workloads
            .iter()
            .filter_map(|w| w.account.as_deref())
            .map(|a| catalog.environment_name(a).to_string())
            .collect();
        environments.sort();
        environments.dedup();
        ServiceView {
            entity_ref: entity.entity_ref().to_string(),
            name: service.name.to_string(),
            namespace: service.namespace.to_string(),
            service_type: service.service_type.as_str(),
            kind: service.kind.as_str(),
            team: service.ownership.team.as_ref().map(ToString::to_string),
            ownership: service.ownership.state,
            rule: service.ownership.rule.as_ref().map(ToString::to_string),
            product: service.product.as_ref().map(ToString::to_string),
            environments,
            status: catalog.service_status(&entity.entity_ref()),
            tags: service.tags.iter().map(|(key, value)| tag(key, value)).collect(),
            workloads: whole.then(|| workloads.iter().map(|w| WorkloadView::of_workload(catalog, w)).collect()),
            uses: whole.then(|| super::ends(catalog, entity, RelationType::Uses, false)),
            depends_on: whole.then(|| super::ends(catalog, entity, RelationType::DependsOn, false)),
            used_by: whole.then(|| super::ends(catalog, entity, RelationType::DependsOn, true)),
            first_seen: freshness.first_seen.map(|time| time.to_string()),
            last_seen: freshness.last_seen.map(|time| time.to_string()),
            stale: freshness.stale,
            updated_at: freshness.updated_at.map(|time| time.to_string()),
        }
    }
}

impl WorkloadView {
    pub(super) fn of(catalog: &Catalog, entity: &Entity, workload: &Workload) -> WorkloadView {
        WorkloadView { stale: catalog.freshness(entity).stale, ..WorkloadView::of_workload(catalog, workload) }
    }

    fn of_workload(catalog: &Catalog, workload: &Workload) -> WorkloadView {
        let entity = Entity::Workload(workload.clone());
        let entity_ref: Ref = entity.entity_ref();
        WorkloadView {
            entity_ref: entity_ref.to_string(),
            environment: workload.account.as_deref().map(|account| catalog.environment_name(account).to_string()),
            account: workload.account.as_ref().map(ToString::to_string),
            region: workload.region.as_ref().map(ToString::to_string),
            cluster: workload.cluster.as_ref().map(ToString::to_string),
            namespace: workload.namespace.to_string(),
            kind: workload.kind.to_string(),
            name: workload.name.to_string(),
            image: workload.images.first().map(ToString::to_string),
            replicas: workload.live.map(|live| Replicas { ready: live.ready, desired: live.desired }),
            schedule: workload.schedule.as_ref().map(ToString::to_string),
            status: workload.live.map_or(Health::Unknown, portal_core::model::Live::health),
            stale: catalog.freshness(&entity).stale,
        }
    }
}

/// A tag as people type it: one that is a single word has no value.
fn tag(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}
