//! The `portal` binary as its users run it: arguments in, standard output and an exit code out.

mod aws;
mod bad_input;
mod boutique;
mod kubernetes;
mod program;
mod safety;
mod secrets;
