//! The six entities.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ownership, Pairs};
use crate::id::{EntityType, Ref, Text};

/// One entity of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entity", rename_all = "lowercase")]
pub enum Entity {
    /// A product.
    Product(Product),
    /// A team.
    Team(Team),
    /// A service.
    Service(Service),
    /// A workload.
    Workload(Workload),
    /// A resource.
    Resource(Resource),
    /// An environment.
    Environment(Environment),
}

impl Entity {
    /// The entity's identity.
    pub fn entity_ref(&self) -> Ref {
        match self {
            Entity::Product(p) => Ref::product(&p.name),
            Entity::Team(t) => Ref::team(&t.name),
            Entity::Service(s) => Ref::service(&s.namespace, &s.name),
            Entity::Workload(w) => w.workload_ref(),
            Entity::Resource(r) => Ref::resource(&r.id),
            Entity::Environment(e) => Ref::environment(&e.account),
        }
    }

    /// What it is.
    pub fn entity_type(&self) -> EntityType {
        match self {
            Entity::Product(_) => EntityType::Product,
            Entity::Team(_) => EntityType::Team,
            Entity::Service(_) => EntityType::Service,
            Entity::Workload(_) => EntityType::Workload,
            Entity::Resource(_) => EntityType::Resource,
            Entity::Environment(_) => EntityType::Environment,
        }
    }

    /// The name that people use for it; not unique.
    pub fn name(&self) -> &str {
        match self {
            Entity::Product(p) => &p.name,
            Entity::Team(t) => &t.name,
            Entity::Service(s) => &s.name,
            Entity::Workload(w) => &w.name,
            Entity::Resource(r) => &r.name,
            Entity::Environment(e) => &e.name,
        }
    }

    /// Its ownership, for the entities that have an owner.
    pub fn ownership(&self) -> Option<&Ownership> {
        match self {
            Entity::Service(s) => Some(&s.ownership),
            Entity::Resource(r) => Some(&r.ownership),
            Entity::Product(_) | Entity::Team(_) | Entity::Workload(_) | Entity::Environment(_) => None,
        }
    }

    /// The parts of the lake (`path#kind`) that this entity was seen in, the one that knows most first.
    pub fn parts(&self) -> &[Text] {
        match self {
            Entity::Service(s) => &s.parts,
            Entity::Workload(w) => &w.parts,
            Entity::Resource(r) => &r.parts,
            Entity::Team(t) => &t.parts,
            Entity::Product(_) | Entity::Environment(_) => &[],
        }
    }

    /// Since when the entity is only known from an earlier read, for one that the newest read of its part did not show.
    pub fn stale_since(&self) -> Option<Timestamp> {
        match self {
            Entity::Workload(w) => w.stale_since,
            Entity::Resource(r) => r.stale_since,
            Entity::Product(_) | Entity::Team(_) | Entity::Service(_) | Entity::Environment(_) => None,
        }
    }

    /// The entity without what changes all the time and makes no history.
    pub fn without_live(&self) -> Cow<'_, Entity> {
        match self {
            Entity::Workload(workload) if workload.live.is_some() => {
                Cow::Owned(Entity::Workload(Workload { live: None, ..workload.clone() }))
            }
            other => Cow::Borrowed(other),
        }
    }

    /// When the outside system made it, where it says so.
    pub fn created_at(&self) -> Option<Timestamp> {
        match self {
            Entity::Workload(w) => w.created_at,
            Entity::Resource(r) => r.created_at,
            Entity::Product(_) | Entity::Team(_) | Entity::Service(_) | Entity::Environment(_) => None,
        }
    }
}

/// What a business sells or runs; teams and services roll up to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its slug.
    pub name: Text,
    /// As it was written.
    pub display_name: Text,
}

/// The lowest unit of ownership.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its slug.
    pub name: Text,
    /// As it was written.
    pub display_name: Text,
    /// Other names that claims may use, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Text>,
    /// Names it had before; links with them redirect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_names: Vec<Text>,
    /// Slugs of the teams that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Text>,
    /// Slug of the product that it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Text>,
    /// The people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// A mail address or channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// The source that knows it; `configuration` for one from the configuration file.
    pub source: Text,
    /// Where it was seen; nowhere for one that only the configuration knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Text>,
}

