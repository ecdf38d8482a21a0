//! Certificates and passwords, against OpenLDAP: over LDAPS and StartTLS, right and wrong ones.

use std::process::Command;

use portal_core::Coverage;
use portal_sources::active_directory::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::bed::Bed;
use super::responder::{Manners, Responder};
use super::{DOMAIN, config_of, password, source};
use crate::seen::see;

async fn failed(config: Config, told: &str) {
    let seen = see(&source(config)).await;
    for kind in ["groups", "users"] {
        let (coverage, reason) = seen.ended(DOMAIN, kind);
        assert_eq!(coverage, Coverage::Failed, "{reason}");
        assert!(reason.contains(told), "{reason}");
    }
}

fn starttls(bed: &Bed, config: Config) -> Config {
    Config { url: vec![bed.said("starttls_url").to_owned()], starttls: true, ..config }
}

#[tokio::test]
async fn ldaps_and_starttls_read_the_same() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let ldaps = see(&source(config.clone())).await;
    let started = see(&source(starttls(&bed, config))).await;
    assert!(ldaps.is_whole() && started.is_whole());
    assert_eq!(ldaps.names(DOMAIN, "users"), started.names(DOMAIN, "users"));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let other = Responder::start(Vec::new(), Manners::default()).await;
    for ca_file in [Some(other.ca_file.clone()), None] {
        let config = Config { ca_file, ..config.clone() };
        failed(config.clone(), "set the right `ca_file`").await;
        failed(starttls(&bed, config), "set the right `ca_file`").await;
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let by_name = |url: &str| vec![url.replace("127.0.0.1", "localhost")];
    let told = "use the name that it has in `url`";
    failed(Config { url: by_name(bed.said("url")), ..config.clone() }, told).await;
    failed(Config { url: by_name(bed.said("starttls_url")), starttls: true, ..config }, told).await;
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_a_wrong_certificate() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let crossed = bed.said("starttls_url").replace("ldap://", "ldaps://");
    let seen = see(&source(Config { url: vec![crossed], connect_timeout: 2, ..config })).await;
    let (coverage, reason) = seen.ended(DOMAIN, "groups");
    assert_eq!(coverage, Coverage::Failed);
    assert!(!reason.contains("trust"), "{reason}");
}

#[tokio::test]
async fn files_without_certificate_or_password_are_named() {
    let bed = Bed::join("slapd");
    let (folder, config) = config_of(&bed);
    let (empty, missing) = (folder.path().join("empty"), folder.path().join("missing"));
    std::fs::write(&empty, "\n").expect("a file");
    failed(Config { ca_file: Some(empty.clone()), ..config.clone() }, "holds no certificate in PEM").await;
    failed(Config { ca_file: Some(missing.clone()), ..config.clone() }, "correct `ca_file`").await;
    // A directory would take a name without a password for somebody anonymous.
    failed(Config { password_file: Some(empty), ..config.clone() }, "is empty").await;
    failed(Config { password_file: Some(missing), ..config.clone() }, "correct `password_file`").await;
    failed(Config { password_file: None, ..config }, "there is no password for `bind_dn`").await;
}

/// The environment belongs to the whole process, so the test runs itself in another one that has the variable.
#[test]
fn without_a_file_the_password_is_taken_from_the_environment() {
    const VARIABLE: &str = "PORTAL_AD_PASSWORD";
    let bed = Bed::join("slapd");
    if std::env::var_os(VARIABLE).is_none() {
        let name = "active_directory::trust::without_a_file_the_password_is_taken_from_the_environment";
        let mut again = Command::new(std::env::current_exe().expect("this program has a path"));
        let done = again.args(["--exact", name]).env(VARIABLE, bed.said("password")).output().expect("it runs");
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let (_folder, config) = config_of(&bed);
    let seen = crate::block_on(see(&source(Config { password_file: None, ..config })));
    assert!(seen.is_whole());
}

/// A server without encryption that gives one answer to whoever connects.
async fn plain(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 31];
            let _ = stream.read_exact(&mut request).await;
            let _ = stream.write_all(answer).await;
            // The client says no more, and goes.
            if !answer.is_empty() {
                let _ = stream.read(&mut request).await;
            }
        }
    });
    format!("ldap://127.0.0.1:{port}")
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_does_not_encrypt_or_speaks_too_early() {
    const DONE: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    const REFUSED: &[u8] = b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x35\x04\x00\x04\x02no";
    // What stands behind the answer in clear text could be anybody's.
    const SMUGGLED: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
    let (_folder, file) = password("secret");
    for (answer, told) in [
        (REFUSED, "cannot encrypt the connection (code 53: no)"),
        (SMUGGLED, "no LDAP"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), "no LDAP"),
        (b"", "closed the connection"),
        (&DONE[..7], "more than 1 s for connecting"),
    ] {
        let config = Config {
            starttls: true,
            connect_timeout: 1,
            bind_dn: Some("svc@corp.example".to_owned()),
            password_file: Some(file.clone()),
            ..Config::new(plain(answer).await, "DC=corp,DC=example")
        };
        failed(config, told).await;
    }
}

#[tokio::test]
async fn a_wrong_password_says_so() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let (_other, file) = password("wrong");
    failed(Config { password_file: Some(file), ..config }, "name or password is wrong").await;
}
