//! What the lakes and stores promise, asked from outside.

mod lake;
mod lake_processes;
mod sql;
