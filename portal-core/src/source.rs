//! The contract of a source: a thing that reads one outside system.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorKind, SourceError};
use crate::id::Text;

/// Reads one outside system, scope by scope.
///
/// # Contract
///
/// - Making a source touches nothing outside; [`Source::scopes`] and [`Source::collect`] do.
/// - `scopes` names each scope once and in the same order for the same world.
/// - `collect` calls [`SnapshotWriter::expect`] for every kind it is going to read, then writes objects in the
///   provider's own shape, then [`SnapshotWriter::finish`] once per kind. A kind that was expected and never finished
///   counts as failed: silence is never taken for "there is none".
/// - `Complete` is said only after the last page. A read that was cut short says `Partial`, a missing right `Denied`
///   with the permission's name, a thing that cannot exist here `Absent`, and all else `Failed`.
/// - One kind that fails does not stop the others. An `Err` from `collect` fails the kinds that are not finished.
/// - `collect` may be dropped at any await (deadline, Ctrl-C) and leaves nothing behind.
/// - Neither method spawns a task that outlives it.
#[async_trait]
pub trait Source: Send + Sync {
    /// The name from the configuration; unique among the sources of one portal.
    fn name(&self) -> &str;

    /// The first word of its lake folder: `aws` writes below `aws-collector/`.
    fn folder(&self) -> &str;

    /// Every right that the source needs, for people who have to grant them.
    fn permissions(&self) -> Vec<Permission>;

    /// What there is to read now.
    ///
    /// # Errors
    /// If not even that can be found out: nothing known changes then.
    async fn scopes(&self) -> Result<Scopes, SourceError>;

    /// Reads one scope into `out`.
    ///
    /// # Errors
    /// If the scope as a whole cannot be read; its kind tells the coverage: `Denied`, `NotFound` (absent), else failed.
    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError>;
}

/// A right that a source needs, in the words of the system that grants it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Permission {
    /// `aws` (an IAM action), `kubernetes` (`group/resource:verb`), `ldap`, …
    pub system: Text,
    /// Such as `rds:DescribeDBInstances`.
    pub action: Text,
    /// The kind that it is needed for.
    pub kind: Text,
}

/// The smallest thing that a source reads as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scope {
    /// A namespace of a cluster. The account and region where the cluster lives may be unknown.
    Kubernetes {
        /// Account id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Text>,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<Text>,
        /// Name of the cluster.
        cluster: Text,
        /// Name of the namespace.
        namespace: Text,
    },
    /// A region of an AWS account.
    Aws {
        /// Account id, with leading zeros.
        account: Text,
        /// Region, such as `eu-west-1`.
        region: Text,
    },
    /// A domain of a directory.
    Directory {
        /// Such as `corp.example`.
        domain: Text,
    },
    /// Any other source's.
    Other {
        /// The parts of its path.
        path: Vec<Text>,
    },
}

impl Scope {
    /// The parts of its path in the lake; `_` stands for what is not known.
    pub fn path(&self) -> Vec<Text> {
        let known = |part: &Option<Text>| part.clone().unwrap_or_else(|| Text::new_static("_"));
        match self {
            Scope::Kubernetes { account, region, cluster, namespace } => {
                vec![known(account), known(region), cluster.clone(), namespace.clone()]
            }
            Scope::Aws { account, region } => vec![account.clone(), region.clone()],
            Scope::Directory { domain } => vec![domain.clone()],
            Scope::Other { path } => path.clone(),
        }
    }

    /// The account, where the scope has one.
    pub fn account(&self) -> Option<&Text> {
        match self {
            Scope::Kubernetes { account, .. } => account.as_ref(),
            Scope::Aws { account, .. } => Some(account),
            Scope::Directory { .. } | Scope::Other { .. } => None,
        }
    }

    /// The region, where the scope has one.
    pub fn region(&self) -> Option<&Text> {
        match self {
            Scope::Kubernetes { region, .. } => region.as_ref(),
            Scope::Aws { region, .. } => Some(region),
            Scope::Directory { .. } | Scope::Other { .. } => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        let shown: Vec<&str> = path.iter().map(Text::as_str).filter(|part| *part != "_").collect();
        f.write_str(&shown.join("/"))
    }
}

/// What a source found to read.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// Each scope that is there.
    pub scopes: Vec<Scope>,
    /// Path prefixes below which `scopes` is the whole list: an earlier scope below one of them that is not in the
    /// list is gone. An empty prefix stands for all that the source ever wrote.
    pub whole_below: Vec<Vec<Text>>,
    /// Path prefixes that could not be listed: earlier scopes below them are marked, not retired.
    pub unread: Vec<Unread>,
}

