//! What may stand in the lake: an allow-list per provider's shape.
//!
//! [`crate::collect()`] passes every object through here, so that no adapter can forget it.

mod aws;
mod directory;

use serde_json::{Map, Value};

use crate::reference;
use crate::rules::Rules;
use crate::source::Scope;

/// What else may stand in the lake, beside the built-in lists.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Keys of Kubernetes annotations that are kept: the team keys and product keys of the configuration.
    pub annotations: Vec<String>,
}

/// Annotations that say something about ownership or use. One that ends in `/` stands for all below it.
const ANNOTATIONS: [&str; 6] = [
    "portal.dev/",
    "eks.amazonaws.com/role-arn",
    "iam.amazonaws.com/role",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "argocd.argoproj.io/tracking-id",
];

/// What is kept of a value.
enum Keep {
    /// A string, number or boolean.
    Scalar,
    /// A map of scalars: labels, selectors.
    Labels,
    /// Annotations on the allow-list.
    Annotations,
    /// A container's variables: names always, values only if they are references.
    Env,
    /// An object's fields that are named here.
    Fields(&'static [(&'static str, Keep)]),
    /// A list, of each of whose items this is kept.
    Each(&'static Keep),
}

use Keep::{Annotations, Each, Env, Fields, Labels, Scalar};

const METADATA: Keep = Fields(&[
    ("name", Scalar),
    ("namespace", Scalar),
    ("uid", Scalar),
    ("creationTimestamp", Scalar),
    ("deletionTimestamp", Scalar),
    ("labels", Labels),
    ("annotations", Annotations),
    (
        "ownerReferences",
        Each(&Fields(&[
            ("apiVersion", Scalar),
            ("kind", Scalar),
            ("name", Scalar),
            ("uid", Scalar),
            ("controller", Scalar),
        ])),
    ),
]);

const CONTAINER: Keep = Fields(&[
    ("name", Scalar),
    ("image", Scalar),
    ("ports", Each(&Fields(&[("name", Scalar), ("containerPort", Scalar), ("protocol", Scalar)]))),
    ("env", Env),
]);

const POD_TEMPLATE: Keep = Fields(&[
    ("metadata", METADATA),
    (
        "spec",
        Fields(&[
            ("serviceAccountName", Scalar),
            ("serviceAccount", Scalar),
            ("containers", Each(&CONTAINER)),
            ("initContainers", Each(&CONTAINER)),
        ]),
    ),
]);

const KUBERNETES: Keep = Fields(&[
    ("apiVersion", Scalar),
    ("kind", Scalar),
    ("metadata", METADATA),
    (
        "spec",
        Fields(&[
            ("replicas", Scalar),
            ("schedule", Scalar),
            ("suspend", Scalar),
            ("serviceName", Scalar),
            ("type", Scalar),
            ("externalName", Scalar),
            ("clusterIP", Scalar),
            (
                "ports",
                Each(&Fields(&[("name", Scalar), ("port", Scalar), ("targetPort", Scalar), ("protocol", Scalar)])),
            ),
            // A Service's selector is a map of labels, a workload's an object with `matchLabels`.
            ("selector", Labels),
            ("template", POD_TEMPLATE),
            ("jobTemplate", Fields(&[("spec", Fields(&[("template", POD_TEMPLATE)]))])),
        ]),
    ),
    (
        "status",
        Fields(&[
            ("phase", Scalar),
            ("replicas", Scalar),
            ("readyReplicas", Scalar),
            ("availableReplicas", Scalar),
            ("desiredNumberScheduled", Scalar),
            ("numberReady", Scalar),
        ]),
    ),
]);

/// The portal's own shape of a resource.
const PLAIN: Keep = Fields(&[
    ("id", Scalar),
    ("type", Scalar),
    ("name", Scalar),
    ("account", Scalar),
    ("region", Scalar),
    ("tags", Labels),
    ("TagsError", Scalar),
    ("attributes", Labels),
    ("created_at", Scalar),
    ("hosts", Each(&Scalar)),
]);

impl Redaction {
    /// Keeps the annotations that the rules look at.
    pub fn keeping(rules: &Rules) -> Redaction {
        let keys = rules.team_keys.iter().chain(&rules.product_keys).chain(&rules.service_keys);
        Redaction { annotations: keys.map(ToString::to_string).collect() }
    }

    /// An object of a scope as it may stand in the lake.
    pub fn apply(&self, scope: &Scope, object: Value) -> Value {
        match scope {
            Scope::Kubernetes { .. } => self.kept(&KUBERNETES, object).unwrap_or_default(),
            Scope::Aws { .. } => aws::kept(object),
            Scope::Directory { .. } => directory::kept(object),
            Scope::Other { .. } => self.kept(&PLAIN, object).unwrap_or_default(),
        }
    }

    fn kept(&self, keep: &Keep, value: Value) -> Option<Value> {
        match (keep, value) {
            (_, Value::Null) | (Scalar, Value::Array(_) | Value::Object(_)) => None,
            (Scalar, scalar) => Some(scalar),
            (Labels, Value::Object(map)) => Some(Value::Object(
                map.into_iter()
                    .filter_map(|(key, value)| {
                        let labels = key == "matchLabels" && value.is_object();
                        self.kept(if labels { &Labels } else { &Scalar }, value).map(|v| (key, v))
                    })
                    .collect(),
            )),
            (Annotations, Value::Object(map)) => Some(Value::Object(
                map.into_iter().filter(|(key, value)| value.is_string() && self.allows(key)).collect(),
            )),
            (Env, Value::Array(variables)) => Some(variables.iter().filter_map(kubernetes_variable).collect()),
            (Fields(fields), Value::Object(mut map)) => {
                let kept: Map<String, Value> = fields
                    .iter()
                    .filter_map(|(name, keep)| {
                        let value = map.remove(*name)?;
                        self.kept(keep, value).map(|v| ((*name).to_owned(), v))
                    })
                    .collect();
                Some(Value::Object(kept))
            }
            (Each(keep), Value::Array(items)) => {
                Some(items.into_iter().filter_map(|item| self.kept(keep, item)).collect())
            }
            // Another shape than the provider documents is not understood, and so not kept.
            _ => None,
        }
    }

