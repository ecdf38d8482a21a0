//! From a cluster into a lake, and what stays in it when the cluster is away.

use portal_core::testing::MemoryLake;

use super::server::Fault;
use super::{config, namespace, source, two_namespaces};
use crate::seen::{collect_into, keys, manifest};

const BELOW: &str = "k8s-collector/_/_/dev";

#[tokio::test]
async fn a_cluster_that_is_away_stays_as_it_was_known() {
    let lake = MemoryLake::new();
    let server = two_namespaces().await;
    let first = collect_into(&lake, source(config(&server))).await;
    assert_eq!((first.error, first.scopes.len()), (None, 4));
    let known = keys(&lake, &format!("{BELOW}/shop/deployments/"));
    assert_eq!(known, ["api", "web"].map(|name| format!("{BELOW}/shop/deployments/{name}.json")));

    server.fail("namespaces", Fault::Status(503), 4);
    let away = collect_into(&lake, source(config(&server))).await;
    assert_eq!(away.scopes.len(), 5, "the four that were known, and one for the cluster");
    assert_eq!(keys(&lake, &format!("{BELOW}/shop/deployments/")), known);
    let shop = manifest(&lake, &format!("{BELOW}/shop"));
    assert_eq!(shop["kinds"]["deployments"]["coverage"], "failed");
    let reason = shop["kinds"]["deployments"]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("503"), "{reason}");

    server.remove("namespaces", "", "pay");
    server.put(namespace("cart"));
    let back = collect_into(&lake, source(config(&server))).await;
    assert_eq!(back.error, None);
    let coverage = |name: &str| manifest(&lake, &format!("{BELOW}/{name}"))["kinds"]["deployments"]["coverage"].clone();
    assert_eq!((coverage("shop"), coverage("cart")), ("complete".into(), "complete".into()));
    assert_eq!((coverage("pay"), coverage("_all")), ("absent".into(), "absent".into()));
}

#[tokio::test]
async fn a_kubeconfig_that_is_gone_retires_nothing() {
    let lake = MemoryLake::new();
    let server = two_namespaces().await;
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("kubeconfig");
    std::fs::write(&path, server.kubeconfig("dev", "t")).expect("a file");
    let config = portal_sources::kubernetes::Config { kubeconfig: Some(path.clone()), ..Default::default() };
    collect_into(&lake, source(config.clone())).await;
    std::fs::remove_file(&path).expect("the file is there");
    let report = collect_into(&lake, source(config)).await;
    assert!(report.error.is_some_and(|error| error.contains("is not there; set `kubeconfig`")));
    assert_eq!(keys(&lake, &format!("{BELOW}/shop/deployments/")).len(), 2);
    assert_eq!(manifest(&lake, &format!("{BELOW}/shop"))["kinds"]["deployments"]["coverage"], "failed");
}
