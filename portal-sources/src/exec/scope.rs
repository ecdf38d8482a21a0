//! A scope as a person or a program writes it: `{account, region}`, `{cluster, namespace}`, `{domain}` or `{path}`.
//!
//! Stricter than the core reads it from manifests: a key too many is a mistake, not something to pass over.

use portal_core::{Scope, Text};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    account: Option<Text>,
    region: Option<Text>,
    cluster: Option<Text>,
    namespace: Option<Text>,
    domain: Option<Text>,
    path: Option<Vec<Text>>,
}

/// Reads a scope; for fields that may be missing.
///
/// # Errors
/// If the keys together are no scope, or one of them is empty.
pub(super) fn strict<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Scope>, D::Error> {
    Keys::deserialize(deserializer)?.scope().map(Some).map_err(D::Error::custom)
}

impl Keys {
    fn scope(self) -> Result<Scope, String> {
        let scope = match self {
            Keys { account, region, cluster: Some(cluster), namespace: Some(namespace), domain: None, path: None } => {
                Scope::Kubernetes { account, region, cluster, namespace }
            }
            Keys {
                account: Some(account),
                region: Some(region),
                cluster: None,
                namespace: None,
                domain: None,
                path: None,
            } => Scope::Aws { account, region },
            Keys { account: None, region: None, cluster: None, namespace: None, domain: Some(domain), path: None } => {
                Scope::Directory { domain }
            }
            Keys { account: None, region: None, cluster: None, namespace: None, domain: None, path: Some(path) } => {
                Scope::Other { path }
            }
            _ => {
                return Err("a scope is `account` and `region`; or `cluster` and `namespace`, with or without those \
                            two; or `domain`; or `path`"
                    .to_owned());
            }
        };
        check(&scope)?;
        Ok(scope)
    }
}

fn check(scope: &Scope) -> Result<(), String> {
    let parts: Vec<(&str, &Text)> = match scope {
        Scope::Kubernetes { account, region, cluster, namespace } => {
            let known = [("account", account), ("region", region)];
            let known = known.into_iter().filter_map(|(key, part)| part.as_ref().map(|part| (key, part)));
            known.chain([("cluster", cluster), ("namespace", namespace)]).collect()
        }
        Scope::Aws { account, region } => vec![("account", account), ("region", region)],
        Scope::Directory { domain } => vec![("domain", domain)],
        Scope::Other { path } if path.is_empty() => return Err("`path` is empty; write its parts".to_owned()),
        Scope::Other { path } => path.iter().map(|part| ("path", part)).collect(),
    };
    for (key, part) in parts {
        if part.trim().is_empty() {
            return Err(format!("`{key}` is empty; write a value or leave the key out"));
        }
        // `_` is what a path shows for an account or region that is not known.
        if part == "_" || part.chars().any(char::is_control) {
            return Err(format!("`{key}` cannot be `{}`", part.escape_debug()));
        }
    }
    Ok(())
}
