//! The contract that every source keeps: with a list for all namespaces, with lists for each, and with half the rights.

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::SourceWorld;
use portal_sources::kubernetes::{Config, Namespaces};
use tokio::sync::OnceCell;

use super::server::ApiServer;
use super::{config, source, two_namespaces};

/// A server that starts with the first source: only then is there a runtime.
#[derive(Default)]
struct Cluster {
    server: OnceCell<ApiServer>,
    named: bool,
    denied: bool,
}

#[async_trait]
impl SourceWorld for Cluster {
    async fn source(&self) -> Box<dyn Source> {
        let server = self.server.get_or_init(two_namespaces).await;
        if self.denied {
            server.deny("deployments", None);
            server.deny("deployments", Some("pay"));
            server.unserve("cronjobs");
        }
        let named = Namespaces::Named(vec!["shop".into(), "pay".into(), "nowhere".into()]);
        let namespaces = if self.named { named } else { Namespaces::All };
        Box::new(source(Config { namespaces, page_size: 1, ..config(server) }))
    }

    fn needs_rights(&self) -> bool {
        true
    }
}

mod all_namespaces {
    use super::Cluster;

    portal_core::source_suite!(block_on: crate::block_on, world: Cluster::default());
}

mod named_namespaces {
    use super::Cluster;

    portal_core::source_suite!(block_on: crate::block_on, world: Cluster { named: true, ..Cluster::default() });
}

mod half_the_rights {
    use super::Cluster;

    portal_core::source_suite!(block_on: crate::block_on, world: Cluster { denied: true, ..Cluster::default() });
}
