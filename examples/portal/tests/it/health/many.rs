//! Many services at once, among them slow and broken ones.

use std::time::{Duration, Instant};

use super::hosts::{Host, Manner, nobody};
use super::{QUICK, figure, statuses, with_services};
use crate::server::Server;

#[test]
fn two_thousand_services_are_checked_in_one_interval_and_the_api_answers_meanwhile() {
    let (fast, slow) = (Host::start(), Host::start());
    for n in 0..2_000 {
        match n % 20 {
            0 => slow.behave(&format!("/{n}"), Manner::Slow(Duration::from_secs(2))),
            1 => fast.behave(&format!("/{n}"), Manner::Status(500)),
            _ => {}
        }
    }
    let refused = nobody();
    let names: Vec<String> = (0..2_000).map(|n| format!("{n:04}")).collect();
    let services: Vec<(&str, String)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| match n % 20 {
            0 => (name.as_str(), slow.url(&format!("/{n}"))),
            2 => (name.as_str(), refused.clone()),
            _ => (name.as_str(), fast.url(&format!("/{n}"))),
        })
        .collect();
    let config = QUICK.replace("every = \"1s\"", "every = \"60s\"").replace("\"2s\"", "\"10s\"");
    let program = with_services(&format!("{config}per_host = 200\n"), &services);
    let server = Server::of(&program);
    let began = Instant::now();
    server.until("all of them are checked", || {
        let asked = Instant::now();
        server.json("/api/v1alpha/services/test/0007");
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(10), "an answer took {took:?} while services were checked");
        figure(&server, "portal_health_check_seconds_count") >= 2_000.0 && {
            let known = statuses(&server);
            known.values().all(|status| status != "unknown")
        }
    });
    let took = began.elapsed();
    assert!(took < Duration::from_secs(60), "it took {took:?}, longer than the interval");
    for (n, (name, status)) in statuses(&server).into_iter().enumerate() {
        let expected = match n % 20 {
            1 => "degraded",
            2 => "down",
            _ => "healthy",
        };
        assert_eq!(status, expected, "{name}");
    }
}

#[test]
fn a_slow_host_delays_only_itself() {
    let (slow, fast) = (Host::start(), Host::start());
    let slow_paths: Vec<String> = (0..40).map(|n| format!("/slow/{n}")).collect();
    slow_paths.iter().for_each(|path| slow.behave(path, Manner::Silent));
    let fast_paths: Vec<String> = (0..10).map(|n| format!("/fast/{n}")).collect();
    // Two names of this machine are two hosts.
    let slow_url = |path: &str| format!("http://localhost:{}{path}", slow.address.port());
    let services: Vec<(String, String)> = slow_paths
        .iter()
        .map(|path| (path.replace('/', "-"), slow_url(path)))
        .chain(fast_paths.iter().map(|path| (path.replace('/', "-"), fast.url(path))))
        .collect();
    let services: Vec<(&str, String)> = services.iter().map(|(name, url)| (name.as_str(), url.clone())).collect();
    let config =
        QUICK.replace("127.0.0.1\"", "127.0.0.1\", \"localhost\"").replace("confirm", "per_host = 2\n    confirm");
    let program = with_services(&config, &services);
    let server = Server::of(&program);
    server.until("the slow ones are asked", || !slow.since(Instant::now() - Duration::from_secs(60)).is_empty());
    let began = Instant::now();
    let times = |path: &String| fast.since(began).get(path).copied().unwrap_or(0);
    server.until("the fast ones are asked again and again", || fast_paths.iter().all(|path| times(path) >= 5));
    let slow_asked: usize = slow.since(began).values().sum();
    // Two at a time, two seconds each.
    let most = began.elapsed().as_secs() as usize + 4;
    assert!(slow_asked <= most, "{slow_asked} in {:?}", began.elapsed());
}
