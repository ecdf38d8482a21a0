//! Kubernetes objects, as `kubectl get -o json` prints them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{KubernetesServiceSeen, NamespaceSeen, Observation, ServiceAccountSeen, Variable, WorkloadSeen};
use crate::id::Text;
use crate::model::{Live, Pairs};
use crate::reference;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    kind: Option<Text>,
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    status: Option<Status>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: Option<Text>,
    uid: Option<Text>,
    creation_timestamp: Option<Text>,
    labels: Option<BTreeMap<Text, Option<Text>>>,
    annotations: Option<BTreeMap<Text, Option<Text>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    replicas: Option<u32>,
    schedule: Option<Text>,
    external_name: Option<Text>,
    selector: Option<serde_json::Value>,
    template: Option<PodTemplate>,
    job_template: Option<JobTemplate>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JobTemplate {
    spec: JobSpec,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JobSpec {
    template: PodTemplate,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PodTemplate {
    metadata: Metadata,
    spec: PodSpec,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PodSpec {
    service_account_name: Option<Text>,
    containers: Vec<Container>,
    init_containers: Vec<Container>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Container {
    image: Option<Text>,
    env: Option<Vec<EnvVar>>,
}

#[derive(Deserialize)]
struct EnvVar {
    name: Text,
    value: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    ready_replicas: Option<u32>,
    desired_number_scheduled: Option<u32>,
    number_ready: Option<u32>,
}

/// Reads one object; kinds that the portal does not know are no observation.
pub(super) fn observe(folder: &str, record: &str) -> Result<Option<Observation>, String> {
    let object: Object = serde_json::from_str(record).map_err(|error| error.to_string())?;
    let name = object.metadata.name.clone().filter(|name| !name.is_empty()).ok_or("the object has no metadata.name")?;
    let kind = match &object.kind {
        Some(kind) => kind.to_lowercase(),
        None => folder.strip_suffix('s').unwrap_or(folder).to_owned(),
    };
    Ok(Some(match kind.as_str() {
        "deployment" | "statefulset" | "daemonset" | "cronjob" => {
            Observation::Workload(Box::new(workload(Text::from(kind), name, object)))
        }
        "service" => Observation::KubernetesService(KubernetesServiceSeen {
            name,
            selector: object.spec.selector.as_ref().map(scalar_pairs).unwrap_or_default(),
            external_name: object.spec.external_name.filter(|host| !host.is_empty()),
        }),
        "namespace" => Observation::Namespace(NamespaceSeen {
            name,
            uid: object.metadata.uid.clone(),
            labels: pairs(object.metadata.labels.as_ref()),
            annotations: pairs(object.metadata.annotations.as_ref()),
        }),
        "serviceaccount" => Observation::ServiceAccount(ServiceAccountSeen {
            name,
            role: pairs(object.metadata.annotations.as_ref())
                .into_iter()
                .find(|(key, _)| key == "eks.amazonaws.com/role-arn")
                .map(|(_, role)| role),
        }),
        _ => return Ok(None),
    }))
}

fn workload(kind: Text, name: Text, object: Object) -> WorkloadSeen {
    let pods = match (object.spec.template, object.spec.job_template) {
        (Some(template), _) => template,
        (None, Some(jobs)) => jobs.spec.template,
        (None, None) => PodTemplate::default(),
    };
    let live = object.status.as_ref().and_then(|status| match kind.as_str() {
        "cronjob" => None,
        "daemonset" => {
            status.desired_number_scheduled.map(|desired| Live { desired, ready: status.number_ready.unwrap_or(0) })
        }
        _ => Some(Live { desired: object.spec.replicas.unwrap_or(1), ready: status.ready_replicas.unwrap_or(0) }),
    });
    let containers: Vec<&Container> = pods.spec.init_containers.iter().chain(&pods.spec.containers).collect();
    let mut variables: Vec<Variable> =
        containers.iter().flat_map(|c| c.env.iter().flatten()).filter_map(variable).collect();
    variables.sort();
    variables.dedup();
    WorkloadSeen {
        kind,
        name,
        labels: pairs(object.metadata.labels.as_ref()),
        annotations: pairs(object.metadata.annotations.as_ref()),
        pod_labels: pairs(pods.metadata.labels.as_ref()),
        images: pods.spec.containers.iter().filter_map(|c| c.image.clone()).collect(),
        service_account: pods.spec.service_account_name.clone(),
        variables,
        schedule: object.spec.schedule,
        created_at: object.metadata.creation_timestamp.as_deref().and_then(|t| t.parse::<Timestamp>().ok()),
        live,
    }
}

/// The variable, if its value is a reference: files of outside collectors are cleaned here too.
fn variable(variable: &EnvVar) -> Option<Variable> {
    let references = reference::read(&variable.name, variable.value.as_deref()?);
    (!references.is_empty())
        .then(|| Variable { name: variable.name.clone(), value: Text::from(reference::written(&references)) })
}

fn pairs(map: Option<&BTreeMap<Text, Option<Text>>>) -> Pairs {
    map.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone().unwrap_or_default())).collect()
}

fn scalar_pairs(value: &serde_json::Value) -> Pairs {
    let text = |value: &serde_json::Value| value.as_str().map(Text::from);
    value
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| text(value).map(|value| (Text::from(key), value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cron_job_has_its_pods_one_level_deeper() {
        let record = r#"{"kind": "CronJob", "metadata": {"name": "nightly"}, "spec": {"schedule": "0 3 * * *",
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [
                {"image": "x:1", "env": [{"name": "DB_HOST", "value": "db"}, {"name": "MODE", "value": "hunter2"}]}]}}}}}}"#;
        let Ok(Some(Observation::Workload(seen))) = observe("cronjobs", record) else { panic!("a workload") };
        assert_eq!(seen.schedule.as_deref(), Some("0 3 * * *"));
        assert_eq!(seen.variables, [Variable { name: "DB_HOST".into(), value: "db".into() }]);
        assert_eq!(seen.live, None);
    }

    #[test]
    fn the_folder_says_the_kind_where_the_object_does_not() {
        let record = r#"{"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}"#;
        let Ok(Some(Observation::KubernetesService(seen))) = observe("services", record) else { panic!("a Service") };
        assert_eq!(seen.selector, [("app".into(), "web".into())]);
    }
}
