//! How services are checked: what the table `[health]` of the configuration means.

use std::time::Duration;

use jiff::SignedDuration;
use portal_core::Text;
use portal_core::health::Checked;
use portal_sources::health::{Guard, InvalidRule, ProbeOptions, Roots, Rule};
use portal_sources::health_table::{ConfirmTable, HealthTable};
use portal_sources::settings::duration;

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

/// A value of the table `[health]` means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[health]: {0}")]
pub struct InvalidHealth(String);

/// The longest that one answer is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The most that can be asked at the same time; each takes a socket.
const MOST_AT_ONCE: usize = 10_000;

impl Settings {
    /// What a table means.
    ///
    /// # Errors
    /// If a value means nothing, or `ca_file` cannot be read; the text names the key.
    pub fn of_table(table: &HealthTable) -> Result<Settings, InvalidHealth> {
        Settings::read(table).map_err(InvalidHealth)
    }

    fn read(table: &HealthTable) -> Result<Settings, String> {
        let mut settings = Settings::default();
        let time = |key: &str, text: &Option<String>, most: Duration| match text {
            None => Ok(None),
            Some(text) => match duration(text).filter(|time| *time <= most) {
                Some(time) => Ok(Some(time)),
                None => Err(format!(
                    "`{key}` is \"{text}\"; write a number and a unit, such as \"10s\", \"5m\" or \"90d\", of at most {} s",
                    most.as_secs()
                )),
            },
        };
        let number = |key: &str, given: Option<usize>, most: usize| match given {
            Some(number) if !(1..=most).contains(&number) => {
                Err(format!("`{key}` is {number}; write a number from 1 to {most}"))
            }
            given => Ok(given),
        };
        settings.enabled = table.enabled.unwrap_or(settings.enabled);
        settings.every = time("every", &table.every, Duration::from_secs(24 * 3600))?.unwrap_or(settings.every);
        settings.keep = time("keep", &table.keep, Duration::from_secs(366 * 24 * 3600))?.unwrap_or(settings.keep);
        let probe = &mut settings.probe;
        probe.timeout = time("timeout", &table.timeout, LONGEST_WAIT)?.unwrap_or(probe.timeout);
        let connect = time("connect_timeout", &table.connect_timeout, LONGEST_WAIT)?;
        probe.connect_timeout = connect.unwrap_or(probe.connect_timeout).min(probe.timeout);
        probe.guard = Guard::new(rules("allow", &table.allow)?, rules("deny", &table.deny)?);
        if let Some(file) = &table.ca_file {
            let wrong = |why: String| format!("`ca_file` {}: {why}", file.display());
            let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
            probe.roots = Roots::from_pem(&pem).map_err(|error| wrong(error.to_string()))?;
        }
        if let Some(canary) = &table.canary {
            probe.guard.target(canary).map_err(|refused| format!("`canary` is not asked: {refused}"))?;
        }
        settings.canary = table.canary.as_deref().map(Text::from);
        settings.concurrency = number("concurrency", table.concurrency, MOST_AT_ONCE)?.unwrap_or(settings.concurrency);
        settings.per_host = number("per_host", table.per_host, MOST_AT_ONCE)?.unwrap_or(settings.per_host);
        if let Some(ConfirmTable { of, agree }) = table.confirm {
            if of > Checked::KEPT || agree > of || agree * 2 <= of {
                return Err(format!(
                    "`confirm` is {{ of = {of}, agree = {agree} }}; `agree` is more than half of `of`, and `of` at most {}",
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
    rules.collect::<Result<_, InvalidRule>>().map_err(|error| format!("`{key}`: {error}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use portal_sources::settings::Config;

    use super::*;

    fn of(toml: &str) -> Result<Settings, InvalidHealth> {
        let config = Config::parse(Path::new("portal.toml"), &format!("[health]\n{toml}")).expect("valid keys");
        Settings::of_table(&config.health)
    }

    #[test]
    fn every_key_means_something() {
        let settings = of(r#"
            enabled = false
            every = "30s"
            timeout = "5s"
            connect_timeout = "9s"
            concurrency = 100
            per_host = 4
            confirm = { of = 3, agree = 2 }
            allow = ["status.internal", "127.0.0.0/8"]
            deny = ["10.9.0.0/16"]
            canary = "http://127.0.0.1:8080/up"
            keep = "30d"
        "#)
        .expect("valid values");
        assert!(!settings.enabled);
        assert_eq!((settings.every, settings.keep), (Duration::from_secs(30), Duration::from_secs(30 * 24 * 3600)));
        assert_eq!((settings.concurrency, settings.per_host, settings.confirm.agree), (100, 4, 2));
        let wait = Duration::from_secs(5);
        assert_eq!((settings.probe.timeout, settings.probe.connect_timeout), (wait, wait), "it is a part of the whole");
        assert!(settings.probe.guard.target("http://127.0.0.1/").is_ok());
        assert!(settings.probe.guard.target("http://10.9.1.1/").is_err());
        assert_eq!(settings.canary.as_deref(), Some("http://127.0.0.1:8080/up"));
        assert!(of("").expect("defaults").enabled);
    }

    #[test]
    fn a_value_that_means_nothing_is_named() {
        for (line, words) in [
            ("every = \"0s\"", "`every`"),
            ("timeout = \"2m\"", "at most 60 s"),
            ("concurrency = 0", "from 1 to"),
            ("confirm = { of = 2, agree = 3 }", "more than half"),
            ("confirm = { of = 4, agree = 2 }", "more than half"),
            ("confirm = { of = 17, agree = 17 }", "at most 16"),
            ("allow = [\"*.internal\"]", "`*.internal` is no host"),
            ("deny = [\"10.0.0.0/40\"]", "`deny`"),
            ("canary = \"http://127.0.0.1/\"", "loopback"),
            ("ca_file = \"missing.pem\"", "missing.pem"),
        ] {
            let error = of(line).expect_err(line).to_string();
            assert!(error.starts_with("[health]: ") && error.contains(words), "{line}: {error}");
        }
    }
}
