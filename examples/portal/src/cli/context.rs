//! What every command needs: the configuration, and where store and lake are.

use std::sync::Arc;

use portal_core::{Lake, Rules, Store};
use portal_store::SqlStore;

use super::args::{Arguments, Output};
use crate::config::Config;

/// What every command needs.
pub(super) struct Context {
    /// The configuration file's content.
    pub(super) config: Arc<Config>,
    /// The store's URL.
    pub(super) store_url: String,
    /// The lake's URL.
    pub(super) lake_url: String,
    /// The form of the answer.
    pub(super) output: Output,
}

impl Context {
    /// Flags win over environment over file over defaults; clap has put flags and environment together.
    pub(super) fn new(arguments: &Arguments) -> anyhow::Result<Context> {
        let config = Config::read(arguments.config.as_deref())?;
        let store = arguments.store.clone().or_else(|| config.store.clone());
        let lake = arguments.lake.clone().or_else(|| config.lake.clone());
        Ok(Context {
            store_url: store.unwrap_or_else(|| "sqlite:portal.db".to_owned()),
            lake_url: lake.unwrap_or_else(|| "./lake".to_owned()),
            output: arguments.output,
            config: Arc::new(config),
        })
    }

    /// The rules from the configuration.
    pub(super) fn rules(&self) -> Rules {
        self.config.rules()
    }

    /// The store, made if it is not there.
    pub(super) async fn store(&self) -> anyhow::Result<Box<dyn Store>> {
        Ok(portal_store::open(&self.store_url).await?)
    }

    /// The store, for a command that only reads.
    pub(super) async fn existing_store(&self) -> anyhow::Result<Box<dyn Store>> {
        Ok(Box::new(SqlStore::open_existing(&self.store_url).await?))
    }

    /// The lake.
    pub(super) async fn lake(&self) -> anyhow::Result<Box<dyn Lake>> {
        Ok(portal_store::open_lake(&self.lake_url).await?)
    }
}
