//! The bundled portal: configuration, command line, HTTP server, demo.
//!
//! Knows neither SQL nor any provider's API: those are behind the library crates.

pub mod cli;
pub mod config;
pub mod demo;
pub mod key;
pub mod serve;
pub mod views;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
