//! Kubeconfigs: good ones, bad ones, and one with a dead context.

use std::path::{Path, PathBuf};

use portal_core::{Coverage, ErrorKind, Source};
use portal_sources::kubernetes::Config;
use tempfile::TempDir;

use super::server::{ApiServer, kubeconfig};
use super::{source, two_namespaces};
use crate::seen::see;

fn file(content: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("kubeconfig");
    std::fs::write(&path, content).expect("a file");
    (dir, path)
}

fn config(path: &Path, contexts: &[&str]) -> Config {
    let contexts = contexts.iter().map(|&name| name.to_owned()).collect();
    Config { kubeconfig: Some(path.to_owned()), contexts, timeout: 2, ..Config::default() }
}

/// What is said when not even the scopes can be found out.
async fn problem(config: Config) -> String {
    let error = source(config).scopes().await.expect_err("there is nothing to plan");
    // `NotFound` would tell the core that all of it is gone.
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.to_string()
}

#[tokio::test]
async fn the_current_context_is_read_under_the_name_of_its_cluster() {
    let server = two_namespaces().await;
    server.require_token("t0ken");
    let (_dir, path) = file(&server.kubeconfig("prod-eu", "t0ken"));
    let seen = see(&source(config(&path, &[]))).await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("_/_/prod-eu/shop", "deployments"), ["api", "web"]);
}

#[tokio::test]
async fn a_dead_context_does_not_stop_the_others() {
    let server = two_namespaces().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let (_dir, path) = file(&kubeconfig(&[("alive", &server.url(), "a"), ("dead", &format!("http://{free}"), "b")]));
    let seen = see(&source(config(&path, &["dead", "alive"]))).await;
    assert_eq!(seen.names("_/_/alive/shop", "deployments"), ["api", "web"]);
    let (coverage, reason) = seen.ended("_/_/dead/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("(context `dead`)") && reason.contains("connection refused"), "{reason}");
    assert_eq!(seen.plan.whole_below, [["_", "_", "alive"].map(portal_core::Text::from).to_vec()]);
    assert_eq!(seen.plan.unread.len(), 1);
    assert_eq!(seen.plan.unread[0].below, ["_", "_", "dead"]);
}

#[tokio::test]
async fn one_cluster_under_two_names_is_read_once() {
    let server = two_namespaces().await;
    let (_dir, path) = file(&kubeconfig(&[("admin", &server.url(), "a"), ("reader", &server.url(), "b")]));
    let seen = see(&source(config(&path, &["admin", "reader"]))).await;
    assert_eq!(seen.names("_/_/admin/shop", "deployments"), ["api", "web"]);
    let (coverage, reason) = seen.ended("_/_/reader/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("one and the same cluster"), "{reason}");
}

#[tokio::test]
async fn an_eks_context_says_where_the_cluster_lives() {
    let server = two_namespaces().await;
    let (_dir, path) = file(&server.kubeconfig("arn:aws:eks:eu-west-1:000011112222:cluster/prod", "t"));
    let seen = see(&source(config(&path, &[]))).await;
    assert_eq!(seen.names("000011112222/eu-west-1/prod/shop", "deployments"), ["api", "web"]);
}

#[tokio::test]
async fn an_unknown_context_names_the_file_and_those_that_it_has() {
    let (_dir, path) = file(&kubeconfig(&[("prod-eu", "https://a", "t"), ("dev", "https://b", "t")]));
    let text = problem(config(&path, &["prod"])).await;
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("no context `prod` (it has prod-eu, dev); correct `contexts`"), "{text}");
}

#[tokio::test]
async fn a_kubeconfig_that_cannot_be_read_is_named_and_not_shown() {
    let (dir, path) = file("users:\n- name: a\n  user: {token: hunter2\n  x");
    let text = problem(config(&path, &[])).await;
    assert!(text.contains(&path.display().to_string()) && text.contains("line "), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let text = problem(config(&dir.path().join("nowhere"), &[])).await;
    assert!(text.contains("nowhere is not there; set `kubeconfig`"), "{text}");
    let (_dir, empty) = file("");
    let text = problem(config(&empty, &[])).await;
    assert!(text.contains("no current context"), "{text}");
    let text = problem(config(dir.path(), &[])).await;
    assert!(text.contains("cannot read the kubeconfig"), "{text}");
}

#[tokio::test]
async fn what_is_wrong_with_one_context_is_said_of_that_one() {
    let server = ApiServer::start().await;
    let base: serde_json::Value = serde_json::from_str(&server.kubeconfig("dev", "t")).expect("JSON");
    let cases = [
        ("/clusters/0/cluster/proxy-url", serde_json::json!("http://proxy:3128"), "proxy-url"),
        (
            "/clusters/0/cluster/certificate-authority",
            serde_json::json!("/nowhere/ca.crt"),
            "/nowhere/ca.crt: No such file",
        ),
        ("/clusters/0/cluster/server", serde_json::json!("not an address"), "cluster url"),
        ("/users/0/user", serde_json::json!({"tokenFile": "/nowhere/token"}), "cannot read the token"),
        ("/users/0/user/token", serde_json::json!("two\nlines"), "token"),
        (
            "/users/0/user",
            serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin-here"}}),
            "cannot start the credential plugin",
        ),
        (
            "/users/0/user",
            serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
                "args": ["-c", "echo hunter2; echo session expired >&2; exit 3"]}}),
            "the credential plugin `sh` for cluster `dev` at",
        ),
        (
            "/users/0/user",
            serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
                "args": ["-c", "echo '{hunter2'"]}}),
            "gave no credentials for",
        ),
    ];
    for (place, value, told) in cases {
        let mut changed = base.clone();
        let (parent, key) = place.rsplit_once('/').expect("a place");
        changed.pointer_mut(parent).expect("the parent")[key] = value;
        let (_dir, path) = file(&changed.to_string());
        let seen = see(&source(config(&path, &[]))).await;
        let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
        assert_eq!(coverage, Coverage::Failed, "{place}");
        assert!(reason.contains(told) && reason.contains("cluster `dev`"), "{place}: {reason}");
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}

#[tokio::test]
async fn a_credential_plugin_lets_in() {
    let server = two_namespaces().await;
    server.require_token("from-plugin");
    let mut changed: serde_json::Value = serde_json::from_str(&server.kubeconfig("dev", "t")).expect("JSON");
    let credential = r#"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "from-plugin"}}"#;
    changed["users"][0]["user"] = serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh", "args": ["-c", format!("echo '{credential}'")]}});
    let (_dir, path) = file(&changed.to_string());
    assert!(see(&source(config(&path, &[]))).await.is_whole());
}

#[tokio::test]
async fn a_pod_without_a_service_account_says_what_to_do() {
    let config = Config { in_cluster: true, cluster: Some("dev".into()), ..Config::default() };
    let seen = see(&source(config)).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("`in_cluster` works only inside a pod"), "{reason}");
}
