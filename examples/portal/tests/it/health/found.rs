//! What is found, believed and told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::hosts::{Host, Manner, nobody};
use super::{QUICK, figure, say, service, status, store_in, url_of, with_services};
use crate::kept::kept;
use crate::server::Server;

const CHECK: &str = "/api/v1alpha/services/test/a/check";

#[test]
fn answers_become_statuses_and_words() {
    let host = Host::start();
    host.behave("/redirect", Manner::Status(302));
    host.behave("/broken", Manner::Status(503));
    host.behave("/silent", Manner::Silent);
    let services = [
        ("well", host.url("/well")),
        ("moved", host.url("/redirect")),
        ("broken", host.url("/broken?token=hunter2")),
        ("silent", host.url("/silent")),
        ("refused", nobody()),
        ("metadata", "http://169.254.169.254/latest/meta-data/".to_owned()),
        ("decimal", "http://2130706433/".to_owned()),
        ("local", format!("http://localhost:{}/", host.address.port())),
    ];
    let config = QUICK.replace("127.0.0.1", "127.0.0.1\", \"localhost");
    host.behave("/broken?token=hunter2", Manner::Status(503));
    let mut program = with_services(&config, &services);
    // A proxy is not asked: it would look the name up itself.
    program.env("http_proxy", "http://127.0.0.1:1").env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "x");
    let server = Server::of(&program);
    for (name, expected, words) in [
        ("well", "healthy", "200 in "),
        ("moved", "degraded", "302 in "),
        ("broken", "degraded", "503 in "),
        ("silent", "down", "no answer in 2 s"),
        ("refused", "down", "connection refused"),
        ("metadata", "unknown", "not asked: the host is a metadata service"),
        ("decimal", "unknown", "not asked: the address is not written"),
        ("local", "healthy", "200 in "),
    ] {
        server.until(&format!("{name} is checked"), || service(&server, name)["check_detail"].is_string());
        let found = service(&server, name);
        assert_eq!(found["status"], expected, "{found:#}");
        assert!(found["check_detail"].as_str().is_some_and(|detail| detail.starts_with(words)), "{found:#}");
        assert!(found["last_checked_at"].is_string(), "{found:#}");
    }
    assert!(!server.log().contains("hunter2"));
}

#[test]
fn a_result_makes_answers_about_services_anew_and_leaves_those_about_resources() {
    const LISTS: [&str; 2] = ["/api/v1alpha/services", "/api/v1alpha/resources"];
    let host = Host::start();
    let program = with_services(&QUICK.replace("1s\"\n    timeout", "1h\"\n    timeout"), &[("a", host.url("/a"))]);
    let server = Server::of(&program);
    server.until("checked for the first time", || status(&server, "a") == "healthy");
    let [services, resources] = LISTS.map(|list| server.get(list));
    host.behave("/a", Manner::Status(500));
    assert_eq!(server.ask("POST", CHECK, &[], b"").status, 200);
    let before = kept(&server, None);
    let [now, same] = LISTS.map(|list| server.get(list));
    assert_eq!(now.json()["items"][0]["status"], "degraded");
    assert_ne!(now.header("etag"), services.header("etag"));
    assert_eq!(same.header("etag"), resources.header("etag"));
    assert_eq!(kept(&server, None), before + 1, "only that about resources is still right");
}

