//! Requests with keys, with wrong ones, and with none.

use std::time::Duration;

use super::{ASKED, id, key, until, with};
use crate::program::Program;
use crate::server::{Answer, Server, demo};

const KEYS: [&str; 2] = ["--auth", "keys"];

/// Every way to change something that there is, and some that there may be one day.
const CHANGES: [(&str, &str); 9] = [
    ("POST", "/api/v1alpha/services"),
    ("PUT", "/api/v1alpha/services/payments/orders-api"),
    ("PATCH", "/api/v1alpha/services/payments/orders-api"),
    ("DELETE", "/api/v1alpha/services/payments/orders-api"),
    ("POST", "/api/v1alpha/services/payments/orders-api/check"),
    ("POST", "/api/v1alpha/holds/h1/release"),
    ("POST", "/api/services"),
    ("POST", "/api/v1alpha/something-new"),
    ("BREW", "/api/v1alpha/services"),
];

#[track_caller]
fn is_unauthenticated(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"portal\""), "{:?}", answer.headers);
    assert_eq!(answer.header("cache-control"), "no-store");
    let problem = answer.problem();
    assert_eq!(problem["type"], "urn:portal:problem:unauthenticated");
}

#[test]
fn without_a_key_nothing_that_is_known_can_be_had() {
    let program = demo();
    let server = Server::with(&program, &KEYS);
    for path in
        [ASKED, "/api/v1alpha/services/payments/orders-api", "/api/v1alpha/nothing", "/api", "/metrics", "/docs/else"]
    {
        is_unauthenticated(&server.get(path));
        is_unauthenticated(&server.ask("OPTIONS", path, &[], b""));
    }
    assert_eq!(server.ask("HEAD", ASKED, &[], b"").status, 401);
    for (method, path) in CHANGES {
        assert_eq!(server.ask(method, path, &[], b"").status, 401, "{method} {path}");
    }
    is_unauthenticated(&server.ask("POST", "/healthz", &[], b""));
    let older = server.get("/api/services");
    assert_eq!(
        (older.status, older.json()["detail"].is_string()),
        (401, true),
        "as the second article's clients know it"
    );
}

