//! Reads AWS: the accounts of an organization, or some, and in each region what is there with its tags.
//!
//! Objects are in the shape in which the AWS CLI prints them. What they mean, who owns them and what of them may
//! stand in the lake is the core's business. Each service has a file and a cargo feature of its own.

// What the services share (`allow(unused)`) is used whole only by all of them together.
mod accounts;
mod client;
#[cfg(feature = "aws-cloudformation")]
mod cloudformation;
#[cfg_attr(not(feature = "aws"), allow(unused))]
mod collect;
mod config;
#[cfg(feature = "aws-dynamodb")]
mod dynamodb;
#[cfg_attr(not(feature = "aws"), allow(unused))]
mod error;
#[cfg_attr(not(feature = "aws"), allow(unused))]
mod json;
mod kinds;
#[cfg(feature = "aws-lambda")]
mod lambda;
#[cfg(feature = "aws-organizations")]
mod organizations;
mod permissions;
#[cfg(feature = "aws-rds")]
mod rds;
#[cfg_attr(not(feature = "aws"), allow(unused))]
mod reader;
mod regions;
mod run;
#[cfg(feature = "aws-s3")]
mod s3;
#[cfg(feature = "aws-tagging")]
mod tagging;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_core::{Permission, Scope, Scopes, SnapshotWriter, Source, SourceError};
use tokio::sync::OnceCell;

pub use config::{Config, Regions};

use client::Connection;
use kinds::Kind;
use run::Run;

/// A source that reads AWS.
///
/// Its scopes are accounts × regions. [`Source::scopes`] begins a new run: accounts, roles and bucket lists are asked
/// for once in a run.
///
/// ```
/// use portal_core::Source;
/// use portal_sources::aws::{Aws, Config};
///
/// let config: Config = toml::from_str("organization = true\nrole = \"portal-collector\"")?;
/// let source = Aws::new("aws", config)?;
/// assert!(source.permissions().iter().any(|right| right.action == "organizations:ListAccounts"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Aws {
    name: String,
    config: Config,
    kinds: Vec<Kind>,
    connection: OnceCell<Arc<Connection>>,
    run: Mutex<Option<Arc<Run>>>,
}

impl Aws {
    /// Makes the source. Touches nothing outside.
    ///
    /// # Errors
    /// If a value of the configuration is wrong, or two exclude each other; the text says which and what to write.
    pub fn new(name: &str, config: Config) -> Result<Aws, String> {
        let kinds = config.check()?;
        Ok(Aws { name: name.into(), config, kinds, connection: OnceCell::new(), run: Mutex::default() })
    }

    async fn start(&self) -> Result<(Arc<Run>, Scopes), SourceError> {
        let connection = self.connection.get_or_init(|| async { Arc::new(Connection::open(&self.config).await) }).await;
        let (run, scopes) = Run::start(Arc::clone(connection), &self.config).await?;
        let run = Arc::new(run);
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&run));
        Ok((run, scopes))
    }

    /// The run that is going on; one that begins now if nobody asked for scopes yet.
    async fn run(&self) -> Result<Arc<Run>, SourceError> {
        let current = self.run.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match current {
            Some(run) => Ok(run),
            None => Ok(self.start().await?.0),
        }
    }
}

#[async_trait]
impl Source for Aws {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        "aws"
    }

    fn permissions(&self) -> Vec<Permission> {
        permissions::needed(&self.config, &self.kinds)
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        Ok(self.start().await?.1)
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        let run = self.run().await?;
        Box::pin(collect::collect(&run, &self.config, &self.kinds, scope, out)).await
    }
}
