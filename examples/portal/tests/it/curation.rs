//! What people say: added, edited, hidden, put back; and what a collection run may not do to it.

use serde_json::{Value, json};

use crate::program::Program;
use crate::server::{Answer, Server, demo, encoded};

pub(crate) const SERVICES: &str = "/api/v1alpha/services";
/// Nobody owns it, and its neighbours' names say who might.
const ORPHAN: &str = "arn:aws:s3:::hazelmoor-tmp-migration-2023";
const COLLECTED: &str = "/api/v1alpha/services/payments/refunds-api";

impl Server {
    /// A write with a body in JSON; `seen` is the header `If-Match`.
    #[track_caller]
    pub(crate) fn write(&self, method: &str, path: &str, seen: Option<&str>, body: &Value) -> Answer {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(seen.map(|seen| ("If-Match", seen)));
        self.ask(method, path, &headers, body.to_string().as_bytes())
    }

    /// A write that has to succeed: its body and its tag.
    #[track_caller]
    pub(crate) fn written(&self, status: u16, method: &str, path: &str, seen: Option<&str>, body: &Value) -> Value {
        let answer = self.write(method, path, seen, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        assert!(answer.header("etag").starts_with("\"e"), "{method} {path}: {:?}", answer.headers);
        answer.json()
    }

    /// A write that has to be refused with a whole problem.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, method: &str, path: &str, seen: Option<&str>, body: &Value) -> Value {
        let answer = self.write(method, path, seen, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        answer.problem()
    }

    #[track_caller]
    pub(crate) fn tag(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.header("etag").to_owned()
    }

    /// The refs on a list.
    #[track_caller]
    fn refs(&self, path: &str) -> Vec<String> {
        let list = self.json(path);
        let items = list["items"].as_array().expect("items");
        items.iter().map(|item| item["ref"].as_str().expect("a ref").to_owned()).collect()
    }
}

#[track_caller]
pub(crate) fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("places").iter().map(|e| e["pointer"].as_str().expect("a pointer")).collect()
}

