//! `sources permissions`: the rights that the configured sources need, ready to grant.

use std::collections::{BTreeMap, BTreeSet};

use portal_core::Permission;
use serde_json::json;

use super::args::Output;
use super::context::Context;
use super::error::Usage;
use super::exit::Exit;
use super::output;

pub(super) fn run(context: &Context) -> anyhow::Result<Exit> {
    let sources = context.config.sources(&[])?;
    if sources.is_empty() {
        return Err(Usage("no source is configured; put a [[source]] into portal.toml".to_owned()).into());
    }
    let needed: BTreeSet<Permission> = sources.iter().flat_map(|source| source.permissions()).collect();
    match context.output {
        Output::Json => output::json(&json!({ "items": needed }))?,
        Output::Table => output::text_out(&text(&needed)?)?,
    }
    Ok(Exit::Done)
}

fn text(needed: &BTreeSet<Permission>) -> anyhow::Result<String> {
    let mut by_system: BTreeMap<&str, Vec<&Permission>> = BTreeMap::new();
    for permission in needed {
        by_system.entry(&permission.system).or_default().push(permission);
    }
    let mut text = String::new();
    for (system, permissions) in by_system {
        text.push_str(&match system {
            "aws" => iam_policy(&permissions)?,
            "kubernetes" => cluster_role(&permissions),
            _ => {
                let lines: Vec<String> =
                    permissions.iter().map(|p| format!("  {} (for {})", p.action, p.kind)).collect();
                format!("# {system}\n{}\n", lines.join("\n"))
            }
        });
    }
    if text.is_empty() {
        text.push_str("the configured sources read files only and need no rights elsewhere\n");
    }
    Ok(text)
}

fn iam_policy(permissions: &[&Permission]) -> anyhow::Result<String> {
    let actions: BTreeSet<&str> = permissions.iter().map(|permission| permission.action.as_str()).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "PortalReads", "Effect": "Allow", "Action": actions, "Resource": "*"}]
    });
    Ok(format!(
        "# IAM policy of the role that the portal takes in each account\n{}\n",
        serde_json::to_string_pretty(&policy)?
    ))
}

/// An action is `group/resource:verb`.
fn cluster_role(permissions: &[&Permission]) -> String {
    let mut rules: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for permission in permissions {
        let (object, verb) = permission.action.rsplit_once(':').unwrap_or((&permission.action, "list"));
        let (group, resource) = object.split_once('/').unwrap_or(("", object));
        // Kubernetes itself has no word for the group that is written as nothing.
        let group = if group == "core" { "" } else { group };
        rules.entry((group.to_owned(), verb.to_owned())).or_default().insert(resource.to_owned());
    }
    let quoted = |items: &mut dyn Iterator<Item = &String>| {
        items.map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ")
    };
    let mut text =
        "# Kubernetes role of the account that the portal reads with\napiVersion: rbac.authorization.k8s.io/v1\n\
                    kind: ClusterRole\nmetadata:\n  name: portal-collector\nrules:\n"
            .to_owned();
    for ((group, verb), resources) in &rules {
        text.push_str(&format!(
            "  - apiGroups: [\"{group}\"]\n    resources: [{}]\n    verbs: [\"{verb}\"]\n",
            quoted(&mut resources.iter())
        ));
    }
    text
}
