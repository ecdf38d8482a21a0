//! Answers that are kept: sent again while nothing changed, and never after it did.

use serde_json::json;

use crate::server::{Answer, Server, demo};

const LIST: &str = "/api/v1alpha/services?limit=100";
const SERVICE: &str = "/api/v1alpha/services/payments/refunds-api";

/// How many answers were kept ones so far.
#[track_caller]
pub(crate) fn kept(server: &Server, key: Option<&str>) -> u64 {
    let bearer = key.map(|key| format!("Bearer {key}")).unwrap_or_default();
    let figures = server.ask("GET", "/metrics", &[("Authorization", &bearer)], b"").text();
    let count = figures.lines().find_map(|line| line.strip_prefix("portal_kept_answers_total "));
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count:\n{figures}"))
}

#[track_caller]
fn ask(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let answer = server.ask("GET", path, headers, b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer
}

#[test]
fn a_question_that_was_asked_is_answered_again_word_for_word() {
    let program = demo();
    let server = Server::of(&program);
    for path in [LIST, SERVICE, "/api/v1alpha/facets?of=services", "/api/v1alpha/search?q=refunds", "/api/services"] {
        let before = kept(&server, None);
        let (first, second) = (ask(&server, path, &[]), ask(&server, path, &[]));
        assert_eq!(kept(&server, None), before + 1, "{path}");
        assert_eq!(first.body, second.body, "{path}");
        for name in ["content-type", "etag", "vary", "content-length", "content-security-policy"] {
            assert_eq!(first.header(name), second.header(name), "{path}: {name}");
        }
        assert_ne!(first.header("x-request-id"), second.header("x-request-id"), "{path}");
        let known = server.ask("GET", path, &[("If-None-Match", first.header("etag"))], b"");
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
        assert_eq!(kept(&server, None), before + 2, "{path}");
    }
}

#[test]
fn a_client_that_takes_no_compression_gets_none() {
    let program = demo();
    let server = Server::of(&program);
    let plain = ask(&server, LIST, &[]);
    for _ in 0..2 {
        let packed = ask(&server, LIST, &[("Accept-Encoding", "gzip")]);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert!(packed.body.len() < plain.body.len() / 2, "{} of {}", packed.body.len(), plain.body.len());
        assert_eq!(packed.header("etag").trim_start_matches("W/"), plain.header("etag").trim_start_matches("W/"));
        let two = ask(&server, LIST, &[("Accept-Encoding", "gzip"), ("Accept-Encoding", "x")]);
        assert_eq!(two.header("content-encoding"), "gzip");
        for codings in ["gzip;q=0", "identity", "gzip x", "gzip\tx"] {
            let answer = ask(&server, LIST, &[("Accept-Encoding", codings)]);
            assert_eq!((answer.header("content-encoding"), &answer.body), ("", &plain.body), "{codings}");
        }
        assert_eq!(ask(&server, LIST, &[]).body, plain.body);
    }
}

#[test]
fn after_a_change_the_old_answer_is_gone() {
    let program = demo();
    let server = Server::of(&program);
    for word in ["first words", "second words", "third words"] {
        for path in [LIST, SERVICE] {
            assert!(!ask(&server, path, &[]).text().contains(word), "{path}");
            assert!(!ask(&server, path, &[]).text().contains(word), "{path}");
        }
        server.written(200, "PATCH", SERVICE, Some(&server.tag(SERVICE)), &json!({"description": word}));
        for path in [LIST, SERVICE] {
            assert!(ask(&server, path, &[]).text().contains(word), "{path}");
        }
    }
}

#[test]
fn errors_and_what_is_no_read_are_never_kept() {
    let program = demo();
    let server = Server::of(&program);
    let before = kept(&server, None);
    for _ in 0..2 {
        server.problem("GET", "/api/v1alpha/services?team=nobody-knows-it", 400);
        server.problem("GET", "/api/v1alpha/services/nowhere/nothing", 404);
        let head = server.ask("HEAD", LIST, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
        for path in ["/healthz", "/api/v1alpha/changes"] {
            ask(&server, path, &[]);
        }
    }
    assert_eq!(kept(&server, None), before);
    assert!(!ask(&server, LIST, &[]).body.is_empty(), "a HEAD took the body away");
}

#[test]
fn whoever_may_not_ask_gets_no_kept_answer_either() {
    let program = demo();
    let key = program.expect(0, &["keys", "create", "--name", "a program"]).out.trim_end().to_owned();
    let server = Server::with(&program, &["--auth", "keys"]);
    let bearer = format!("Bearer {key}");
    for _ in 0..2 {
        ask(&server, LIST, &[("Authorization", &bearer)]);
    }
    assert_eq!(kept(&server, Some(&key)), 1);
    server.problem("GET", LIST, 401);
}