#[test]
fn an_added_service_is_found_counted_edited_hidden_put_back_and_deleted() {
    let program = Program::new();
    let server = Server::of(&program);
    let new = json!({
        "name": "Ledger v2", "namespace": "finance", "kind": "scheduled-job", "product": "Checkout", "team": "Payments Squad",
        "description": "Books.\nEvery night.", "docs_url": "https://wiki.example.com/ledger", "tags": ["tier=1", "critical", "tier=1"],
        "links": [{"title": "Runbook", "url": "https://wiki.example.com/runbook"}],
    });
    let answer = server.write("POST", SERVICES, None, &new);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let place = answer.header("location").to_owned();
    assert_eq!(place, "/api/v1alpha/services/finance/Ledger%20v2");
    let read = server.get(&place);
    assert_eq!(
        (read.json(), read.header("etag")),
        (answer.json(), answer.header("etag")),
        "a writer reads its own write"
    );
    let service = read.json();
    for (field, wanted) in [
        ("ref", json!("service:finance/Ledger v2")),
        ("name", json!("Ledger v2")),
        ("type", json!("other")),
        ("kind", json!("scheduled-job")),
        ("product", json!("checkout")),
        ("team", Value::Null),
        ("ownership", json!("unregistered")),
        ("rule", json!("override")),
        ("origin", json!("manual")),
        ("description", json!("Books.\nEvery night.")),
        ("tags", json!(["critical", "tier=1"])),
        ("hidden", Value::Null),
        ("status", json!("unknown")),
    ] {
        assert_eq!(service[field], wanted, "{field}: {service:#}");
    }
    assert_eq!(service["curated"]["team"], "Payments Squad");
    assert_eq!(service["curated"]["by"], "anybody");

    let wanted = ["service:finance/Ledger v2"];
    for query in
        ["", "?q=ledger", "?tag=tier%3D1", "?ownership=unregistered", "?type=scheduled-job", "?q=every%20night"]
    {
        assert_eq!(server.refs(&format!("{SERVICES}{query}")), wanted, "{query}");
    }
    assert_eq!(server.json("/api/v1alpha/facets?of=services")["total"], 1);
    assert_eq!(server.json("/api/v1alpha/search?q=ledger")["items"][0]["ref"], wanted[0]);

    let edit = json!({"description": null, "display_name": "The ledger", "tags": []});
    let edited = server.written(200, "PATCH", &place, Some(read.header("etag")), &edit);
    assert_eq!(edited["description"], Value::Null);
    assert_eq!((&edited["display_name"], &edited["tags"]), (&json!("The ledger"), &json!([])));
    assert_eq!(edited["docs_url"], "https://wiki.example.com/ledger", "what a change leaves out stays");

    let hide = json!({"hidden": {"why": "moved to the mainframe"}});
    let hidden = server.written(200, "PATCH", &place, Some("*"), &hide);
    assert_eq!(
        (&hidden["hidden"]["by"], &hidden["hidden"]["why"]),
        (&json!("anybody"), &json!("moved to the mainframe"))
    );
    assert!(server.refs(SERVICES).is_empty());
    assert_eq!(server.refs("/api/v1alpha/services?hidden=only"), wanted);
    assert_eq!(server.json("/api/v1alpha/facets?of=services")["total"], 0);
    let taken = server.refused(409, "POST", SERVICES, None, &new);
    assert!(taken["detail"].as_str().is_some_and(|detail| detail.contains("anybody hid")), "{taken:#}");
    let shown = server.written(200, "PATCH", &place, Some("*"), &json!({"hidden": null}));
    assert_eq!((&shown["hidden"], &shown["display_name"]), (&Value::Null, &json!("The ledger")));

    let gone = server.ask("DELETE", &place, &[("If-Match", &server.tag(&place))], b"");
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    server.problem("GET", &place, 404);
    let changes = server.json("/api/v1alpha/changes?ref=service:finance%2FLedger%20v2");
    let changes = changes["items"].as_array().expect("changes");
    assert_eq!(changes.len(), 5, "added, edited, hidden, put back, deleted: {changes:#?}");
    assert!(changes.iter().all(|change| change["by"] == "anybody" && change["cause"] == "edit"), "{changes:#?}");

    let again = server.written(201, "POST", SERVICES, None, &json!({"name": "Ledger v2", "namespace": "finance"}));
    assert_eq!(again["description"], Value::Null, "words about the earlier one are not said again");
}

#[test]
fn a_new_service_needs_no_more_than_a_name_and_takes_none_that_is_taken() {
    let program = Program::new();
    let server = Server::of(&program);
    let added = server.written(201, "POST", SERVICES, None, &json!({"name": "cart", "team": null}));
    assert_eq!((&added["ref"], &added["kind"]), (&json!("service:manual/cart"), &json!("http-service")));
    assert_eq!(added["ownership"], "unowned");
    let taken = server.refused(409, "POST", SERVICES, None, &json!({"name": "cart", "description": "another"}));
    assert_eq!(taken["type"], "urn:portal:problem:conflict");
    assert_eq!(pointers(&taken), ["#/name"]);
    assert_eq!(server.json("/api/v1alpha/services/manual/cart")["description"], Value::Null);
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart", "namespace": "shop"}));
}

#[test]
fn a_put_says_everything_and_leaves_what_is_hidden_hidden() {
    let program = Program::new();
    let server = Server::of(&program);
    let all =
        json!({"name": "cart", "kind": "function", "product": "shop", "description": "x", "team": "a", "tags": ["t"]});
    server.written(201, "POST", SERVICES, None, &all);
    let place = "/api/v1alpha/services/manual/cart";
    server.written(200, "PATCH", place, Some("*"), &json!({"hidden": {}}));
    let put = server.written(200, "PUT", place, Some("*"), &json!({"team": "b", "product": "desk"}));
    assert_eq!(put["curated"]["team"], "b");
    for (field, wanted) in
        [("description", Value::Null), ("tags", json!([])), ("product", json!("desk")), ("kind", json!("http-service"))]
    {
        assert_eq!(put[field], wanted, "{field}");
    }
    assert_eq!(put["hidden"]["why"], Value::Null);
    assert_eq!(put["hidden"]["by"], "anybody");
    assert_eq!(put["origin"], "manual");
}

