//! Names that lead here by a trick, and changes that another site's page sends.

use super::{ASKED, raw};
use crate::server::{Server, demo};

#[track_caller]
fn status(server: &Server, method: &str, path: &str, headers: &[&str]) -> u16 {
    raw(
        server,
        &format!("{method} {path} HTTP/1.1\r\n{}", headers.iter().map(|h| format!("{h}\r\n")).collect::<String>()),
    )
    .status
}

#[test]
fn a_name_that_was_made_to_lead_here_is_not_served() {
    let server = Server::with(&demo(), &["--allow-host", "portal.corp.example", "--allow-host", "dev.example:8443"]);
    let get = |host: &str| status(&server, "GET", ASKED, &[&format!("Host: {host}")]);
    for own in ["localhost", "localhost:8080", "127.0.0.1", "[::1]:1", "Portal.corp.example", "dev.example:8443"] {
        assert_eq!(get(own), 200, "{own}");
    }
    for foreign in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "dev.example", "192.0.2.1"] {
        assert_eq!(get(foreign), 421, "{foreign}");
        for path in ["/", "/docs", "/openapi.json", "/metrics", "/api/services"] {
            assert_eq!(status(&server, "GET", path, &[&format!("Host: {foreign}")]), 421, "{foreign}{path}");
        }
    }
    assert_eq!(status(&server, "GET", ASKED, &[]), 400, "no host");
    assert_eq!(status(&server, "GET", ASKED, &["Host: localhost", "Host: evil.example"]), 400, "two hosts");
    assert_eq!(status(&server, "GET", "http://evil.example/api/v1alpha/services", &["Host: localhost"]), 421);
    let told = raw(&server, &format!("GET {ASKED} HTTP/1.1\r\nHost: evil.example\r\n")).problem();
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("--allow-host")), "{told:#}");
    assert_eq!(status(&server, "GET", "/healthz", &["Host: 10.1.2.3:8080"]), 200, "probes come by address");
    assert_eq!(status(&server, "GET", "/readyz", &[]), 200);
}

#[test]
fn the_file_allows_names_too() {
    let program = demo();
    program.configure("[serve]\nallow_hosts = [\"portal.corp.example\"]\n");
    let server = Server::of(&program);
    assert_eq!(status(&server, "GET", ASKED, &["Host: portal.corp.example"]), 200);
    assert_eq!(status(&server, "GET", ASKED, &["Host: other.corp.example"]), 421);
}

#[test]
fn where_others_reach_it_names_are_checked_once_they_are_configured_or_no_key_is_asked() {
    let program = demo();
    let elsewhere = |more: &[&str]| {
        let mut server = Server::start(&mut program.command(&[&["serve", "--listen", "0.0.0.0:0"], more].concat()));
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
        server.until("ready", || server.get("/readyz").status == 200);
        server
    };
    let get = |server: &Server, host: &str| status(server, "GET", ASKED, &[&format!("Host: {host}")]);
    let keys = elsewhere(&[]);
    assert_eq!(get(&keys, "any.example"), 401, "who was rebound has no key");
    let named = elsewhere(&["--allow-host", "portal.corp.example"]);
    assert_eq!((get(&named, "portal.corp.example"), get(&named, "any.example")), (401, 421));
    assert_eq!(get(&named, "192.0.2.7"), 401, "an address cannot be rebound");
    let open = elsewhere(&["--auth", "none", "--insecure"]);
    assert_eq!((get(&open, "192.0.2.7:8080"), get(&open, "any.example")), (200, 421));
}

#[test]
fn a_change_from_the_page_of_another_site_is_refused() {
    let server = Server::of(&demo());
    let own = format!("Host: {}", server.address);
    let change =
        |headers: &[&str]| status(&server, "POST", "/api/v1alpha/nothing", &[&[own.as_str()], headers].concat());
    let origin = format!("Origin: http://{}", server.address);
    assert_eq!(change(&[]), 404, "a program");
    assert_eq!(change(&[&origin]), 404);
    assert_eq!(change(&[&origin, "Sec-Fetch-Site: same-origin"]), 404);
    for foreign in [
        &["Origin: https://evil.example"][..],
        &["Origin: null"],
        &["Origin: http://localhost:1"],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: same-site", &origin],
        &["Sec-Fetch-Site: cross-site", &origin],
    ] {
        assert_eq!(change(foreign), 403, "{foreign:?}");
        for (method, path) in [("PUT", "/"), ("DELETE", "/api/services/x"), ("PATCH", ASKED)] {
            assert_eq!(
                status(&server, method, path, &[&[own.as_str()], foreign].concat()),
                403,
                "{method} {path} {foreign:?}"
            );
        }
    }
    let read = status(&server, "GET", ASKED, &[&own, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"]);
    assert_eq!(read, 200, "the browser keeps the answer from that page, as the next test has it");
}

#[test]
fn what_is_refused_is_a_problem_like_any_other() {
    let server = Server::with(&demo(), &["--auth", "keys"]);
    assert_eq!(server.problem("GET", ASKED, 401)["instance"], ASKED);
}

#[test]
fn no_other_site_may_read_an_answer() {
    let server = Server::of(&demo());
    for (method, path) in [("GET", ASKED), ("OPTIONS", ASKED), ("GET", "/docs"), ("GET", "/nothing")] {
        let asked = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
        let answer = server.ask(method, path, &asked, b"");
        assert!(!answer.headers.keys().any(|name| name.starts_with("access-control-")), "{:?}", answer.headers);
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
}
