//! What is understood.

use portal_core::{Coverage, Source};
use portal_sources::manifests::{Config, Manifests};

use super::{deployment, folder, online_boutique, source, write};
use crate::seen::{see, see_scope};

#[tokio::test]
async fn online_boutique_is_read_whole() {
    let seen = see(&source(online_boutique())).await;
    assert!(seen.is_whole());
    assert_eq!(seen.plan.scopes.len(), 1);
    assert_eq!(seen.plan.whole_below, [["_", "_", "dev"].map(portal_core::Text::from).to_vec()]);
    let scope = "_/_/dev/default";
    assert_eq!(
        seen.names(scope, "deployments"),
        [
            "adservice",
            "cartservice",
            "checkoutservice",
            "currencyservice",
            "emailservice",
            "frontend",
            "loadgenerator",
            "paymentservice",
            "productcatalogservice",
            "recommendationservice",
            "redis-cart",
            "shippingservice",
        ]
    );
    assert_eq!((seen.names(scope, "services").len(), seen.names(scope, "serviceaccounts").len()), (12, 11));
    for none in ["cronjobs", "statefulsets", "daemonsets", "namespaces"] {
        assert_eq!((seen.names(scope, none).len(), seen.ended(scope, none).0), (0, Coverage::Complete), "{none}");
    }
    let frontend = &seen.redacted()[&(scope.to_owned(), "deployments".into(), "frontend".into())];
    let env = frontend.pointer("/spec/template/spec/containers/0/env").expect("the variables are kept");
    assert!(env.to_string().contains(r#"{"name":"CART_SERVICE_ADDR","value":"cartservice:7070"}"#), "{env}");
}

#[tokio::test]
async fn one_file_can_be_named_whatever_its_ending() {
    let dir = folder(&[("all.manifests", deployment("shop", "web").as_bytes())]);
    let seen = see(&source(&dir.path().join("all.manifests"))).await;
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
}

#[tokio::test]
async fn account_region_and_namespace_come_from_the_configuration() {
    let dir = folder(&[("a.yaml", b"apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: null}\n")]);
    let config = Config {
        account: Some("000011112222".into()),
        region: Some("eu-west-1".into()),
        namespace: "shop".into(),
        ..Config::new(dir.path(), "prod")
    };
    let seen = see(&Manifests::new("gitops", config).expect("a good configuration")).await;
    assert_eq!(seen.names("000011112222/eu-west-1/prod/shop", "services"), ["web"]);
}

#[tokio::test]
async fn lists_are_unpacked_in_yaml_and_json() {
    let dir = folder(&[
        (
            "list.json",
            br#"{"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {}, "items": [
                    {"metadata": {"name": "inner", "namespace": "shop"}}]},
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}},
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "elsewhere"}}]}
               {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly", "namespace": "shop"}}"#,
        ),
        (
            "list.yml",
            b"apiVersion: v1\nkind: ServiceAccountList\nitems:\n- metadata: {name: bot, namespace: shop}\n---\n\
              apiVersion: apps/v1\nkind: StatefulSetList\nitems: null\n",
        ),
    ]);
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole());
    assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/shop"]);
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["inner"]);
    assert_eq!(seen.names("_/_/dev/shop", "services"), ["web"]);
    assert_eq!(seen.names("_/_/dev/shop", "cronjobs"), ["nightly"]);
    assert_eq!(seen.names("_/_/dev/shop", "serviceaccounts"), ["bot"]);
    let inner = &seen.redacted()[&("_/_/dev/shop".into(), "deployments".into(), "inner".into())];
    assert_eq!((inner["apiVersion"].as_str(), inner["kind"].as_str()), (Some("apps/v1"), Some("Deployment")));
}

#[tokio::test]
async fn a_namespace_stands_in_its_own_scope() {
    let dir = folder(&[("ns.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: Pay}}\n")]);
    let seen = see(&source(dir.path())).await;
    assert_eq!(seen.names("_/_/dev/shop", "namespaces"), ["shop"]);
}

