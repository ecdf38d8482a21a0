//! Where the portal keeps things: a lake on disk or in a bucket, a store in SQL.
//!
//! Knows nothing of sources.

pub mod lake;
pub mod sql;

use portal_core::{Store, StoreError};

pub use lake::{DirLake, open_lake};
#[cfg(feature = "s3")]
pub use lake::{S3Lake, S3Options};
pub use sql::{Migrated, SqlStore};

/// Opens the store at a URL (`sqlite:PATH`), makes it if it is not there, and brings its schema to this version's.
///
/// # Errors
/// If the URL has no known form or the place cannot be used; the text says what to do.
pub async fn open(url: &str) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(SqlStore::open(url).await?))
}
