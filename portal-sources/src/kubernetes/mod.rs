//! Reads workloads, services, namespaces and service accounts of Kubernetes clusters.
//!
//! - [`config`](Config) is what stands in `portal.toml`, `target` the clusters that it means;
//! - `client` sends one request, `failure` says what went wrong with it, `kinds` knows the API's names;
//! - `list` reads one list page by page, `shared` reads it once for all namespaces;
//! - `collect` is one cluster in one run.
//!
//! Secrets and ConfigMaps are never asked for. What may stand in the lake of the rest is decided by
//! [`portal_core::snapshot::redact`], and what it means by the resolver.

mod client;
mod collect;
mod config;
mod failure;
mod kinds;
mod list;
mod shared;
mod target;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_core::{ErrorKind, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError, Text};

pub use self::config::{Config, Namespaces};

use self::collect::Cluster;
use self::kinds::{Kind, NAMESPACES};

/// A source that reads Kubernetes clusters.
///
/// ```
/// use portal_core::Source;
/// use portal_sources::kubernetes::{Config, Kubernetes};
///
/// let config = Config { contexts: vec!["prod-eu".to_owned()], ..Config::default() };
/// let source = Kubernetes::new("kubernetes", config)?;
/// assert_eq!(source.permissions()[0].action, "core/namespaces:list");
/// # Ok::<(), String>(())
/// ```
pub struct Kubernetes {
    name: String,
    config: Config,
    /// The clusters as the latest call of `scopes` saw them; `collect` takes its objects out of them.
    run: Mutex<Option<Arc<Vec<Cluster>>>>,
}

impl Kubernetes {
    /// Makes the source. Touches nothing outside.
    ///
    /// # Errors
    /// If values of the configuration do not fit together; the text says what to do.
    pub fn new(name: &str, config: Config) -> Result<Kubernetes, String> {
        config.check()?;
        Ok(Kubernetes { name: name.to_owned(), config, run: Mutex::new(None) })
    }

    /// Finds the clusters, without asking them anything.
    async fn connect(&self) -> Result<Vec<Cluster>, SourceError> {
        let targets = target::targets(&self.config).await?;
        Ok(futures::future::join_all(targets.into_iter().map(|target| Cluster::connect(target, &self.config))).await)
    }

    /// The clusters of this run; a scope may be collected without a plan before it.
    async fn run(&self) -> Result<Arc<Vec<Cluster>>, SourceError> {
        if let Some(run) = self.lock().as_ref() {
            return Ok(Arc::clone(run));
        }
        let connected = Arc::new(self.connect().await?);
        // Another scope may have been faster; one connection for all of them is enough.
        Ok(Arc::clone(self.lock().get_or_insert(connected)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Vec<Cluster>>>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for Kubernetes {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        "k8s"
    }

    fn permissions(&self) -> Vec<Permission> {
        let verb = if self.config.namespaces == Namespaces::All { "list" } else { "get" };
        let namespaces = Kind::of(NAMESPACES).map(|kind| (kind, verb));
        let inside = self.config.kinds().into_iter().filter(|kind| kind.word != NAMESPACES).map(|kind| (kind, "list"));
        let permission = |(kind, verb): (&Kind, &str)| Permission {
            system: Text::new_static("kubernetes"),
            action: Text::from(kind.grant(verb)),
            kind: Text::new_static(kind.word),
        };
        namespaces.into_iter().chain(inside).map(permission).collect()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        // What an earlier run left is not to be taken for what is there now.
        *self.lock() = None;
        let mut clusters = self.connect().await?;
        futures::future::join_all(clusters.iter_mut().map(|cluster| cluster.look_around(&self.config))).await;
        for at in 1..clusters.len() {
            let (before, rest) = clusters.split_at_mut(at);
            let cluster = &mut rest[0];
            let same =
                before.iter().find(|other| cluster.identity().is_some() && other.identity() == cluster.identity());
            if let Some(other) = same {
                cluster.block_as_same(other);
            }
        }
        let mut plan = Scopes::default();
        for cluster in &clusters {
            cluster.plan(&self.config, &mut plan);
        }
        *self.lock() = Some(Arc::new(clusters));
        Ok(plan)
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        let run = self.run().await?;
        let found = run.iter().find_map(|cluster| Some((cluster, cluster.namespace_of(scope)?)));
        let Some((cluster, namespace)) = found else {
            return Err(SourceError::new(
                ErrorKind::Invalid,
                format!("{scope} is in none of the clusters of source `{}`; ask it for its scopes first", self.name),
            ));
        };
        cluster.collect(namespace, out).await;
        Ok(())
    }
}