#[tokio::test]
async fn what_only_looks_like_an_object_of_ours_is_passed_over() {
    let dir = folder(&[
        ("a.yaml", deployment("shop", "web").as_bytes()),
        (
            "kustomization.yaml",
            b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        ),
        ("values.yaml", b"image:\n  tag: 1.2.3\nreplicas: 2\nenv: !custom {a: b}\n"),
        ("list-of-strings.yaml", b"- a\n- b\n"),
        ("text.yml", b"just text\n"),
        ("empty.yaml", b""),
        ("empty.json", b"\n"),
        ("comment.yaml", b"# nothing here\n---\n# nor here\n"),
        ("README.md", b"---\nkind: [broken\n"),
        ("knative.yaml", b"apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k, namespace: other}\n"),
        ("numbers.yaml", b"kind: 7\napiVersion: 1.2\nx: .inf\ny: 123456789012345678901234567890\nz: 0777\n"),
        ("binary.yaml", b"apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  a: !!binary /9j/4AAQSkZJRg==\n"),
    ]);
    let seen = see(&source(dir.path())).await;
    let doubts: Vec<_> = seen.scopes.values().flat_map(|k| k.values()).filter_map(|k| k.outcome.clone()).collect();
    assert!(seen.is_whole(), "{:?}", doubts.first());
    assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/shop"]);
}

#[tokio::test]
async fn markers_inside_of_text_end_no_document() {
    let yaml = "%YAML 1.2\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    note: |\n      ---\n      \
                apiVersion: v1\n    dashes: \"--- not a marker\"\n...\n--- # a comment\r\napiVersion: v1\r\nkind: Service\r\n\
                metadata: {name: web}\r\n---\n\u{feff}";
    let dir = folder(&[("a.yaml", format!("\u{feff}{}", yaml.trim_end_matches('\u{feff}')).as_bytes())]);
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole(), "{:?}", seen.outcome("_/_/dev/default", "services"));
    assert_eq!(seen.names("_/_/dev/default", "deployments"), ["web"]);
    assert_eq!(seen.names("_/_/dev/default", "services"), ["web"]);
}

#[tokio::test]
async fn hostile_namespaces_are_scopes_like_any_other() {
    let long = "n".repeat(255);
    let names =
        ["../..", "..", "/etc", "a\\b", "Zahlungen–Öst", "_manifest.json", "_", long.as_str(), " ", "\u{202e}x"];
    let objects: Vec<serde_json::Value> = names
        .iter()
        .map(|name| serde_json::json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": name}}))
        .collect();
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let dir = folder(&[("a.json", list.as_bytes())]);
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole());
    assert_eq!(seen.scopes.len(), names.len());
    for name in names {
        assert_eq!(seen.names(&format!("_/_/dev/{name}"), "services"), [name]);
    }
}

#[tokio::test]
async fn scopes_sees_what_changed_and_collect_sees_the_same() {
    let dir = folder(&[("a.yaml", deployment("shop", "web").as_bytes())]);
    let source = source(dir.path());
    let before = source.scopes().await.expect("the folder can be read");
    write(dir.path(), "a.yaml", deployment("cart", "web").as_bytes());
    let kinds = see_scope(&source, &before.scopes[0]).await;
    assert_eq!(kinds["deployments"].objects.len(), 1, "the world is the one that was planned");
    let after = see(&source).await;
    assert_eq!(after.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/cart"]);
    let gone = see_scope(&source, &before.scopes[0]).await;
    assert_eq!(gone["deployments"].outcome.as_ref().map(|outcome| outcome.coverage), Some(Coverage::Absent));
    let again = see_scope(&source, &after.plan.scopes[0]).await;
    assert_eq!(again["deployments"].objects.len(), 1, "a scope can be collected twice");
}
