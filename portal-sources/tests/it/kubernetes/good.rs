//! What a cluster that answers gives.

use portal_core::{Coverage, Source};
use portal_sources::kubernetes::{Config, Namespaces};
use serde_json::json;

use super::server::ApiServer;
use super::{config, deployment, namespace, object, source, two_namespaces};
use crate::seen::{see, see_scope};

#[tokio::test]
async fn every_namespace_is_a_scope_and_the_list_is_whole() {
    let server = two_namespaces().await;
    let config = Config { account: Some("000011112222".into()), region: Some("eu-west-1".into()), ..config(&server) };
    let seen = see(&source(config)).await;
    assert!(seen.is_whole());
    let below = "000011112222/eu-west-1/dev";
    assert_eq!(
        seen.scopes.keys().map(String::as_str).collect::<Vec<_>>(),
        ["default", "kube-system", "pay", "shop"].map(|name| format!("{below}/{name}"))
    );
    assert_eq!(seen.plan.whole_below, [["000011112222", "eu-west-1", "dev"].map(portal_core::Text::from).to_vec()]);
    assert!(seen.plan.unread.is_empty());
    let shop = format!("{below}/shop");
    assert_eq!(seen.names(&shop, "deployments"), ["api", "web"]);
    assert_eq!(seen.names(&shop, "services"), ["web"]);
    assert_eq!(seen.names(&shop, "namespaces"), ["shop"]);
    assert_eq!(seen.scopes[&shop].len(), 7);
}

#[cfg(feature = "manifests")]
#[tokio::test]
async fn a_cluster_and_its_manifests_give_the_same_objects() {
    let from_files = see(&crate::manifests::source(crate::manifests::online_boutique())).await;
    let server = ApiServer::start().await;
    for kinds in from_files.scopes.values() {
        for object in kinds.values().flat_map(|kind| &kind.objects) {
            server.put(object.value.clone());
        }
    }
    let from_cluster = see(&source(config(&server))).await.redacted();
    let from_files = from_files.redacted();
    assert_eq!(from_files.len(), 35);
    for (key, mut expected) in from_files {
        let mut found = from_cluster.get(&key).cloned().unwrap_or_else(|| panic!("{key:?} is in the cluster"));
        // What only a cluster knows.
        for field in ["uid", "creationTimestamp", "namespace"] {
            found["metadata"].as_object_mut().expect("metadata").remove(field);
            expected["metadata"].as_object_mut().expect("metadata").remove(field);
        }
        assert_eq!(found, expected, "{key:?}");
    }
    let deployments = from_cluster.keys().filter(|(_, kind, _)| kind == "deployments").count();
    assert_eq!((deployments, from_cluster.len()), (12, 37), "the namespaces of the cluster come on top");
}

