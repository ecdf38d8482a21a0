//! Adapters that read outside systems for [`portal_core`].
//!
//! Each adapter is one folder with the same files: `config` (what stands in `portal.toml`), `client` (the connection),
//! `collect` (the reading). They know neither the store nor each other. `health` is no source: it asks status URLs.
//!
//! [`settings`] reads `portal.toml` for every program that runs sources: the binary, a service that embeds it, Python.

mod clock;
mod config;
pub mod foreign;
pub mod health_table;
mod registry;
pub mod settings;

#[cfg(feature = "active-directory")]
pub mod active_directory;
#[cfg(feature = "aws-base")]
pub mod aws;
#[cfg(feature = "exec")]
pub mod exec;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(feature = "manifests")]
pub mod manifests;

pub use clock::SystemClock;
pub use config::ConfigError;
pub use registry::{SOURCE_TYPES, build, keys};
