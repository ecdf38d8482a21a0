//! `portal.toml`: read, checked key by key, and turned into rules and sources.
//!
//! Where store and lake are is passed on as it stands there: what their URLs mean is not known here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portal_core::rules::{DirectoryRule, EnvironmentRule, HoldThreshold, LooksAt, Rule, TeamRule};
use portal_core::snapshot::layout::Layout;
use portal_core::{Rules, Source, Text};
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::health_table::{self, HealthTable};

/// The file that is looked for where none is named.
pub const DEFAULT_FILE: &str = "portal.toml";

/// Everything from the configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The store's URL.
    pub store: Option<String>,
    /// The lake's URL.
    pub lake: Option<String>,
    /// How collectors write into the lake.
    pub layout: Layout,
    source: Vec<toml::Table>,
    team: Vec<TeamConfig>,
    environments: BTreeMap<String, EnvironmentConfig>,
    ownership: OwnershipConfig,
    /// How the server behaves.
    pub serve: ServeConfig,
    /// How services are checked.
    pub health: HealthTable,
    /// Which groups are teams, by source: from the sources' own tables.
    #[serde(skip)]
    directories: BTreeMap<Text, DirectoryRule>,
}

#[derive(Debug, Deserialize)]
struct TeamConfig {
    name: Text,
    #[serde(default)]
    aliases: Vec<Text>,
    product: Option<Text>,
    #[serde(default)]
    parents: Vec<Text>,
    contact: Option<Text>,
}

#[derive(Debug, Deserialize)]
struct EnvironmentConfig {
    name: Option<Text>,
    owner: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OwnershipConfig {
    team_keys: Option<Vec<Text>>,
    product_keys: Option<Vec<Text>>,
    service_keys: Option<Vec<Text>>,
    service_name_labels: Option<Vec<Text>>,
    namespace_affixes: Option<Vec<Text>>,
    rules: Option<Vec<RuleConfig>>,
    hold: Option<HoldConfig>,
}

#[derive(Debug, Deserialize)]
struct RuleConfig {
    id: Text,
    looks_at: LooksAtConfig,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LooksAtConfig {
    Tag,
    Container,
    Users,
}

#[derive(Debug, Deserialize)]
struct HoldConfig {
    percent: u64,
    least: u64,
}

/// `[serve]`, as it is written; what the texts mean is the server's part.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ServeConfig {
    /// Whether requests need a key.
    pub auth: Option<AuthConfig>,
    /// Names that it is served under, each with or without a port.
    pub allow_hosts: Vec<String>,
    /// Networks of proxies that are believed.
    pub trust_proxy: Vec<String>,
    /// How often one key, or else one address, may ask.
    pub limits: LimitsConfig,
}

/// Whether requests need a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthConfig {
    /// None.
    None,
    /// An API key.
    Keys,
}

/// Requests within a minute; 0 is no limit, and nothing is the usual one.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LimitsConfig {
    /// Reads.
    pub reads_per_minute: Option<u32>,
    /// Changes.
    pub writes_per_minute: Option<u32>,
    /// Keys that were refused.
    pub failures_per_minute: Option<u32>,
}

/// The keys of each table; those of a source depend on its type.
const TOP: &[&str] = &["store", "lake", "layout", "source", "team", "environments", "ownership", "serve", "health"];
const SOURCE: &[&str] = &["name", "type", "every"];
const TEAM: &[&str] = &["name", "aliases", "product", "parents", "contact"];
const ENVIRONMENT: &[&str] = &["name", "owner"];
const OWNERSHIP: &[&str] =
    &["team_keys", "product_keys", "service_keys", "service_name_labels", "namespace_affixes", "rules", "hold"];
const RULE: &[&str] = &["id", "looks_at"];
const HOLD: &[&str] = &["percent", "least"];
const SERVE: &[&str] = &["auth", "allow_hosts", "trust_proxy", "limits"];
const LIMITS: &[&str] = &["reads_per_minute", "writes_per_minute", "failures_per_minute"];

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}; check --config or PORTAL_CONFIG", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, or a value has the wrong type.
    #[error("{}: {problem}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        problem: String,
    },
    /// A key is not known.
    #[error("{}, line {line}: unknown key `{key}` in {place}{}", path.display(), nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        key: String,
        /// The table that it stands in.
        place: String,
        /// The nearest valid key.
        nearest: Option<String>,
    },
    /// A source cannot be made from its table.
    #[error("{0}")]
    Source(String),
}

