//! Clusters: an API server in this process, and what a source makes of its answers.

mod broken;
mod contexts;
mod contract;
mod good;
mod lake;
mod paging;
mod rights;
mod server;
mod trust;

use portal_sources::kubernetes::{Config, Kubernetes};
use serde_json::{Value, json};

use server::ApiServer;

/// The configuration for a server, as cluster `dev`.
pub(crate) fn config(server: &ApiServer) -> Config {
    Config { url: Some(server.url()), cluster: Some("dev".to_owned()), timeout: 2, ..Config::default() }
}

/// A source for a configuration.
pub(crate) fn source(config: Config) -> Kubernetes {
    Kubernetes::new("clusters", config).expect("the configuration is fine")
}

/// A Namespace.
pub(crate) fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// An object of a namespace.
pub(crate) fn object(version: &str, kind: &str, namespace: &str, name: &str) -> Value {
    json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}})
}

/// A Deployment.
pub(crate) fn deployment(namespace: &str, name: &str) -> Value {
    object("apps/v1", "Deployment", namespace, name)
}

/// A server with namespaces `shop` and `pay`, each with two Deployments and a Service.
pub(crate) async fn two_namespaces() -> ApiServer {
    let server = ApiServer::start().await;
    for name in ["shop", "pay"] {
        server.put(namespace(name));
        server.put(deployment(name, "api"));
        server.put(deployment(name, "web"));
        server.put(object("v1", "Service", name, "web"));
    }
    server
}
