//! Which documents are Kubernetes objects that the portal reads, and in which namespace each stands.

use serde_json::Value;

/// Namespaces, the one kind that stands in no namespace.
const NAMESPACES: &str = "namespaces";

/// Each kind: the word in the lake, the word in an object, and the API groups that ever served it.
const KINDS: [(&str, &str, &[&str]); 7] = [
    ("deployments", "Deployment", &["apps", "extensions"]),
    ("cronjobs", "CronJob", &["batch"]),
    ("statefulsets", "StatefulSet", &["apps"]),
    ("daemonsets", "DaemonSet", &["apps", "extensions"]),
    ("services", "Service", &[""]),
    (NAMESPACES, "Namespace", &[""]),
    ("serviceaccounts", "ServiceAccount", &[""]),
];

/// Every kind's word.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(word, _, _)| *word)
}

/// An object of one of the kinds.
pub(super) struct Found {
    /// The kind's word.
    pub(super) kind: &'static str,
    /// The namespace that it stands in, or that it is.
    pub(super) namespace: String,
    /// Its name, or why it has none.
    pub(super) name: Result<String, &'static str>,
    /// The object.
    pub(super) value: Value,
}

/// Calls `found` with each object in a document, those inside of lists too, and `odd` with what looks like one and
/// cannot be placed. Documents that are something else are passed over.
pub(super) fn each_object(
    document: Value,
    default_namespace: &str,
    found: &mut impl FnMut(Found),
    odd: &mut impl FnMut(String),
) {
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        let (Some(version), Some(kind)) = (text(&value, "apiVersion"), text(&value, "kind")) else { continue };
        if let Some(listed) = listed_kind(&version, &kind) {
            unpack(value, &version, listed, &mut open, odd);
        } else if let Some(kind) = known(&version, &kind) {
            match place(kind, value, default_namespace) {
                Ok(object) => found(object),
                Err(problem) => odd(problem),
            }
        }
    }
}

/// Puts the items of a list on the stack, in such an order that the first is taken first.
fn unpack(mut list: Value, version: &str, item_kind: &str, open: &mut Vec<Value>, odd: &mut impl FnMut(String)) {
    let items = match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => return,
        Some(_) => return odd("`items` of the list is no list".to_owned()),
    };
    for (at, mut item) in items.into_iter().enumerate().rev() {
        let Some(fields) = item.as_object_mut() else {
            odd(format!("item {} of the list is no object", at + 1));
            continue;
        };
        // Items of a `DeploymentList` need not say what they are.
        if !item_kind.is_empty() {
            fields.entry("apiVersion").or_insert_with(|| version.into());
            fields.entry("kind").or_insert_with(|| item_kind.into());
        }
        open.push(item);
    }
}

/// The kind of a list's items: empty for a `List` of anything, `None` for what is no list of ours.
fn listed_kind<'k>(version: &str, kind: &'k str) -> Option<&'k str> {
    let items = kind.strip_suffix("List")?;
    let ours = if items.is_empty() { version == "v1" } else { known(version, items).is_some() };
    ours.then_some(items)
}

/// A kind's word. The group counts: a `Service` of Knative is another thing.
fn known(version: &str, kind: &str) -> Option<&'static str> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    KINDS.iter().find(|(_, object, groups)| *object == kind && groups.contains(&group)).map(|(word, _, _)| *word)
}

fn place(kind: &'static str, value: Value, default_namespace: &str) -> Result<Found, String> {
    let field = |name: &str| match value.pointer("/metadata").and_then(|metadata| metadata.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(other.to_string()),
    };
    let name = match field("name") {
        Ok(Some(name)) => Ok(name),
        Ok(None) if matches!(field("generateName"), Ok(Some(_))) => {
            Err("it has only a generateName, and gets another name each time that it is applied")
        }
        Ok(None) => Err("it has no name"),
        Err(_) => Err("its name is no text; put it in quotes"),
    };
    if kind == NAMESPACES {
        let namespace = name.clone().map_err(|problem| format!("a Namespace is left out: {problem}"))?;
        return Ok(Found { kind, namespace, name, value });
    }
    match field("namespace") {
        Ok(namespace) => {
            Ok(Found { kind, namespace: namespace.unwrap_or_else(|| default_namespace.to_owned()), name, value })
        }
        Err(odd) => Err(format!("its namespace is {odd}, which is no text; put it in quotes")),
    }
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}
