//! Workloads.

use portal_core::model::{Entity, Health, Live, Workload as Model};
use portal_core::{RelationType, Text};
use pyo3::prelude::*;

use super::{Cell, Known, entity, text};

entity! {
    /// One running copy of a service in one environment: a Deployment, a CronJob, a function.
    Workload {
        /// Its ref: ``workload:k8s/prod-eu/payments/deployment/orders-api``, or a function's ARN.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// The object's own name.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// ``deployment``, ``cronjob``, ``statefulset``, ``daemonset`` or ``function``.
        kind: Text = |k| Cell::Text(Some(of(k).kind.clone()));
        /// The Kubernetes namespace; of a function that of its service.
        namespace: Text = |k| Cell::Text(Some(of(k).namespace.clone()));
        /// The cluster; None for a function.
        cluster: Text = |k| Cell::Text(of(k).cluster.clone());
        /// The account id, where known.
        account: Text = |k| Cell::Text(of(k).account.clone());
        /// The name of the account.
        environment: Text = |k| k.environment_name(of(k).account.as_ref());
        /// The region, where known.
        region: Text = |k| Cell::Text(of(k).region.clone());
        /// Ref of the service that it is a copy of.
        service: Text = |k| {
            let services = k.catalog.origins(&k.entity_ref, RelationType::RunsAs);
            Cell::Text(services.first().map(|service| Text::from(service.as_str())))
        };
        /// The containers' images, or the function's runtime.
        images: Texts = |k| Cell::Texts(of(k).images.clone());
        /// When a scheduled job runs, in cron's notation.
        schedule: Text = |k| Cell::Text(of(k).schedule.clone());
        /// Copies that are ready.
        ready: Number = |k| Cell::Number(of(k).live.map(|live| i64::from(live.ready)));
        /// Copies that are asked for.
        desired: Number = |k| Cell::Number(of(k).live.map(|live| i64::from(live.desired)));
        /// What the copies say: ``healthy``, ``degraded``, ``down`` or ``unknown``.
        status: Text = |k| text(of(k).live.map_or(Health::Unknown, Live::health).as_str());
        /// When it was made.
        created_at: Time = |k| Cell::Time(of(k).created_at);
        /// When it came.
        first_seen: Time = |k| Cell::Time(k.freshness.first_seen);
        /// When it was seen last.
        last_seen: Time = |k| Cell::Time(k.freshness.last_seen);
        /// Whether the newest read of it did not succeed, so that it may be different by now.
        stale: Flag = |k| Cell::Flag(k.freshness.stale);
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Workload(workload) => workload,
        _ => unreachable!("a workload's table reads workloads"),
    }
}
