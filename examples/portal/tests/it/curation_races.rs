//! Writers that are faster than others, and a store that is gone.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::bed::Bed;
use crate::curation::SERVICES;
use crate::everywhere::database;
use crate::program::Program;
use crate::server::Server;

const CART: &str = "/api/v1alpha/services/manual/cart";
const WRITERS: usize = 4;
const ROUNDS: usize = 15;

/// Every writer adds its tags to those that it read, one by one, and tries again when it was too slow.
fn nothing_is_lost(servers: &[&Server]) {
    let stale = AtomicUsize::new(0);
    servers[0].written(201, "POST", SERVICES, None, &json!({"name": "cart", "tags": []}));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (server, stale) = (servers[writer % servers.len()], &stale);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    server.until("written", || {
                        let read = server.get(CART);
                        let service = read.json();
                        let mut tags = service["tags"].as_array().cloned().unwrap_or_default();
                        tags.push(json!(format!("w{writer}-{round}")));
                        let answer = server.write("PATCH", CART, Some(read.header("etag")), &json!({"tags": tags}));
                        match answer.status {
                            200 => true,
                            412 => {
                                answer.problem();
                                stale.fetch_add(1, Ordering::Relaxed);
                                false
                            }
                            other => panic!("{other}: {}", answer.text()),
                        }
                    });
                }
            });
        }
    });
    // A server may hear a little later of what was written to the other one.
    for server in servers {
        server.until("whole", || server.json(CART)["tags"].as_array().map(Vec::len) == Some(WRITERS * ROUNDS));
    }
    assert!(stale.into_inner() > 0, "nobody was ever too slow: this proves nothing");
}

#[test]
fn racing_writers_of_one_server_lose_nothing() {
    let program = Program::new();
    nothing_is_lost(&[&Server::of(&program)]);
}

#[test]
fn racing_writers_of_two_servers_on_sqlite_lose_nothing() {
    let program = Program::new();
    nothing_is_lost(&[&Server::of(&program), &Server::of(&program)]);
}

#[test]
fn racing_writers_of_two_servers_on_postgres_lose_nothing() {
    let bed = Bed::join("postgres");
    let mut program = Program::new();
    program.env("PORTAL_STORE", database(&bed, "races"));
    nothing_is_lost(&[&Server::of(&program), &Server::of(&program)]);
}

#[test]
fn of_two_that_add_one_name_one_succeeds() {
    let program = Program::new();
    let servers = [Server::of(&program), Server::of(&program)];
    for (path, prefix) in [(SERVICES, "new"), ("/api/services", "old")] {
        for round in 0..10 {
            let body = json!({"name": format!("{prefix}-{round}")});
            let statuses: Vec<u16> = std::thread::scope(|scope| {
                let post = |server| {
                    let body = &body;
                    scope.spawn(move || Server::write(server, "POST", path, None, body).status)
                };
                let racing = [post(&servers[0]), post(&servers[1])];
                racing.into_iter().map(|writer| writer.join().expect("no panic")).collect()
            });
            let mut sorted = statuses.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [201, 409], "{path} {round}: {statuses:?}");
        }
    }
    assert_eq!(servers[0].json("/api/services")["total"], 20);
}

#[test]
fn writes_that_name_no_version_all_come_through() {
    let program = Program::new();
    let server = Server::of(&program);
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart"}));
    let fields = ["description", "display_name", "docs_url", "github_url", "dashboard_url"];
    std::thread::scope(|scope| {
        for field in fields {
            let server = &server;
            scope.spawn(move || {
                for round in 0..8 {
                    let said = json!({field: format!("https://a.example/{field}/{round}")});
                    server.written(200, "PATCH", CART, Some("*"), &said);
                }
            });
        }
    });
    let service = server.json(CART);
    for field in fields {
        assert_eq!(service[field], format!("https://a.example/{field}/7"), "{service:#}");
    }
}

#[test]
fn while_the_store_is_gone_writes_say_when_to_come_back_and_reads_go_on() {
    let mut bed = Bed::own("postgres");
    let mut program = Program::new();
    program.env("PORTAL_STORE", bed.said("url"));
    let server = Server::of(&program);
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart", "description": "before"}));
    let tag = server.tag(CART);
    bed.command("stop");
    for (method, path, body) in [
        ("POST", SERVICES, json!({"name": "other"})),
        ("PATCH", CART, json!({"description": "after"})),
        ("PUT", CART, json!({})),
        ("DELETE", CART, json!({})),
    ] {
        let answer = server.write(method, path, Some(&tag), &body);
        assert_eq!(answer.status, 503, "{method} {path}: {}", answer.text());
        let problem = answer.problem();
        assert_eq!(problem["type"], "urn:portal:problem:unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{:?}", answer.headers);
        assert!(!answer.text().contains("postgres") && !answer.text().contains("127.0.0.1"), "{}", answer.text());
    }
    let legacy = server.write("POST", "/api/services", None, &json!({"name": "other"}));
    assert_eq!((legacy.status, legacy.json()["detail"].is_string()), (503, true), "{}", legacy.text());
    assert!(!legacy.header("retry-after").is_empty());
    let read = server.get(CART);
    assert_eq!((read.status, read.json()["description"].as_str()), (200, Some("before")));
    assert_eq!(server.json("/readyz")["store"], "unreachable");
    bed.command("start");
    server.until("writable again", || {
        server.write("PATCH", CART, Some(&tag), &json!({"description": "after"})).status == 200
    });
    assert_eq!(server.json(CART)["description"], "after");
    assert_eq!(server.json(SERVICES)["total"], 1, "what was refused was not done");
}
