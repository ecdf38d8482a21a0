//! What stands in the `[[source]]` table of a source of type `kubernetes`.
//!
//! Checks what can be known without looking outside; files and clusters are looked at by [`super::target`].

use std::fmt;
use std::path::PathBuf;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::kinds::{KINDS, Kind};

/// How to reach one or more clusters, and what to read there.
///
/// There are three ways in: a kubeconfig (the default), the service account of the pod that this runs in
/// (`in_cluster`), or an address with a token (`url`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The kubeconfig; without it `KUBECONFIG` counts, and then `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// Contexts of the kubeconfig, each one cluster; without any its current context.
    pub contexts: Vec<String>,
    /// Use the service account of this pod.
    pub in_cluster: bool,
    /// The address of an API server.
    pub url: Option<String>,
    /// The certificate authority of `url`, in PEM; without it those of this machine count.
    pub ca_file: Option<PathBuf>,
    /// A file with a bearer token for `url`.
    pub token_file: Option<PathBuf>,
    /// The cluster's name in the portal; without it the kubeconfig's name for the cluster.
    pub cluster: Option<String>,
    /// The account where the cluster lives.
    pub account: Option<String>,
    /// The region where the cluster lives.
    pub region: Option<String>,
    /// Which namespaces are read.
    pub namespaces: Namespaces,
    /// Which kinds are read; see [`Config::KINDS`].
    pub kinds: Vec<String>,
    /// How many objects are asked for at a time.
    pub page_size: u32,
    /// How many seconds one request may take.
    pub timeout: u64,
}

/// Which namespaces are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Namespaces {
    /// All that the cluster lists.
    #[default]
    All,
    /// These.
    Named(Vec<String>),
}

impl Default for Config {
    fn default() -> Config {
        Config {
            kubeconfig: None,
            contexts: Vec::new(),
            in_cluster: false,
            url: None,
            ca_file: None,
            token_file: None,
            cluster: None,
            account: None,
            region: None,
            namespaces: Namespaces::All,
            kinds: Config::KINDS.iter().map(|&kind| kind.to_owned()).collect(),
            page_size: 500,
            timeout: 30,
        }
    }
}

impl Config {
    /// Every key that may stand in the table, beside `name`, `type` and `every`.
    pub const KEYS: &'static [&'static str] = &[
        "kubeconfig",
        "contexts",
        "in_cluster",
        "url",
        "ca_file",
        "token_file",
        "cluster",
        "account",
        "region",
        "namespaces",
        "kinds",
        "page_size",
        "timeout",
    ];

    /// Every kind that can be read.
    pub const KINDS: [&'static str; 7] =
        ["deployments", "cronjobs", "statefulsets", "daemonsets", "services", "namespaces", "serviceaccounts"];

    /// Says what is wrong with the values and what to do.
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_way_in()?;
        self.check_cluster()?;
        self.check_namespaces()?;
        let known = || KINDS.iter().map(|kind| kind.word).collect::<Vec<_>>().join(", ");
        if self.kinds.is_empty() {
            return Err(format!("`kinds` is empty, so nothing would be read; name some of {}", known()));
        }
        if let Some(unknown) = self.kinds.iter().find(|word| Kind::of(word).is_none()) {
            return Err(format!(
                "`kinds` names `{}`, which is not read; known are {}",
                unknown.escape_debug(),
                known()
            ));
        }
        if self.page_size == 0 {
            return Err("`page_size` is 0; write how many objects to ask for at a time, such as 500".to_owned());
        }
        if self.timeout == 0 {
            return Err("`timeout` is 0; write how many seconds one request may take, such as 30".to_owned());
        }
        Ok(())
    }

    /// The kinds without repetition, in the order of the table.
    pub(super) fn kinds(&self) -> Vec<&'static Kind> {
        KINDS.iter().filter(|kind| self.kinds.iter().any(|word| word == kind.word)).collect()
    }

    fn check_way_in(&self) -> Result<(), String> {
        let by_kubeconfig = self.kubeconfig.is_some() || !self.contexts.is_empty();
        let ways = [by_kubeconfig, self.in_cluster, self.url.is_some()];
        if ways.iter().filter(|way| **way).count() > 1 {
            return Err(
                "`kubeconfig` with `contexts`, `in_cluster` and `url` are three ways into a cluster; keep one, and \
                        give every further cluster a [[source]] of its own"
                    .to_owned(),
            );
        }
        let Some(url) = &self.url else {
            return match (&self.ca_file, &self.token_file) {
                (None, None) => Ok(()),
                _ => Err("`ca_file` and `token_file` belong to `url`, which is missing; a kubeconfig and a pod bring \
                          their own"
                    .to_owned()),
            };
        };
        let uri: http::Uri = url.parse().map_err(|e| {
            format!("`url` is `{}`, which is no address ({e}); write such as https://10.0.0.1:6443", url.escape_debug())
        })?;
        let host = uri.host().unwrap_or_default();
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        match uri.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if loopback => Ok(()),
            Some("http") => Err(format!(
                "`url` is {uri}, where token and answers would travel in clear text; use https (http is for \
                 `kubectl proxy` on 127.0.0.1 only)"
            )),
            _ => Err(format!("`url` is {uri}; it has to begin with https://")),
        }
    }

    fn check_cluster(&self) -> Result<(), String> {
        for (key, value) in [("cluster", &self.cluster), ("account", &self.account), ("region", &self.region)] {
            if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
                return Err(format!("`{key}` is empty; write a value or leave the key out"));
            }
        }
        if self.cluster.is_none() && (self.in_cluster || self.url.is_some()) {
            return Err("`cluster` is missing: there is no kubeconfig to take the cluster's name from; write such as \
                        cluster = \"prod-eu\""
                .to_owned());
        }
        if self.cluster.is_some() && self.contexts.len() > 1 {
            return Err(
                "`cluster` names one cluster and `contexts` several; leave `cluster` out, or give each context a \
                        [[source]] of its own"
                    .to_owned(),
            );
        }
        let repeated = self.contexts.iter().enumerate().find(|(at, name)| self.contexts[..*at].contains(name));
        match repeated {
            Some((_, name)) => Err(format!("`contexts` names `{}` twice; keep one", name.escape_debug())),
            None => Ok(()),
        }
    }

    fn check_namespaces(&self) -> Result<(), String> {
        let Namespaces::Named(names) = &self.namespaces else { return Ok(()) };
        if names.is_empty() {
            return Err("`namespaces` is an empty list, so nothing would be read; write \"all\" or names".to_owned());
        }
        match names.iter().find(|name| !is_label(name)) {
            Some(name) => Err(format!(
                "`namespaces` names `{}`, which no namespace can be called; names have small letters, digits and `-`, \
                 and patterns are not understood",
                name.escape_debug()
            )),
            None => Ok(()),
        }
    }
}

