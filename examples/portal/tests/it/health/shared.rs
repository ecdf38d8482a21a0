//! Several replicas on one store: each service is checked by one of them, and never by nobody for long.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::hosts::{Host, Manner};
use super::{QUICK, figure, say, service, status, url_of};
use crate::bed::Bed;
use crate::everywhere::database;
use crate::program::Program;
use crate::server::{PATIENCE, Server};

const SERVICES: usize = 24;

fn names() -> Vec<String> {
    (0..SERVICES).map(|n| format!("s{n:02}")).collect()
}

/// A configuration, and services in a store: that of the folder, or this one.
fn prepared(host: &Host, store: Option<&str>) -> Program {
    let mut program = Program::with_config(&QUICK.replace("confirm", "per_host = 100\n    confirm"));
    if let Some(store) = store {
        program.env("PORTAL_STORE", store);
    }
    let all: Vec<(String, String)> =
        names().into_iter().map(|name| (name.clone(), host.url(&format!("/{name}")))).collect();
    let all: Vec<(&str, String)> = all.iter().map(|(name, url)| (name.as_str(), url.clone())).collect();
    say(store.unwrap_or(&url_of(&program)), &all);
    program
}

/// Databases keep fewer digits of a second than the portal has.
fn millisecond(time: &Value) -> Option<i64> {
    time.as_str()?.parse().ok().map(Timestamp::as_millisecond)
}

fn share(server: &Server) -> f64 {
    figure(server, "portal_health_services")
}

fn replicas_share_and_take_over(store: Option<&str>) {
    let host = Host::start();
    let program = prepared(&host, store);
    let (one, two) = (Server::of(&program), Server::of(&program));
    let all = SERVICES as f64;
    one.until("shared", || {
        let (a, b) = (share(&one), share(&two));
        a + b == all && a > 0.0 && b > 0.0
    });
    // Nobody is left out, and nobody is asked by both: that would be twice in each interval of a second.
    let began = Instant::now();
    let times = |name: &String| host.since(began).get(&format!("/{name}")).copied().unwrap_or(0);
    one.until("all are asked six times", || names().iter().all(|name| times(name) >= 6));
    let most = began.elapsed().as_secs() as usize + 3;
    for name in names() {
        assert!(times(&name) <= most, "{name} was asked {} times in {:?}", times(&name), began.elapsed());
    }
    // Each of them shows what the other one found.
    host.behave("/s00", Manner::Status(503));
    host.behave("/s23", Manner::Status(503));
    for server in [&one, &two] {
        for name in ["s00", "s23"] {
            server.until("heard of", || status(server, name) == "degraded");
        }
    }
    two.signal("KILL");
    one.until("taken over", || share(&one) == all);
    let before = Instant::now();
    one.until("all are asked again", || {
        let asked = host.since(before);
        names().iter().all(|name| asked.get(&format!("/{name}")).is_some_and(|times| *times > 0))
    });
    // One that comes takes its share, and gives it back at once when it goes in order.
    let three = Server::of(&program);
    one.until("shared again", || share(&one) + share(&three) == all && share(&three) > 0.0);
    three.signal("TERM");
    assert_eq!(three.end().0, 0);
    one.until("given back", || share(&one) == all);
}

#[test]
fn two_replicas_on_sqlite_share_the_checks_and_take_over() {
    replicas_share_and_take_over(None);
}

#[test]
fn two_replicas_on_postgres_share_the_checks_and_take_over() {
    let postgres = Bed::join("postgres");
    replicas_share_and_take_over(Some(&database(&postgres, "checks")));
}

#[test]
fn a_store_that_is_gone_stops_no_check_and_gets_the_results_later() {
    let mut postgres = Bed::own("postgres");
    let store = postgres.said("url").to_owned();
    let host = Host::start();
    let program = prepared(&host, Some(&store));
    let server = Server::of(&program);
    server.until("healthy", || status(&server, "s00") == "healthy");
    postgres.command("stop");
    server.until("the loss is seen", || server.json("/readyz")["store"] == "unreachable");
    host.behave("/s00", Manner::Status(503));
    server.until("checks go on", || status(&server, "s00") == "degraded");
    server.until("results wait", || figure(&server, "portal_health_unrecorded") > 0.0);
    // Who asks now is answered, too.
    let answer = server.ask("POST", "/api/v1alpha/services/test/s01/check", &[], b"");
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"healthy".into()));
    let gone = millisecond(&service(&server, "s00")["last_checked_at"]).expect("it was checked");
    postgres.command("start");
    server.until("recorded", || {
        let history = server.get("/api/v1alpha/services/test/s00/health");
        history.status == 200 && {
            let spans = history.json()["spans"].clone();
            // The span began while the store was away.
            spans.as_array().and_then(|spans| spans.last()).is_some_and(|last| {
                last["status"] == "degraded" && millisecond(&last["from"]).is_some_and(|from| from <= gone)
            })
        }
    });
    assert_eq!(figure(&server, "portal_health_lost_total"), 0.0);
    let deadline = Instant::now() + PATIENCE;
    while figure(&server, "portal_health_unrecorded") > SERVICES as f64 {
        assert!(Instant::now() < deadline, "the backlog does not go");
        std::thread::sleep(Duration::from_millis(50));
    }
}
