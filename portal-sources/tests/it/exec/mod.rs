//! Programs: what good ones give, and what bad ones take with them.

mod buckets;
mod contract;
mod ends;
mod lake;
mod plain;
mod protocol;
mod surroundings;

use portal_core::error::chain;
use portal_core::{ErrorKind, Scope, Source, Text};
use portal_sources::exec::{Config, Exec};

/// The source of a configuration.
#[track_caller]
fn source(config: Config) -> Exec {
    Exec::new("on-prem", config).expect("the configuration is fine")
}

/// A shell script as the program.
fn sh(script: &str) -> Config {
    Config::new(["sh", "-c", script])
}

/// A Python script as the program.
fn python(script: &str) -> Config {
    Config::new(["python3", "-c", script])
}

/// A program that prints a text, and then does what a shell script says.
fn prints(text: &str, then: &str) -> Config {
    let mut config = sh(&format!("printf '%s' \"$TEXT\"\n{then}"));
    config.env.insert("TEXT".to_owned(), text.to_owned());
    config
}

/// The same program, whose lines are databases of one hall: [`HALL`].
fn plain(config: Config) -> Exec {
    source(in_plain_mode(config))
}

fn in_plain_mode(config: Config) -> Config {
    Config { kind: Some("databases".to_owned()), scope: Some(hall()), ..config }
}

const HALL: &str = "site/hall-1";

fn hall() -> Scope {
    Scope::Other { path: vec![Text::from("site"), Text::from("hall-1")] }
}

/// Why a source cannot name its scopes; never for a reason that would mean that all of them are gone.
async fn refusal(config: Config) -> String {
    let error = source(config).scopes().await.expect_err("no scopes");
    assert_ne!(error.kind(), ErrorKind::NotFound);
    let text = chain(&error);
    assert!(!text.contains(char::is_control) && text.len() < 1500, "{text:?}");
    text
}
