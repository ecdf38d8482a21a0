//! The `portal` binary as its users run it: arguments in, standard output and an exit code out.

mod aws;
mod bad_input;
#[path = "../../../../portal-store/tests/it/bed.rs"]
mod bed;
mod boutique;
mod directory;
mod everywhere;
mod health;
mod kubernetes;
mod program;
mod programs;
mod room;
#[path = "../../../../portal-store/tests/it/s3_server.rs"]
mod s3_server;
mod safety;
mod secrets;
mod server;