impl Config {
    /// Reads a file; without one named, `portal.toml` if it is there, else nothing.
    ///
    /// # Errors
    /// If a named file is not there, or a file is no valid configuration.
    pub fn read(path: Option<&Path>) -> Result<Config, ConfigError> {
        let default = Path::new(DEFAULT_FILE);
        let path = match path {
            Some(path) => path,
            None if default.exists() => default,
            None => return Ok(Config::default()),
        };
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Config::parse(path, &text)
    }

    /// Reads the text of a file; `path` is for messages.
    ///
    /// # Errors
    /// If it is no valid configuration.
    pub fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
        let problem = |error: toml::de::Error| ConfigError::Toml { path: path.to_owned(), problem: error.to_string() };
        // Databases refuse this character, and a team of that name would stop every ingest.
        if let Some(at) = ["\\u0000", "\\U00000000"].iter().find_map(|nul| text.find(nul)) {
            let line = text[..at].matches('\n').count() + 1;
            let problem = format!("line {line} holds a NUL character; take it out");
            return Err(ConfigError::Toml { path: path.to_owned(), problem });
        }
        let table = DeTable::parse(text).map_err(problem)?;
        let checker = Checker { path, text };
        checker.top(table.get_ref())?;
        let mut config: Config = toml::from_str(text).map_err(problem)?;
        config.directories = directories(&config.source)?;
        Ok(config)
    }

    /// The rules that the resolver goes by.
    pub fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        let ownership = &self.ownership;
        let set = |target: &mut Vec<Text>, given: &Option<Vec<Text>>| {
            if let Some(given) = given {
                target.clone_from(given);
            }
        };
        set(&mut rules.team_keys, &ownership.team_keys);
        set(&mut rules.product_keys, &ownership.product_keys);
        set(&mut rules.service_keys, &ownership.service_keys);
        set(&mut rules.service_name_labels, &ownership.service_name_labels);
        set(&mut rules.namespace_affixes, &ownership.namespace_affixes);
        if let Some(given) = &ownership.rules {
            rules.ownership = given.iter().map(RuleConfig::rule).collect();
        }
        if let Some(HoldConfig { percent, least }) = ownership.hold {
            rules.hold = HoldThreshold { percent, least };
        }
        rules.teams = self.team.iter().map(TeamConfig::rule).collect();
        rules.directories.clone_from(&self.directories);
        rules.environments = self
            .environments
            .iter()
            .map(|(account, rule)| {
                (Text::from(account.as_str()), EnvironmentRule { name: rule.name.clone(), owner: rule.owner.clone() })
            })
            .collect();
        rules
    }

    /// The names of the configured sources.
    ///
    /// # Errors
    /// If two have one name: each would take the other's scopes for its own.
    pub fn source_names(&self) -> Result<Vec<String>, ConfigError> {
        let names: Vec<String> = self.source.iter().map(|table| source_name(table).to_owned()).collect();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                let message = format!("two sources are named `{name}`; give each a `name` of its own");
                return Err(ConfigError::Source(message));
            }
        }
        Ok(names)
    }

    /// How often each source is read by a server that does so: its `every`, or an hour.
    ///
    /// # Errors
    /// If an `every` is no time of at least a second, or two sources have one name.
    pub fn cadences(&self) -> Result<Vec<(String, Duration)>, ConfigError> {
        let names = self.source_names()?;
        let cadence = |(name, table): (String, &toml::Table)| match table.get("every") {
            None => Ok((name, Duration::from_secs(3600))),
            Some(every) => match every.as_str().and_then(duration) {
                Some(every) => Ok((name, every)),
                None => Err(ConfigError::Source(format!(
                    "source `{name}`: `every` is {every}; write a number and a unit, such as \"30s\", \"15m\", \"1h\" or \"1d\""
                ))),
            },
        };
        names.into_iter().zip(&self.source).map(cadence).collect()
    }

    /// The sources, or those of some names. Touches nothing outside.
    ///
    /// # Errors
    /// If a name is unknown or a source's table is wrong.
    pub fn sources(&self, wanted: &[String]) -> Result<Vec<Box<dyn Source>>, ConfigError> {
        let names = self.source_names()?;
        if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
            let known = if names.is_empty() { "none is configured".to_owned() } else { names.join(", ") };
            return Err(ConfigError::Source(format!("there is no source `{unknown}`; configured: {known}")));
        }
        self.source
            .iter()
            .filter(|table| wanted.is_empty() || wanted.iter().any(|name| name == source_name(table)))
            .map(|table| {
                let mut table = table.clone();
                let name = source_name(&table).to_owned();
                let source_type = text(&table, "type").to_owned();
                for key in SOURCE {
                    table.remove(*key);
                }
                crate::build(&name, &source_type, table).map_err(|error| ConfigError::Source(error.to_string()))
            })
            .collect()
    }
}

