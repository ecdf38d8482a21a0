//! How often somebody may ask.

use super::{ASKED, key, until, with};
use crate::program::Program;
use crate::server::{Answer, Server, demo};

#[track_caller]
fn limited(reads: u32, writes: u32, failures: u32, more: &str) -> (Program, Server) {
    let program = demo();
    program.configure(&format!(
        "[serve]\n{more}\nlimits = {{ reads_per_minute = {reads}, writes_per_minute = {writes}, failures_per_minute = {failures} }}\n"
    ));
    let server = Server::of(&program);
    (program, server)
}

#[track_caller]
fn is_too_many(answer: &Answer) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(answer.header("ratelimit").contains(";r=0;t="), "{:?}", answer.headers);
    assert_eq!(answer.problem()["type"], "urn:portal:problem:too-many-requests");
}

#[test]
fn after_a_minutes_worth_of_requests_the_next_is_told_when_to_come() {
    let (_program, server) = limited(5, 2, 0, "");
    for left in (0..5).rev() {
        let answer = server.get(ASKED);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"reads\";q=5;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"reads\";r={left};t=")), "{:?}", answer.headers);
    }
    is_too_many(&server.get(ASKED));
    is_too_many(&server.get("/docs"));
    for _ in 0..2 {
        let answer = server.ask("POST", ASKED, &[], b"");
        assert_ne!(answer.status, 429, "what changes something is counted apart");
        assert_eq!(answer.header("ratelimit-policy"), "\"writes\";q=2;w=60");
    }
    is_too_many(&server.ask("POST", ASKED, &[], b""));
    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("ratelimit")), (200, ""), "{path}");
    }
}

#[test]
fn a_token_comes_back_when_it_was_said() {
    let (_program, server) = limited(60, 0, 0, "");
    let mut last = server.get(ASKED);
    while last.status == 200 {
        last = server.get(ASKED);
    }
    is_too_many(&last);
    assert_eq!(last.header("retry-after"), "1");
    let took = until("welcome again", || server.get(ASKED).status == 200);
    assert!(took <= std::time::Duration::from_millis(2000), "{took:?}");
}

#[test]
fn each_key_has_a_limit_of_its_own() {
    let (program, server) = limited(3, 0, 0, "auth = \"keys\"");
    let (one, two) = (key(&program, &[]), key(&program, &[]));
    for _ in 0..3 {
        assert_eq!(with(&server, &one, "GET", ASKED).status, 200);
    }
    is_too_many(&with(&server, &one, "GET", ASKED));
    assert_eq!(with(&server, &two, "GET", ASKED).status, 200, "from the same address");
    for _ in 0..3 {
        assert_eq!(server.get(ASKED).status, 401, "who has none goes by the address");
    }
    is_too_many(&server.get(ASKED));
    assert_eq!(with(&server, &two, "GET", ASKED).status, 200);
}

#[test]
fn whoever_tries_keys_is_slowed_down_and_takes_nobody_with_them() {
    let (program, server) = limited(0, 0, 4, "auth = \"keys\"");
    let good = key(&program, &[]);
    let wrong = format!("pk_aaaaaaaaaaaa_{}", "b".repeat(52));
    for _ in 0..4 {
        assert_eq!(with(&server, &wrong, "GET", ASKED).status, 401);
    }
    let answer = with(&server, &wrong, "GET", ASKED);
    is_too_many(&answer);
    assert!(answer.header("ratelimit-policy").starts_with("\"failures\""));
    assert_eq!(with(&server, &good, "GET", ASKED).status, 200, "a good key from the same address is still good");
}

#[test]
fn senders_behind_a_proxy_that_is_trusted_are_told_apart() {
    let (_program, server) = limited(2, 0, 0, "auth = \"none\"\ntrust_proxy = [\"127.0.0.1\"]");
    let from = |chain: &str| server.ask("GET", ASKED, &[("X-Forwarded-For", chain)], b"").status;
    for chain in ["203.0.113.1", "6.6.6.6, 203.0.113.1"] {
        assert_eq!(from(chain), 200);
    }
    assert_eq!(from("7.7.7.7, 203.0.113.1"), 429, "what the client wrote before it is not believed");
    assert_eq!(from("203.0.113.2"), 200);
    let (_program, server) = limited(2, 0, 0, "");
    let from = |chain: &str| server.ask("GET", ASKED, &[("X-Forwarded-For", chain)], b"").status;
    assert_eq!((from("203.0.113.1"), from("203.0.113.2"), from("203.0.113.3")), (200, 200, 429), "nobody is trusted");
}

#[test]
fn one_person_on_her_own_machine_is_not_counted() {
    let server = Server::of(&demo());
    let answer = server.get(ASKED);
    assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
    let (_program, server) = limited(0, 0, 0, "auth = \"keys\"");
    for _ in 0..100 {
        assert_eq!(server.get(ASKED).status, 401, "0 is no limit");
    }
}
