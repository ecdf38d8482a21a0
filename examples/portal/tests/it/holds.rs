//! A held mass delete, released over HTTP.

use std::fmt::Write as _;

use serde_json::json;

use crate::program::Program;
use crate::server::Server;

/// Deployments of one shop.
fn deployments(count: usize) -> String {
    let mut yaml = String::new();
    for at in 0..count {
        writeln!(
            yaml,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{at}, namespace: shop, labels: {{squad: pay}}}}\n\
             spec: {{selector: {{matchLabels: {{app: web-{at}}}}}, template: {{metadata: {{labels: {{app: web-{at}}}}}, \
             spec: {{containers: [{{name: c, image: 'web:{at}'}}]}}}}}}"
        )
        .expect("text");
    }
    yaml
}

#[test]
fn a_held_mass_delete_is_released_by_the_configured_rules() {
    let program = Program::with_config(
        "[[source]]\ntype = \"manifests\"\npath = \"deploy\"\ncluster = \"c\"\n\
         [[team]]\nname = \"pay\"\n[ownership]\nteam_keys = [\"squad\"]\n",
    );
    program.write("deploy/all.yaml", deployments(40));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    let server = Server::of(&program);
    assert_eq!(server.json("/api/v1alpha/holds")["total"], 0);
    program.write("deploy/all.yaml", deployments(20));
    program.expect(0, &["collect"]);
    program.expect(3, &["ingest"]);
    server.until("held", || server.json("/api/v1alpha/holds")["total"] == 1);
    let hold = server.json("/api/v1alpha/holds")["items"][0].clone();
    assert_eq!(server.json("/api/v1alpha/services")["total"], 40);
    let unknown = server.problem("POST", "/api/v1alpha/holds/nothing/release", 404);
    assert!(unknown["detail"].as_str().is_some_and(|detail| detail.contains("nothing")), "{unknown:#}");

    let release = format!("/api/v1alpha/holds/{}/release", hold["id"].as_str().expect("an id"));
    let answer = server.ask("POST", &release, &[], b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let released = answer.json();
    assert_eq!((&released["id"], &released["retired"]), (&hold["id"], &json!(40)), "{released:#}");
    assert_eq!(server.json("/api/v1alpha/services")["total"], 20, "the releaser sees it at once");
    assert_eq!(server.json("/api/v1alpha/holds")["total"], 0);
    let kept = server.json("/api/v1alpha/services/shop/web-0");
    assert_eq!(
        (&kept["team"], &kept["ownership"]),
        (&json!("pay"), &json!("owned")),
        "by the rules of the configuration"
    );
    server.problem("POST", &release, 404);
    let change = server.json("/api/v1alpha/changes?limit=1")["items"][0].clone();
    assert_eq!((&change["cause"], &change["by"]), (&json!("release"), &json!("anybody")), "{change:#}");
}
