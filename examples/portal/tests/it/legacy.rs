//! The catalogue of the second article, as its clients know it.

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::everywhere::database;
use crate::program::Program;
use crate::server::{Answer, Server, demo};

const SERVICES: &str = "/api/services";
const FIELDS: [&str; 13] = [
    "created_at",
    "dashboard_url",
    "description",
    "docs_url",
    "github_url",
    "id",
    "last_checked_at",
    "name",
    "status",
    "status_url",
    "tags",
    "team",
    "updated_at",
];

/// An error of this catalogue: `{"detail": …}` and nothing else.
#[track_caller]
fn detail(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "{body}");
    body["detail"].as_str().expect("a text").to_owned()
}

#[track_caller]
fn good(server: &Server, status: u16, method: &str, path: &str, body: &Value) -> Value {
    let answer = server.write(method, path, None, body);
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    let service = answer.json();
    let fields: Vec<&String> = service.as_object().expect("an object").keys().collect();
    assert_eq!(fields, FIELDS);
    service
}

fn names(server: &Server, query: &str) -> Vec<String> {
    let list = server.json(&format!("{SERVICES}{query}"));
    let items = list["items"].as_array().expect("items");
    assert_eq!(list["total"], items.len(), "it comes whole");
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

fn contract(server: &Server) {
    let health = server.json("/api/health");
    assert_eq!(health, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
    assert!(names(server, "").is_empty());

    let new = json!({
        "name": "Orders API", "description": "Takes orders.", "team": "Payments Squad", "tags": ["critical", "tier=1"],
        "docs_url": "https://wiki.example.com/orders", "github_url": "", "status_url": null,
    });
    let orders = good(server, 201, "POST", SERVICES, &new);
    for (field, wanted) in [
        ("name", json!("Orders API")),
        ("team", json!("Payments Squad")),
        ("status", json!("unknown")),
        ("tags", json!(["critical", "tier=1"])),
        ("github_url", Value::Null),
        ("status_url", Value::Null),
        ("last_checked_at", Value::Null),
    ] {
        assert_eq!(orders[field], wanted, "{field}");
    }
    assert!(orders["created_at"].is_string() && orders["updated_at"].is_string());
    let id = orders["id"].as_str().expect("an id");
    assert_eq!(id.len(), 36, "a UUID: {id}");
    let place = format!("{SERVICES}/{id}");
    assert_eq!(server.json(&place), orders);
    for name in ["Orders API", "orders api"] {
        detail(&server.write("POST", SERVICES, None, &json!({"name": name})), 409);
    }
    for other in ["zebra", "Alpha", "beta"] {
        good(server, 201, "POST", SERVICES, &json!({"name": other, "team": "search", "tags": ["x"]}));
    }
    assert_eq!(names(server, ""), ["Alpha", "beta", "Orders API", "zebra"]);
    for (query, wanted) in [
        ("?q=&team=&status=&tag=", &["Alpha", "beta", "Orders API", "zebra"][..]),
        ("?q=orders", &["Orders API"]),
        ("?q=TAKES", &["Orders API"]),
        ("?team=payments-squad", &["Orders API"]),
        ("?team=Payments%20Squad&team=search&q=beta", &["beta"]),
        ("?team=Payments%20Squad&team=nobody", &["Orders API"]),
        ("?tag=critical", &["Orders API"]),
        ("?tag=tier%3D1&q=nothing", &[]),
        ("?status=unknown&tag=x", &["Alpha", "beta", "zebra"]),
        ("?status=down", &[]),
    ] {
        assert_eq!(names(server, query), wanted, "{query}");
    }
    detail(&server.get(&format!("{SERVICES}?status=fine")), 422);
    detail(&server.get(&format!("{SERVICES}?steam=x")), 422);

    // Only what is sent changes; the id stays.
    let renamed = good(server, 200, "PUT", &place, &json!({"name": "Orders", "docs_url": null, "tags": ["old"]}));
    assert_eq!(
        (&renamed["id"], &renamed["name"], &renamed["team"]),
        (&json!(id), &json!("Orders"), &json!("Payments Squad"))
    );
    assert_eq!(
        (&renamed["docs_url"], &renamed["tags"], &renamed["description"]),
        (&Value::Null, &json!(["old"]), &json!("Takes orders."))
    );
    assert_eq!(renamed["created_at"], orders["created_at"]);
    assert_eq!(server.json(&place), renamed);
    good(server, 200, "PUT", &place, &renamed);
    assert_eq!(server.json(&place)["updated_at"], renamed["updated_at"], "what was read and sent back changes nothing");
    detail(&server.write("PUT", &place, None, &json!({"name": "zebra"})), 409);
    let again = good(server, 201, "POST", SERVICES, &json!({"name": "Orders API"}));
    assert_ne!(again["id"], json!(id), "the old name is free for another one");
    for bad in [
        json!({}),
        json!({"name": ""}),
        json!({"name": null}),
        json!({"name": 5}),
        json!({"name": "x", "docs_url": "javascript:alert(1)"}),
        json!({"name": "x", "tags": "x"}),
        json!({"name": "x".repeat(201)}),
        json!([]),
    ] {
        detail(&server.write("POST", SERVICES, None, &bad), 422);
    }
    let told = detail(&server.write("PUT", &place, None, &json!({"docs_url": "x", "tags": [1]})), 422);
    assert!(told.contains("docs_url") && told.contains("tags/0"), "{told}");
    detail(&server.ask("POST", SERVICES, &[("Content-Type", "application/json")], b"{"), 422);
    detail(&server.ask("POST", SERVICES, &[("Content-Type", "text/plain")], b"{}"), 422);

    let gone = server.ask("DELETE", &place, &[], b"");
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    let unknown = format!("{SERVICES}/00000000-0000-4000-8000-000000000000");
    for path in [&place, &unknown] {
        for (method, body) in [("GET", json!({})), ("PUT", json!({"team": "x"})), ("DELETE", json!({}))] {
            detail(&server.write(method, path, None, &body), 404);
        }
    }
    detail(&server.get(&format!("{SERVICES}/17")), 422);
    detail(&server.ask("PATCH", &unknown, &[], b""), 405);
    detail(&server.get("/api/nothing"), 404);
}

#[test]
fn every_answer_is_what_clients_of_the_second_article_expect() {
    let program = Program::new();
    contract(&Server::of(&program));
}

#[test]
fn every_answer_is_the_same_on_postgres() {
    let bed = Bed::join("postgres");
    let mut program = Program::new();
    program.env("PORTAL_STORE", database(&bed, "legacy"));
    contract(&Server::of(&program));
}

#[test]
fn collected_services_are_shown_edited_and_hidden_like_all_others() {
    let program = demo();
    let server = Server::of(&program);
    let total = server.json(SERVICES)["total"].as_u64().expect("a number");
    assert_eq!(server.json("/api/v1alpha/services")["total"].as_u64(), Some(total));
    let bridge = server.json(&format!("{SERVICES}?q=legacy-crm-bridge"))["items"][0].clone();
    let unregistered = server.json("/api/v1alpha/owner?ref=service:identity%2Flegacy-crm-bridge");
    assert_eq!(
        bridge["team"], unregistered["evidence"][0]["raw"],
        "the text as it was written, though nobody knows the team"
    );
    let place = format!("{SERVICES}/{}", bridge["id"].as_str().expect("an id"));
    good(&server, 200, "PUT", &place, &bridge);
    let after = server.json("/api/v1alpha/services/identity/legacy-crm-bridge");
    assert!(after.get("curated").is_none(), "what was collected is not taken over by sending it back: {after:#}");
    let edited = good(&server, 200, "PUT", &place, &json!({"team": "Identity", "description": "Old."}));
    assert_eq!((&edited["team"], &edited["tags"]), (&json!("Identity"), &bridge["tags"]));
    assert_eq!(server.json("/api/v1alpha/services/identity/legacy-crm-bridge")["team"], "identity");
    assert!(names(&server, "?team=identity").contains(&"legacy-crm-bridge".to_owned()));
    assert_eq!(server.ask("DELETE", &place, &[], b"").status, 204);
    detail(&server.get(&place), 404);
    assert_eq!(server.json(SERVICES)["total"].as_u64(), Some(total - 1));
    assert_eq!(server.json("/api/v1alpha/services/identity/legacy-crm-bridge")["hidden"]["by"], "anybody");
    let another = good(&server, 201, "POST", SERVICES, &json!({"name": "legacy-crm-bridge"}));
    assert_ne!(another["id"], bridge["id"], "a hidden one is not revived by its name");
}
