//! `examples/deploy`: what stands in the manifests is what Kubernetes and the program know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{ConfigMap, Container, Namespace, PodSpec, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::program::{Program, files_below};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// Every object, with the file that it stands in.
fn objects() -> Vec<(String, Value)> {
    let mut objects = Vec::new();
    for file in files_below(&folder().join("kubernetes")) {
        let text = std::fs::read_to_string(&file).expect("a file");
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        for document in text.split("\n---\n") {
            let value = serde_saphyr::from_str(document).unwrap_or_else(|error| panic!("{name}: {error}"));
            objects.push((name.clone(), value));
        }
    }
    assert!(objects.len() > 10, "{objects:#?}");
    objects
}

fn of_kind(kind: &str) -> Vec<Value> {
    objects().into_iter().map(|(_, object)| object).filter(|object| object["kind"] == kind).collect()
}

/// Reads it as a type of Kubernetes, and says what was not understood: the types pass over what they do not know.
fn unknown<T: DeserializeOwned + Serialize>(object: &Value) -> Vec<String> {
    let read: T = serde_json::from_value(object.clone()).unwrap_or_else(|error| panic!("{error}: {object:#}"));
    let known = serde_json::to_value(&read).expect("JSON");
    let mut lost = Vec::new();
    compare(object, &known, String::new(), &mut lost);
    lost
}

fn compare(written: &Value, known: &Value, at: String, lost: &mut Vec<String>) {
    match (written, known) {
        (Value::Object(written), Value::Object(known)) => {
            for (key, value) in written {
                let at = format!("{at}.{key}");
                match known.get(key) {
                    Some(known) => compare(value, known, at, lost),
                    // What is empty is not written again.
                    None if value.as_object().is_some_and(serde_json::Map::is_empty) => {}
                    None => lost.push(at),
                }
            }
        }
        (Value::Array(written), Value::Array(known)) if written.len() == known.len() => {
            for (index, (written, known)) in written.iter().zip(known).enumerate() {
                compare(written, known, format!("{at}[{index}]"), lost);
            }
        }
        _ if written == known => {}
        _ => lost.push(at),
    }
}

/// The pods that are run, each with whose they are.
fn pods() -> Vec<(String, PodSpec)> {
    let named = |object: &Value, pod: &Value| {
        let name = format!("{} {}", object["kind"], object["metadata"]["name"]);
        (name, serde_json::from_value(pod["spec"].clone()).expect("a pod"))
    };
    let served = of_kind("Deployment").into_iter().map(|object| named(&object, &object["spec"]["template"]));
    let jobs =
        of_kind("CronJob").into_iter().map(|object| named(&object, &object["spec"]["jobTemplate"]["spec"]["template"]));
    let all: Vec<_> = served.chain(jobs).collect();
    assert_eq!(all.len(), 3);
    all
}

fn containers() -> Vec<(String, Container)> {
    let each = |(name, pod): (String, PodSpec)| pod.containers.into_iter().map(move |one| (name.clone(), one));
    pods().into_iter().flat_map(each).collect()
}

/// A folder with the `portal.toml` of the manifests.
fn configured() -> Program {
    let config = of_kind("ConfigMap").remove(0);
    Program::with_config(config["data"]["portal.toml"].as_str().expect("a file"))
}

#[test]
fn kubernetes_knows_every_field() {
    for (file, object) in objects() {
        let kind = object["kind"].as_str().unwrap_or_else(|| panic!("{file}: {object:#}"));
        let lost = match kind {
            "Namespace" => unknown::<Namespace>(&object),
            "ConfigMap" => unknown::<ConfigMap>(&object),
            "ServiceAccount" => unknown::<ServiceAccount>(&object),
            "Service" => unknown::<Service>(&object),
            "Deployment" => unknown::<Deployment>(&object),
            "CronJob" => unknown::<CronJob>(&object),
            "NetworkPolicy" => unknown::<NetworkPolicy>(&object),
            "PodDisruptionBudget" => unknown::<PodDisruptionBudget>(&object),
            "ClusterRole" => unknown::<ClusterRole>(&object),
            "ClusterRoleBinding" => unknown::<ClusterRoleBinding>(&object),
            other => panic!("{file}: nobody reads a {other}"),
        };
        assert_eq!(lost, Vec::<String>::new(), "{file}: {kind}");
    }
}

