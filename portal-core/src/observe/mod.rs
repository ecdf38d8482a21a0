//! From the provider's shape to observations: parsed and normalised, not yet resolved.
//!
//! Knows nothing of owners: that is [`crate::resolve()`]'s work.

mod aws;
mod directory;
mod kubernetes;
mod plain;
mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use read::{FileRead, SetAside, read_bundle, read_file};

use crate::id::Text;
use crate::model::{Live, Pairs};

/// One object of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// A piece of infrastructure; a function and a stack among them.
    Resource(Box<ResourceSeen>),
    /// A Kubernetes workload.
    Workload(Box<WorkloadSeen>),
    /// A Kubernetes Service: a name in the network for some pods.
    KubernetesService(KubernetesServiceSeen),
    /// A Kubernetes namespace.
    Namespace(NamespaceSeen),
    /// A Kubernetes service account.
    ServiceAccount(ServiceAccountSeen),
    /// An account of an organisation.
    Account(AccountSeen),
    /// A group of a directory.
    Group(Box<GroupSeen>),
    /// A person of a directory.
    Person(Box<PersonSeen>),
}

impl Observation {
    /// What tells it from the others of its scope and kind. A file of an outside collector may hold several types.
    pub fn key(&self) -> Text {
        match self {
            Observation::Resource(seen) => seen.id.clone(),
            Observation::Workload(seen) => Text::from(format!("{}/{}", seen.kind, seen.name)),
            Observation::KubernetesService(seen) => Text::from(format!("service/{}", seen.name)),
            Observation::Namespace(seen) => Text::from(format!("namespace/{}", seen.name)),
            Observation::ServiceAccount(seen) => Text::from(format!("serviceaccount/{}", seen.name)),
            Observation::Account(seen) => seen.id.clone(),
            Observation::Group(seen) => seen.id.clone(),
            Observation::Person(seen) => seen.id.clone(),
        }
    }

    /// Takes what changes all the time out of it.
    pub fn take_live(&mut self) -> Option<Live> {
        match self {
            Observation::Workload(seen) => seen.live.take(),
            _ => None,
        }
    }
}

/// Tags with whether they were read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// Sorted by key. If they could not be read: the last known ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Pairs,
    /// Why they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Text>,
}

impl Tags {
    /// Tags that were read.
    pub fn read(mut pairs: Pairs) -> Tags {
        pairs.sort();
        Tags { pairs, unread: None }
    }

    /// Tags that were not, and why.
    pub fn unread(reason: &str) -> Tags {
        Tags { pairs: Vec::new(), unread: Some(Text::from(reason)) }
    }
}

/// A variable of a workload or function whose value is a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// The cleaned value.
    pub value: Text,
}

/// A piece of infrastructure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceSeen {
    /// The ARN, or the provider's unique id.
    pub id: Text,
    /// `bucket`, `database`, … or `service:type`.
    #[serde(rename = "type")]
    pub resource_type: Text,
    /// The name that people use.
    pub name: Text,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// A few facts that people look for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Text, Text>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The hosts that it answers at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Text>,
    /// The name of the database cluster that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Text>,
    /// What it has as a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionSeen>,
    /// What it has as a stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackSeen>,
    /// Known only from a list of tags, which says nothing else about it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub only_tags: bool,
}

/// What a function has beyond other resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionSeen {
    /// Its runtime or image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<Text>,
    /// The ARN of its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// Variables that are references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// ARNs of what calls it; `None` if they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_sources: Option<Vec<Text>>,
}

/// What a stack has beyond other resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StackSeen {
    /// The id of the stack that it is nested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Text>,
    /// Ids of what it made, as ARNs; `None` if they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<Text>>,
}

/// A Deployment, CronJob, StatefulSet or DaemonSet. Cluster and namespace are those of its scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkloadSeen {
    /// `deployment`, `cronjob`, `statefulset`, `daemonset`.
    pub kind: Text,
    /// Its name.
    pub name: Text,
    /// Labels of the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Pairs,
    /// Annotations of the object, as far as they are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Pairs,
    /// Labels of its pods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pod_labels: Pairs,
    /// Images of its containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Text>,
    /// The account that its pods run under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<Text>,
    /// Variables that are references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// When a CronJob runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Text>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// How many copies run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

/// A Kubernetes Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KubernetesServiceSeen {
    /// Its name, which is a host inside its namespace.
    pub name: Text,
    /// The labels of the pods behind it; empty for one without a selector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selector: Pairs,
    /// The host outside that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_name: Option<Text>,
}

/// A Kubernetes namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamespaceSeen {
    /// Its name.
    pub name: Text,
    /// Its unique id; that of `kube-system` tells which cluster this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Text>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Pairs,
    /// Its annotations, as far as they are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Pairs,
}

/// A Kubernetes service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceAccountSeen {
    /// Its name.
    pub name: Text,
    /// The ARN of the cloud role that it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
}

/// An account of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountSeen {
    /// Its id, with leading zeros.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// `ACTIVE`, `SUSPENDED`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Text>,
}

/// A group of a directory. Names of entries are as the directory writes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupSeen {
    /// What stays when it is renamed: `objectGUID`, `entryUUID`.
    pub id: Text,
    /// Its distinguished name.
    pub dn: Text,
    /// The name that people use.
    pub name: Text,
    /// Its name before Windows 2000, which many tools still show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<Text>,
    /// Names that earlier reads showed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_names: Vec<Text>,
    /// Its mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Text>,
    /// The distinguished name of who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Text>,
    /// The number by which people name it as their primary group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_token: Option<u32>,
    /// Distinguished names of its members, sorted: people and groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Text>,
    /// Why the members could not all be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_unread: Option<Text>,
}

/// A person of a directory; nothing beyond name and mail is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonSeen {
    /// What stays when the name changes.
    pub id: Text,
    /// The distinguished name.
    pub dn: Text,
    /// The name that people use.
    pub name: Text,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Text>,
    /// Whether the account is disabled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// The number of the group whose member the person is without being listed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_group: Option<u32>,
}

fn is_false(value: &bool) -> bool {
    !value
}
