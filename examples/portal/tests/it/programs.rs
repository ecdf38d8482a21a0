//! A collector of somebody else's, plugged in by the configuration: from what it prints to answers.

use std::os::unix::fs::PermissionsExt;

use crate::program::Program;

const COLLECTOR: &str = r#"#!/bin/sh
echo '{"portal": "portal.exec/v1"}'
echo '{"scope": {"path": ["datacentre"]}, "kinds": ["database", "queue"]}'
echo '{"kind": "database", "name": "orders", "object": {"id": "dc1/orders", "name": "orders-db", "tags": {"team": "Payments"}}}'
echo '{"kind": "database", "name": "old", "object": {"id": "dc1/old", "name": "old-db", "password": "hunter2"}}'
echo '{"kind": "database", "coverage": "complete"}'
echo '{"kind": "queue", "coverage": "denied", "reason": "no right", "permission": "queue:List"}'
"#;

fn program() -> Program {
    let program = Program::with_config(
        "[[source]]\nname = \"inventory\"\ntype = \"exec\"\ncommand = [\"./collect.sh\"]\n\n[[team]]\nname = \"payments\"\n",
    );
    let script = program.write("collect.sh", COLLECTOR);
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    program
}

#[test]
fn what_a_program_prints_is_owned_and_explained() {
    let program = program();
    program.expect(3, &["collect"]).says(&["queue:List"]);
    program.expect(3, &["ingest"]);
    // By its name, and by an id that is no ARN and looks like a service.
    for asked in ["orders-db", "dc1/orders", "resource:dc1/orders"] {
        let owner = program.answer(&["owner", asked]);
        assert_eq!((owner["state"].as_str(), owner["team"].as_str()), (Some("owned"), Some("payments")), "{asked}");
        assert_eq!(owner["evidence"][0]["source"], "inventory");
    }
    assert_eq!(program.answer(&["owner", "dc1/old"])["state"], "unknown", "nobody said what tags it has");
    let resources = program.items(&["list", "resources", "--type", "database"]);
    assert_eq!(resources.len(), 2, "{resources:#?}");
}

#[test]
fn what_it_prints_beyond_the_shape_is_not_kept() {
    let program = program();
    program.expect(3, &["collect"]);
    for file in program.files().into_iter().filter(|file| !file.ends_with("collect.sh")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).expect("a file")).into_owned();
        assert!(!text.contains("hunter2"), "{}", file.display());
    }
}