#[test]
fn what_says_nothing_about_the_company_is_open() {
    let program = demo();
    let server = Server::with(&program, &KEYS);
    for path in ["/healthz", "/readyz", "/api/health", "/openapi.json", "/docs", "/docs/docs.css"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let page = server.ask("GET", "/services", &[("Accept", "text/html")], b"");
    assert!(
        page.header("content-type").starts_with("text/html"),
        "the page, which asks for the key: {:?}",
        page.headers
    );
}

#[test]
fn every_wrong_key_gets_the_same_answer() {
    let program = demo();
    let (good, gone) = (key(&program, &[]), key(&program, &["--scope", "admin"]));
    let server = Server::with(&program, &KEYS);
    program.expect(0, &["keys", "revoke", id(&gone)]);
    until("revoked", || with(&server, &gone, "GET", ASKED).status == 401);
    let other = format!("pk_{}_{}", id(&good), gone.rsplit('_').next().expect("a secret"));
    let stranger = good.replace(id(&good), "aaaaaaaaaaaa");
    let mut answers = Vec::new();
    for wrong in [
        &format!("Bearer {gone}"),
        &format!("Bearer {other}"),
        &format!("Bearer {stranger}"),
        &format!("Bearer {good}x"),
        &format!("Basic {good}"),
        &good,
        "Bearer",
        "Bearer ",
        "",
        "Bearer pk_\u{e9}",
        &format!("Bearer {}", "x".repeat(20_000)),
    ] {
        let answer = server.ask("GET", ASKED, &[("Authorization", wrong)], b"");
        is_unauthenticated(&answer);
        let mut problem = answer.problem();
        problem["request_id"].take();
        answers.push((answer.header("www-authenticate").to_owned(), problem));
    }
    let one = &answers[0];
    assert!(answers.iter().all(|answer| answer == one), "{answers:#?}");
    assert!(one.0.contains("error=\"invalid_token\""), "{}", one.0);
    // Not even beside a good one: which of two is meant?
    let bearer = format!("Bearer {good}");
    is_unauthenticated(&server.ask("GET", ASKED, &[("Authorization", &bearer), ("Authorization", "x")], b""));
    assert_eq!(with(&server, &good, "GET", ASKED).status, 200);
}

#[test]
fn a_key_works_from_the_moment_it_is_made_until_it_is_revoked() {
    let program = demo();
    let server = Server::with(&program, &KEYS);
    for _ in 0..3 {
        let made = key(&program, &[]);
        assert_eq!(with(&server, &made, "GET", ASKED).status, 200, "at once");
        assert_eq!(server.ask("GET", ASKED, &[("authorization", &format!("bearer {made}"))], b"").status, 200);
        program.expect(0, &["keys", "revoke", id(&made)]);
        let took = until("revoked", || with(&server, &made, "GET", ASKED).status == 401);
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[test]
fn an_expired_key_is_refused() {
    let program = demo();
    let made = key(&program, &["--expires", "1h"]);
    let server = Server::with(&program, &KEYS);
    assert_eq!(with(&server, &made, "GET", ASKED).status, 200);
    drop(server);
    // Somebody else's SQL, in place of an hour's patience.
    let changed = std::process::Command::new("python3")
        .args(["-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(\"UPDATE api_key SET expires_at = created_at\"); c.commit()"])
        .arg(program.path().join("portal.db"))
        .status()
        .expect("python3 starts");
    assert!(changed.success());
    let server = Server::with(&program, &KEYS);
    is_unauthenticated(&with(&server, &made, "GET", ASKED));
    assert_eq!(program.items(&["keys", "list"])[0]["state"], "expired");
}

#[test]
fn a_key_that_reads_changes_nothing_whatever_the_route() {
    let program = demo();
    let reads = key(&program, &["--scope", "read"]);
    let server = Server::with(&program, &KEYS);
    for (method, path) in CHANGES {
        let answer = with(&server, &reads, method, path);
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
        if !path.starts_with("/api/services") {
            let problem = answer.problem();
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`write`")), "{problem:#}");
        }
    }
    assert_eq!(with(&server, &reads, "GET", "/metrics").status, 200);
    let writes = key(&program, &["--scope", "write"]);
    for (method, path) in CHANGES {
        assert_ne!(with(&server, &writes, method, path).status, 401, "{method} {path}");
    }
    let release = "/api/v1alpha/holds/h1/release";
    assert_eq!(with(&server, &writes, "POST", release).status, 403, "a key that edits releases nothing");
    let admin = key(&program, &["--scope", "admin"]);
    assert_eq!(with(&server, &admin, "POST", release).status, 404, "there is no such hold");
    let unknown = with(&server, &writes, "POST", "/api/v1alpha/something-new");
    assert_eq!(unknown.status, 404, "who may change something is told that there is nothing");
}

#[test]
fn a_key_in_an_address_is_refused_and_good_for_nothing() {
    let program = demo();
    let made = key(&program, &["--scope", "admin"]);
    let server = Server::with(&program, &KEYS);
    for query in ["key", "api_key", "access_token", "token", "q"] {
        let answer = server.get(&format!("{ASKED}?{query}={made}"));
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(
            answer.problem()["detail"].as_str().is_some_and(|detail| detail.contains("revoked")),
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains(&made), "it is not repeated");
    }
    assert_eq!(with(&server, &made, "GET", &format!("{ASKED}/{made}")).status, 400);
    assert_eq!(server.get(&format!("/?key={made}")).status, 400, "nor does the page take it");
}

#[test]
fn no_log_holds_a_key() {
    let mut program = demo();
    let (good, gone) = (key(&program, &["--scope", "write"]), key(&program, &[]));
    program.expect(0, &["keys", "revoke", id(&gone)]);
    program.env("PORTAL_LOG", "trace");
    let server = Server::with(&program, &["--auth", "keys", "-vv"]);
    let stranger = good.replace(id(&good), "aaaaaaaaaaaa");
    let secrets: Vec<&str> = [&good, &gone].iter().map(|key| key.rsplit('_').next().expect("a secret")).collect();
    for key in [&good, &gone, &stranger] {
        for (method, path) in
            [("GET", ASKED), ("POST", ASKED), ("GET", "/nothing"), ("GET", "/docs"), ("GET", "/api/x")]
        {
            with(&server, key, method, path);
        }
        server.get(&format!("{ASKED}?key={key}"));
        server.get(&format!("/api/v1alpha/{key}"));
        server.ask("GET", ASKED, &[("Authorization", &format!("Basic {key}")), ("X-Request-Id", "the-last-one")], b"");
        server.ask("GET", ASKED, &[("X-Api-Key", key), ("Cookie", key)], b"");
    }
    server.until("all logged", || server.log().matches("the-last-one").count() >= 3);
    server.signal("TERM");
    let (_, log) = server.end();
    for secret in secrets {
        assert!(!log.contains(secret), "{}", log.lines().find(|line| line.contains(secret)).unwrap_or_default());
    }
    let line = |id: &str, word: &str| log.lines().any(|line| line.contains(id) && line.contains(word));
    assert!(
        line(id(&good), "\"status\":200") && line(id(&gone), "\"refused\":\"revoked\""),
        "who asked is known:\n{log}"
    );
    assert!(log.lines().any(|line| line.contains("\"refused\"") && line.contains("\"from\":\"127.0.0.1\"")), "{log}");
}

#[test]
fn the_last_use_is_kept_without_a_write_per_request() {
    let program = demo();
    let (used, unused) = (key(&program, &[]), key(&program, &[]));
    let server = Server::with(&program, &KEYS);
    for _ in 0..100 {
        assert_eq!(with(&server, &used, "GET", ASKED).status, 200);
    }
    server.signal("TERM");
    server.end();
    let items = program.items(&["keys", "list"]);
    let used_at = |key: &str| items.iter().find(|item| item["id"] == id(key)).expect("listed")["used_at"].clone();
    assert!(used_at(&used).as_str().is_some_and(|at| at.ends_with(":00Z")), "to the minute: {items:#?}");
    assert!(used_at(&unused).is_null());
}

#[test]
fn where_others_reach_it_keys_are_needed_or_insecurity_is_said() {
    let program = Program::new();
    let ran = program.expect(2, &["serve", "--listen", "0.0.0.0:0", "--auth", "none"]);
    ran.says(&["--insecure", "portal keys create"]);
    assert_eq!(program.files(), Vec::<std::path::PathBuf>::new(), "told before anything is made or read");
    program.expect(2, &["serve", "--listen", "[::]:0", "--auth", "none"]).says(&["--insecure"]);
    program.expect(2, &["demo", "--listen", "0.0.0.0:0"]).says(&["--insecure"]);
    program.configure("[serve]\nauth = \"none\"\n");
    program.expect(2, &["serve", "--listen", "0.0.0.0:0"]).says(&["portal.toml", "--insecure"]);
    program.configure("");
    for (listen, more, expected) in [
        ("127.0.0.1:0", &[][..], 200),
        ("127.0.0.1:0", &["--auth", "keys"], 401),
        ("127.0.0.1:0", &["--trust-proxy", "127.0.0.1"], 401),
        ("0.0.0.0:0", &[], 401),
        ("0.0.0.0:0", &["--auth", "none", "--insecure"], 200),
    ] {
        let mut server = Server::start(&mut program.command(&[&["serve", "--listen", listen], more].concat()));
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
        server.until("ready", || server.get("/readyz").status == 200);
        assert_eq!(server.get(ASKED).status, expected, "{listen} {more:?}");
    }
}

#[test]
fn the_file_says_it_and_a_flag_says_otherwise() {
    let program = Program::with_config("[serve]\nauth = \"keys\"\n");
    assert_eq!(Server::of(&program).get(ASKED).status, 401);
    assert_eq!(Server::with(&program, &["--auth", "none"]).get(ASKED).status, 200);
    for (wrong, words) in [
        ("auth = \"password\"", &["line 2", "`none` or `keys`"][..]),
        ("auht = \"keys\"", &["line 2", "did you mean `auth`?"]),
        ("allow_hosts = [\"https://x\"]", &["allow_hosts", "`https://x`"]),
        ("trust_proxy = [\"proxy\"]", &["trust_proxy", "`proxy`", "10.0.0.0/8"]),
        ("limits = { reads_per_minute = -1 }", &["line 2"]),
        ("limits = { reads = 1 }", &["line 2", "`reads`"]),
    ] {
        program.configure(&format!("[serve]\n{wrong}\n"));
        program.expect(2, &["serve", "--listen", "127.0.0.1:0"]).says(words);
    }
    program.configure("");
    program.expect(2, &["serve", "--listen", "127.0.0.1:0", "--allow-host", "a/b"]).says(&["--allow-host", "`a/b`"]);
    program.expect(2, &["serve", "--listen", "127.0.0.1:0", "--trust-proxy", "x"]).says(&["--trust-proxy", "`x`"]);
}

#[test]
fn a_server_without_any_key_says_how_to_make_one() {
    let server = Server::with(&demo(), &KEYS);
    server.until("said", || server.log().contains("portal keys create"));
}
