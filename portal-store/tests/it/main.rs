//! What the lakes and stores promise, asked from outside.

#[cfg(feature = "postgres")]
mod bed;
mod lake;
mod lake_processes;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