#[test]
fn a_check_that_somebody_asks_for_is_made_at_once_and_believed_at_once() {
    let host = Host::start();
    let config =
        QUICK.replace("1s\"\n    timeout", "1h\"\n    timeout").replace("of = 1, agree = 1", "of = 4, agree = 3");
    let program = with_services(&config, &[("a", host.url("/a")), ("none", String::new())]);
    let server = Server::of(&program);
    server.until("checked for the first time", || status(&server, "a") == "healthy");
    host.behave("/a", Manner::Status(500));
    std::thread::sleep(Duration::from_millis(10));
    let answer = server.ask("POST", CHECK, &[], b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!((told["status"].as_str(), told["ref"].as_str()), (Some("degraded"), Some("service:test/a")));
    assert_eq!(status(&server, "a"), "degraded");
    assert_eq!(server.ask("GET", "/api/v1alpha/services/test/a", &[], b"").header("etag"), answer.header("etag"));
    assert_eq!(server.problem("POST", "/api/v1alpha/services/test/b/check", 404)["title"], "Not found");
    let problem = server.problem("POST", "/api/v1alpha/services/test/none/check", 422);
    assert_eq!(problem["type"], "urn:portal:problem:no-status-url");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("status_url")), "{problem:#}");
    server.problem("POST", &format!("{CHECK}?now=1"), 400);

    // What was found is in the store when it is told: another process shows it without asking anybody.
    drop(server);
    let before = host.asked("/a").len();
    let server = Server::with(&program, &["--no-health"]);
    server.until("known from the store", || status(&server, "a") == "degraded");
    let problem = server.problem("POST", CHECK, 409);
    assert_eq!(problem["type"], "urn:portal:problem:no-checks");
    assert_eq!(host.asked("/a").len(), before);
}

#[test]
fn the_older_catalogue_checks_the_same_way() {
    let host = Host::start();
    let program = with_services(&QUICK.replace("1s\"\n    timeout", "1h\"\n    timeout"), &[]);
    let server = Server::of(&program);
    let add = |body: Value| server.write("POST", "/api/services", None, &body).json();
    let service = add(json!({"name": "Cart", "status_url": host.url("/cart")}));
    let check =
        |id: &Value| server.ask("POST", &format!("/api/services/{}/check", id.as_str().expect("an id")), &[], b"");
    let answer = check(&service["id"]);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"healthy".into()), "{}", answer.text());
    assert!(answer.json()["last_checked_at"].is_string());
    let without = add(json!({"name": "Without"}));
    for (id, status) in [(&without["id"], 422), (&json!("no-uuid"), 422)] {
        let answer = check(id);
        let detail = answer.json();
        assert_eq!((answer.status, detail.as_object().map(serde_json::Map::len)), (status, Some(1)), "{detail}");
        assert!(detail["detail"].is_string(), "{detail}");
    }
    assert_eq!(check(&json!("00000000-0000-0000-0000-000000000000")).status, 404);
}

#[test]
fn many_who_ask_at_once_are_one_check() {
    let host = Host::start();
    host.behave("/a", Manner::Slow(Duration::from_millis(300)));
    let config = QUICK.replace("1s\"\n    timeout", "1h\"\n    timeout");
    let program = with_services(&config, &[("a", host.url("/a"))]);
    let server = Server::of(&program);
    server.until("checked for the first time", || status(&server, "a") == "healthy");
    let before = host.asked("/a").len();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| assert_eq!(server.ask("POST", CHECK, &[], b"").status, 200));
        }
    });
    let seconds = began.elapsed().as_secs() as usize;
    let asked = host.asked("/a").len() - before;
    assert!((1..=1 + seconds).contains(&asked), "{asked} in {seconds} s");
    // A moment later it is another check.
    server.until("asked again", || {
        server.ask("POST", CHECK, &[], b"");
        host.asked("/a").len() > before + asked
    });
}

#[test]
fn one_bad_answer_changes_nothing_and_a_lasting_one_does() {
    let host = Host::start();
    let config = QUICK.replace("of = 1, agree = 1", "of = 4, agree = 3");
    let program = with_services(&config, &[("a", host.url("/a")), ("flapping", host.url("/f"))]);
    let server = Server::of(&program);
    server.until("healthy", || status(&server, "a") == "healthy" && status(&server, "flapping") == "healthy");
    let asked = |path: &str| host.asked(path).len();
    // By turns, one answer each.
    for turn in 0..6 {
        host.behave("/f", Manner::Status(if turn % 2 == 0 { 503 } else { 200 }));
        let before = asked("/f");
        server.until("asked again", || asked("/f") > before);
    }
    let history = |name: &str| server.json(&format!("/api/v1alpha/services/test/{name}/health"));
    server.until("shown", || history("flapping")["recent"].as_array().is_some_and(|recent| recent.len() >= 5));
    let flapping = history("flapping");
    assert_eq!(flapping["status"], "healthy", "{flapping:#}");
    assert!(flapping["recent"].as_array().is_some_and(|recent| recent.contains(&"degraded".into())), "{flapping:#}");
    host.behave("/a", Manner::Status(503));
    server.until("degraded for good", || status(&server, "a") == "degraded");
    let history = history("a");
    assert_eq!(history["recent"].as_array().map(|recent| recent[..3].to_vec()), Some(vec!["degraded".into(); 3]));
}

