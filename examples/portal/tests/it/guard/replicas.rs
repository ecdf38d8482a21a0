//! Two servers on one store in PostgreSQL: what one is told, the other knows; and what both do when the store is gone.

use std::time::Duration;

use super::{ASKED, answers, id, key, until, with};
use crate::bed::Bed;
use crate::program::Program;
use crate::server::Server;

fn portal(bed: &Bed) -> Program {
    let mut program = Program::new();
    program.env("PORTAL_STORE", format!("{}?sslmode=disable", bed.said("url")));
    program.expect(0, &["demo", "--no-serve"]);
    program
}

#[test]
fn a_key_that_is_revoked_stops_in_every_replica_within_a_second() {
    let bed = Bed::own("postgres");
    let program = portal(&bed);
    let replicas = [Server::with(&program, &["--auth", "keys"]), Server::with(&program, &["--auth", "keys"])];
    let made = key(&program, &["--scope", "write"]);
    for replica in &replicas {
        assert_eq!(with(replica, &made, "GET", ASKED).status, 200, "at once");
    }
    program.expect(0, &["keys", "revoke", id(&made)]);
    let took =
        until("revoked in both", || replicas.iter().all(|replica| with(replica, &made, "GET", ASKED).status == 401));
    assert!(took < Duration::from_secs(1), "{took:?}");
    let seen = program.items(&["keys", "list"]);
    assert_eq!(seen[0]["state"], "revoked");
}

#[test]
fn with_a_store_that_is_gone_known_keys_read_and_nothing_is_changed() {
    let mut bed = Bed::own("postgres");
    let program = portal(&bed);
    let server = Server::with(&program, &["--auth", "keys"]);
    let known = key(&program, &["--scope", "admin"]);
    assert_eq!(with(&server, &known, "GET", ASKED).status, 200);
    bed.command("stop");
    server.until("noticed", || server.get("/readyz").json()["store"] == "unreachable");
    let answer = with(&server, &known, "GET", ASKED);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.header("age").is_empty(), "marked with its age");
    let stranger = format!("pk_aaaaaaaaaaaa_{}", "b".repeat(52));
    let answer = with(&server, &stranger, "GET", ASKED);
    assert_eq!(answer.status, 503, "it may have been made a moment ago");
    assert!(!answer.header("retry-after").is_empty());
    let wrong = format!("pk_{}_{}", id(&known), "b".repeat(52));
    assert_eq!(with(&server, &wrong, "GET", ASKED).status, 401, "this one is wrong in any case");
    until("too old for changes", || with(&server, &known, "POST", "/api/v1alpha/nothing").status == 503);
    answers::tell_nothing(
        &server,
        Some(&known),
        &program,
        &[&format!(":{}", bed.told["port"]), "postgres", "127.0.0.1"],
    );
    bed.command("start");
    server.until("back", || server.get("/readyz").json()["store"] == "reachable");
    until("known again", || with(&server, &known, "POST", "/api/v1alpha/nothing").status == 404);
    let new = key(&program, &[]);
    assert_eq!(with(&server, &new, "GET", ASKED).status, 200);
}