/// `90s`, `15m`, `1h`, `1d`: a whole number and the letter of its unit, from a second to a year.
pub fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    // Longer than a year is a mistake, and no timer reaches that far.
    number.checked_mul(seconds).filter(|seconds| (1..=366 * 24 * 3600).contains(seconds)).map(Duration::from_secs)
}

impl TeamConfig {
    fn rule(&self) -> TeamRule {
        TeamRule {
            name: self.name.clone(),
            aliases: self.aliases.clone(),
            product: self.product.clone(),
            parents: self.parents.clone(),
            contact: self.contact.clone(),
        }
    }
}

impl RuleConfig {
    fn rule(&self) -> Rule {
        let looks_at = match self.looks_at {
            LooksAtConfig::Tag => LooksAt::Tag,
            LooksAtConfig::Container => LooksAt::Container,
            LooksAtConfig::Users => LooksAt::Users,
        };
        Rule { id: self.id.clone(), looks_at }
    }
}

/// The patterns of the sources that read directories: the resolver goes by them as well.
fn directories(sources: &[toml::Table]) -> Result<BTreeMap<Text, DirectoryRule>, ConfigError> {
    let mut rules = BTreeMap::new();
    for table in sources.iter().filter(|table| text(table, "type") == "active-directory") {
        let name = source_name(table);
        let pattern = |key: &str| match text(table, key) {
            "" => Ok(None),
            pattern => pattern.parse().map(Some).map_err(|error: portal_core::pattern::InvalidPattern| {
                ConfigError::Source(format!("source `{name}`: `{key}`: {error}"))
            }),
        };
        let given = DirectoryRule::default();
        let team_groups = pattern("team_groups")?.unwrap_or(given.team_groups);
        rules.insert(Text::from(name), DirectoryRule { team_groups, product_groups: pattern("product_groups")? });
    }
    Ok(rules)
}

/// A source's name is its type where none is given.
fn source_name(table: &toml::Table) -> &str {
    let name = text(table, "name");
    if name.is_empty() { text(table, "type") } else { name }
}

fn text<'t>(table: &'t toml::Table, key: &str) -> &'t str {
    table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

/// Compares every key with the known ones: serde would name neither the line nor the nearest.
struct Checker<'c> {
    path: &'c Path,
    text: &'c str,
}

