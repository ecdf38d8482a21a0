//! A cluster, from its API server to answers, also when the server refuses, loses its place or is away.

#[path = "../../../../portal-sources/tests/it/kubernetes/server.rs"]
pub(crate) mod server;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::boutique;
use crate::program::Program;
use server::{ApiServer, Fault};

const TOKEN: &str = "a-token-of-the-service-account";

/// A folder whose `portal.toml` reads a server as cluster `dev`, with a token from a file.
fn program(server: &ApiServer) -> Program {
    server.require_token(TOKEN);
    let program = Program::new();
    let token = program.write("token", format!("{TOKEN}\n"));
    program.configure(&format!(
        "[[source]]\nname = \"dev\"\ntype = \"kubernetes\"\nurl = \"{}\"\ntoken_file = \"{}\"\ncluster = \"dev\"\n\
         account = \"011122223333\"\nregion = \"eu-west-1\"\ntimeout = 5\n",
        server.url(),
        token.display()
    ));
    program
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

fn deployment(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"team": namespace}},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "main", "image": "corp/app:1"}]}}},
        "status": {"readyReplicas": 1, "replicas": 1},
    })
}

/// A server with namespaces `shop`, `pay` and `cart`, each with two Deployments.
async fn three_namespaces() -> ApiServer {
    let server = ApiServer::start().await;
    for name in ["shop", "pay", "cart"] {
        server.put(namespace(name));
        server.put(deployment(name, "api"));
        server.put(deployment(name, "web"));
    }
    server
}

/// Every listed service by its ref.
fn services(program: &Program) -> BTreeMap<String, Value> {
    let items = program.items(&["list", "services"]);
    items.into_iter().map(|item| (item["ref"].as_str().expect("a ref").to_owned(), item)).collect()
}

/// The refs of those that are marked as stale.
fn stale(services: &BTreeMap<String, Value>) -> BTreeSet<&str> {
    services.iter().filter(|(_, service)| service["stale"] == true).map(|(name, _)| name.as_str()).collect()
}

