//! One cluster for the time of one run: what is planned, what is shared, and what each answer means for coverage.

use std::collections::BTreeMap;
use std::time::Duration;

use portal_core::source::Unread;
use portal_core::{Coverage, Outcome, Scope, Scopes, SnapshotWriter, Text};
use serde_json::Value;

use super::client::Client;
use super::config::{Config, Namespaces};
use super::failure::Failure;
use super::kinds::{Kind, NAMESPACES};
use super::list::{PagedList, name_of};
use super::shared::{Share, SharedList, named};
use super::target::Target;

/// Stands for the namespaces of a cluster that does not say which it has. No namespace can be called so.
const UNLISTED: &str = "_all";

/// The namespace that every cluster has; its uid is the cluster's identity.
const KUBE_SYSTEM: &str = "kube-system";

/// A cluster for the time of one run.
pub(super) struct Cluster {
    target: Target,
    kinds: Vec<&'static Kind>,
    page_size: u32,
    connection: Result<Client, Outcome>,
    world: World,
    shared: BTreeMap<&'static str, SharedList>,
}

/// What is known of the cluster's namespaces.
enum World {
    /// Each with its object: the cluster listed them.
    Listed(BTreeMap<Text, Value>),
    /// The cluster was to list them and did not.
    Blocked(Outcome),
    /// They stand in the configuration, or nobody asked.
    Unasked,
}

impl Cluster {
    /// Prepares the way to a cluster. What is wrong with it shows in the outcome of its scopes.
    pub(super) async fn connect(mut target: Target, config: &Config) -> Cluster {
        let taken = std::mem::replace(&mut target.connection, Err(String::new()));
        let timeout = Duration::from_secs(config.timeout);
        let connection = match taken {
            Ok(connection) => Client::new(connection, &target.label, timeout).await,
            Err(problem) => Err(problem),
        };
        let kinds = config.kinds();
        let shared = kinds
            .iter()
            .filter(|kind| kind.word != NAMESPACES)
            .map(|&kind| (kind.word, SharedList::new(kind, config.page_size)))
            .collect();
        Cluster {
            target,
            kinds,
            page_size: config.page_size,
            connection: connection.map_err(|problem| Outcome::not(Coverage::Failed, problem)),
            world: World::Unasked,
            shared,
        }
    }

    /// Asks the cluster for its namespaces, unless the configuration names them.
    pub(super) async fn look_around(&mut self, config: &Config) {
        if config.namespaces == Namespaces::All {
            self.world = match self.namespaces().await {
                Ok(found) => World::Listed(found),
                Err(outcome) => World::Blocked(outcome),
            };
        }
    }

    /// What makes the cluster the same one under another name.
    pub(super) fn identity(&self) -> Option<&str> {
        let World::Listed(namespaces) = &self.world else { return None };
        namespaces.get(KUBE_SYSTEM)?.pointer("/metadata/uid")?.as_str()
    }

    /// Takes the cluster out of the run because another one is the same.
    pub(super) fn block_as_same(&mut self, other: &Cluster) {
        self.world = World::Blocked(Outcome::not(
            Coverage::Failed,
            format!("{} and {} are one and the same cluster; keep one of them", other.target.label, self.target.label),
        ));
    }

    /// Adds the cluster's scopes to the plan.
    pub(super) fn plan(&self, config: &Config, plan: &mut Scopes) {
        match (&self.world, &config.namespaces) {
            (World::Listed(namespaces), _) => {
                plan.scopes.extend(namespaces.keys().map(|name| self.scope(name.clone())));
                plan.whole_below.push(self.target.prefix());
            }
            (World::Blocked(outcome), _) => {
                plan.scopes.push(self.scope(Text::new_static(UNLISTED)));
                plan.unread.push(Unread { below: self.target.prefix(), outcome: outcome.clone() });
            }
            (World::Unasked, Namespaces::Named(names)) => {
                plan.scopes.extend(names.iter().map(|name| self.scope(Text::from(name))));
            }
            (World::Unasked, Namespaces::All) => {}
        }
    }