#[tokio::test]
async fn secrets_config_maps_and_jobs_are_never_asked_for() {
    let server = two_namespaces().await;
    for kind in ["Secret", "ConfigMap"] {
        server.put(object("v1", kind, "shop", "hidden"));
    }
    server.put(object("batch/v1", "Job", "shop", "nightly-1"));
    let seen = see(&source(config(&server))).await;
    assert!(seen.is_whole());
    for request in server.requests() {
        assert!(
            !["secrets", "configmaps", "jobs", "pods"]
                .contains(&request.split('?').next().unwrap_or("").rsplit('/').next().unwrap_or("")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn the_number_of_requests_does_not_grow_with_the_namespaces() {
    let server = ApiServer::start().await;
    for number in 0..200 {
        let name = format!("team-{number}");
        server.put(namespace(&name));
        server.put(deployment(&name, "web"));
    }
    let seen = see(&source(config(&server))).await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("_/_/dev/team-77", "deployments"), ["web"]);
    assert_eq!(server.requests().len(), 7, "one list for each kind");
}

#[tokio::test]
async fn named_namespaces_are_asked_one_by_one_and_nothing_else_is() {
    let server = two_namespaces().await;
    let config = Config { namespaces: Namespaces::Named(vec!["shop".into()]), ..config(&server) };
    let source = source(config);
    let seen = see(&source).await;
    assert!(seen.is_whole());
    assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/shop"]);
    assert_eq!(seen.names("_/_/dev/shop", "namespaces"), ["shop"]);
    assert!(seen.plan.whole_below.is_empty(), "a list of names says nothing of other namespaces");
    for request in server.requests() {
        assert!(request.contains("/namespaces/shop"), "{request}");
    }
    assert_eq!(source.permissions()[0].action, "core/namespaces:get");
}

#[tokio::test]
async fn a_named_namespace_that_is_not_there_is_absent_and_not_empty() {
    let server = two_namespaces().await;
    let config = Config { namespaces: Namespaces::Named(vec!["shopp".into()]), ..config(&server) };
    let seen = see(&source(config)).await;
    for kind in ["deployments", "namespaces"] {
        let (coverage, reason) = seen.ended("_/_/dev/shopp", kind);
        assert_eq!(coverage, Coverage::Absent);
        assert!(reason.contains("no namespace `shopp` in cluster `dev`"), "{reason}");
    }
}

#[tokio::test]
async fn only_the_kinds_of_the_configuration_are_read() {
    let server = two_namespaces().await;
    let source = source(Config { kinds: vec!["services".into(), "cronjobs".into()], ..config(&server) });
    let seen = see(&source).await;
    assert!(seen.is_whole());
    assert_eq!(seen.scopes["_/_/dev/shop"].keys().collect::<Vec<_>>(), ["cronjobs", "services"]);
    let granted: Vec<String> =
        source.permissions().into_iter().map(|permission| permission.action.to_string()).collect();
    assert_eq!(granted, ["core/namespaces:list", "batch/cronjobs:list", "core/services:list"]);
}

#[tokio::test]
async fn an_object_that_another_controls_is_kept() {
    let server = two_namespaces().await;
    let mut owned = deployment("shop", "owned");
    owned["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "x.dev/v1", "kind": "App", "name": "shop", "uid": "1", "controller": true}]);
    owned["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}", "keep": "me"});
    server.put(owned);
    let seen = see(&source(config(&server))).await;
    let objects = &seen.kind("_/_/dev/shop", "deployments").objects;
    let owned = &objects.iter().find(|object| object.name == "owned").expect("it is there").value;
    assert_eq!(owned.pointer("/metadata/ownerReferences/0/controller"), Some(&json!(true)));
    assert_eq!(owned.pointer("/metadata/annotations"), Some(&json!({"keep": "me"})));
    assert_eq!(owned.pointer("/metadata/managedFields"), None);
    assert_eq!((owned["apiVersion"].as_str(), owned["kind"].as_str()), (Some("apps/v1"), Some("Deployment")));
}

#[tokio::test]
async fn a_scope_can_be_read_twice_and_without_a_plan() {
    let server = two_namespaces().await;
    let first = source(config(&server));
    let plan = first.scopes().await.expect("a plan");
    let shop = plan.scopes.iter().find(|scope| scope.to_string().ends_with("shop")).expect("the scope");
    for _ in 0..2 {
        let kinds = see_scope(&first, shop).await;
        assert_eq!((kinds["deployments"].objects.len(), kinds["namespaces"].objects.len()), (2, 1));
    }
    let unplanned = see_scope(&source(config(&server)), shop).await;
    assert_eq!((unplanned["deployments"].objects.len(), unplanned["namespaces"].objects.len()), (2, 1));
}

#[tokio::test]
async fn what_comes_and_goes_is_seen_by_the_next_run() {
    let server = two_namespaces().await;
    let source = source(config(&server));
    assert!(see(&source).await.is_whole());
    server.remove("namespaces", "", "pay");
    server.put(namespace("cart"));
    server.put(deployment("cart", "api"));
    let seen = see(&source).await;
    assert_eq!(seen.names("_/_/dev/cart", "deployments"), ["api"]);
    assert!(!seen.scopes.contains_key("_/_/dev/pay"));
}
