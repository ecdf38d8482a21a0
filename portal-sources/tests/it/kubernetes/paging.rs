//! Lists of many pages, and tokens that do not last as long as they do.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use portal_core::{Coverage, SnapshotWriter, Source};
use portal_sources::kubernetes::{Config, Namespaces};

use super::server::{ApiServer, Fault};
use super::{config, deployment, namespace, source};
use crate::seen::{see, see_scope};

/// A server with this many Deployments over five namespaces.
async fn many(deployments: usize) -> ApiServer {
    let server = ApiServer::start().await;
    for team in 0..5 {
        server.put(namespace(&format!("team-{team}")));
    }
    for number in 0..deployments {
        server.put(deployment(&format!("team-{}", number % 5), &format!("service-{number:05}")));
    }
    server
}

fn lists_of_deployments(server: &ApiServer) -> Vec<String> {
    server.requests().into_iter().filter(|request| request.starts_with("/apis/apps/v1/deployments")).collect()
}

#[tokio::test]
async fn five_thousand_deployments_come_in_pages_and_none_is_lost() {
    let server = many(5000).await;
    let seen = see(&source(config(&server))).await;
    assert!(seen.is_whole());
    let lists = lists_of_deployments(&server);
    assert_eq!(lists.len(), 10, "5000 in pages of 500");
    assert!(lists.iter().all(|request| request.contains("limit=500")));
    for team in 0..5 {
        let names = seen.names(&format!("_/_/dev/team-{team}"), "deployments");
        assert_eq!(names.len(), 1000);
        assert_eq!(
            (names[0], names[999]),
            (format!("service-0000{team}").as_str(), format!("service-0499{}", team + 5).as_str())
        );
    }
}

#[tokio::test]
async fn a_token_that_expires_starts_the_list_again() {
    let server = many(50).await;
    server.fail("deployments", Fault::Expired, 3);
    let seen = see(&source(Config { page_size: 10, ..config(&server) })).await;
    assert!(seen.is_whole());
    let names: Vec<_> = (0..5).flat_map(|team| seen.names(&format!("_/_/dev/team-{team}"), "deployments")).collect();
    assert_eq!(names.len(), 50, "nothing is lost and nothing comes twice");
    let begun = lists_of_deployments(&server).into_iter().filter(|request| !request.contains("continue=")).count();
    assert_eq!(begun, 4);
}

#[tokio::test]
async fn a_list_that_always_expires_is_failed_and_not_half() {
    let server = many(50).await;
    server.fail("deployments", Fault::Expired, 1000);
    for namespaces in [Namespaces::All, Namespaces::Named(vec!["team-1".into()])] {
        let seen = see(&source(Config { page_size: 3, namespaces, ..config(&server) })).await;
        let kind = seen.kind("_/_/dev/team-1", "deployments");
        let (coverage, reason) = seen.ended("_/_/dev/team-1", "deployments");
        assert_eq!((coverage, kind.objects.len()), (Coverage::Failed, 0));
        assert!(
            reason.contains("expired before its last page, 6 times") && reason.contains("raise `page_size`"),
            "{reason}"
        );
        assert_eq!(seen.ended("_/_/dev/team-1", "services").0, Coverage::Complete);
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_failed_and_not_half() {
    let server = many(50).await;
    // Every list but the first page of it.
    let source = source(Config { page_size: 20, kinds: vec!["deployments".into()], ..config(&server) });
    let plan = source.scopes().await.expect("a plan");
    server.fail("deployments", Fault::Throttled(0), 1);
    server.fail("deployments", Fault::Cut, 1);
    server.fail("deployments", Fault::Half, 1);
    let whole = see_scope(&source, &plan.scopes[2]).await;
    assert_eq!(whole["deployments"].objects.len(), 10, "three failures in passing are got over");
    let plan = source.scopes().await.expect("a plan");
    server.deny("deployments", None);
    server.deny("deployments", Some("team-0"));
    let denied = see_scope(&source, &plan.scopes[2]).await;
    let outcome = denied["deployments"].outcome.as_ref().expect("an outcome");
    assert_eq!((outcome.coverage, denied["deployments"].objects.len()), (Coverage::Denied, 0));
}

#[tokio::test]
async fn a_scope_that_is_dropped_midway_leaves_the_list_to_the_next() {
    let server = many(40).await;
    let source = source(Config { page_size: 10, kinds: vec!["deployments".into()], ..config(&server) });
    let plan = source.scopes().await.expect("a plan");
    let teams: Vec<_> = plan.scopes.iter().filter(|scope| scope.to_string().contains("team")).collect();
    let out = SnapshotWriter::default();
    {
        let mut dropped = pin!(source.collect(teams[0], &out));
        // Polled until its second page is asked for, and then never again.
        std::future::poll_fn(|context| {
            let done = dropped.as_mut().poll(context).is_ready();
            assert!(!done, "it is dropped before its end");
            if lists_of_deployments(&server).len() >= 2 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    for team in &teams {
        let kinds = see_scope(&source, team).await;
        assert_eq!(kinds["deployments"].objects.len(), 8, "{team}");
        assert_eq!(kinds["deployments"].outcome.as_ref().map(|outcome| outcome.coverage), Some(Coverage::Complete));
    }
    assert!(lists_of_deployments(&server).len() <= 6, "the pages that were there are not read again");
}