    fn allows(&self, annotation: &str) -> bool {
        self.annotations.iter().any(|key| key.eq_ignore_ascii_case(annotation))
            || ANNOTATIONS.iter().any(|key| *key == annotation || (key.ends_with('/') && annotation.starts_with(key)))
    }
}

/// `{name, value}` with the value only if it is a reference; `valueFrom` says where from, never what.
fn kubernetes_variable(variable: &Value) -> Option<Value> {
    let name = variable.get("name")?.as_str()?;
    let mut kept = Map::new();
    kept.insert("name".to_owned(), name.into());
    if let Some(value) = variable.get("value").and_then(Value::as_str) {
        let references = reference::read(name, value);
        if !references.is_empty() {
            kept.insert("value".to_owned(), reference::written(&references).into());
        }
    }
    Some(Value::Object(kept))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespace() -> Scope {
        Scope::Kubernetes { account: None, region: None, cluster: "c".into(), namespace: "shop".into() }
    }

    fn region() -> Scope {
        Scope::Aws { account: "011122223333".into(), region: "eu-west-1".into() }
    }

    #[test]
    fn nothing_but_references_survives_in_a_deployment() {
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": "web", "namespace": "shop", "labels": {"team": "Payments"},
                "managedFields": [{"x": "hunter2"}], "resourceVersion": "7",
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": "hunter2",
                    "corp.example/squad": "payments", "corp.example/note": "hunter2"
                }
            },
            "spec": {
                "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                "template": {"spec": {"serviceAccountName": "web",
                    "volumes": [{"csi": {"volumeAttributes": {"p": "hunter2"}}}],
                    "containers": [{
                        "name": "web", "image": "web:1", "args": ["--password=hunter2"], "command": ["hunter2"],
                        "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "A", "value": "hunter2"}]}},
                        "env": [
                            {"name": "CART_ADDR", "value": "cart:7070"},
                            {"name": "PLAIN", "value": "hunter2"},
                            {"name": "DB", "value": "postgres://u:hunter2@db:5432/x"},
                            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
                        ]
                    }]}}
            },
            "status": {"readyReplicas": 2, "conditions": [{"message": "hunter2"}]}
        });
        let kept = Redaction { annotations: vec!["corp.example/squad".into()] }.apply(&namespace(), deployment);
        let text = kept.to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(kept.pointer("/metadata/annotations"), Some(&json!({"corp.example/squad": "payments"})));
        assert_eq!(kept.pointer("/spec/selector/matchLabels/app"), Some(&json!("web")));
        let env = kept.pointer("/spec/template/spec/containers/0/env").expect("the variables");
        assert_eq!(
            env,
            &json!([
                {"name": "CART_ADDR", "value": "cart:7070"}, {"name": "PLAIN"},
                {"name": "DB", "value": "postgres://db:5432"}, {"name": "S"}
            ])
        );
    }

    #[test]
    fn functions_and_stacks_lose_their_secrets() {
        let function = json!({
            "FunctionName": "f",
            "Environment": {"Variables": {"ORDERS_TABLE": "orders", "PLAIN": "hunter2"}, "Error": {"Message": "hunter2"}}
        });
        let kept = Redaction::default().apply(&region(), function);
        assert_eq!(kept.pointer("/Environment/Variables"), Some(&json!({"ORDERS_TABLE": "orders", "PLAIN": null})));
        let stack = json!({"StackName": "s", "Parameters": [{"ParameterValue": "hunter2"}], "Outputs": [{"OutputValue": "hunter2"}]});
        let kept = Redaction::default().apply(&region(), stack).to_string() + &kept.to_string();
        assert!(!kept.contains("hunter2"), "{kept}");
    }

    #[test]
    fn a_secret_in_an_odd_shape_is_dropped() {
        let odd = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": {"deep": "hunter2"}, "labels": {"a": ["hunter2"]}, "annotations": "hunter2"}
        });
        assert!(!Redaction::default().apply(&namespace(), odd).to_string().contains("hunter2"));
    }

    #[test]
    fn of_people_only_name_and_mail_are_kept() {
        let scope = Scope::Directory { domain: "corp.example".into() };
        let person = json!({
            "dn": "CN=Ada", "cn": "Ada", "mail": "ada@c", "telephoneNumber": "hunter2", "Description": "hunter2",
            "member": [{"deep": "hunter2"}], "attributes": {"homeDirectory": "hunter2", "displayName": "Ada L"}
        });
        let kept = Redaction::default().apply(&scope, person);
        assert!(!kept.to_string().contains("hunter2"), "{kept}");
        assert_eq!(kept.pointer("/attributes/displayName"), Some(&json!("Ada L")));
    }

    #[test]
    fn of_a_plain_resource_only_its_fields_are_kept() {
        let scope = Scope::Other { path: vec!["inventory".into()] };
        let resource = json!({"id": "a", "tags": {"team": "pay", "deep": {"x": "hunter2"}}, "password": "hunter2"});
        let kept = Redaction::default().apply(&scope, resource);
        assert_eq!(kept, json!({"id": "a", "tags": {"team": "pay"}}));
    }
}
