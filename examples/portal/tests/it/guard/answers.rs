//! What goes wrong inside is for the log: no answer holds a stack trace, SQL, a host or the path of a file.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::key;
use crate::program::Program;
use crate::server::{Answer, Server, demo, encoded};

/// What only the inside knows.
const INSIDE: [&str; 16] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "api_key",
    "no such table",
    "disk image",
    "sqlite",
    "diesel",
    "tokio",
    "axum",
    "serde",
    ".rs:",
    "panicked",
    "backtrace",
    "Error {",
    "os error",
];

/// Asks every endpoint that the document names, as it is meant and as it is not, and looks at every error.
#[track_caller]
pub(super) fn tell_nothing(server: &Server, key: Option<&str>, program: &Program, more: &[&str]) -> Vec<Answer> {
    let document = server.json("/openapi.json");
    let bearer = key.map(|key| format!("Bearer {key}")).unwrap_or_default();
    let folder = program.path().to_string_lossy().into_owned();
    let inside: Vec<&str> = INSIDE.iter().chain(more).copied().chain([folder.as_str()]).collect();
    let mut wrong = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            for address in addresses(path, item) {
                let method = method.to_uppercase();
                for body in
                    [&b""[..], b"{}", b"{\"name\": \"\\u0000\", \"status_url\": \"http://x\"}", b"{\"a\":", b"\xff"]
                {
                    if method == "GET" && !body.is_empty() {
                        continue;
                    }
                    let headers = [
                        ("Content-Type", "application/json"),
                        ("If-Match", "\"e0.0000000000000000\""),
                        ("Authorization", bearer.as_str()),
                    ];
                    let answer = server.ask(&method, &address, &headers, body);
                    if answer.status < 400 {
                        continue;
                    }
                    let text = answer.text();
                    let told = inside.iter().find(|word| text.contains(**word));
                    assert!(told.is_none(), "{method} {address} tells {told:?}: {text}");
                    let head = format!("{:?}", answer.headers);
                    assert!(!head.contains(&folder), "{method} {address}: {head}");
                    wrong.push(answer);
                }
            }
        }
    }
    assert!(!wrong.is_empty(), "nothing went wrong");
    wrong
}

fn addresses(path: &str, item: &Value) -> Vec<String> {
    let filled = |value: &str| {
        let mut filled = path.to_owned();
        while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
            filled.replace_range(from..=to, value);
        }
        filled
    };
    let mut all: Vec<String> =
        ["payments", "x", "%00", "..%2F..%2Fetc%2Fpasswd", "%ff", "'%22%3Cscript%3E", "1%3BDROP%20TABLE%20entity"]
            .map(filled)
            .into();
    if !path.contains('{') {
        all.truncate(1);
    }
    let needed = |parameter: &&Value| parameter["in"] == "query";
    let names = item["get"]["parameters"].as_array().into_iter().flatten().filter(needed);
    let names: Vec<&str> = names.filter_map(|parameter| parameter["name"].as_str()).collect();
    let values =
        ["", "99999999999999999999", "\0", "' OR 1=1 --", "2020-01-01T00:00:00Z", "service:payments/orders-api"];
    let asked = names.iter().flat_map(|name| values.iter().map(move |value| format!("{name}={}", encoded(value))));
    let asked: Vec<String> = asked.map(|query| format!("{}?{query}", filled("payments"))).collect();
    all.extend(asked);
    all
}

#[test]
fn a_store_that_lost_a_table_is_not_described() {
    let program = demo();
    let admin = key(&program, &["--scope", "admin"]);
    let server = Server::with(&program, &["--auth", "keys"]);
    sql(
        &program,
        "for (name,) in list(c.execute(\"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'api_key'\")): c.execute(f'DROP TABLE IF EXISTS \"{name}\"')",
    );
    let wrong = tell_nothing(&server, Some(&admin), &program, &[]);
    // The older catalogue's errors have another form.
    let is_internal = |answer: &Answer| answer.status == 500 && answer.header("content-type").contains("problem");
    let internal = wrong.iter().find(|answer| is_internal(answer)).expect("something was needed from a table");
    let problem = internal.problem();
    let id = problem["request_id"].as_str().expect("an id").to_owned();
    server.until("logged", || server.log().contains("no such table") && server.log().contains(&id));
}

#[test]
fn a_store_whose_file_is_overwritten_is_not_described() {
    let program = demo();
    let server = Server::of(&program);
    for file in program.files().iter().filter(|file| file.to_string_lossy().contains("portal.db")) {
        let length = std::fs::metadata(file).expect("a file").len();
        let garbage: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let mut open = std::fs::OpenOptions::new().write(true).open(file).expect("it may be written");
        std::io::Write::write_all(&mut open, &garbage).expect("written");
    }
    let wrong = tell_nothing(&server, None, &program, &[]);
    assert!(wrong.iter().any(|answer| answer.status >= 500), "nobody noticed");
}

#[test]
fn a_store_that_somebody_holds_is_not_described() {
    let program = demo();
    let server = Server::of(&program);
    let mut holder = Command::new("python3")
        .args(["-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"])
        .arg(program.path().join("portal.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut held = [0; 4];
    std::io::Read::read_exact(holder.stdout.as_mut().expect("piped"), &mut held).expect("it says so");
    for (method, path) in
        [("GET", "/api/v1alpha/changes"), ("GET", "/api/v1alpha/services"), ("POST", "/api/v1alpha/services")]
    {
        let answer = server.ask(method, path, &[("Content-Type", "application/json")], b"{\"name\": \"x\"}");
        let text = answer.text();
        let told = INSIDE.iter().find(|word| answer.status >= 400 && text.contains(**word));
        assert!(told.is_none(), "{method} {path} tells {told:?}: {text}");
    }
    drop(holder.stdin.take());
    holder.wait().expect("it ends");
}

#[test]
fn requests_that_are_no_http_get_no_more_than_a_status() {
    let program = demo();
    let server = Server::of(&program);
    for head in [
        "GET /api/v1alpha/services HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n",
        "GET /api/v1alpha/services HTTP/9.9\r\nHost: localhost\r\n",
        "GET  HTTP/1.1\r\nHost: localhost\r\n",
        "G\0T / HTTP/1.1\r\nHost: localhost\r\n",
    ] {
        let answer = super::raw(&server, head);
        assert!(answer.status >= 400 && answer.body.is_empty(), "{} {}", answer.status, answer.text());
    }
}

fn sql(program: &Program, statements: &str) {
    let script = format!(
        "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute('PRAGMA foreign_keys = off')\n{statements}\nc.commit()"
    );
    let ran = Command::new("python3").args(["-c", &script]).arg(program.path().join("portal.db")).status();
    assert!(ran.expect("python3 starts").success(), "{statements}");
}
