//! The rows of [`super::workloads`] as Kubernetes objects, in the shape that `kubectl get -o json` prints.

use portal_core::SnapshotWriter;
use serde_json::{Map, Value, json};

use super::company::COMPANY;
use super::place::{Place, Stage, number, uuid};
use super::workloads::{Kind, Namespace, Workload};

/// The kinds in each namespace.
pub(super) const KINDS: [&str; 7] =
    ["deployments", "cronjobs", "statefulsets", "daemonsets", "services", "namespaces", "serviceaccounts"];

/// Labels and annotations.
type Pairs = (Map<String, Value>, Map<String, Value>);

/// The cluster of a stage.
pub(super) fn cluster(stage: Stage) -> String {
    format!("{COMPANY}-{}", stage.name())
}

/// Writes all objects of a namespace.
pub(super) fn write(namespace: &Namespace, place: Place, out: &SnapshotWriter) {
    let name = namespace.name;
    let (mut labels, annotations) = labels_and_annotations(namespace.labels);
    labels.insert("kubernetes.io/metadata.name".to_owned(), name.into());
    let metadata = metadata(name, None, place, &(labels, annotations));
    out.object(
        "namespaces",
        name,
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"phase": "Active"}}),
    );
    for (service, host) in namespace.outside {
        out.object("services", *service, external_service(service, &place.fill(host), namespace, place));
    }
    for workload in namespace.workloads.iter().filter(|workload| workload.places.contains(&place)) {
        out.object(folder(workload.kind), workload.name, object(workload, namespace, place));
        out.object("serviceaccounts", workload.name, service_account(workload, namespace, place));
        if matches!(workload.kind, Kind::Deployment | Kind::StatefulSet) {
            out.object("services", workload.name, service(workload, namespace, place));
        }
    }
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "deployments",
        Kind::StatefulSet => "statefulsets",
        Kind::DaemonSet => "daemonsets",
        Kind::CronJob => "cronjobs",
    }
}

fn object(workload: &Workload, namespace: &Namespace, place: Place) -> Value {
    let written = match workload.relabelled {
        Some((stage, labels)) if stage == place.stage => labels,
        _ => workload.labels,
    };
    let (mut labels, annotations) = labels_and_annotations(written);
    labels.insert("app.kubernetes.io/name".to_owned(), workload.name.into());
    labels.insert("app.kubernetes.io/managed-by".to_owned(), "Helm".into());
    if !namespace.product.is_empty() {
        labels.insert("app.kubernetes.io/part-of".to_owned(), namespace.product.into());
    }
    let metadata = metadata(workload.name, Some(namespace.name), place, &(labels, annotations));
    let selector = json!({"matchLabels": {"app.kubernetes.io/name": workload.name}});
    let pods = pods(workload, namespace, place);
    let (desired, ready) = copies(workload, place);
    match workload.kind {
        Kind::Deployment => json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "spec": {"replicas": desired, "selector": selector, "template": pods},
            "status": {"replicas": desired, "readyReplicas": ready, "availableReplicas": ready},
        }),
        Kind::StatefulSet => json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata,
            "spec": {"replicas": desired, "serviceName": workload.name, "selector": selector, "template": pods},
            "status": {"replicas": desired, "readyReplicas": ready, "availableReplicas": ready},
        }),
        Kind::DaemonSet => json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata,
            "spec": {"selector": selector, "template": pods},
            "status": {"desiredNumberScheduled": desired, "numberReady": ready},
        }),
        Kind::CronJob => json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
            "spec": {"schedule": workload.schedule, "suspend": false, "jobTemplate": {"spec": {"template": pods}}},
            "status": {},
        }),
    }
}