#[test]
fn history_tells_spans_and_for_how_much_of_the_time_it_worked() {
    let host = Host::start();
    let program = with_services(QUICK, &[("a", host.url("/a")), ("none", String::new())]);
    let server = Server::of(&program);
    let history = |query: &str| server.json(&format!("/api/v1alpha/services/test/a/health{query}"));
    server.until("healthy for a while", || history("")["spans"][0]["checks"].as_u64() >= Some(3));
    host.behave("/a", Manner::Status(500));
    server.until("degraded for a while", || history("")["spans"][1]["checks"].as_u64() >= Some(3));
    let told = history("?since=1h");
    assert_eq!((&told["status"], &told["status_url"]), (&"degraded".into(), &host.url("/a").into()), "{told:#}");
    assert_eq!((&told["spans"][0]["status"], &told["spans"][1]["status"]), (&"healthy".into(), &"degraded".into()));
    let uptime = told["uptime"].as_f64().expect("a share");
    assert!(uptime > 0.1 && uptime < 0.9, "{told:#}");
    assert_eq!(told["spans"][1]["from"], told["status_since"], "{told:#}");
    let nothing = history("?since=2099-01-01T00:00:00Z");
    assert_eq!((&nothing["spans"], &nothing["uptime"]), (&serde_json::json!([]), &serde_json::Value::Null));
    for wrong in ["?since=yesterday", "?since=17", "?until=1d"] {
        server.problem("GET", &format!("/api/v1alpha/services/test/a/health{wrong}"), 400);
    }
    server.problem("GET", "/api/v1alpha/services/test/b/health", 404);
    let none = server.json("/api/v1alpha/services/test/none/health");
    assert_eq!((&none["status"], &none["checked_at"]), (&"unknown".into(), &serde_json::Value::Null));
}

#[test]
fn a_url_that_is_edited_is_asked_soon_and_one_that_is_taken_away_no_more() {
    let host = Host::start();
    host.behave("/new", Manner::Status(404));
    let config = QUICK.replace("of = 1, agree = 1", "of = 4, agree = 3");
    let program = with_services(&config, &[("a", host.url("/old"))]);
    let server = Server::of(&program);
    server.until("healthy", || status(&server, "a") == "healthy");
    say(&url_of(&program), &[("a", host.url("/new")), ("b", host.url("/b"))]);
    server.until("the new address counts at once", || status(&server, "a") == "degraded");
    server.until("a new service is checked", || status(&server, "b") == "healthy");
    let old = host.asked("/old").len();
    let new = host.asked("/new").len();
    server.until("asked a few times", || host.asked("/new").len() > new + 2);
    assert_eq!(host.asked("/old").len(), old);
    say(&url_of(&program), &[("a", String::new())]);
    server.until("unknown", || status(&server, "a") == "unknown");
    assert_eq!(service(&server, "a")["last_checked_at"], serde_json::Value::Null);
    server.until("no more services than one", || figure(&server, "portal_health_services") == 1.0);
}

#[test]
fn who_reaches_nobody_does_not_call_everything_down() {
    let names = ["a", "b", "c", "d", "e", "f"].map(|name| (name, format!("http://{name}.portal-test.invalid/")));
    let program = with_services(QUICK, &names);
    let server = Server::of(&program);
    let detail = |name: &str| service(&server, name)["check_detail"].as_str().unwrap_or_default().to_owned();
    server.until("cut off", || names.iter().all(|(name, _)| detail(name).contains("reaches nobody")));
    assert!(names.iter().all(|(name, _)| status(&server, name) == "unknown"));
    assert_eq!(figure(&server, "portal_health_cut_off"), 1.0);
    assert!(server.log().contains("cut off"));
}

