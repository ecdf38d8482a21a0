//! A lake in a bucket: the contract of every lake, and what only a bucket has.

use portal_core::lake::Precondition;
use portal_core::{ErrorKind, Lake as _, LakePath};
use portal_store::{S3Lake, open_lake};

use crate::s3_bucket::{BUCKET, InBucket, key, quick};

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

mod s3_lake {
    use super::{InBucket, block_on};

    portal_core::lake_suite!(block_on: block_on, fixture: InBucket::new());
}

#[tokio::test]
async fn a_url_opens_a_bucket_and_the_location_names_it_without_options() {
    let bucket = InBucket::new();
    let lake = open_lake(&bucket.url("")).await.expect("a lake");
    assert_eq!(lake.location(), format!("s3://{BUCKET}/some/prefix"));
    let error = open_lake(&bucket.url("&regoin=x")).await.err().expect("an unknown option");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("did you mean `region`?"), "{error}");
}

#[tokio::test]
async fn objects_stand_below_the_prefix_and_nothing_else_is_seen() {
    let bucket = InBucket::new();
    bucket.server.place(BUCKET, "some/other/a.json", "1");
    bucket.server.place(BUCKET, "some/prefixed/a.json", "1");
    let lake = bucket.lake().await;
    lake.put(&key("a/b.json"), "{}".into(), Precondition::None).await.expect("a put");
    assert!(bucket.server.contents(BUCKET).contains_key("some/prefix/a/b.json"));
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").folders, ["a"]);
}

#[tokio::test]
async fn an_empty_prefix_is_a_lake_that_is_not_there() {
    let bucket = InBucket::new();
    bucket.server.place(BUCKET, "some/other/a.json", "1");
    let lake = bucket.lake().await;
    let error = lake.list(&LakePath::root()).await.expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("s3://lake-bucket/some/prefix"), "{error}");
    // The object that a console makes for a folder is not the lake either.
    bucket.server.place(BUCKET, "some/prefix/", "");
    assert_eq!(lake.list(&LakePath::root()).await.expect_err("still nothing").kind(), ErrorKind::NotFound);
    lake.put(&key("a"), "1".into(), Precondition::None).await.expect("a put");
    assert_eq!(lake.list(&LakePath::root()).await.expect("a list").objects.len(), 1);
}

#[tokio::test]
async fn a_list_has_all_pages_and_an_empty_page_is_not_the_last() {
    let bucket = InBucket::new();
    for n in 0..25 {
        bucket.server.place(BUCKET, &format!("some/prefix/a/{n:02}.json"), "1");
        bucket.server.place(BUCKET, &format!("some/prefix/a/folder-{n:02}/x.json"), "1");
    }
    let lake = bucket.lake().await;
    for empty_pages in [false, true] {
        bucket.server.page(7, empty_pages);
        let before = bucket.server.seen().len();
        let listing = lake.list(&key("a")).await.expect("a list");
        assert_eq!((listing.objects.len(), listing.folders.len()), (25, 25));
        assert!(listing.objects.is_sorted_by(|a, b| a.name < b.name) && listing.folders.is_sorted());
        let pages = bucket.server.seen().len() - before;
        assert_eq!(pages, if empty_pages { 15 } else { 8 });
    }
}