#[test]
fn a_write_names_the_version_that_it_saw() {
    let program = Program::new();
    let server = Server::of(&program);
    let place = "/api/v1alpha/services/manual/cart";
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart"}));
    let first = server.tag(place);
    let edit = |text: &str| json!({"description": text});
    for (method, body) in [("PATCH", edit("x")), ("PUT", edit("x")), ("DELETE", json!({}))] {
        let missing = server.refused(428, method, place, None, &body);
        assert_eq!(
            (&missing["type"], pointers(&missing)),
            (&json!("urn:portal:problem:precondition-required"), vec!["If-Match"])
        );
    }
    server.written(200, "PATCH", place, Some(&first), &edit("one"));
    for (method, body) in [("PATCH", edit("two")), ("PUT", edit("two")), ("DELETE", json!({}))] {
        for seen in [first.as_str(), "\"x\"", "nonsense", "", "W/\"e1.0123456789abcdef\", \"e99.0123456789abcdef\""] {
            let stale = server.refused(412, method, place, Some(seen), &body);
            assert_eq!(stale["type"], "urn:portal:problem:stale", "{seen}");
        }
    }
    assert_eq!(server.json(place)["description"], "one", "nothing was changed");
    let second = server.tag(place);
    server.written(200, "PATCH", place, Some(&format!("\"x\", {first}, W/{second}")), &edit("two"));
    server.written(200, "PATCH", place, Some("*"), &edit("three"));
    // What is not there is not there, whatever the version.
    for seen in [None, Some("*"), Some(first.as_str())] {
        server.refused(404, "PATCH", "/api/v1alpha/services/manual/nothing", seen, &edit("x"));
        server.refused(404, "DELETE", "/api/v1alpha/services/manual/nothing", seen, &json!({}));
        server.refused(404, "PATCH", "/api/v1alpha/resources/nothing", seen, &edit("x"));
    }
}

#[test]
fn all_that_is_wrong_with_a_body_is_told_at_once_with_its_place() {
    let program = Program::new();
    let server = Server::of(&program);
    let bad = json!({
        "name": "a/b", "namespace": "..", "kind": "daemon", "description": "x".repeat(4001), "team": "--", "tags": ["ok", "=1", 5],
        "links": [{"title": "t", "url": "javascript:alert(1)"}, {"url": "https://a"}, "x", {"title": "t", "url": "https://a", "rel": 1}],
        "docs_url": "ftp://a", "status_url": "http://user:secret@a/", "github_url": "", "display_name": "a\u{202e}b", "teem": "x",
    });
    let problem = server.refused(422, "POST", SERVICES, None, &bad);
    let mut found = pointers(&problem);
    found.sort_unstable();
    let wanted = [
        "#/description",
        "#/display_name",
        "#/docs_url",
        "#/github_url",
        "#/kind",
        "#/links/0/url",
        "#/links/1/title",
        "#/links/2",
        "#/links/3/rel",
        "#/name",
        "#/namespace",
        "#/status_url",
        "#/tags/1",
        "#/tags/2",
        "#/team",
        "#/teem",
    ];
    assert_eq!(found, wanted, "{problem:#}");
    assert!(!problem.to_string().contains("secret"), "what a person typed as a password is not repeated");
    for (body, place) in [
        (json!({}), "#/name"),
        (json!({"name": null}), "#/name"),
        (json!({"name": "  "}), "#/name"),
        (json!({"name": "x", "tags": vec!["t"; 101]}), "#/tags"),
        (json!({"name": "x", "links": {}}), "#/links"),
        (json!({"name": "x", "hidden": {}}), "#/hidden"),
    ] {
        assert_eq!(pointers(&server.refused(422, "POST", SERVICES, None, &body)), [place], "{body}");
    }
    server.written(201, "POST", SERVICES, None, &json!({"name": "cart"}));
    let place = "/api/v1alpha/services/manual/cart";
    for (body, at) in
        [(json!({"kind": null}), "#/kind"), (json!({"hidden": true}), "#/hidden"), (json!({"name": "x"}), "#/name")]
    {
        assert_eq!(pointers(&server.refused(422, "PATCH", place, Some("*"), &body)), [at], "{body}");
    }
    assert_eq!(
        server.problem("GET", "/api/v1alpha/services?as_of=7d", 400)["type"],
        "urn:portal:problem:unknown-parameter"
    );
    let unknown = server.ask("DELETE", &format!("{place}?wy=x"), &[("If-Match", "*")], b"");
    assert_eq!((unknown.status, pointers(&unknown.problem())), (400, vec!["?wy"]));
    let long = server.ask("DELETE", &format!("{place}?why={}", "x".repeat(201)), &[("If-Match", "*")], b"");
    assert_eq!((long.status, pointers(&long.problem())), (400, vec!["?why"]));
    assert_eq!(server.refused(400, "POST", &format!("{SERVICES}?x=1"), None, &json!({"name": "y"}))["status"], 400);
}

