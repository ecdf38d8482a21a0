//! The bundled portal: command line, HTTP server, demo.
//!
//! Knows neither SQL nor any provider's API: those are behind the library crates.

pub mod cli;
pub mod demo;
pub mod key;
pub mod serve;
pub mod views;

pub use portal_sources::settings as config;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
