//! From a name to the addresses that are connected to: asked once for each connection, and judged before it is made.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt;
use tokio::sync::Semaphore;

use super::guard::{Guard, Refused};

/// How many names the system is asked for at the same time. Each takes a thread until it is answered, and those are
/// there for others as well.
const LOOKUPS: usize = 64;

/// Finds the addresses of a host.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address that a name has now.
    ///
    /// # Errors
    /// If there is none, or nobody who knows.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system: `/etc/hosts`, DNS, and whatever else it is set up with.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    lookups: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> SystemResolver {
        SystemResolver { lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        // Who gives up waiting leaves the thread behind; so it takes the permit along.
        let looked_up = tokio::task::spawn_blocking(move || {
            let found = (host.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect());
            drop(permit);
            found
        });
        looked_up.await.map_err(io::Error::other)?
    }
}

/// A name led to nothing, or to what is not asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("the name has no address")]
    NoAddress(#[source] Option<io::Error>),
    #[error("{0}")]
    Refused(Refused),
}

/// Resolves for the client, which connects to exactly what comes out of it.
pub(super) struct Guarded {
    pub(super) guard: Arc<Guard>,
    pub(super) resolver: Arc<dyn Resolve>,
}

impl Guarded {
    async fn judged(guard: &Guard, resolver: &dyn Resolve, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let found = resolver.addresses(host).await.map_err(|error| Unresolved::NoAddress(Some(error)))?;
        if found.is_empty() {
            return Err(Unresolved::NoAddress(None));
        }
        // One bad address among good ones is no reason to try the others: which of them answers would be chance.
        for address in &found {
            guard.judge(host, *address).map_err(Unresolved::Refused)?;
        }
        Ok(found)
    }
}

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let (guard, resolver) = (Arc::clone(&self.guard), Arc::clone(&self.resolver));
        async move {
            let judged = Guarded::judged(&guard, resolver.as_ref(), name.as_str()).await?;
            // The port 0 stands for the URL's own.
            let addresses = judged.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        }
        .boxed()
    }
}