#[test]
fn a_persons_words_win_over_what_is_collected_and_no_run_undoes_them() {
    let program = demo();
    let server = Server::of(&program);
    let before = server.json(COLLECTED);
    assert_eq!((&before["origin"], &before["ownership"]), (&json!("collected"), &json!("conflict")));
    assert!(before.get("curated").is_none(), "{before:#}");
    let edit =
        json!({"team": "Identity", "description": "Gives money back.", "tags": ["mine"], "display_name": "Refunds"});
    server.written(200, "PATCH", COLLECTED, Some(&server.tag(COLLECTED)), &edit);
    for (body, at) in [(json!({"kind": "function"}), "#/kind"), (json!({"product": "x"}), "#/product")] {
        assert_eq!(pointers(&server.refused(409, "PATCH", COLLECTED, Some("*"), &body)), [at]);
    }
    let arn = format!("/api/v1alpha/resources/{}", encoded(ORPHAN));
    let resource = json!({"team": "Ghost Busters", "description": "Look away.", "status_url": "https://status.example.com", "tags": ["a=b"]});
    server.written(200, "PATCH", &arn, Some("*"), &resource);
    let check = || {
        let service = server.json(COLLECTED);
        for (field, wanted) in [
            ("team", json!("identity")),
            ("ownership", json!("owned")),
            ("rule", json!("override")),
            ("description", json!("Gives money back.")),
            ("tags", json!(["mine"])),
            ("display_name", json!("Refunds")),
        ] {
            assert_eq!(service[field], wanted, "{field}: {service:#}");
        }
        let resource = server.json(&arn);
        assert_eq!((&resource["ownership"], &resource["tags"]), (&json!("unregistered"), &json!({"a": "b"})));
        assert_eq!(resource["curated"]["team"], "Ghost Busters");
    };
    check();
    assert_eq!(server.json("/api/v1alpha/services?team=identity&q=refunds")["total"], 1);

    // The whole estate is collected and ingested again.
    program.expect(0, &["demo", "--no-serve"]);
    check();

    // Taken back, word by word, what was collected shows again.
    let back = json!({"team": null, "description": null, "tags": null, "display_name": null});
    let after = server.written(200, "PATCH", COLLECTED, Some("*"), &back);
    for field in ["team", "ownership", "rule", "description", "tags", "display_name"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert!(after.get("curated").is_none(), "nothing is said any more");
}

#[test]
fn a_collected_service_is_hidden_and_not_deleted() {
    let program = demo();
    let server = Server::of(&program);
    let total = server.json(SERVICES)["total"].as_u64().expect("a number");
    server.written(200, "PATCH", COLLECTED, Some("*"), &json!({"description": "kept"}));
    let path = format!("{COLLECTED}?why=not%20ours");
    let answer = server.ask("DELETE", &path, &[("If-Match", &server.tag(COLLECTED))], b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["hidden"]["why"], "not ours");
    assert_eq!(server.json(SERVICES)["total"].as_u64(), Some(total - 1));
    assert_eq!(server.json(COLLECTED)["hidden"]["by"], "anybody");
    // Again changes nothing: who hid it first, and why, stays.
    let again = server.ask("DELETE", &format!("{COLLECTED}?why=x"), &[("If-Match", "*")], b"");
    assert_eq!((again.status, &again.json()["hidden"]), (200, &answer.json()["hidden"]));
    program.expect(0, &["demo", "--no-serve"]);
    assert_eq!(server.json(SERVICES)["total"].as_u64(), Some(total - 1), "a run does not put it back");
    let shown = server.written(200, "PATCH", COLLECTED, Some(&server.tag(COLLECTED)), &json!({"hidden": null}));
    assert_eq!((&shown["hidden"], &shown["description"]), (&Value::Null, &json!("kept")));
    assert_eq!(server.json(SERVICES)["total"].as_u64(), Some(total));
}

/// Buckets of one team, and orphans whose names begin as theirs do.
fn orphans() -> Program {
    let program =
        Program::with_config("[[team]]\nname = \"payments\"\naliases = [\"Pay Squad\"]\n[[team]]\nname = \"search\"\n");
    let owned = json!([{"Key": "team", "Value": "payments"}]);
    let mut buckets: Vec<Value> =
        (0..4).map(|at| json!({"Name": format!("ledger-{at}"), "Tags": owned, "Region": "eu-west-1"})).collect();
    buckets.extend((5..7).map(|at| json!({"Name": format!("ledger-{at}"), "Tags": [], "Region": "eu-west-1"})));
    program.write("lake/aws-collector/011122223333/eu-west-1/s3.json", json!({"Buckets": buckets}).to_string());
    program.run(&["ingest"]);
    program
}

#[test]
fn a_suggested_owner_is_confirmed_or_rejected_and_the_answer_is_remembered() {
    let program = orphans();
    let server = Server::of(&program);
    let path = |at: usize| format!("/api/v1alpha/resources/{}", encoded(&format!("arn:aws:s3:::ledger-{at}")));
    let feedback = |at: usize| format!("{}/ownership/feedback", path(at));

    let (first, seen) = (path(5), server.tag(&path(5)));
    assert_eq!(server.json(&first)["suggestion"]["team"], "payments");
    let other = json!({"action": "confirm", "team": "search", "etag": seen});
    assert_eq!(server.refused(409, "POST", &feedback(5), None, &other)["type"], "urn:portal:problem:conflict");
    let confirm = json!({"action": "confirm", "team": "Pay Squad", "etag": seen});
    let confirmed = server.written(200, "POST", &feedback(5), None, &confirm);
    assert_eq!((&confirmed["team"], &confirmed["rule"]), (&json!("payments"), &json!("override")));
    server.refused(412, "POST", &feedback(5), None, &confirm);
    let none = json!({"action": "confirm", "etag": "*"});
    server.refused(409, "POST", &feedback(5), None, &none);

    let reject = json!({"action": "reject", "etag": server.tag(&path(6))});
    let rejected = server.written(200, "POST", &feedback(6), None, &reject);
    assert_eq!((&rejected["curated"]["rejected"], &rejected["ownership"]), (&json!(["payments"]), &json!("unowned")));
    assert!(rejected.get("suggestion").is_none(), "{rejected:#}");
    server.refused(409, "POST", &feedback(6), None, &none);
    server.refused(409, "POST", &feedback(6), None, &json!({"action": "reject", "etag": "*"}));
    program.run(&["ingest"]);
    assert!(server.json(&path(6)).get("suggestion").is_none(), "it is not suggested again");
    let assign = json!({"action": "assign", "team": "payments", "etag": "*"});
    let assigned = server.written(200, "POST", &feedback(6), None, &assign);
    assert_eq!((&assigned["team"], &assigned["curated"]["rejected"]), (&json!("payments"), &json!([])));

    let feedback = feedback(6);
    for (body, at) in [
        (json!({"action": "assign", "etag": "*"}), "#/team"),
        (json!({"action": "confirm"}), "#/etag"),
        (json!({"etag": "*"}), "#/action"),
        (json!({"action": "adopt", "etag": "*"}), "#/action"),
    ] {
        assert_eq!(pointers(&server.refused(422, "POST", &feedback, None, &body)), [at], "{body}");
    }
    let nothing = "/api/v1alpha/resources/nothing/ownership/feedback";
    server.refused(404, "POST", nothing, None, &json!({"action": "reject", "etag": "*"}));
}
