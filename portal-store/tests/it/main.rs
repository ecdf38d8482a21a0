//! What the lakes and stores promise, asked from outside.

mod lake;
mod lake_processes;
#[cfg(feature = "s3")]
mod lake_s3;
#[cfg(feature = "s3")]
mod lake_s3_errors;
#[cfg(feature = "s3")]
mod lake_s3_faults;
#[cfg(feature = "s3")]
mod lake_s3_locks;
#[cfg(feature = "s3")]
mod s3_bucket;
#[cfg(feature = "s3")]
mod s3_server;
mod sql;