/// A part of the outside world whose scopes could not be listed.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The path prefix, such as account, region and cluster.
    pub below: Vec<Text>,
    /// Why; never `Complete`.
    pub outcome: Outcome,
}

/// How much of a kind was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// All of it: what is not here does not exist.
    Complete,
    /// Some of it.
    Partial,
    /// None of it, for lack of a right.
    Denied,
    /// It cannot exist here: region not opted in, API not served, account closed.
    Absent,
    /// None of it, for another reason.
    Failed,
}

impl Coverage {
    /// The word as users read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Coverage::Complete => "complete",
            Coverage::Partial => "partial",
            Coverage::Denied => "denied",
            Coverage::Absent => "absent",
            Coverage::Failed => "failed",
        }
    }

    /// Whether the outside world was seen as it is.
    pub fn is_whole(self) -> bool {
        matches!(self, Coverage::Complete | Coverage::Absent)
    }
}

/// A coverage with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How much was read.
    pub coverage: Coverage,
    /// Why not all, in words that help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The right that is missing, such as `lambda:ListFunctions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
}

impl Outcome {
    /// All was read.
    pub fn complete() -> Outcome {
        Outcome { coverage: Coverage::Complete, reason: None, permission: None }
    }

    /// Not all was read, and why.
    pub fn not(coverage: Coverage, reason: impl Into<String>) -> Outcome {
        Outcome { coverage, reason: Some(reason.into()), permission: None }
    }

    /// The right to read is missing.
    pub fn denied(permission: impl Into<String>, reason: impl Into<String>) -> Outcome {
        Outcome { coverage: Coverage::Denied, reason: Some(reason.into()), permission: Some(permission.into()) }
    }

    /// What an error of a whole scope says about its kinds.
    pub fn of_error(error: &SourceError) -> Outcome {
        let coverage = match error.kind() {
            ErrorKind::Denied => Coverage::Denied,
            ErrorKind::NotFound => Coverage::Absent,
            _ => Coverage::Failed,
        };
        Outcome::not(coverage, crate::error::chain(error))
    }
}

/// One object as the provider shows it, with the name for its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The name, for layouts with a file per object. Any text: it is made safe before it becomes a path.
    pub name: Text,
    /// The provider's own shape.
    pub value: Value,
}

/// What was read of one kind.
#[derive(Clone, Debug, Default)]
pub struct KindSnapshot {
    /// The objects in the order in which they came.
    pub objects: Vec<Object>,
    /// How the read ended; `None` as long as it has not.
    pub outcome: Option<Outcome>,
    /// Single things inside that could not be read (the tags of one bucket), with the reason.
    pub unread: Vec<String>,
}

/// Takes what a source reads of one scope. Several kinds may write at the same time.
#[derive(Debug, Default)]
pub struct SnapshotWriter {
    kinds: Mutex<BTreeMap<Text, KindSnapshot>>,
}

impl SnapshotWriter {
    /// Announces the kinds that are going to be read.
    pub fn expect<'k>(&self, kinds: impl IntoIterator<Item = &'k str>) {
        let mut all = self.lock();
        for kind in kinds {
            all.entry(Text::from(kind)).or_default();
        }
    }

    /// Adds one object.
    pub fn object(&self, kind: &str, name: impl Into<Text>, value: Value) {
        let object = Object { name: name.into(), value };
        self.with(kind, |snapshot| snapshot.objects.push(object));
    }

    /// Notes that a single thing inside the kind could not be read.
    pub fn unread(&self, kind: &str, reason: impl Into<String>) {
        let reason = reason.into();
        self.with(kind, |snapshot| snapshot.unread.push(reason));
    }

    /// Throws away what a kind has so far: its list has to start again.
    pub fn restart(&self, kind: &str) {
        self.with(kind, |snapshot| {
            snapshot.objects.clear();
            snapshot.unread.clear();
        });
    }

    /// Says how the read of a kind ended.
    pub fn finish(&self, kind: &str, outcome: Outcome) {
        self.with(kind, |snapshot| snapshot.outcome = Some(outcome));
    }

    /// All that was written; what was expected and never finished ends with `rest`.
    pub fn into_kinds(self, rest: &Outcome) -> BTreeMap<Text, KindSnapshot> {
        let mut kinds = self.kinds.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        for snapshot in kinds.values_mut() {
            snapshot.outcome.get_or_insert_with(|| rest.clone());
        }
        kinds
    }

    fn with(&self, kind: &str, change: impl FnOnce(&mut KindSnapshot)) {
        let mut all = self.lock();
        match all.get_mut(kind) {
            Some(snapshot) => change(snapshot),
            None => change(all.entry(Text::from(kind)).or_default()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Text, KindSnapshot>> {
        self.kinds.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
