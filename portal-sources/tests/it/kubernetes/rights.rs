//! What a missing right costs, and what it does not.

use portal_core::Coverage;
use portal_sources::kubernetes::{Config, Namespaces};

use super::{config, source, two_namespaces};
use crate::seen::see;

#[tokio::test]
async fn rights_for_some_namespaces_give_those() {
    let server = two_namespaces().await;
    server.deny("deployments", None);
    server.deny("deployments", Some("pay"));
    let seen = see(&source(config(&server))).await;
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["api", "web"]);
    assert_eq!(seen.ended("_/_/dev/shop", "deployments").0, Coverage::Complete);
    let outcome = seen.outcome("_/_/dev/pay", "deployments");
    assert_eq!(outcome.coverage, Coverage::Denied);
    assert_eq!(outcome.permission.as_deref(), Some("deployments.apps:list"));
    let reason = outcome.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("cannot list resource \"deployments\"") && reason.contains("bind a role"), "{reason}");
    assert_eq!(seen.ended("_/_/dev/pay", "services").0, Coverage::Complete, "one kind stops no other");
}

#[tokio::test]
async fn a_cluster_that_lists_no_namespaces_is_denied_and_not_empty() {
    let server = two_namespaces().await;
    server.deny("namespaces", None);
    let seen = see(&source(config(&server))).await;
    assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/_all"]);
    for kind in ["deployments", "namespaces", "services"] {
        let outcome = seen.outcome("_/_/dev/_all", kind);
        assert_eq!((outcome.coverage, outcome.permission.as_deref()), (Coverage::Denied, Some("namespaces:list")));
    }
    assert!(seen.plan.whole_below.is_empty());
    let unread = &seen.plan.unread[0];
    assert_eq!(
        (unread.below.as_slice(), unread.outcome.coverage),
        (["_", "_", "dev"].map(Into::into).as_slice(), Coverage::Denied)
    );
}

#[tokio::test]
async fn a_named_namespace_can_be_read_without_the_right_to_see_namespaces() {
    let server = two_namespaces().await;
    server.deny("namespaces", None);
    server.deny("namespaces", Some("shop"));
    let seen = see(&source(Config { namespaces: Namespaces::Named(vec!["shop".into()]), ..config(&server) })).await;
    let outcome = seen.outcome("_/_/dev/shop", "namespaces");
    assert_eq!((outcome.coverage, outcome.permission.as_deref()), (Coverage::Denied, Some("namespaces:get")));
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["api", "web"]);
    assert_eq!(seen.ended("_/_/dev/shop", "deployments").0, Coverage::Complete);
}

#[tokio::test]
async fn a_type_that_is_not_served_is_absent() {
    let server = two_namespaces().await;
    server.unserve("cronjobs");
    let seen = see(&source(config(&server))).await;
    let (coverage, reason) = seen.ended("_/_/dev/shop", "cronjobs");
    assert_eq!(coverage, Coverage::Absent);
    assert!(reason.contains("does not serve cronjobs.batch"), "{reason}");
    assert_eq!(seen.ended("_/_/dev/shop", "deployments").0, Coverage::Complete);
}

#[tokio::test]
async fn a_token_that_has_expired_fails_and_says_so() {
    let server = two_namespaces().await;
    server.require_token("fresh");
    let dir = tempfile::tempdir().expect("a folder");
    let token = dir.path().join("token");
    for namespaces in [Namespaces::All, Namespaces::Named(vec!["shop".into()])] {
        std::fs::write(&token, "stale\n").expect("a file");
        let config = Config { token_file: Some(token.clone()), namespaces: namespaces.clone(), ..config(&server) };
        let source = source(config);
        let seen = see(&source).await;
        let (scope, kinds) = seen.scopes.first_key_value().expect("one scope");
        assert_eq!(kinds.len(), 7);
        for kind in kinds.keys() {
            let (coverage, reason) = seen.ended(scope, kind);
            assert_eq!(coverage, Coverage::Failed, "an expired token says nothing about rights");
            assert!(reason.contains("401") && reason.contains("renew the token"), "{reason}");
        }
        assert_eq!(seen.plan.unread.len(), usize::from(namespaces == Namespaces::All));
        // The file is read again for every run, and its line break is no part of the token.
        std::fs::write(&token, "fresh\n").expect("a file");
        assert!(see(&source).await.is_whole());
    }
}

#[tokio::test]
async fn a_client_without_a_token_is_denied_by_name() {
    let server = two_namespaces().await;
    server.require_token("fresh");
    let seen = see(&source(config(&server))).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "services");
    assert_eq!(coverage, Coverage::Denied);
    assert!(reason.contains("system:anonymous"), "{reason}");
}
