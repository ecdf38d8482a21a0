//! Texts that somebody sends who means no good: each is refused with a whole problem, or comes back as the text that it is.

use serde_json::json;

use crate::bed::Bed;
use crate::curation::SERVICES;
use crate::everywhere::database;
use crate::program::Program;
use crate::server::{Server, encoded};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn is_only_ever_data(server: &Server) {
    let texts = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE curated; --",
        "=cmd|' /C calc'!A0",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "%2e%2e%2f",
        "\\..\\..",
        "👩‍👩‍👧‍👦",
        "e\u{301}",
        "\u{10ffff}",
    ];
    for text in texts {
        let new = json!({"name": text.replace('/', "|"), "namespace": "x", "description": text, "tags": [text.trim_start_matches('=')],
            "display_name": text, "links": [{"title": text, "url": "https://a.example/?q=%3Cb%3E"}]});
        let added = server.written(201, "POST", SERVICES, None, &new);
        assert_eq!((&added["description"], &added["display_name"]), (&json!(text), &json!(text)));
        let path = format!("{SERVICES}/x/{}", encoded(&text.replace('/', "|")));
        let read = server.get(&path);
        assert_eq!((read.status, read.header("content-type")), (200, "application/json"), "{path}");
        assert_eq!(read.json()["links"][0]["title"], text);
        let found = server.json(&format!("{SERVICES}?q={}", encoded(text)));
        assert!(found["total"].as_u64().is_some_and(|total| total >= 1), "{text}: {found:#}");
        let gone = server.ask("DELETE", &format!("{path}?why={}", encoded(text)), &[("If-Match", "*")], b"");
        assert_eq!(gone.status, 204, "{}", gone.text());
    }
}

#[test]
fn hostile_texts_come_back_as_the_texts_that_they_are() {
    let program = Program::new();
    is_only_ever_data(&Server::of(&program));
}

#[test]
fn hostile_texts_come_back_from_postgres_as_the_texts_that_they_are() {
    let bed = Bed::join("postgres");
    let mut program = Program::new();
    program.env("PORTAL_STORE", database(&bed, "hostile"));
    is_only_ever_data(&Server::of(&program));
}

#[test]
fn what_cannot_be_kept_or_read_is_refused_with_a_whole_problem() {
    let program = Program::new();
    let server = Server::of(&program);
    let body = |name: &str| format!("{{\"name\": \"x\", \"description\": {name}}}").into_bytes();
    let deep = [b"{\"name\": ".as_slice(), &[b'['; 100_000], &[b']'; 100_000], b"}"].concat();
    let wide = format!("{{\"name\": \"x\", \"tags\": [{}]}}", vec!["\"t\""; 40_000].join(","));
    let cases: Vec<(u16, Vec<u8>)> = vec![
        (422, body("\"a\\u0000b\"")),
        (400, body("\"\\ud800\"")),
        (400, body("\"a\0b\"")),
        (400, [b"{\"name\": \"".as_slice(), b"\xff\xfe", b"\"}"].concat()),
        (413, body(&format!("\"{}\"", "x".repeat(1 << 20)))),
        (422, body(&format!("\"{}\"", "x".repeat(100_000)))),
        (400, deep),
        (422, wide.into_bytes()),
        (400, b"{\"name\": \"x\"} {\"name\": \"y\"}".to_vec()),
        (400, b"{\"name\": \"x\"".to_vec()),
        (400, b"\xef\xbb\xbf{\"name\": \"x\"}".to_vec()),
        (422, b"{\"name\": 1e999999}".to_vec()),
        (422, b"null".to_vec()),
        (422, b"[]".to_vec()),
        (422, b"\"x\"".to_vec()),
    ];
    for (status, body) in cases {
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = server.ask("POST", SERVICES, &[JSON], &body);
        assert!(answer.status == status || answer.status == 400 && status == 422, "{start}: {}", answer.text());
        answer.problem();
        assert!(answer.body.len() < 4096, "{start} is not repeated whole: {}", answer.body.len());
    }
    let empty = server.ask("POST", SERVICES, &[JSON], b"");
    assert_eq!(empty.problem()["status"], 400);
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""]
    {
        let answer = server.ask("POST", SERVICES, &[("Content-Type", kind)], b"{\"name\": \"x\"}");
        assert_eq!(answer.problem()["status"], 415, "{kind}");
    }
    for path in ["%00", "%ff", "%2e%2e", "a%2Fb", "%E2%80%AE", &"x".repeat(20_000)] {
        let path = format!("{SERVICES}/x/{path}");
        let answer = server.ask("PATCH", &path, &[JSON, ("If-Match", "*")], b"{}");
        assert!([400, 404].contains(&answer.status), "{}: {}", answer.status, answer.text());
        answer.problem();
    }
    let tags = vec!["\"e0.0123456789abcdef\""; 2000].join(",");
    for seen in [tags.as_str(), "\u{ff}", "W/", ",,,", "\"e18446744073709551616.0123456789abcdef\""] {
        server.written(201, "POST", SERVICES, None, &json!({"name": "cart"}));
        let path = format!("{SERVICES}/manual/cart");
        assert_eq!(server.refused(412, "PATCH", &path, Some(seen), &json!({}))["status"], 412);
        assert_eq!(server.ask("DELETE", &path, &[("If-Match", "*")], b"").status, 204);
    }
    assert_eq!(server.json(SERVICES)["total"], 0);
}

#[test]
fn neither_bodies_nor_reasons_stand_in_the_log() {
    let program = Program::new();
    let server = Server::of(&program);
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart", "description": "s3cr3t-words"}));
    server.refused(422, "POST", SERVICES, None, &json!({"name": "x", "docs_url": "https://me:s3cr3t-words@a/"}));
    let path = format!("{SERVICES}/manual/cart?why=s3cr3t-words");
    assert_eq!(server.ask("DELETE", &path, &[("If-Match", "*")], b"").status, 204);
    // What it still had to say, it says before it ends.
    server.signal("TERM");
    let (code, log) = server.end();
    assert_eq!((code, log.matches("DELETE").count()), (0, 1), "{log}");
    assert!(!log.contains("s3cr3t"), "{log}");
}
