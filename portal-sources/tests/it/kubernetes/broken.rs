//! Servers that throttle, fail, hang, cut off or are something else.

use std::time::{Duration, Instant};

use portal_core::Coverage;
use portal_sources::kubernetes::{Config, Namespaces};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{ApiServer, Fault};
use super::{config, source, two_namespaces};
use crate::seen::see;

#[tokio::test]
async fn what_passes_is_got_over() {
    let server = two_namespaces().await;
    server.fail("namespaces", Fault::Status(503), 2);
    server.fail("deployments", Fault::Status(500), 3);
    server.fail("services", Fault::Cut, 2);
    server.fail("cronjobs", Fault::Half, 1);
    server.fail("daemonsets", Fault::Throttled(0), 3);
    let seen = see(&source(config(&server))).await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["api", "web"]);
}

#[tokio::test]
async fn a_throttled_request_waits_as_long_as_it_is_told() {
    let server = two_namespaces().await;
    server.fail("services", Fault::Throttled(1), 1);
    let begun = Instant::now();
    assert!(see(&source(config(&server))).await.is_whole());
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_does_not_pass_fails_its_kind_and_no_other() {
    let cases = [
        (Fault::Status(500), "failed 4 times"),
        (Fault::Throttled(0), "too many"),
        (Fault::Throttled(3600), "too many"),
        (Fault::Cut, "broke off"),
        (Fault::Half, "cut its answer off"),
        (Fault::LoginPage, "login page"),
        (Fault::Status(418), "answered 418"),
    ];
    let runs = cases.into_iter().map(|(fault, told)| async move {
        let server = two_namespaces().await;
        server.fail("deployments", fault.clone(), 1000);
        let seen = see(&source(config(&server))).await;
        let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
        assert_eq!(coverage, Coverage::Failed, "{fault:?}");
        assert!(reason.contains(told) && reason.contains("cluster `dev` at http://127.0.0.1:"), "{fault:?}: {reason}");
        assert_eq!(seen.kind("_/_/dev/shop", "deployments").objects.len(), 0);
        assert_eq!(seen.ended("_/_/dev/shop", "services").0, Coverage::Complete, "{fault:?}");
    });
    futures::future::join_all(runs).await;
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_in_time() {
    let server = two_namespaces().await;
    server.fail("deployments", Fault::Hang, 1000);
    let begun = Instant::now();
    let seen = see(&source(Config { timeout: 1, ..config(&server) })).await;
    let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("no whole answer") && reason.contains("raise `timeout`"), "{reason}");
    assert_eq!(seen.ended("_/_/dev/pay", "services").0, Coverage::Complete);
    assert!(begun.elapsed() < Duration::from_secs(10), "four namespaces do not wait one after the other");
}

#[tokio::test]
async fn an_address_where_nobody_listens_says_what_to_do() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    for namespaces in [Namespaces::All, Namespaces::Named(vec!["shop".into(), "pay".into()])] {
        let config = Config {
            url: Some(format!("http://{free}")),
            cluster: Some("dev".into()),
            namespaces: namespaces.clone(),
            ..Config::default()
        };
        let seen = see(&source(config)).await;
        let scope = if namespaces == Namespaces::All { "_/_/dev/_all" } else { "_/_/dev/shop" };
        let (coverage, reason) = seen.ended(scope, "deployments");
        assert_eq!(coverage, Coverage::Failed);
        assert!(
            reason.contains(&format!("cannot connect to cluster `dev` at http://{free}: connection refused")),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_web_server_that_is_no_api_server_retires_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move {
        let router = axum::Router::new().fallback(|| async { (axum::http::StatusCode::NOT_FOUND, "not found") });
        axum::serve(listener, router).await
    });
    for namespaces in [Namespaces::All, Namespaces::Named(vec!["shop".into()])] {
        let config = Config {
            url: Some(format!("http://{address}")),
            cluster: Some("dev".into()),
            namespaces,
            ..Config::default()
        };
        let seen = see(&source(config)).await;
        for (scope, kinds) in &seen.scopes {
            for kind in kinds.keys() {
                let (coverage, reason) = seen.ended(scope, kind);
                assert_eq!(coverage, Coverage::Failed, "absent would retire what is known");
                assert!(reason.contains("is that the address of an API server?"), "{reason}");
            }
        }
    }
    serving.abort();
}

#[tokio::test]
async fn a_server_without_any_namespace_is_not_believed() {
    let server = ApiServer::start().await;
    server.remove("namespaces", "", "default");
    server.remove("namespaces", "", "kube-system");
    let seen = see(&source(config(&server))).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("lists no namespace at all"), "{reason}");
    assert!(seen.plan.whole_below.is_empty());
}

#[tokio::test]
async fn noise_instead_of_http_fails_with_the_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
        }
    });
    let config = Config { url: Some(format!("http://{address}")), cluster: Some("dev".into()), ..Config::default() };
    let seen = see(&source(config)).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains(&address.to_string()), "{reason}");
    serving.abort();
}
