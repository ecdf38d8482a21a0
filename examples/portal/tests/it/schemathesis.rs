//! The API's document against the API: schemathesis makes requests from the one, and compares every answer with it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value, json};

use crate::aws::bed::{python, workspace};
use crate::server::{Server, demo};

/// What the estate calls its things. A document cannot know it, and without it most requests would find nothing.
struct Estate {
    /// The values of a parameter, for a list or for all of them.
    words: BTreeMap<(&'static str, &'static str), BTreeSet<String>>,
}

impl Estate {
    fn of(server: &Server) -> Estate {
        let mut words: BTreeMap<(&'static str, &'static str), BTreeSet<String>> = BTreeMap::new();
        for of in ["services", "resources"] {
            let facets = server.json(&format!("/api/v1alpha/facets?of={of}"))["facets"].clone();
            for parameter in ["team", "product", "environment", "account", "type"] {
                let values = facets[parameter].as_array().expect("values").iter();
                let values: Vec<String> = values.map(|v| v["value"].as_str().expect("text").to_owned()).collect();
                let place = if parameter == "type" { of } else { "" };
                words.entry((place, parameter)).or_default().extend(values);
            }
        }
        let both = &words[&("services", "type")] & &words[&("resources", "type")];
        words.insert(("facets", "type"), both);
        let sources = server.json("/api/v1alpha/sources?limit=500");
        let sources = sources["items"].as_array().expect("sources").iter();
        words.insert(("sources", "source"), sources.map(|s| s["source"].as_str().expect("text").to_owned()).collect());
        Estate { words }
    }

    /// The document with what is true of this estate.
    fn in_document(&self, mut document: Value) -> Value {
        for (path, item) in document["paths"].as_object_mut().expect("paths") {
            let list = path.strip_prefix("/api/v1alpha/").unwrap_or_default();
            for operation in item.as_object_mut().expect("operations").values_mut() {
                let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { continue };
                // A cursor is what the page before gave: nothing that can be made up. Other tests follow them.
                parameters.retain(|parameter| parameter["name"] != "cursor");
                for parameter in
                    parameters.iter_mut().filter(|parameter| parameter["in"] == "query" && !list.is_empty())
                {
                    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
                    let words = self
                        .words
                        .iter()
                        .find(|((place, known), _)| *known == name && (place.is_empty() || list == *place));
                    let Some((_, words)) = words else { continue };
                    let schema = &mut parameter["schema"];
                    let schema = if schema["items"].is_object() { &mut schema["items"] } else { schema };
                    *schema = json!({"type": "string", "enum": words});
                }
            }
        }
        document
    }
}

#[test]
fn every_answer_is_as_documented() {
    let program = demo();
    let server = Server::of(&program);
    let document = Estate::of(&server).in_document(server.json("/openapi.json"));
    program.write("openapi.json", document.to_string());
    program.write("schemathesis.toml", include_str!("schemathesis.toml"));
    let url = format!("http://{}", server.address);
    let output = Command::new(python(&workspace()))
        .current_dir(program.path())
        .args(["-m", "schemathesis.cli", "run", "openapi.json", "--url", &url, "--no-color"])
        .output()
        .expect("python starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}\n{}", String::from_utf8_lossy(&output.stderr), server.log());
    assert_eq!(server.json("/readyz")["status"], "ready");
}
