//! The `portal` binary as its users run it: arguments in, standard output and an exit code out.

mod aws;
mod bad_input;
#[path = "../../../../portal-store/tests/it/bed.rs"]
mod bed;
mod boutique;
mod curation;
mod curation_races;
mod deploy;
mod directory;
mod everywhere;
mod guard;
mod health;
mod holds;
mod hostile;
mod kept;
mod kubernetes;
mod legacy;
mod names;
mod program;
mod programs;
mod room;
#[path = "../../../../portal-store/tests/it/s3_server.rs"]
mod s3_server;
mod safety;
mod schemathesis;
mod secrets;
mod server;
