//! Adapters that read outside systems for [`portal_core`].
//!
//! Each adapter is one folder with the same files: `config` (what stands in `portal.toml`), `client` (the connection),
//! `collect` (the reading). They know neither the store nor each other. `health` is no source: it asks status URLs.

mod clock;
mod config;
mod registry;

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
