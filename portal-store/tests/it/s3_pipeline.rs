//! From sources over a bucket into a store: what is known is the same as over a folder, whatever the server does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::Either;
use portal_core::part::Known;
use portal_core::snapshot::layout::Layout::{self, Bundled, Files};
use portal_core::testing::MemoryStore;
use portal_core::{ErrorKind, Lake as _, LakePath, Text};
use portal_store::DirLake;
use tokio::sync::Notify;

use crate::company::{collected, company, ingested, known, known_anew};
use crate::s3_bucket::{BUCKET, InBucket};
use crate::s3_server::Fault;

/// What is known over a folder.
async fn over_a_folder(size: usize, version: u32, layout: Layout) -> BTreeMap<Text, Vec<Known>> {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = DirLake::open(folder.path().join("lake")).expect("a lake");
    let mut company = company(size);
    company.version = version;
    assert!(collected(&company, &lake, layout).await.sources.iter().all(|source| source.error.is_none()));
    known_anew(&lake).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_every_third_request_loses_nothing() {
    let wanted = over_a_folder(3, 0, Files).await;
    for layout in [Files, Bundled] {
        let bucket = InBucket::new();
        let lake = bucket.lake().await;
        let refusing = |seen: &crate::s3_server::Seen| match seen.number % 3 {
            2 => Fault::Refuse(503, "SlowDown", "Please reduce your request rate."),
            _ => Fault::None,
        };
        bucket.server.misbehave(refusing);
        let report = collected(&company(3), &lake, layout).await;
        let errors = report.sources.iter().flat_map(|source| &source.scopes).filter_map(|scope| scope.error.as_ref());
        assert_eq!(errors.collect::<Vec<_>>(), Vec::<&String>::new());
        let store = MemoryStore::new();
        let report = ingested(&lake, &store).await;
        assert_eq!((report.scopes.read, report.scopes.waiting, report.set_aside), (6, 0, 0), "{:?}", report.notes);
        assert!(known(&store).await == wanted, "{layout:?}: what is known differs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_scope_costs_one_request() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    collected(&company(3), &lake, Bundled).await;
    let store = MemoryStore::new();
    ingested(&lake, &store).await;
    let before = bucket.server.seen().len();
    let report = ingested(&lake, &store).await;
    assert_eq!(report.scopes.unchanged, 6);
    let seen = bucket.server.seen().split_off(before);
    let gets: Vec<&str> = seen.iter().filter(|s| !s.query.contains("list-type")).map(|s| s.key.as_str()).collect();
    assert!(gets.len() == 6 && gets.iter().all(|key| key.ends_with("/_manifest.json")), "{gets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_dies_between_files_and_manifest_is_healed_by_the_next_run() {
    for layout in [Files, Bundled] {
        let wanted = over_a_folder(2, 1, layout).await;
        let bucket = InBucket::new();
        let lake = bucket.lake().await;
        let store = MemoryStore::new();
        collected(&company(2), &lake, layout).await;
        ingested(&lake, &store).await;
        let first = known(&store).await;
        // The server takes its time over the manifests of the second run: none of them arrives before the collector is
        // no more. A refusal would not do: its repetitions may be over before this task has its turn again.
        let tried = Arc::new(Notify::new());
        let asked = Arc::clone(&tried);
        bucket.server.misbehave(move |seen| {
            if seen.method != "PUT" || !seen.key.ends_with("_manifest.json") {
                return Fault::None;
            }
            asked.notify_one();
            Fault::Slow(Duration::from_secs(3600))
        });
        let mut next = company(2);
        next.version = 1;
        let run = Box::pin(collected(&next, &lake, layout));
        let died = Box::pin(tokio::time::timeout(Duration::from_secs(15), tried.notified()));
        match futures::future::select(run, died).await {
            Either::Left(_) => panic!("the run ended without a manifest"),
            Either::Right((asked, run)) => {
                asked.expect("a manifest is written");
                drop(run);
            }
        }
        bucket.server.behave();
        let report = ingested(&lake, &store).await;
        assert_eq!(report.retired, 0, "{:?}", report.notes);
        assert_eq!(known(&store).await, first, "a run that was not committed changes nothing");
        let report = collected(&next, &bucket.lake().await, layout).await;
        assert!(
            report.sources.iter().flat_map(|source| &source.scopes).all(|scope| scope.error.is_none()),
            "{report:?}"
        );
        ingested(&lake, &store).await;
        assert!(known(&store).await == wanted, "{layout:?}: the next run mends it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_collectors_of_one_scope_do_not_interleave() {
    let bucket = InBucket::new();
    // The two runs differ in every object: a mixture would have the digests of neither.
    let (mut one, mut two) = (company(2), company(2));
    (one.version, two.version) = (1, 2);
    for _ in 0..4 {
        let (first, second) = (bucket.lake().await, bucket.lake().await);
        bucket.server.misbehave(|seen| match seen.number % 4 {
            0 => Fault::Slow(Duration::from_millis(20)),
            _ => Fault::None,
        });
        let reports = futures::future::join(collected(&one, &first, Files), collected(&two, &second, Files)).await;
        bucket.server.behave();
        let scopes = [reports.0, reports.1].into_iter().flat_map(|report| report.sources).flat_map(|s| s.scopes);
        let (done, refused): (Vec<_>, Vec<_>) = scopes.partition(|scope| scope.error.is_none());
        assert!(done.len() >= 4, "each scope was read by one at least");
        for scope in refused {
            let error = scope.error.expect("it was refused");
            assert!(error.contains("held by another collector") || error.contains("at the same time"), "{error}");
        }
        // Whoever was last: each scope is of one run, whole.
        let store = MemoryStore::new();
        let report = ingested(&first, &store).await;
        assert_eq!((report.scopes.read, report.scopes.waiting, report.set_aside), (4, 0, 0), "{:?}", report.notes);
        for (part, observations) in known(&store).await {
            let text = format!("{observations:?}");
            let of = |version: u32| {
                text.contains(&format!("(\"version\", \"{version}\")")) || text.contains(&format!(":{version}\""))
            };
            assert!(!(of(1) && of(2)), "{part} is a mixture");
        }
    }
}

#[tokio::test]
async fn a_mistyped_prefix_is_not_taken_for_an_empty_estate() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let store = MemoryStore::new();
    collected(&company(2), &lake, Bundled).await;
    ingested(&lake, &store).await;
    let url = bucket.url("").replace("some/prefix", "some/perfix");
    let other = portal_store::S3Lake::open_with(&url, crate::s3_bucket::quick()).await.expect("a lake");
    let error = portal_core::ingest(&other, &store, &portal_core::Rules::default()).await.expect_err("nothing there");
    assert!(portal_core::error::chain(&error).contains("some/perfix"), "{error}");
    assert_eq!(other.list(&LakePath::root()).await.expect_err("nothing there").kind(), ErrorKind::NotFound);
    assert_eq!(ingested(&lake, &store).await.retired, 0);
    assert!(!bucket.server.contents(BUCKET).keys().any(|key| key.contains("perfix")), "reading writes nothing");
}
