//! The `portal` binary as its users run it: arguments in, standard output and an exit code out.

mod aws;
mod bad_input;
mod boutique;
mod kubernetes;
mod program;
mod room;
mod safety;
mod secrets;
