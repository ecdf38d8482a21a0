#![doc = include_str!("PROTOCOL.md")]
//!
//! # In this module
//!
//! - [`config`](Config) is what stands in `portal.toml`; how a scope is written there and in messages is in [`crate::foreign`];
//! - `program` runs the program, `lines` takes its stdout apart, `words` keeps the last of its stderr;
//! - `plain` writes objects without an envelope, `message` reads the protocol, `collect` keeps what it said.
//!
//! What may stand in the lake is decided by [`portal_core::snapshot::redact`], and what it means by the resolver.

mod collect;
mod config;
mod lines;
mod message;
mod plain;
mod program;
mod words;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use portal_core::{ErrorKind, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError};

pub use self::config::Config;

use self::collect::Told;

/// A source that runs a program and reads what it prints.
///
/// ```
/// use portal_core::Source;
/// use portal_sources::exec::{Config, Exec};
///
/// let source = Exec::new("on-prem", Config::new(["python3", "collect.py"]))?;
/// assert_eq!((source.name(), source.folder()), ("on-prem", "on-prem"));
/// # Ok::<(), String>(())
/// ```
pub struct Exec {
    name: String,
    folder: String,
    config: Config,
    /// What the latest call of `scopes` was told and nobody has collected yet; in plain mode nothing.
    told: Mutex<Option<Told>>,
}

impl Exec {
    /// Makes the source. Touches nothing outside: whether there is such a program shows when it runs.
    ///
    /// # Errors
    /// If a value of the configuration is wrong; the text names the key and says what to do.
    pub fn new(name: &str, config: Config) -> Result<Exec, String> {
        config.check()?;
        let folder = config.folder_for(name)?;
        Ok(Exec { name: name.to_owned(), folder, config, told: Mutex::new(None) })
    }

    fn plain(&self) -> Option<(&str, &Scope)> {
        self.config.kind.as_deref().zip(self.config.scope.as_ref())
    }

    async fn read(&self) -> Result<Told, SourceError> {
        collect::read(&self.name, &self.config, &self.folder).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for Exec {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        &self.folder
    }

    /// None that the portal knows of; a program names what it lacks with `denied`.
    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        if let Some((_, scope)) = self.plain() {
            return Ok(Scopes { scopes: vec![scope.clone()], ..Scopes::default() });
        }
        // What an earlier run left is not to be taken for what is there now.
        *self.lock() = None;
        let told = self.read().await?;
        let plan = told.plan();
        *self.lock() = Some(told);
        Ok(plan)
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        if let Some((kind, ours)) = self.plain() {
            if scope != ours {
                return Err(SourceError::new(
                    ErrorKind::Invalid,
                    format!("{scope} is no scope of source `{}`; ask it for its scopes first", self.name),
                ));
            }
            plain::read(&self.name, &self.config, kind, scope, out).await;
            return Ok(());
        }
        if self.lock().as_mut().is_some_and(|told| told.hand_out(scope, out)) {
            return Ok(());
        }
        // Nobody asked for the scopes before, or this one was collected already.
        let mut told = self.read().await?;
        if told.hand_out(scope, out) { Ok(()) } else { Err(told.not_told(scope)) }
    }
}
