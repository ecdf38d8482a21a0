//! What the lakes and stores promise, asked from outside.

#[cfg(feature = "postgres")]
mod bed;
#[cfg(feature = "s3")]
#[path = "../../../portal-core/tests/it/company.rs"]
mod company;
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
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "s3")]
mod s3_bucket;
#[cfg(feature = "s3")]
mod s3_pipeline;
#[cfg(feature = "s3")]
mod s3_server;
#[cfg(feature = "sqlite")]
mod sqlite;
