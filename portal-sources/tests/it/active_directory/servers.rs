//! Several servers: who is asked when one fails, and when nobody else is asked.

use std::time::{Duration, Instant};

use futures::future::Either;
use portal_core::{Coverage, Outcome};
use portal_sources::active_directory::Config;

use super::responder::{Manners, Responder};
use super::{DOMAIN, config_for, group, password, person, source};
use crate::seen::{Seen, see};

async fn responder(manners: Manners) -> Responder {
    let mut entries = vec![group(1, "SG-Team-Payments", 0..30)];
    entries.extend((0..30).map(person));
    Responder::start(entries, manners).await
}

/// Both servers' authorities in one file: several stand in it.
async fn see_both(first: &Responder, second: &Responder, change: impl FnOnce(&mut Config)) -> Seen {
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    let pem = |of: &Responder| std::fs::read_to_string(&of.ca_file).expect("a file");
    std::fs::write(&ca_file, format!("{}\n{}", pem(first), pem(second))).expect("a file");
    let mut config = Config { ca_file: Some(ca_file), page_size: 10, ..config_for(first) };
    config.url.push(second.url.clone());
    change(&mut config);
    see(&source(config)).await
}

#[tokio::test]
async fn when_a_server_fails_in_the_middle_the_next_one_is_read_from_the_beginning() {
    let whole = responder(Manners::default()).await;
    for pages in 0..6 {
        let broken = responder(Manners { cut_after_pages: Some(pages), ..Manners::default() }).await;
        let seen = see_both(&broken, &whole, |_| ()).await;
        assert!(seen.is_whole(), "cut after {pages} pages");
        assert_eq!(seen.kind(DOMAIN, "users").objects.len(), 30);
    }
}

#[tokio::test]
async fn a_server_that_is_busy_away_silent_or_no_directory_is_passed_over() {
    let whole = responder(Manners::default()).await;
    for manners in [
        Manners { code: Some(51), ..Manners::default() },
        Manners { code: Some(52), ..Manners::default() },
        Manners { gibberish: true, ..Manners::default() },
        Manners { silent: true, ..Manners::default() },
    ] {
        let first = responder(manners).await;
        let seen = see_both(&first, &whole, |config| config.timeout = 1).await;
        assert!(seen.is_whole(), "{:?}", seen.outcome(DOMAIN, "groups"));
    }
    let seen =
        see_both(&whole, &whole, |config| config.url = vec!["ldaps://127.0.0.1:1".into(), whole.url.clone()]).await;
    assert!(seen.is_whole());
}

#[tokio::test]
async fn when_all_servers_fail_each_of_them_is_named() {
    let busy = responder(Manners { code: Some(51), ..Manners::default() }).await;
    let silent = responder(Manners { silent: true, ..Manners::default() }).await;
    let seen = see_both(&busy, &silent, |config| config.timeout = 1).await;
    let (coverage, reason) = seen.ended(DOMAIN, "users");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("is busy") && reason.contains("more than 1 s for a page"), "{reason}");
    assert!(reason.contains(&busy.url) && reason.contains(&silent.url), "{reason}");
}

#[tokio::test]
async fn a_refused_password_is_not_tried_at_the_next_server() {
    let text = "80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 775, v4563";
    let locked = responder(Manners { bind: Some((49, text)), ..Manners::default() }).await;
    let whole = responder(Manners::default()).await;
    let (_folder, file) = password("secret");
    let seen = see_both(&locked, &whole, |config| {
        config.bind_dn = Some("svc@corp.example".to_owned());
        config.password_file = Some(file);
    })
    .await;
    let (coverage, reason) = seen.ended(DOMAIN, "groups");
    assert!(coverage == Coverage::Failed && reason.contains("the account is locked"), "{reason}");
    assert!(whole.asked().is_empty(), "a wrong password tried too often locks the account");
}

#[tokio::test]
async fn the_answer_of_one_server_is_not_mixed_with_that_of_another() {
    // The first server has a person more, and fails after it has shown her.
    let mut entries = vec![group(1, "SG-Team-Payments", 0..40)];
    entries.extend((30..40).chain(0..30).map(person));
    let first = Responder::start(entries, Manners { cut_after_pages: Some(4), ..Manners::default() }).await;
    let second = responder(Manners::default()).await;
    let seen = see_both(&first, &second, |_| ()).await;
    assert_eq!(seen.outcome(DOMAIN, "users"), &Outcome::complete());
    assert_eq!(seen.kind(DOMAIN, "users").objects.len(), 30);
}

#[tokio::test]
async fn a_read_that_is_dropped_leaves_no_connection_behind() {
    let silent = responder(Manners { silent: true, ..Manners::default() }).await;
    let source = source(Config { timeout: 600, ..config_for(&silent) });
    let read = see(&source);
    let connected = until(|| silent.connections() == 1);
    // Whichever ends first ends the other: the read never does.
    assert!(matches!(futures::future::select(Box::pin(read), Box::pin(connected)).await, Either::Right(_)));
    until(|| silent.connections() == 0).await;
}

/// Waits until something is so, for ten seconds at most.
async fn until(so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < deadline, "it never came to that");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