/// A person in a team. Nothing beyond name and mail is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// The name as the directory shows it.
    pub name: Text,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Text>,
}

/// Where a service comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceType {
    /// It runs in Kubernetes.
    Kubernetes,
    /// It runs as functions.
    Serverless,
    /// A person added it.
    Other,
}

/// How a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// It stays up and answers.
    HttpService,
    /// It runs at times.
    ScheduledJob,
    /// It runs when called.
    Function,
}

impl ServiceType {
    /// The word as users type and read it.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceType::Kubernetes => "kubernetes",
            ServiceType::Serverless => "serverless",
            ServiceType::Other => "other",
        }
    }
}

impl ServiceKind {
    /// The word as users type and read it.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceKind::HttpService => "http-service",
            ServiceKind::ScheduledJob => "scheduled-job",
            ServiceKind::Function => "function",
        }
    }
}

/// What engineers deploy and maintain: one logical thing, in any number of environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The namespace that groups it.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// Where it comes from.
    #[serde(rename = "type")]
    pub service_type: ServiceType,
    /// How it runs.
    pub kind: ServiceKind,
    /// Slug of its product, its own or its team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Text>,
    /// Labels and tags of its workloads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Pairs,
    /// Who owns it.
    pub ownership: Ownership,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Text>,
}

/// One running copy of a service in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// `deployment`, `cronjob`, `statefulset`, `daemonset` or `function`.
    pub kind: Text,
    /// The function's ARN; `None` in Kubernetes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Text>,
    /// The cluster; `None` for a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Text>,
    /// The Kubernetes namespace; for a function the namespace of its service.
    pub namespace: Text,
    /// The object's own name.
    pub name: Text,
    /// The account it runs in, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// The region it runs in, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// The container images or the function's runtime.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Text>,
    /// When a scheduled job runs, in cron's notation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Text>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// What changes all the time and makes no history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
    /// Set for one that the newest read did not show, and that is kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Text>,
}

impl Workload {
    fn workload_ref(&self) -> Ref {
        match &self.arn {
            Some(arn) => Ref::function_workload(arn),
            None => Ref::kubernetes_workload(
                self.cluster.as_deref().unwrap_or_default(),
                &self.namespace,
                &self.kind,
                &self.name,
            ),
        }
    }
}

/// How many copies run. Volatile: it makes no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Copies that are ready.
    pub ready: u32,
    /// Copies that are asked for.
    pub desired: u32,
}

impl Live {
    /// What the counts say. Nothing asked for is not down.
    pub fn health(self) -> Health {
        match (self.ready, self.desired) {
            (_, 0) => Health::Unknown,
            (0, _) => Health::Down,
            (ready, desired) if ready < desired => Health::Degraded,
            _ => Health::Healthy,
        }
    }
}

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// All of it works.
    Healthy,
    /// Some of it works.
    Degraded,
    /// None of it works.
    Down,
    /// Nobody knows.
    Unknown,
}

impl Health {
    /// Every state, in the order in which lists show them.
    pub const ALL: [Health; 4] = [Health::Healthy, Health::Degraded, Health::Down, Health::Unknown];

    /// The word as users type and read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Health::Healthy => "healthy",
            Health::Degraded => "degraded",
            Health::Down => "down",
            Health::Unknown => "unknown",
        }
    }
}

/// Infrastructure, whatever the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The ARN, or the provider's own unique id.
    pub id: Text,
    /// `bucket`, `database`, … or the provider's own `service:type`.
    #[serde(rename = "type")]
    pub resource_type: Text,
    /// The name that people use.
    pub name: Text,
    /// The account it is in, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// The region it is in, where it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// Slug of its product, its own or its team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Text>,
    /// Tags as last read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Pairs,
    /// Set where the tags could not be read; [`Self::tags`] are then the last known ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags_unread: Option<Text>,
    /// A few facts that people look for: engine, version, endpoint.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Text, Text>,
    /// When it was made: an ARN that is used again has another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Who owns it.
    pub ownership: Ownership,
    /// Set for one that the newest read did not show, and that is kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Text>,
}

/// An AWS account, with the name that people use for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The account id, with its leading zeros.
    pub account: Text,
    /// The name from the configuration, else from the organisation, else the id.
    pub name: Text,
    /// `ACTIVE`, `SUSPENDED`, … as the organisation says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Text>,
}
