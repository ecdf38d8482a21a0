//! The table `[health]` of the configuration, and what it means.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use portal_core::Text;
use portal_core::health::Checked;
use portal_sources::health::{Guard, InvalidRule, ProbeOptions, Roots, Rule};
use serde::Deserialize;

use super::believe::Confirm;

/// How services are checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether this process asks anybody. One that does not shows what others found.
    pub enabled: bool,
    /// From one check of a service to its next one.
    pub every: Duration,
    /// How many services are asked at the same time.
    pub concurrency: usize,
    /// How many of one host are asked at the same time.
    pub per_host: usize,
    /// How many answers have to agree.
    pub confirm: Confirm,
    /// What answers as long as this process is not cut off.
    pub canary: Option<Text>,
    /// For how long history is kept.
    pub keep: Duration,
    /// How a service is asked.
    pub probe: ProbeOptions,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            enabled: true,
            every: Duration::from_secs(60),
            concurrency: 256,
            per_host: 8,
            confirm: Confirm::default(),
            canary: None,
            keep: Duration::from_secs(90 * 24 * 3600),
            probe: ProbeOptions::default(),
        }
    }
}

impl Settings {
    /// For how long a replica is taken for alive after it said so.
    pub(super) fn lease(&self) -> Duration {
        (self.every / 4).clamp(Duration::from_secs(2), Duration::from_secs(15))
    }

    /// After so long without an answer nothing is known of a service.
    pub(super) fn stale_after(&self) -> SignedDuration {
        SignedDuration::try_from(self.every * 3 + self.probe.timeout).unwrap_or(SignedDuration::MAX)
    }
}

/// The table as it is written. What is left out is as [`Settings`] has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HealthConfig {
    enabled: Option<bool>,
    every: Option<String>,
    timeout: Option<String>,
    connect_timeout: Option<String>,
    concurrency: Option<usize>,
    per_host: Option<usize>,
    confirm: Option<ConfirmConfig>,
    allow: Vec<String>,
    deny: Vec<String>,
    canary: Option<Text>,
    ca_file: Option<PathBuf>,
    keep: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct ConfirmConfig {
    of: usize,
    agree: usize,
}

/// The keys of the table.
pub(crate) const KEYS: &[&str] = &[
    "enabled",
    "every",
    "timeout",
    "connect_timeout",
    "concurrency",
    "per_host",
    "confirm",
    "allow",
    "deny",
    "canary",
    "ca_file",
    "keep",
];
/// The keys of `confirm`.
pub(crate) const CONFIRM_KEYS: &[&str] = &["of", "agree"];

/// The longest that one answer is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The most that can be asked at the same time; each takes a socket.
const MOST_AT_ONCE: usize = 10_000;

impl HealthConfig {
    /// What the table means. `duration` reads `90s`, `15m`, `1h`, `1d`.
    ///
    /// # Errors
    /// If a value means nothing, with its key.
    pub(crate) fn settings(&self, duration: impl Fn(&str) -> Option<Duration>) -> Result<Settings, String> {
        let mut settings = Settings::default();
        let time = |key: &str, text: &Option<String>, most: Duration| match text {
            None => Ok(None),
            Some(text) => match duration(text).filter(|time| *time <= most) {
                Some(time) => Ok(Some(time)),
                None => Err(format!(
                    "[health]: `{key}` is \"{text}\"; write a number and a unit, such as \"10s\", \"5m\" or \"90d\", of at most {} s",
                    most.as_secs()
                )),
            },
        };
        let number = |key: &str, given: Option<usize>, most: usize| match given {
            Some(number) if !(1..=most).contains(&number) => {
                Err(format!("[health]: `{key}` is {number}; write a number from 1 to {most}"))
            }
            given => Ok(given),
        };
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        settings.every = time("every", &self.every, Duration::from_secs(24 * 3600))?.unwrap_or(settings.every);
        settings.keep = time("keep", &self.keep, Duration::MAX)?.unwrap_or(settings.keep);
        let probe = &mut settings.probe;
        probe.timeout = time("timeout", &self.timeout, LONGEST_WAIT)?.unwrap_or(probe.timeout);
        let connect = time("connect_timeout", &self.connect_timeout, LONGEST_WAIT)?;
        probe.connect_timeout = connect.unwrap_or(probe.connect_timeout).min(probe.timeout);
        probe.guard = Guard::new(rules("allow", &self.allow)?, rules("deny", &self.deny)?);
        if let Some(file) = &self.ca_file {
            let wrong = |why: String| format!("[health]: `ca_file` {}: {why}", file.display());
            let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
            probe.roots = Roots::from_pem(&pem).map_err(|error| wrong(error.to_string()))?;
        }
        if let Some(canary) = &self.canary {
            probe.guard.target(canary).map_err(|refused| format!("[health]: `canary` is not asked: {refused}"))?;
        }
        settings.canary.clone_from(&self.canary);
        settings.concurrency = number("concurrency", self.concurrency, MOST_AT_ONCE)?.unwrap_or(settings.concurrency);
        settings.per_host = number("per_host", self.per_host, MOST_AT_ONCE)?.unwrap_or(settings.per_host);
        if let Some(ConfirmConfig { of, agree }) = self.confirm {
            if of > Checked::KEPT || agree > of || agree * 2 <= of {
                return Err(format!(
                    "[health]: `confirm` is {{ of = {of}, agree = {agree} }}; `agree` is more than half of `of`, and `of` at most {}",
                    Checked::KEPT
                ));
            }
            settings.confirm = Confirm { of, agree };
        }
        Ok(settings)
    }
}

fn rules(key: &str, texts: &[String]) -> Result<Vec<Rule>, String> {
    let rules = texts.iter().map(|text| text.parse());
    rules.collect::<Result<_, InvalidRule>>().map_err(|error| format!("[health]: `{key}`: {error}"))
}