#[test]
fn a_canary_that_answers_says_that_the_others_are_down() {
    let host = Host::start();
    let names = ["a", "b", "c", "d", "e", "f"].map(|name| (name, format!("http://{name}.portal-test.invalid/")));
    let config = format!("{QUICK}canary = \"{}\"\n", host.url("/canary"));
    let program = with_services(&config, &names);
    let server = Server::of(&program);
    server.until("down", || names.iter().all(|(name, _)| status(&server, name) == "down"));
    assert!(service(&server, "a")["check_detail"].as_str().is_some_and(|detail| !detail.contains("nobody")));
    assert!(!host.asked("/canary").is_empty());
    assert_eq!(figure(&server, "portal_health_cut_off"), 0.0);
}

#[test]
fn a_canary_that_cannot_be_reached_says_that_nothing_is_known() {
    let config = format!("{QUICK}canary = \"http://canary.portal-test.invalid/\"\n");
    let host = Host::start();
    let services = [("gone", "http://gone.portal-test.invalid/".to_owned()), ("near", host.url("/near"))];
    let program = with_services(&config, &services);
    let server = Server::of(&program);
    let detail = |name: &str| service(&server, name)["check_detail"].as_str().unwrap_or_default().to_owned();
    server.until("unknown", || detail("gone").contains("reaches nobody") && status(&server, "gone") == "unknown");
    server.until("who answers is healthy", || status(&server, "near") == "healthy");
}

#[test]
fn what_nobody_checks_any_more_is_doubted() {
    let host = Host::start();
    let program = with_services(QUICK, &[("a", host.url("/a"))]);
    let server = Server::of(&program);
    server.until("healthy", || status(&server, "a") == "healthy");
    drop(server);
    let server = Server::with(&program, &["--no-health"]);
    // Before the results are read it is unknown, too, and nothing is said.
    server.until("doubted", || service(&server, "a")["check_detail"] == "not checked since then");
    assert_eq!(status(&server, "a"), "unknown");
    assert!(service(&server, "a")["last_checked_at"].is_string());
}

#[test]
fn a_server_that_is_told_to_stop_leaves_checks_that_run() {
    let host = Host::start();
    host.behave("/silent", Manner::Silent);
    let config = QUICK.replace("timeout = \"2s\"", "timeout = \"60s\"");
    let program = with_services(&config, &[("silent", host.url("/silent")), ("a", host.url("/a"))]);
    let server = Server::of(&program);
    server.until("healthy", || status(&server, "a") == "healthy" && !host.asked("/silent").is_empty());
    let began = Instant::now();
    server.signal("TERM");
    let (code, log) = server.end();
    assert_eq!(code, 0, "{log}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(!log.contains("were ended"), "{log}");
    let server = Server::with(&program, &["--no-health"]);
    server.until("known from the store", || service(&server, "a")["last_checked_at"].is_string());
}

#[test]
fn the_demo_has_something_to_check() {
    let program = crate::program::Program::new();
    let server = Server::start(&mut program.command(&["demo", "--listen", "127.0.0.1:0"]));
    let checked = |name: &str| {
        let answer = server.get(&format!("/api/v1alpha/services/{name}"));
        if answer.status == 200 { answer.json() } else { serde_json::Value::Null }
    };
    for (name, expected) in [
        ("checkout/order-api", "204 in "),
        ("search/search-api", "503 in "),
        ("checkout/gift-cards", "connection closed without an answer"),
    ] {
        let detail = || checked(name)["check_detail"].as_str().unwrap_or_default().to_owned();
        server.until(name, || detail().starts_with(expected));
    }
    assert_eq!(checked("checkout/gift-cards")["status"], "down");
    drop(server);
    // Its addresses are nobody's afterwards, and no server asks this machine unless it is told to.
    let server = Server::start(&mut program.command(&["serve", "--listen", "127.0.0.1:0"]));
    let asked = format!("/api/v1alpha/services/{}/check", "checkout/order-api");
    server.until("ready", || server.get("/readyz").status == 200);
    let told = server.ask("POST", &asked, &[], b"").json();
    assert!(told["check_detail"].as_str().is_some_and(|detail| detail.contains("loopback")), "{told:#}");
    assert!(store_in(program.path()).contains("portal.db"));
}
