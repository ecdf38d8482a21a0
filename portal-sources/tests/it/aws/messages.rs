//! What a person reads when nothing works: one line each, with the next step.

use std::process::Command;

use portal_core::{ErrorKind, Source};
use portal_sources::aws::{Aws, Config};

use super::fake::{self, Answer};
use super::{one_line, shared_bed, source};
use crate::block_on;

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    println!("{said}");
    for part in parts {
        assert!(said.contains(part), "no `{part}` in: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = source(&endpoint, "").scopes().await.expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_says(&one_line(&error), &[&endpoint, "refused", "endpoint_url"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_says_how_to_renew_it() {
    let endpoint = fake::serve(|_| {
        Some(Answer::Error(403, "ExpiredToken", "The security token included in the request is expired"))
    })
    .await;
    let error = source(&endpoint, "").scopes().await.expect_err("it has expired");
    assert_says(&one_line(&error), &["expired", "aws sso login"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_keys_say_what_to_check() {
    let endpoint = fake::serve(|_| {
        Some(Answer::Error(403, "InvalidClientTokenId", "The security token included in the request is invalid."))
    })
    .await;
    let error = source(&endpoint, "").scopes().await.expect_err("nobody knows them");
    assert_says(&one_line(&error), &["InvalidClientTokenId", "check the access key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn something_that_is_no_aws_is_recognised() {
    let endpoint = fake::serve(|_| Some(Answer::Xml("<html>welcome</html>".to_owned()))).await;
    let error = source(&endpoint, "").scopes().await.expect_err("it is no AWS");
    assert_says(&one_line(&error), &[&endpoint, "sts:GetCallerIdentity"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_is_not_there_is_named() {
    let error = source(&shared_bed().endpoint(), "profile = \"nobody\"").scopes().await.expect_err("no such profile");
    assert_says(&one_line(&error), &["nobody", "profile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_region_is_told_the_nearest() {
    let table = "regions = [\"eu-wst-1\"]";
    let error = source(&shared_bed().endpoint(), table).scopes().await.expect_err("no such region");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_says(&one_line(&error), &["eu-wst-1", "did you mean `eu-west-1`?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_without_a_role_cannot_be_entered() {
    let table = "accounts = [\"000000000001\"]";
    let error = source(&shared_bed().endpoint(), table).scopes().await.expect_err("no role");
    assert_says(&one_line(&error), &["000000000001", "set `role`"]);
}

/// Set in the process that a test starts to run itself once more.
const CHILD: &str = "PORTAL_TEST_CHILD";

/// Runs a test of this binary once more with an environment of its own: the credential chain reads nothing else.
fn child(name: &str, environment: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args([&format!("aws::messages::{name}"), "--exact", "--nocapture"])
        .env_clear()
        .env(CHILD, "1")
        .envs(environment.iter().copied())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn no_credentials_at_all_says_where_to_put_them() {
    if std::env::var_os(CHILD).is_some() {
        let aws = Aws::new("aws", Config::default()).expect("it is right");
        return println!("{}", one_line(&block_on(aws.scopes()).expect_err("no credentials")));
    }
    let itself = "no_credentials_at_all_says_where_to_put_them";
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().to_str().expect("a plain path");
    let said = child(itself, &[("HOME", home), ("AWS_REGION", "eu-west-1")]);
    assert_says(&said, &["no AWS credentials were found", "set AWS_PROFILE", "aws sso login"]);
    let said = child(itself, &[("HOME", home), ("AWS_PROFILE", "nobody")]);
    assert_says(&said, &["no AWS credentials were found", "check the profile `nobody` that AWS_PROFILE names"]);
}

#[test]
fn the_address_and_keys_of_the_environment_are_honoured() {
    if std::env::var_os(CHILD).is_some() {
        let config: Config = toml::from_str("kinds = [\"s3\"]").expect("it can be read");
        let (_, snapshots) = block_on(super::collect(&Aws::new("aws", config).expect("it is right")));
        for (scope, kinds) in snapshots {
            println!("{scope} s3 {}", super::outcome(&kinds["s3"]).coverage.as_str());
        }
        return;
    }
    let environment = [
        ("AWS_ENDPOINT_URL", shared_bed().endpoint()),
        ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ];
    let environment: Vec<(&str, &str)> = environment.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let said = child("the_address_and_keys_of_the_environment_are_honoured", &environment);
    assert_says(&said, &[&format!("{}/us-east-1 s3 complete", shared_bed().said("management_account"))]);
}