/// Whether a text has the form of a namespace's name (RFC 1123 label).
fn is_label(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 63
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

impl<'de> Deserialize<'de> for Namespaces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Namespaces, D::Error> {
        struct AllOrNames;

        impl<'de> Visitor<'de> for AllOrNames {
            type Value = Namespaces;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"all\" or a list of namespaces, such as [\"shop\", \"payments\"]")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Namespaces, E> {
                if word == "all" {
                    Ok(Namespaces::All)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(word), &self))
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Namespaces, A::Error> {
                let mut named = Vec::new();
                while let Some(name) = names.next_element::<String>()? {
                    if !named.contains(&name) {
                        named.push(name);
                    }
                }
                Ok(Namespaces::Named(named))
            }
        }

        deserializer.deserialize_any(AllOrNames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn problem(table: &str) -> String {
        let config: Config = toml::from_str(table).expect("the table has the right types");
        config.check().expect_err("the values do not fit together")
    }

    #[test]
    fn an_empty_table_reads_everything_of_the_current_context() {
        let config: Config = toml::from_str("").expect("a table");
        assert_eq!(config.check(), Ok(()));
        assert_eq!((config.namespaces.clone(), config.page_size, config.timeout), (Namespaces::All, 500, 30));
        assert_eq!(config.kinds().len(), 7);
    }

    #[test]
    fn every_key_of_the_table_is_listed() {
        let table = "kubeconfig='k'\ncontexts=['a']\nin_cluster=false\nurl='https://a'\nca_file='c'\ntoken_file='t'\n\
                     cluster='c'\naccount='000011112222'\nregion='r'\nnamespaces='all'\nkinds=['services']\n\
                     page_size=1\ntimeout=1";
        toml::from_str::<Config>(table).expect("each key is known");
        let written: Vec<&str> = table.lines().filter_map(|line| line.split('=').next()).collect();
        assert_eq!(written, Config::KEYS);
        assert_eq!(Config::KINDS.to_vec(), KINDS.iter().map(|kind| kind.word).collect::<Vec<_>>());
        toml::from_str::<Config>("insecure = true").expect_err("certificate checks cannot be switched off");
    }

    #[test]
    fn values_that_do_not_fit_together_say_what_to_do() {
        assert!(problem("in_cluster = true\nurl = 'https://a'").contains("keep one"));
        assert!(problem("in_cluster = true").contains("`cluster` is missing"));
        assert!(problem("url = 'http://10.0.0.1:8080'\ncluster = 'c'").contains("use https"));
        assert!(problem("url = '10.0.0.1:6443'\ncluster = 'c'").contains("https://"));
        assert!(problem("token_file = 't'").contains("belong to `url`"));
        assert!(problem("cluster = 'c'\ncontexts = ['a', 'b']").contains("leave `cluster` out"));
        assert!(problem("contexts = ['a', 'a']").contains("twice"));
        assert!(problem("namespaces = ['Shop*']").contains("no namespace can be called"));
        assert!(problem("namespaces = []").contains("empty list"));
        assert!(problem("kinds = ['secrets']").contains("not read; known are deployments"));
        assert!(problem("kinds = []").contains("`kinds` is empty"));
        assert!(problem("account = ''").contains("`account` is empty"));
        assert!(problem("page_size = 0").contains("such as 500"));
        let wrong_word = toml::from_str::<Config>("namespaces = 'shop'").expect_err("a word that is not `all`");
        assert!(wrong_word.message().contains("\"all\" or a list of namespaces"), "{wrong_word}");
    }
}