    /// The namespace of a scope, if the scope is of this cluster.
    pub(super) fn namespace_of<'s>(&self, scope: &'s Scope) -> Option<&'s Text> {
        match scope {
            Scope::Kubernetes { account, region, cluster, namespace } => {
                let same =
                    (account, region, cluster) == (&self.target.account, &self.target.region, &self.target.cluster);
                same.then_some(namespace)
            }
            _ => None,
        }
    }

    /// Reads a namespace.
    pub(super) async fn collect(&self, namespace: &str, out: &SnapshotWriter) {
        out.expect(self.kinds.iter().map(|kind| kind.word));
        let client = match (&self.connection, &self.world) {
            (Err(outcome), _) | (_, World::Blocked(outcome)) => return self.finish_all(outcome, out),
            (Ok(client), _) => client,
        };
        if namespace == UNLISTED {
            let again = Outcome::not(Coverage::Absent, "the namespaces of this cluster can be listed now");
            return self.finish_all(&again, out);
        }
        if !self.read_namespace(client, namespace, out).await {
            return;
        }
        let inside = self.kinds.iter().filter(|kind| kind.word != NAMESPACES);
        futures::future::join_all(inside.map(|kind| self.read_kind(client, kind, namespace, out))).await;
    }

    /// Writes the Namespace object itself; says whether it is worth reading what is in it.
    async fn read_namespace(&self, client: &Client, namespace: &str, out: &SnapshotWriter) -> bool {
        let asked = match &self.world {
            World::Listed(namespaces) if namespaces.contains_key(namespace) => Ok(namespaces[namespace].clone()),
            _ => self.one_namespace(client, namespace).await,
        };
        let wanted = self.kinds.iter().any(|kind| kind.word == NAMESPACES);
        match asked {
            Ok(object) if wanted => {
                out.object(NAMESPACES, namespace, object);
                out.finish(NAMESPACES, Outcome::complete());
            }
            // Lists in a namespace that is not there are empty and look fine.
            Err(Failure::NotFound { by_api_server: true, .. }) => {
                let reason = format!("there is no namespace `{namespace}` in {}", client.label());
                self.finish_all(&Outcome::not(Coverage::Absent, reason), out);
                return false;
            }
            Err(failure @ Failure::NotFound { .. }) => {
                self.finish_all(&no_api_server(&failure), out);
                return false;
            }
            Err(Failure::Forbidden(words)) if wanted => {
                out.finish(NAMESPACES, denied(client, "namespaces:get", &words));
            }
            Err(failure) if wanted => out.finish(NAMESPACES, Outcome::not(Coverage::Failed, failure.to_string())),
            Ok(_) | Err(_) => {}
        }
        true
    }

    async fn read_kind(&self, client: &Client, kind: &'static Kind, namespace: &str, out: &SnapshotWriter) {
        let share = match (&self.world, self.shared.get(kind.word)) {
            (World::Listed(namespaces), Some(shared)) => shared.take(client, namespaces, namespace).await,
            _ => Share::AskAlone,
        };
        let read = match share {
            Share::Objects(objects) => Ok(objects),
            Share::Failed(failure) => Err(failure),
            Share::AskAlone => PagedList::new(kind, Some(namespace), self.page_size)
                .whole(client)
                .await
                .map(|objects| objects.into_iter().filter_map(named).collect()),
        };
        match read {
            Ok(objects) => {
                for object in objects {
                    out.object(kind.word, object.name, object.value);
                }
                out.finish(kind.word, Outcome::complete());
            }
            Err(failure) => out.finish(kind.word, outcome_of(client, kind, &failure)),
        }
    }

    async fn namespaces(&self) -> Result<BTreeMap<Text, Value>, Outcome> {
        let client = self.connection.as_ref().map_err(Clone::clone)?;
        let kind = Kind::of(NAMESPACES).expect("it stands in the table of kinds");
        let listed = PagedList::new(kind, None, self.page_size).whole(client).await;
        let found: BTreeMap<Text, Value> = listed
            .map_err(|failure| outcome_of(client, kind, &failure))?
            .into_iter()
            .filter_map(|object| Some((Text::from(name_of(&object)?), object)))
            .collect();
        if found.is_empty() {
            let reason = format!(
                "{} lists no namespace at all, and every cluster has some; is that the address of an API server?",
                client.label()
            );
            return Err(Outcome::not(Coverage::Failed, reason));
        }
        Ok(found)
    }

    async fn one_namespace(&self, client: &Client, namespace: &str) -> Result<Value, Failure> {
        let kind = Kind::of(NAMESPACES).expect("it stands in the table of kinds");
        let object = client.get(&format!("{}/{}", kind.path(None), super::kinds::escaped(namespace))).await?;
        match name_of(&object) {
            Some(name) if name == namespace => Ok(object),
            _ => Err(Failure::NotFound {
                message: format!("{} answered with something that is no Namespace", client.label()),
                by_api_server: false,
            }),
        }
    }

    fn scope(&self, namespace: Text) -> Scope {
        Scope::Kubernetes {
            account: self.target.account.clone(),
            region: self.target.region.clone(),
            cluster: self.target.cluster.clone(),
            namespace,
        }
    }

    fn finish_all(&self, outcome: &Outcome, out: &SnapshotWriter) {
        for kind in &self.kinds {
            out.finish(kind.word, outcome.clone());
        }
    }
}

fn outcome_of(client: &Client, kind: &Kind, failure: &Failure) -> Outcome {
    match failure {
        Failure::Forbidden(words) => denied(client, &kind.permission(), words),
        // Every API server has the core kinds: one that has not is none.
        Failure::NotFound { .. } if kind.is_core() => no_api_server(failure),
        Failure::NotFound { .. } => Outcome::not(
            Coverage::Absent,
            format!("{} does not serve {} in version {}", client.label(), kind.resource(), kind.version),
        ),
        // Expired credentials say nothing about rights: what the portal knows stays, as after any failure.
        failure => Outcome::not(Coverage::Failed, failure.to_string()),
    }
}

fn denied(client: &Client, permission: &str, words: &str) -> Outcome {
    let (resource, verb) = permission.split_once(':').unwrap_or((permission, "list"));
    let reason = format!("{}: {words}; bind a role that allows `{verb}` on {resource}", client.label());
    Outcome::denied(permission, reason)
}

fn no_api_server(failure: &Failure) -> Outcome {
    Outcome::not(Coverage::Failed, format!("{failure}; is that the address of an API server?"))
}
