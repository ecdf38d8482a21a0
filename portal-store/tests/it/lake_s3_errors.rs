//! What a person is told when a bucket cannot be used.

use std::process::Command;

use portal_core::lake::Precondition;
use portal_core::{ErrorKind, Lake as _, LakeError, LakePath};
use portal_store::{S3Lake, S3Options};

use crate::s3_bucket::{InBucket, key, quick};
use crate::s3_server::{ACCESS_KEY, Fault, SECRET_KEY};

fn assert_told(error: &LakeError, kind: ErrorKind, words: &[&str]) {
    let text = portal_core::error::chain(error);
    assert_eq!(error.kind(), kind, "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(!text.contains(SECRET_KEY) && !text.contains('\n'), "{text}");
}

/// What each method says when the server answers so.
async fn all_say(status: u16, code: &'static str, message: &'static str) -> [LakeError; 4] {
    let bucket = InBucket::new();
    bucket.server.misbehave(move |_| Fault::Refuse(status, code, message));
    let lake = S3Lake::open_with(&bucket.url(""), S3Options { attempts: 2, ..quick() }).await.expect("a lake");
    [
        lake.list(&key("a")).await.expect_err("refused"),
        lake.get(&key("a/b")).await.expect_err("refused"),
        lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect_err("refused"),
        lake.delete(&key("a/b")).await.expect_err("refused"),
    ]
}

#[tokio::test]
async fn a_missing_right_names_the_action_and_the_place() {
    let errors = all_say(403, "AccessDenied", "Access Denied").await;
    let actions = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
    for (error, action) in errors.iter().zip(actions) {
        assert_told(error, ErrorKind::Denied, &[action, "s3://lake-bucket/some/prefix/a", "AccessDenied"]);
    }
    // Without the right to list, a key that is not there is refused like one that is.
    assert_told(&errors[1], ErrorKind::Denied, &["s3:ListBucket on lake-bucket", "not there"]);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_named() {
    let bucket = InBucket::new();
    let url = bucket.url("").replace("lake-bucket", "no-bucket");
    let lake = S3Lake::open_with(&url, quick()).await.expect("a lake");
    for error in [
        lake.list(&LakePath::root()).await.expect_err("no bucket"),
        lake.list(&key("a")).await.expect_err("no bucket"),
        lake.get(&key("a/b")).await.expect_err("no bucket"),
        lake.put(&key("a/b"), "1".into(), Precondition::None).await.expect_err("no bucket"),
        lake.lock(&key("a")).await.expect_err("no bucket"),
    ] {
        assert_told(&error, ErrorKind::NotFound, &["no bucket `no-bucket`", "--lake"]);
    }
}

#[tokio::test]
async fn another_region_is_named() {
    let said = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'";
    for error in all_say(400, "AuthorizationHeaderMalformed", said).await {
        assert_told(&error, ErrorKind::Invalid, &["another region", "?region=eu-central-1", "AWS_REGION"]);
    }
    let bucket = InBucket::new();
    bucket.server.misbehave(|_| {
        let mut answer = hyper::Response::new(bytes::Bytes::from_static(
            b"<Error><Code>PermanentRedirect</Code><Message>The bucket must be addressed elsewhere.</Message></Error>",
        ));
        *answer.status_mut() = hyper::StatusCode::MOVED_PERMANENTLY;
        answer.headers_mut().insert("x-amz-bucket-region", "ap-south-1".parse().expect("a header"));
        Fault::Answer(Box::new(answer))
    });
    let lake = bucket.lake().await;
    assert_told(
        &lake.list(&key("a")).await.expect_err("elsewhere"),
        ErrorKind::Invalid,
        &["?region=ap-south-1", "PermanentRedirect"],
    );
}

#[tokio::test]
async fn credentials_that_are_no_good_are_told_apart() {
    for error in all_say(400, "ExpiredToken", "The provided token has expired.").await {
        assert_told(&error, ErrorKind::Unavailable, &["have expired", "aws sso login"]);
    }
    for error in all_say(403, "RequestTimeTooSkewed", "The difference is too large.").await {
        assert_told(&error, ErrorKind::Invalid, &["this machine's clock"]);
    }
    let bucket = InBucket::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credentials");
    for (id, secret) in [(ACCESS_KEY, "another-secret"), ("AKIANOBODY", SECRET_KEY)] {
        std::fs::write(&file, format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"))
            .expect("a file");
        let url =
            format!("s3://lake-bucket/p?endpoint={}&credentials_file={}", bucket.server.endpoint(), file.display());
        let lake = S3Lake::open_with(&url, quick()).await.expect("a lake");
        let error = lake.get(&key("a")).await.expect_err("a wrong key");
        assert_told(&error, ErrorKind::Invalid, &["does not know the credentials"]);
        assert!(!error.to_string().contains("another-secret"), "{error}");
    }
}

#[tokio::test]
async fn throttling_and_faults_of_the_server_ask_to_come_later() {
    for error in all_say(503, "SlowDown", "Please reduce your request rate.").await {
        assert_told(&error, ErrorKind::Unavailable, &["throttled"]);
    }
    for error in all_say(500, "InternalError", "We encountered an internal error.").await {
        assert_told(&error, ErrorKind::Unavailable, &["fault of its own", "later"]);
    }
    for error in all_say(418, "", "").await {
        assert_told(&error, ErrorKind::Unexpected, &["status 418", "S3 does not give"]);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credentials");
    std::fs::write(&file, crate::s3_server::S3Server::credentials()).expect("a file");
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("an address");
    for endpoint in [format!("http://{free}"), "http://no-such-host.invalid".to_owned()] {
        let url = format!("s3://lake-bucket/p?endpoint={endpoint}&credentials_file={}", file.display());
        let lake = S3Lake::open_with(&url, S3Options { attempts: 2, ..quick() }).await.expect("a lake");
        let error = lake.get(&key("a")).await.expect_err("nobody answers");
        assert_told(&error, ErrorKind::Unavailable, &["no answer from", &endpoint, "AWS_ENDPOINT_URL"]);
    }
}

const PART: &str = "PORTAL_S3_TEST_PART";
const THIS: &str = "lake_s3_errors::the_child_says_what_it_sees";

/// Only does something as somebody's child, whose variables are not those of this process.
#[tokio::test(flavor = "multi_thread")]
async fn the_child_says_what_it_sees() {
    let Ok(part) = std::env::var(PART) else { return };
    let lake = S3Lake::open_with("s3://lake-bucket/some/prefix", quick()).await.expect("a lake");
    let seen = lake.put(&key("a/b"), "1".into(), Precondition::Absent).await;
    match part.as_str() {
        "is let in" => drop(seen.expect("variables are enough")),
        "has nothing" => {
            let error = seen.expect_err("no credentials");
            assert_told(&error, ErrorKind::Unavailable, &["no AWS credentials", "AWS_PROFILE", "aws sso login"]);
        }
        other => panic!("no part is called {other}"),
    }
}

fn child(part: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", THIS, "--nocapture"]).env(PART, part);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    let home = tempfile::tempdir().expect("a folder");
    command.env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.envs(variables.iter().copied()).output().expect("the child starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_variables_of_aws_are_enough() {
    let bucket = InBucket::new();
    let endpoint = bucket.server.endpoint();
    for (at, name) in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"].into_iter().enumerate() {
        // The one for S3 alone precedes the one for all.
        let other = if at == 1 { ("AWS_ENDPOINT_URL", "http://no-such-host.invalid") } else { ("UNUSED", "") };
        let bucket = if at == 0 { None } else { Some(InBucket::new()) };
        let endpoint = bucket.as_ref().map_or(endpoint.clone(), |bucket| bucket.server.endpoint());
        child(
            "is let in",
            &[other, (name, &endpoint), ("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)],
        );
    }
}

#[test]
fn without_credentials_it_says_what_to_set() {
    let bucket = InBucket::new();
    child("has nothing", &[("AWS_ENDPOINT_URL", &bucket.server.endpoint())]);
    assert!(bucket.server.seen().is_empty(), "nothing was asked");
}
