//! What a collector that is not written in Rust may say: how it writes a scope, what can be a kind, a folder or an object.
//!
//! Knows nothing of how it says it: a program prints it, Python hands it over. Scopes are read more strictly than the core
//! reads them from manifests: a key too many is a mistake, not something to pass over.

use portal_core::snapshot::layout;
use portal_core::{Digest, LakePath, Scope, Text};
use serde::Deserialize;
#[cfg(feature = "exec")]
use serde::Deserializer;
#[cfg(feature = "exec")]
use serde::de::Error;
use serde_json::Value;

/// Reads a scope: an object with `account` and `region`, `cluster` and `namespace`, `domain`, or `path`.
///
/// # Errors
/// If it is none; the text says what a scope is.
pub fn scope(value: Value) -> Result<Scope, String> {
    Keys::deserialize(value).map_err(|error| error.to_string())?.scope()
}

/// Whether a folder word leaves scopes of this form in it: some words promise one to whoever reads the lake.
pub fn fits(folder: &str, scope: &Scope) -> bool {
    match folder {
        "aws" => matches!(scope, Scope::Aws { .. }),
        "ad" => matches!(scope, Scope::Directory { .. }),
        "k8s" | "manifests" => matches!(scope, Scope::Kubernetes { .. }),
        _ => true,
    }
}

/// Whether a text can be a kind, which is the name of a file.
///
/// # Errors
/// If it cannot; the text says why.
pub fn check_kind(kind: &str) -> Result<(), String> {
    if layout::kind_path(kind).is_ok() && LakePath::root().join(kind).as_str() == kind {
        return Ok(());
    }
    let shown: String = kind.chars().take(60).collect();
    Err(format!("`{}` cannot be a kind; use letters, digits, `-`, `_` and `.`", shown.escape_debug()))
}

/// The folder word for a source of a name: the name with `-` for all that a folder may not have.
pub fn folder_of_name(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let safe: String = lower.chars().map(|c| if is_folder_character(c) { c } else { '-' }).collect();
    Some(safe.trim_matches('-')).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// Whether a text can be the first word of a lake folder.
pub fn is_folder_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_folder_character)
}

/// Why an object may not be written into a scope.
///
/// What may be kept of a Kubernetes object, and what it means, goes by its type: one that does not say what it is cannot
/// be read by anybody.
pub fn misplaced(scope: &Scope, object: &Value) -> Option<&'static str> {
    let has = |field: &str| object.get(field).is_some_and(Value::is_string);
    let is_kubernetes = matches!(scope, Scope::Kubernetes { .. });
    (is_kubernetes && !(has("apiVersion") && has("kind")))
        .then_some("an object of a cluster needs `apiVersion` and `kind`")
}

/// A name that tells objects apart. In a cluster it is that of the object. Elsewhere each provider has another field
/// for it, and a name is no file's: the content stands for it.
pub fn object_name(scope: &Scope, object: &Value) -> Option<Text> {
    if matches!(scope, Scope::Kubernetes { .. }) {
        let name = object.pointer("/metadata/name").and_then(Value::as_str);
        return name.filter(|name| !name.is_empty()).map(Text::from);
    }
    Some(Text::from(Digest::of(object).to_hex()))
}

fn is_folder_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

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
#[cfg(feature = "exec")]
pub(crate) fn strict<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Scope>, D::Error> {
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
