//! Reads Kubernetes objects from files, as GitOps repositories hold them.
//!
//! - [`config`](Config) is what stands in `portal.toml`;
//! - `files` finds and reads the files, `documents` takes them apart and parses, `unique` refuses double keys;
//! - `objects` knows which documents are objects of ours, `collect` sorts them into namespaces.
//!
//! What may stand in the lake is decided by [`portal_core::snapshot::redact`], and what it means by the resolver.

mod collect;
mod config;
mod documents;
mod files;
mod objects;
mod unique;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use portal_core::{ErrorKind, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError};

pub use self::config::Config;

use self::collect::World;

/// A source that reads Kubernetes manifests from a file or folder.
///
/// ```
/// use portal_core::Source;
/// use portal_sources::manifests::{Config, Manifests};
///
/// let source = Manifests::new("gitops", Config::new("deploy/", "prod-eu"))?;
/// assert_eq!((source.name(), source.folder()), ("gitops", "manifests"));
/// # Ok::<(), String>(())
/// ```
pub struct Manifests {
    name: String,
    config: Config,
    /// What the latest call of `scopes` read and nobody has collected yet.
    world: Mutex<Option<World>>,
}

impl Manifests {
    /// Makes the source. Touches nothing outside.
    ///
    /// # Errors
    /// If a value of the configuration is empty; the text says what to do.
    pub fn new(name: &str, config: Config) -> Result<Manifests, String> {
        config.check()?;
        Ok(Manifests { name: name.to_owned(), config, world: Mutex::new(None) })
    }

    async fn read(&self) -> Result<World, SourceError> {
        let config = self.config.clone();
        let read = tokio::task::spawn_blocking(move || on_a_high_stack(move || World::read(&config))).await;
        read.ok().flatten().unwrap_or_else(|| {
            let path = self.config.path.display();
            Err(SourceError::new(
                ErrorKind::Unexpected,
                format!("reading {path} ended early; the next run tries again"),
            ))
        })
    }

    fn namespace_of<'s>(&self, scope: &'s Scope) -> Option<&'s str> {
        let Scope::Kubernetes { account, region, cluster, namespace } = scope else { return None };
        let ours = account.as_deref() == self.config.account.as_deref()
            && region.as_deref() == self.config.region.as_deref()
            && cluster.as_str() == self.config.cluster;
        ours.then_some(namespace.as_str())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<World>> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for Manifests {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        "manifests"
    }

    /// None: whoever runs the portal can read its files.
    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        // What an earlier run left is not to be taken for what is there now.
        *self.lock() = None;
        let world = self.read().await?;
        let plan = world.plan(&self.config);
        *self.lock() = Some(world);
        Ok(plan)
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        let Some(namespace) = self.namespace_of(scope) else {
            return Err(SourceError::new(
                ErrorKind::Invalid,
                format!("{scope} is no scope of source `{}`; ask it for its scopes first", self.name),
            ));
        };
        if self.lock().as_mut().is_some_and(|world| world.hand_out(namespace, out)) {
            return Ok(());
        }
        // Nobody asked for the scopes before, or this one was collected already.
        let mut world = self.read().await?;
        if !world.hand_out(namespace, out) {
            world.hand_out_nothing(out);
        }
        Ok(())
    }
}

/// The YAML parser recurses, and takes more stack for the depth that is allowed than a thread of tokio's has.
/// `None` if the thread could not be started or did not come to its end.
fn on_a_high_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    const STACK: usize = 32 * 1024 * 1024;
    let thread = std::thread::Builder::new().name("manifests".to_owned()).stack_size(STACK).spawn(work).ok()?;
    thread.join().ok()
}