fn pods(workload: &Workload, namespace: &Namespace, place: Place) -> Value {
    let repository = match workload.mirrors {
        "" => format!("{}/{}", namespace.name, workload.name),
        image => format!("mirror/{image}"),
    };
    let image = format!("registry.{COMPANY}.example/{repository}:{}", version(workload, place.stage));
    let mut variables: Vec<Value> =
        workload.variables.iter().map(|(name, value)| json!({"name": name, "value": place.fill(value)})).collect();
    // What every container has, and what the collector has to leave out.
    variables.push(json!({"name": "LOG_LEVEL", "value": if place.stage == Stage::Prod { "info" } else { "debug" }}));
    let secret = json!({"secretKeyRef": {"name": workload.name, "key": "password"}});
    variables.push(json!({"name": "DB_PASSWORD", "valueFrom": secret}));
    json!({
        "metadata": {"labels": {"app.kubernetes.io/name": workload.name}},
        "spec": {
            "serviceAccountName": workload.name,
            "containers": [{
                "name": workload.name, "image": image, "env": variables,
                "ports": [{"name": "http", "containerPort": port(workload), "protocol": "TCP"}],
            }],
        },
    })
}

fn service(workload: &Workload, namespace: &Namespace, place: Place) -> Value {
    let metadata = metadata(workload.name, Some(namespace.name), place, &Pairs::default());
    let headless = if workload.kind == Kind::StatefulSet { json!("None") } else { Value::Null };
    let port = port(workload);
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {
            "type": "ClusterIP", "clusterIP": headless, "selector": {"app.kubernetes.io/name": workload.name},
            "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP"}],
        },
    })
}

fn external_service(name: &str, host: &str, namespace: &Namespace, place: Place) -> Value {
    let metadata = metadata(name, Some(namespace.name), place, &Pairs::default());
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {"type": "ExternalName", "externalName": host},
    })
}

fn service_account(workload: &Workload, namespace: &Namespace, place: Place) -> Value {
    let role = format!("arn:aws:iam::{}:role/{}-{}", place.stage.account(), namespace.name, workload.name);
    let annotations = Map::from_iter([("eks.amazonaws.com/role-arn".to_owned(), role.into())]);
    let metadata = metadata(workload.name, Some(namespace.name), place, &(Map::new(), annotations));
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
}

fn metadata(name: &str, namespace: Option<&str>, place: Place, (labels, annotations): &Pairs) -> Value {
    let path = format!("{}/{name}", namespace.unwrap_or_default());
    json!({
        "name": name, "namespace": namespace, "uid": uuid(&format!("{} {path}", cluster(place.stage))),
        "creationTimestamp": place.made_at(&path).to_string(),
        "labels": labels, "annotations": annotations,
    })
}

/// Reads `team=search; @portal.dev/team=Search & Discovery`: labels, and annotations behind an `@`.
fn labels_and_annotations(written: &str) -> Pairs {
    let (mut labels, mut annotations) = (Map::new(), Map::new());
    for (key, value) in written.split(';').filter_map(|pair| pair.trim().split_once('=')) {
        match key.strip_prefix('@') {
            Some(key) => annotations.insert(key.to_owned(), value.into()),
            None => labels.insert(key.to_owned(), value.into()),
        };
    }
    (labels, annotations)
}

/// Copies that are asked for, and copies that are ready.
fn copies(workload: &Workload, place: Place) -> (u64, u64) {
    let desired = match place.stage {
        Stage::Dev => workload.copies.min(1),
        Stage::Staging => workload.copies.div_ceil(3),
        Stage::Prod => workload.copies,
    };
    let ready = workload.ailing.filter(|(stage, _)| *stage == place.stage).map_or(desired, |(_, ready)| ready);
    (desired, ready)
}

/// Staging tries the next version, and dev a build of it. What the company does not build itself is the same everywhere.
fn version(workload: &Workload, stage: Stage) -> String {
    let next = || {
        let mut parts = workload.version.split('.');
        let (major, minor) =
            (parts.next().unwrap_or_default(), parts.next().and_then(|minor| minor.parse::<u64>().ok()));
        format!("{major}.{}.0", minor.unwrap_or_default() + 1)
    };
    match stage {
        _ if !workload.mirrors.is_empty() => workload.version.to_owned(),
        Stage::Prod => workload.version.to_owned(),
        // Half of the services have nothing new to try.
        Stage::Staging if number(workload.name).is_multiple_of(2) => workload.version.to_owned(),
        Stage::Staging => next(),
        Stage::Dev => format!("{}-rc.{}", next(), number(workload.name) % 9 + 1),
    }
}

fn port(workload: &Workload) -> u16 {
    if workload.kind == Kind::StatefulSet { 6379 } else { 8080 }
}
