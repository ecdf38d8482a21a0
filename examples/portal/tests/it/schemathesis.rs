//! The API's document against the API: schemathesis makes requests from the one, and compares every answer with it.

use std::process::Command;

use serde_json::{Value, json};

use crate::aws::bed::{python, workspace};
use crate::server::{Server, demo};

/// The document with what is true of this estate. A document cannot know it, and without it most requests would find
/// nothing: names of teams and things, and that `*` is always the newest version.
fn of_this_estate(server: &Server) -> Value {
    let values = |of: &str, parameter: &str| -> Vec<Value> {
        let facets = server.json(&format!("/api/v1alpha/facets?of={of}"));
        facets["facets"][parameter].as_array().expect("values").iter().map(|value| value["value"].clone()).collect()
    };
    let fields = |list: &str, field: &str| -> Vec<Value> {
        let list = server.json(list);
        let mut values: Vec<Value> =
            list["items"].as_array().expect("items").iter().map(|i| i[field].clone()).collect();
        values.dedup();
        values
    };
    let mut document = server.json("/openapi.json");
    for (path, item) in document["paths"].as_object_mut().expect("paths") {
        let known = path.strip_prefix("/api/v1alpha/");
        let list = known.unwrap_or_default().split('/').next().unwrap_or_default();
        for operation in item.as_object_mut().expect("operations").values_mut() {
            let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { continue };
            // A cursor is what the page before gave: nothing that can be made up. Other tests follow them. Which types there
            // are hangs on the list that facets are of.
            parameters.retain(|parameter| {
                parameter["name"] != "cursor" && (list, &parameter["name"]) != ("facets", &json!("type"))
            });
            for parameter in parameters.iter_mut() {
                let (place, name) = (parameter["in"].clone(), parameter["name"].clone());
                let words = match (place.as_str().unwrap_or_default(), list, name.as_str().unwrap_or_default()) {
                    ("header", _, "If-Match") => vec![json!("*")],
                    ("path", "services", "namespace") => vec![json!("payments")],
                    ("path", "services", "name") => fields("/api/v1alpha/services?q=service:payments", "name"),
                    ("path", "resources", "id") => fields("/api/v1alpha/resources?limit=5", "arn"),
                    ("path", "teams" | "products" | "environments", _) => {
                        fields(&format!("/api/v1alpha/{list}"), "name")
                    }
                    ("path", "", "id") => fields("/api/services?team=payments", "id"),
                    ("query", "sources", "source") => fields("/api/v1alpha/sources?limit=500", "source"),
                    ("query", "services" | "resources", "type") => values(list, "type"),
                    ("query", _, "team" | "product" | "environment" | "account") if known.is_some() => {
                        values("resources", name.as_str().unwrap_or_default())
                    }
                    // A bare name may be one of several things, and teams have no owner.
                    ("query", _, "ref") => {
                        parameter["schema"]["pattern"] = json!("^(service|resource|workload):[^\\u0000]+$");
                        continue;
                    }
                    // No pattern says what a time is; history of health has no revisions.
                    ("query", "services", "since") => {
                        parameter["schema"]["pattern"] = json!("^[0-9]{1,6}[smhdw]$");
                        continue;
                    }
                    ("query", "changes", "since" | "until") => {
                        parameter["schema"]["pattern"] = json!("^([0-9]{1,18}|[0-9]{1,6}[smhdw])$");
                        continue;
                    }
                    _ => continue,
                };
                let schema = &mut parameter["schema"];
                let schema = if schema["items"].is_object() { &mut schema["items"] } else { schema };
                *schema = json!({"type": "string", "enum": words});
            }
        }
    }
    // This portal asks for no key; what keys allow has tests of its own (`guard`).
    document.as_object_mut().expect("an object").remove("security");
    for body in ["OwnershipAssignment", "OwnershipOpinion"] {
        document["components"]["schemas"][body]["properties"]["etag"] = json!({"const": "*"});
    }
    document
}

#[track_caller]
fn holds(arguments: &[&str]) {
    let program = demo();
    // What is written here are addresses of somebody else's servers.
    let server = Server::with(&program, &["--no-health"]);
    program.write("openapi.json", of_this_estate(&server).to_string());
    program.write("schemathesis.toml", include_str!("schemathesis.toml"));
    let url = format!("http://{}", server.address);
    let output = Command::new(python(&workspace()))
        .current_dir(program.path())
        .args(["-m", "schemathesis.cli", "run", "openapi.json", "--url", &url, "--no-color"])
        .args(arguments)
        .output()
        .expect("python starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.json("/readyz")["status"], "ready");
}

#[test]
fn every_answer_to_a_read_is_as_documented() {
    holds(&["--include-method", "GET", "--phases", "examples,coverage,fuzzing"]);
}

#[test]
fn every_answer_to_a_write_is_as_documented() {
    holds(&["--exclude-method", "GET", "--phases", "examples,coverage,fuzzing"]);
}

#[test]
fn what_was_written_is_read_as_documented() {
    holds(&["--phases", "stateful"]);
}
