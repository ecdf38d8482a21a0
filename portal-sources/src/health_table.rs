//! The table `[health]` of `portal.toml`, as it is written: what is left out is up to whoever makes the checks.

use std::path::PathBuf;

use serde::Deserialize;

/// How services are checked. Times are texts such as `10s`, `5m` or `90d`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HealthTable {
    /// Whether there are checks.
    pub enabled: Option<bool>,
    /// From one check of a service to its next one.
    pub every: Option<String>,
    /// How long an answer may take.
    pub timeout: Option<String>,
    /// How long a connection may take.
    pub connect_timeout: Option<String>,
    /// How many services are asked at the same time.
    pub concurrency: Option<usize>,
    /// How many of one host are asked at the same time.
    pub per_host: Option<usize>,
    /// How many of the last answers have to agree.
    pub confirm: Option<ConfirmTable>,
    /// Hosts, addresses and networks that are asked although they are refused otherwise.
    pub allow: Vec<String>,
    /// Hosts, addresses and networks that are never asked.
    pub deny: Vec<String>,
    /// A URL that answers as long as the portal is not cut off.
    pub canary: Option<String>,
    /// Certificate authorities beside those of the system, in PEM form.
    pub ca_file: Option<PathBuf>,
    /// For how long history is kept.
    pub keep: Option<String>,
}

/// How many of the last answers have to agree.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ConfirmTable {
    /// How many are looked at.
    pub of: usize,
    /// How many of these agree.
    pub agree: usize,
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