#[tokio::test]
async fn foreign_keys_that_cannot_be_paths_are_left_out_and_the_rest_is_listed() {
    let bucket = InBucket::new();
    for name in ["plain", "a b", "ü", "a+b", "a&b=c", "a%20b", ".hidden", "back\\slash", "bell\u{7}", "/slash", "<x>"]
    {
        bucket.server.place(BUCKET, &format!("some/prefix/a/{name}"), "1");
    }
    let lake = bucket.lake().await;
    let listing = lake.list(&key("a")).await.expect("a list");
    let names: Vec<&str> = listing.objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["<x>", "a b", "a%20b", "a&b=c", "a+b", "plain", "ü"]);
    for name in names {
        assert!(lake.get(&key(&format!("a/{name}"))).await.expect("a get").is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_list_tells_when_an_object_was_written() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect("a put");
    let modified = lake.list(&key("a")).await.expect("a list").objects[0].modified.expect("a time");
    let age = jiff::Timestamp::now().duration_since(modified).as_secs();
    assert!((-5..300).contains(&age), "{modified}");
}

#[tokio::test]
async fn encryption_is_asked_for_with_every_write() {
    let bucket = InBucket::new();
    let large = vec![7; 17 << 20];
    for (options, algorithm, key_id) in [
        ("&sse=AES256", "AES256", None),
        (
            "&sse=aws:kms&kms_key_id=arn:aws:kms:eu-west-1:1:key/x&bucket_key=true",
            "aws:kms",
            Some("arn:aws:kms:eu-west-1:1:key/x"),
        ),
    ] {
        let before = bucket.server.seen().len();
        let lake = S3Lake::open_with(&bucket.url(options), quick()).await.expect("a lake");
        lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect("a put");
        let small = lake.get(&key("a/b")).await.expect("a get").expect("it is there");
        lake.put(&key("a/b"), "2".into(), Precondition::Matches(small.etag)).await.expect("a put");
        lake.put(&key("a/large"), large.clone().into(), Precondition::None).await.expect("a put");
        drop(lake.lock(&key("a")).await.expect("a lock"));
        drop(lake);
        let seen = bucket.server.seen().split_off(before);
        // Parts are encrypted as their upload was begun.
        let writes = seen.iter().filter(|seen| {
            let begins = seen.method == "POST" && seen.query.contains("uploads");
            begins || (seen.method == "PUT" && !seen.query.contains("partNumber"))
        });
        let mut count = 0;
        for write in writes {
            count += 1;
            let header = |name: &str| write.headers.get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(header("x-amz-server-side-encryption"), Some(algorithm), "{write:?}");
            assert_eq!(header("x-amz-server-side-encryption-aws-kms-key-id"), key_id, "{write:?}");
            let bucket_key = header("x-amz-server-side-encryption-bucket-key-enabled");
            assert_eq!(bucket_key, key_id.map(|_| "true"), "{write:?}");
        }
        assert!(count >= 7, "{count} writes");
    }
}

#[tokio::test]
async fn a_large_object_goes_in_parts_under_its_condition_and_leaves_none_behind() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let content = |version: u8| -> bytes::Bytes {
        // Parts that differ: in another order they would be another object.
        (0..=16_u8).flat_map(|part| std::iter::repeat_n(part ^ (version << 6), 1 << 20)).collect()
    };
    let tag = lake.put(&key("a/large"), content(1), Precondition::Absent).await.expect("it is not there");
    let uploads = bucket.server.seen().iter().filter(|seen| seen.query.contains("partNumber")).count();
    assert_eq!(uploads, 3, "17 MiB in parts of 8 MiB");
    let refused = lake.put(&key("a/large"), content(2), Precondition::Absent).await.expect_err("it is there");
    assert_eq!(refused.kind(), ErrorKind::Conflict, "{refused}");
    assert_eq!(bucket.server.open_uploads(), 0, "what was uploaded for nothing is taken away");
    let next = lake.put(&key("a/large"), content(2), Precondition::Matches(tag.clone())).await.expect("it matches");
    let refused = lake.put(&key("a/large"), content(3), Precondition::Matches(tag)).await.expect_err("it is old");
    assert_eq!(refused.kind(), ErrorKind::Conflict, "{refused}");
    let there = lake.get(&key("a/large")).await.expect("a get").expect("it is there");
    assert!(there.bytes == content(2) && there.etag == next);
    assert_eq!(bucket.server.open_uploads(), 0);
}

#[tokio::test]
async fn names_that_are_the_lakes_own_and_keys_that_are_too_long_are_refused() {
    let bucket = InBucket::new();
    let lake = bucket.lake().await;
    let long = vec!["x".repeat(200); 6].join("/");
    for path in [".lock", "a/.hidden", "a/.b/c", long.as_str()] {
        let error = lake.put(&key(path), "1".into(), Precondition::None).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
}

#[tokio::test]
async fn at_most_so_many_requests_run_at_the_same_time() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::s3_server::Fault;

    let bucket = InBucket::new();
    let options = portal_store::S3Options { requests: 4, ..quick() };
    let lake = S3Lake::open_with(&bucket.url(""), options).await.expect("a lake");
    let started = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&started);
    // Nobody is answered for a while: what is on its way then is all that was let through.
    bucket.server.misbehave(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Fault::Slow(std::time::Duration::from_millis(300))
    });
    let keys: Vec<LakePath> = (0..40).map(|n| key(&format!("a/{n}"))).collect();
    let gets = futures::future::join_all(keys.iter().map(|key| lake.get(key)));
    let _ = tokio::time::timeout(std::time::Duration::from_millis(250), gets).await;
    assert!((1..=4).contains(&started.load(Ordering::SeqCst)), "{started:?}");
}