#[test]
fn the_program_knows_every_argument_and_the_file() {
    let program = configured();
    for (name, container) in containers() {
        let arguments = container.args.unwrap_or_default();
        assert!(!arguments.is_empty(), "{name}");
        // Whatever stands before it is read first, and a word that is not known is an error.
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--help"]).collect();
        program.expect(0, &arguments);
    }
    program.expect(0, &["sources", "permissions"]);
    let text = std::fs::read_to_string(folder().join("Containerfile")).expect("a file");
    let command = text.lines().find_map(|line| line.strip_prefix("CMD ")).expect("a command");
    let command: Vec<String> = serde_json::from_str(command).expect("a list");
    program.expect(0, &command.iter().map(String::as_str).chain(["--help"]).collect::<Vec<_>>());
}

#[test]
fn the_program_reads_every_variable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = ["portal-sources/src", "portal-store/src", "examples/portal/src"];
    let text: String = sources
        .iter()
        .flat_map(|folder| files_below(&root.join(folder)))
        .filter(|file| file.extension().is_some_and(|ending| ending == "rs"))
        .map(|file| std::fs::read_to_string(file).expect("a source file"))
        .collect();
    let names: BTreeSet<String> = containers()
        .into_iter()
        .flat_map(|(_, one)| one.env.unwrap_or_default())
        .map(|variable| variable.name)
        .collect();
    assert!(names.len() > 2, "{names:?}");
    for name in names {
        assert!(text.contains(&format!("\"{name}\"")), "nobody reads {name}");
    }
}

#[test]
fn the_collector_has_the_rights_that_it_needs_and_no_others() {
    let printed = configured().expect(0, &["sources", "permissions"]).out;
    let role = printed.split_once("apiVersion:").map(|(_, rest)| format!("apiVersion:{rest}")).expect("a role");
    let needed: ClusterRole = serde_saphyr::from_str(&role).expect("it prints YAML");
    let granted: ClusterRole = serde_json::from_value(of_kind("ClusterRole").remove(0)).expect("a role");
    assert_eq!(granted.rules, needed.rules, "the manifest has to say:\n{role}");
}

#[test]
fn nothing_runs_with_rights_that_it_does_not_need() {
    for (name, pod) in pods() {
        let security = pod.security_context.as_ref().expect("a security context");
        assert_eq!((security.run_as_non_root, security.run_as_user), (Some(true), Some(65532)), "{name}");
        let has_token = pod.automount_service_account_token != Some(false);
        assert_eq!(has_token, name.contains("collect"), "{name}: only the collector asks the cluster");
        for container in &pod.containers {
            let security = container.security_context.as_ref().expect("a security context");
            assert_eq!(security.allow_privilege_escalation, Some(false), "{name}");
            assert_eq!(security.read_only_root_filesystem, Some(true), "{name}");
            let dropped = security.capabilities.as_ref().and_then(|all| all.drop.clone());
            assert_eq!(dropped, Some(vec!["ALL".to_owned()]), "{name}");
            // A secret is a reference, never a text.
            for variable in container.env.iter().flatten().filter(|variable| variable.name.contains("PASSWORD")) {
                assert!(variable.value.is_none() && variable.value_from.is_some(), "{name} {}", variable.name);
            }
            let knows_store = container.env.iter().flatten().any(|variable| variable.name == "PGPASSWORD");
            assert_eq!(knows_store, !name.contains("collect"), "{name}");
        }
    }
}

#[test]
fn probes_ask_what_is_open_and_the_end_is_long_enough() {
    let (name, pod) = pods().into_iter().find(|(name, _)| name.contains("Deployment")).expect("it is served");
    let container = &pod.containers[0];
    let path = |probe: &Option<k8s_openapi::api::core::v1::Probe>| {
        probe.as_ref().and_then(|probe| probe.http_get.as_ref()?.path.clone()).expect("a path")
    };
    assert_eq!(path(&container.liveness_probe), "/healthz", "{name}: a store that is gone restarts no portal");
    assert_eq!(
        (path(&container.readiness_probe), path(&container.startup_probe)),
        ("/readyz".into(), "/readyz".into())
    );
    let options = portal::serve::Options::default();
    let end = options.farewell + options.drain;
    let patience = pod.termination_grace_period_seconds.expect("a time");
    assert!(u64::try_from(patience).expect("seconds") > end.as_secs() + 5, "{patience} s for {end:?}");
}
