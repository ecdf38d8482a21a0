//! What every answer tells browsers.

use super::{ASKED, raw};
use crate::server::{Answer, Server, demo};

#[track_caller]
fn is_guarded(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(!answer.header("cache-control").is_empty(), "{what}");
    for name in ["strict-transport-security", "server", "x-powered-by"] {
        assert_eq!(answer.header(name), "", "{what}: {name}");
    }
}

#[test]
fn every_answer_has_the_headers_errors_too() {
    let program = demo();
    let server = Server::of(&program);
    for (method, path) in [
        ("GET", ASKED),
        ("GET", "/api/v1alpha/services/payments/nothing"),
        ("GET", "/api/v1alpha/services?limit=x"),
        ("GET", "/api/nothing"),
        ("POST", ASKED),
        ("DELETE", "/"),
        ("GET", "/docs"),
        ("GET", "/docs/docs.css"),
        ("GET", "/openapi.json"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/favicon.svg"),
        ("GET", "/assets/nothing.js"),
    ] {
        is_guarded(path, &server.ask(method, path, &[], b""));
    }
    is_guarded("the page", &server.ask("GET", "/", &[("Accept", "text/html")], b""));
    is_guarded("421", &raw(&server, "GET / HTTP/1.1\r\nHost: evil.example\r\n"));
    is_guarded("403", &server.ask("POST", ASKED, &[("Origin", "null")], b""));
    let tag = server.get(ASKED).header("etag").to_owned();
    let known = server.ask("GET", ASKED, &[("If-None-Match", &tag)], b"");
    assert_eq!(known.status, 304);
    is_guarded("304", &known);
    is_guarded("401", &Server::with(&program, &["--auth", "keys"]).get(ASKED));
}

#[test]
fn what_belongs_to_somebody_is_asked_for_each_time_and_kept_by_nobody_else() {
    let server = Server::of(&demo());
    for path in
        [ASKED, "/api/v1alpha/services/payments/refunds-api", "/api/v1alpha/facets?of=services", "/openapi.json"]
    {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-cache"), "{path}");
        assert!(!answer.header("etag").is_empty(), "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics", "/api/v1alpha/nothing"] {
        assert_eq!(server.get(path).header("cache-control"), "no-store", "{path}");
    }
}

/// A browser refuses inline scripts and styles under the policy that is sent; so there must be none.
#[test]
fn the_pages_hold_nothing_that_their_policy_forbids() {
    let server = Server::of(&demo());
    for path in ["/docs", "/", "/services"] {
        let answer = server.ask("GET", path, &[("Accept", "text/html")], b"");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && policy.contains("style-src 'self'"), "{path}: {policy}");
        let text = answer.text();
        assert!(!text.contains("<style") && !text.contains(" style="), "{path}");
        assert!(!text.contains(" onclick=") && !text.contains(" onload=") && !text.contains("javascript:"), "{path}");
        for script in text.split("<script").skip(1) {
            let (open, rest) = script.split_once('>').expect("a whole element");
            assert!(open.contains("src=\"/"), "{path}: {open}");
            assert!(rest.starts_with("</script>"), "{path}: a script inside of the page");
        }
        for source in text
            .split(" src=\"")
            .skip(1)
            .chain(text.split("<link").skip(1).filter_map(|l| l.split_once("href=\"")).map(|l| l.1))
        {
            assert!(!source.starts_with("http") && !source.starts_with("//") && !source.starts_with("data:"), "{path}");
        }
    }
    let style = server.get("/docs/docs.css");
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8", "or `nosniff` would refuse it");
    assert!(!style.text().contains("url(") && !style.text().contains("@import"));
}