impl Checker<'_> {
    fn top(&self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        self.keys(table, "the file", &[TOP])?;
        self.each(table, "team", |table| self.keys(table, "[[team]]", &[TEAM]))?;
        self.each(table, "source", |table| self.source(table))?;
        self.each(table, "ownership", |table| {
            self.keys(table, "[ownership]", &[OWNERSHIP])?;
            self.each(table, "rules", |table| self.keys(table, "[ownership] rules", &[RULE]))?;
            self.each(table, "hold", |table| self.keys(table, "[ownership] hold", &[HOLD]))
        })?;
        self.each(table, "serve", |table| {
            self.keys(table, "[serve]", &[SERVE])?;
            self.each(table, "limits", |table| self.keys(table, "[serve] limits", &[LIMITS]))
        })?;
        self.each(table, "health", |table| {
            self.keys(table, "[health]", &[health_table::KEYS])?;
            self.each(table, "confirm", |table| self.keys(table, "[health] confirm", &[health_table::CONFIRM_KEYS]))
        })?;
        self.each(table, "environments", |environments| {
            for (account, value) in environments.iter() {
                if let DeValue::Table(table) = value.get_ref() {
                    self.keys(table, &format!("[environments.\"{}\"]", account.get_ref()), &[ENVIRONMENT])?;
                }
            }
            Ok(())
        })
    }

    fn source(&self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        let source_type = table.get("type").and_then(|value| value.get_ref().as_str()).unwrap_or_default();
        if source_type.is_empty() {
            let known = crate::SOURCE_TYPES.join(", ");
            return Err(ConfigError::Source(format!("a [[source]] has no `type`; one of {known}")));
        }
        match crate::keys(source_type) {
            Some(keys) => self.keys(table, &format!("[[source]] of type {source_type}"), &[SOURCE, keys]),
            // An unknown type is told when the source is made.
            None => Ok(()),
        }
    }

    /// Looks at the table, or each table of the list, under a key.
    fn each(
        &self,
        table: &DeTable<'_>,
        key: &str,
        check: impl Fn(&DeTable<'_>) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        match table.get(key).map(|value| value.get_ref()) {
            Some(DeValue::Table(inner)) => check(inner),
            Some(DeValue::Array(items)) => {
                for item in items.iter() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        check(inner)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn keys(&self, table: &DeTable<'_>, place: &str, known: &[&[&str]]) -> Result<(), ConfigError> {
        let known: Vec<&str> = known.iter().copied().flatten().copied().collect();
        for key in table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let nearest = known
                .iter()
                .map(|candidate| (strsim::damerau_levenshtein(candidate, name), *candidate))
                .min()
                // Beyond a third of its letters it is another word.
                .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()).div_ceil(3))
                .map(|(_, candidate)| candidate.to_owned());
            return Err(ConfigError::UnknownKey {
                path: self.path.to_owned(),
                line: self.text[..key.span().start].matches('\n').count() + 1,
                key: name.to_owned(),
                place: place.to_owned(),
                nearest,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("portal.toml"), text)
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest_valid_one() {
        for (text, wanted) in [
            ("stoer = \"x\"", "line 1: unknown key `stoer` in the file; did you mean `store`?"),
            (
                "[[team]]\nname = \"a\"\nalias = [\"b\"]",
                "line 3: unknown key `alias` in [[team]]; did you mean `aliases`?",
            ),
            (
                "[[source]]\ntype = \"manifests\"\npaht = \"x\"",
                "line 3: unknown key `paht` in [[source]] of type manifests; did you mean `path`?",
            ),
            (
                "[environments.\"1\"]\nnmae = \"x\"",
                "line 2: unknown key `nmae` in [environments.\"1\"]; did you mean `name`?",
            ),
            ("[ownership]\nrules = [{ id = \"a\", look_at = \"tag\" }]", "did you mean `looks_at`?"),
            (
                "[serve]\nallow_host = [\"x\"]",
                "line 2: unknown key `allow_host` in [serve]; did you mean `allow_hosts`?",
            ),
            ("[serve.limits]\nreads = 1", "line 2: unknown key `reads` in [serve] limits"),
            ("xylophone = 1", "line 1: unknown key `xylophone` in the file"),
        ] {
            let error = parse(text).expect_err("an unknown key").to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn every_key_of_a_table_is_known_to_its_reader() {
        let all = r#"
            store = "sqlite:x.db"
            lake = "l"
            layout = "bundled"
            [[team]]
            name = "Payments"
            aliases = ["pay"]
            product = "checkout"
            parents = ["finance"]
            contact = "pay@corp.example"
            [environments."011122223333"]
            name = "prod"
            owner = "platform"
            [ownership]
            team_keys = ["squad"]
            product_keys = ["p"]
            service_keys = ["s"]
            service_name_labels = ["n"]
            namespace_affixes = ["prod"]
            rules = [{ id = "label", looks_at = "tag" }, { id = "box", looks_at = "container" }, { id = "use", looks_at = "users" }]
            hold = { percent = 50, least = 5 }
            [serve]
            auth = "keys"
            allow_hosts = ["portal.corp.example"]
            trust_proxy = ["10.0.0.0/8"]
            limits = { reads_per_minute = 600, writes_per_minute = 60, failures_per_minute = 0 }
        "#;
        let config = parse(all).expect("a configuration");
        assert_eq!(config.layout, Layout::Bundled);
        assert_eq!((config.serve.auth, config.serve.limits.failures_per_minute), (Some(AuthConfig::Keys), Some(0)));
        let rules = config.rules();
        assert_eq!(rules.team_keys, ["squad"]);
        assert_eq!(rules.ownership.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["label", "box", "use"]);
        assert_eq!(rules.environments["011122223333"].owner.as_deref(), Some("platform"));
        assert_eq!((rules.teams[0].parents.len(), rules.hold.least), (1, 5));
    }

    #[test]
    fn the_patterns_of_a_directory_are_rules() {
        let directory = |pattern: &str| {
            parse(&format!("[[source]]\nname = \"corp\"\ntype = \"active-directory\"\nteam_groups = '{pattern}'"))
        };
        let rules = directory("^T-(?<name>.+)$").expect("a configuration").rules();
        assert_eq!(rules.directory("corp").team_groups.name("T-Payments"), Some("Payments"));
        let error = directory("^T-.+$").expect_err("no name").to_string();
        assert!(error.contains("`corp`") && error.contains("(?<name>"), "{error}");
    }

    #[test]
    fn a_source_has_a_cadence() {
        let of = |every: &str| {
            let text =
                format!("[[source]]\nname = \"corp\"\ntype = \"manifests\"\npath = \"d\"\ncluster = \"c\"\n{every}");
            parse(&text).expect("valid keys").cadences()
        };
        assert_eq!(of("").expect("the default"), [("corp".to_owned(), Duration::from_secs(3600))]);
        assert_eq!(of("every = \"15m\"").expect("a time")[0].1, Duration::from_secs(900));
        for wrong in ["\"0s\"", "\"h\"", "\"1 hour\"", "\"-1h\"", "\"9999999d\"", "60"] {
            let error = of(&format!("every = {wrong}")).expect_err("no time").to_string();
            assert!(error.contains("`corp`") && error.contains("\"15m\""), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_of_health_is_told() {
        let error = parse("[health]\nallowed = []").expect_err("an unknown key").to_string();
        assert!(error.contains("line 2: unknown key `allowed` in [health]; did you mean `allow`?"), "{error}");
        let error = parse("[health]\nconfirm = { off = 1 }").expect_err("an unknown key").to_string();
        assert!(error.contains("`off` in [health] confirm"), "{error}");
        let health = parse("[health]\nper_host = 4").expect("valid keys").health;
        assert_eq!((health.per_host, health.every), (Some(4), None));
    }

    #[test]
    fn sources_of_one_name_are_refused() {
        let two = "[[source]]\ntype = \"manifests\"\npath = \"a\"\n[[source]]\ntype = \"manifests\"\npath = \"b\"";
        let error = parse(two).expect("valid keys").sources(&[]).err().expect("one name").to_string();
        assert!(error.contains("two sources are named `manifests`"), "{error}");
    }

    #[test]
    fn a_character_that_databases_refuse_is_refused_at_once() {
        let error = parse("\n[[team]]\nname = \"a\\u0000\"").expect_err("no name").to_string();
        assert!(error.contains("line 3") && error.contains("NUL"), "{error}");
    }

    #[test]
    fn a_wrong_value_names_its_line() {
        let error = parse("store = 7").expect_err("a number is no URL").to_string();
        assert!(error.contains("line 1"), "{error}");
        let error = parse("layout = \"bundle\"").expect_err("no layout").to_string();
        assert!(error.contains("line 1") && error.contains("`files` or `bundled`"), "{error}");
    }
}
