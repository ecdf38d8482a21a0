//! What stands in the `[[source]]` table of a source of type `manifests`.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the manifests lie, and which cluster they are for: a manifest does not say that itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A file, or a folder that is read with all that is below it (`*.yaml`, `*.yml`, `*.json`).
    pub path: PathBuf,
    /// The cluster's name in the portal.
    pub cluster: String,
    /// The account where the cluster lives.
    #[serde(default)]
    pub account: Option<String>,
    /// The region where the cluster lives.
    #[serde(default)]
    pub region: Option<String>,
    /// The namespace of objects that name none.
    #[serde(default = "default_namespace")]
    pub namespace: String,
}

impl Config {
    /// Every key that may stand in the table, beside `name`, `type` and `every`.
    pub const KEYS: &'static [&'static str] = &["path", "cluster", "account", "region", "namespace"];

    /// The manifests of a cluster, without account and region.
    pub fn new(path: impl Into<PathBuf>, cluster: impl Into<String>) -> Config {
        Config {
            path: path.into(),
            cluster: cluster.into(),
            account: None,
            region: None,
            namespace: default_namespace(),
        }
    }

    /// Says what is wrong with the values and what to do.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.path.as_os_str().is_empty() {
            return Err("`path` is empty; write a file or folder, such as deploy/".to_owned());
        }
        let texts = [
            ("cluster", Some(&self.cluster)),
            ("account", self.account.as_ref()),
            ("region", self.region.as_ref()),
            ("namespace", Some(&self.namespace)),
        ];
        match texts.into_iter().find(|(_, value)| value.is_some_and(|value| value.trim().is_empty())) {
            Some((key, _)) => Err(format!("`{key}` is empty; write a value or leave the key out")),
            None => Ok(()),
        }
    }
}

fn default_namespace() -> String {
    "default".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_listed() {
        let table = "path='p'\ncluster='c'\naccount='000011112222'\nregion='r'\nnamespace='n'";
        toml::from_str::<Config>(table).expect("each key is known");
        let written: Vec<&str> = table.lines().filter_map(|line| line.split('=').next()).collect();
        assert_eq!(written, Config::KEYS);
    }

    #[test]
    fn what_is_missing_or_empty_is_named() {
        let missing = toml::from_str::<Config>("path = 'p'").expect_err("no cluster");
        assert!(missing.message().contains("cluster"), "{missing}");
        let empty = Config::new("p", " ").check().expect_err("no cluster");
        assert!(empty.contains("`cluster` is empty"), "{empty}");
        assert_eq!(Config::new("p", "c").check(), Ok(()));
    }
}