/// What is true of a service wherever it was read: not when that was, nor whether it runs.
fn lasting(service: &Value) -> Value {
    let mut service = service.clone();
    for key in ["first_seen", "last_seen", "updated_at", "stale", "status", "workloads"] {
        service.as_object_mut().expect("a service").remove(key);
    }
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_shows_the_same_services_and_dependencies_as_its_manifests() {
    let server = ApiServer::start().await;
    let manifests = std::fs::read_to_string(boutique::manifests()).expect("the manifests");
    for document in manifests.split("\n---\n") {
        let mut object: Value = serde_saphyr::from_str(document).expect("a document of YAML");
        if object.is_null() {
            continue;
        }
        if object["kind"] == "Deployment" {
            object["status"] = json!({"replicas": 1, "readyReplicas": 1});
        }
        server.put(object);
    }
    let cluster = program(&server);
    cluster.expect(0, &["collect"]);
    cluster.expect(0, &["ingest"]);
    let folder = Program::with_config(&format!(
        "[[source]]\ntype = \"manifests\"\npath = {:?}\ncluster = \"dev\"\naccount = \"011122223333\"\n\
         region = \"eu-west-1\"\n",
        boutique::manifests()
    ));
    folder.expect(0, &["collect"]);
    folder.expect(0, &["ingest"]);

    let (from_cluster, from_folder) = (services(&cluster), services(&folder));
    assert_eq!(from_cluster.len(), 12);
    let all = |services: &BTreeMap<String, Value>| -> Vec<Value> { services.values().map(lasting).collect() };
    assert_eq!(all(&from_cluster), all(&from_folder));
    let mut edges = 0;
    for name in from_cluster.keys() {
        let (live, written) = (cluster.answer(&["show", name]), folder.answer(&["show", name]));
        assert_eq!(lasting(&live), lasting(&written));
        assert_eq!(live["workloads"].as_array().map(Vec::len), Some(1), "{live:#}");
        assert_eq!(live["status"], "healthy", "{live:#}");
        edges += live["depends_on"].as_array().expect("a list").len();
    }
    assert_eq!(edges, 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_deployments_are_all_there_although_a_page_expired() {
    let server = ApiServer::start().await;
    for team in 0..5 {
        server.put(namespace(&format!("team-{team}")));
    }
    for number in 0..5000 {
        server.put(deployment(&format!("team-{}", number % 5), &format!("app-{number:04}")));
    }
    server.fail("deployments", Fault::Expired, 1);
    let program = program(&server);
    program.expect(0, &["collect"]);
    let lists = server.requests().into_iter().filter(|request| request.contains("/deployments"));
    assert_eq!(lists.filter(|request| !request.contains("continue=")).count(), 2, "the list was begun again");
    let report = program.answer(&["ingest"]);
    let listed = program.answer(&["list", "services", "--limit", "1"]);
    assert_eq!(listed["total"], 5000, "{report:#}");
    let names: BTreeSet<String> = services(&program).into_keys().collect();
    let meant: BTreeSet<String> = (0..5000).map(|n| format!("service:team-{}/app-{n:04}", n % 5)).collect();
    assert_eq!(names, meant);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_namespace_is_shown_as_denied_and_harms_no_other() {
    let server = three_namespaces().await;
    let program = program(&server);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    let before = services(&program);
    assert_eq!(before.len(), 6);

    server.deny("deployments", None);
    server.deny("deployments", Some("pay"));
    server.put(deployment("shop", "new"));
    let collected = program.expect(3, &["collect"]);
    collected.says(&["011122223333/eu-west-1/dev/pay deployments: denied (needs deployments.apps:list)"]);
    assert!(!collected.out.contains("dev/shop"), "{}", collected.out);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["added"], &report["retired"]), (3, &json!(2), &json!(0)), "{report:#}");

    let after = services(&program);
    assert_eq!(stale(&after), BTreeSet::from(["service:pay/api", "service:pay/web"]));
    let mut names: BTreeSet<&String> = before.keys().collect();
    let new = "service:shop/new".to_owned();
    names.insert(&new);
    assert_eq!(after.keys().collect::<BTreeSet<_>>(), names);
    for scope in program.items(&["sources"]) {
        for (kind, view) in scope["kinds"].as_object().expect("kinds") {
            let is_denied = scope["scope"]["namespace"] == "pay" && kind == "deployments";
            assert_eq!(view["coverage"], if is_denied { "denied" } else { "complete" }, "{scope:#}");
            assert_eq!(view["permission"].is_string(), is_denied, "{scope:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workloads_of_a_namespace_that_disappears_are_retired() {
    let server = three_namespaces().await;
    let program = program(&server);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);

    server.remove("namespaces", "", "pay");
    server.remove("deployments", "pay", "api");
    server.remove("deployments", "pay", "web");
    program.expect(0, &["collect"]);
    let report = program.answer(&["ingest"]);
    // Two services and their workloads.
    assert_eq!(report["retired"], 4, "{report:#}");
    let left: Vec<String> = services(&program).into_keys().collect();
    assert_eq!(left, ["service:cart/api", "service:cart/web", "service:shop/api", "service:shop/web"]);
    program.expect(4, &["show", "workload:k8s/dev/pay/deployment/api"]).is_for_people();

    server.put(namespace("pay"));
    server.put(deployment("pay", "api"));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    assert!(services(&program).contains_key("service:pay/api"), "it can come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_away_retires_nothing() {
    let server = three_namespaces().await;
    let program = program(&server);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    let before = services(&program);
    let url = server.url();

    drop(server);
    // Nothing at all could be read.
    let collected = program.expect(1, &["collect"]);
    collected.says(&[&format!("cannot connect to cluster `dev` at {url}"), "is the address right", "what was known"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"]), (3, &json!(0)), "{report:#}");
    let after = services(&program);
    let all = |services: &BTreeMap<String, Value>| -> Vec<Value> { services.values().map(lasting).collect() };
    assert_eq!(all(&after), all(&before));
    assert_eq!(stale(&after).len(), 6);
    let shown = program.expect(0, &["why", "service:pay/api"]);
    shown.says(&["stale"]);
}
