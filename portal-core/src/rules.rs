//! The rules by which the portal decides: data from the configuration, not code.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::id::Text;
use crate::pattern::GroupPattern;

/// All that the resolver is told, beside what was observed.
#[derive(Clone, Debug, Serialize)]
pub struct Rules {
    /// The ladder of ownership, strongest first.
    pub ownership: Vec<Rule>,
    /// Keys of tags, labels and annotations that name a team; compared without case.
    pub team_keys: Vec<Text>,
    /// Keys that name a product; compared without case.
    pub product_keys: Vec<Text>,
    /// Keys that name the service that a resource belongs to; compared without case.
    pub service_keys: Vec<Text>,
    /// Labels that name a Kubernetes service, in this order; after them comes the object's own name.
    pub service_name_labels: Vec<Text>,
    /// Words that are taken off namespaces with their dash: `prod` makes `payments-prod` and `payments` one.
    pub namespace_affixes: Vec<Text>,
    /// Teams by hand.
    pub teams: Vec<TeamRule>,
    /// Which groups of a directory are teams, by the source that reads it.
    pub directories: BTreeMap<Text, DirectoryRule>,
    /// Which groups of other directories are teams.
    pub any_directory: DirectoryRule,
    /// Environments by account id.
    pub environments: BTreeMap<Text, EnvironmentRule>,
    /// When a mass delete is held.
    pub hold: HoldThreshold,
}

/// One step of the ladder. Its id stands in the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The id; by default the rule's word.
    pub id: Text,
    /// What it looks at.
    pub looks_at: LooksAt,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LooksAt {
    /// A team key on the object itself.
    Tag,
    /// What holds the object: its namespace, its database cluster, its stack, its environment; the nearest first.
    Container,
    /// The services that use it.
    Users,
}

/// A team that stands in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TeamRule {
    /// Its name.
    pub name: Text,
    /// Other names that claims may use.
    pub aliases: Vec<Text>,
    /// The product that it works on.
    pub product: Option<Text>,
    /// Teams that it belongs to.
    pub parents: Vec<Text>,
    /// A mail address or channel.
    pub contact: Option<Text>,
}

/// Which groups of a directory are teams.
#[derive(Clone, Debug, Serialize)]
pub struct DirectoryRule {
    /// Groups that are teams.
    pub team_groups: GroupPattern,
    /// Groups that are products: the teams inside of them work on these.
    pub product_groups: Option<GroupPattern>,
}

impl Default for DirectoryRule {
    /// Teams are groups such as `SG-Team-Payments`; no group is a product.
    fn default() -> DirectoryRule {
        let team_groups = DirectoryRule::TEAM_GROUPS.parse().expect("it is a pattern: a test reads it");
        DirectoryRule { team_groups, product_groups: None }
    }
}

impl DirectoryRule {
    /// Which groups are teams where nobody says it.
    pub const TEAM_GROUPS: &'static str = "^SG-Team-(?<name>.+)$";
}

/// An environment that stands in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EnvironmentRule {
    /// The name that people use.
    pub name: Option<Text>,
    /// The team that owns what nobody else claims.
    pub owner: Option<Text>,
}

/// When a complete read that lacks much is not believed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HoldThreshold {
    /// More than so many of a hundred are gone …
    pub percent: u64,
    /// … and at least so many.
    pub least: u64,
}

impl HoldThreshold {
    /// Whether losing `gone` of `known` waits for a person.
    pub fn holds(&self, gone: u64, known: u64) -> bool {
        gone >= self.least && gone * 100 > known * self.percent
    }
}

impl Default for Rules {
    fn default() -> Rules {
        let texts = |list: &[&'static str]| list.iter().map(|text| Text::new_static(text)).collect();
        let rule = |id, looks_at| Rule { id: Text::new_static(id), looks_at };
        Rules {
            ownership: vec![
                rule("tag", LooksAt::Tag),
                rule("inherited", LooksAt::Container),
                rule("used-by", LooksAt::Users),
            ],
            team_keys: texts(&["team", "owner", "portal.dev/team"]),
            product_keys: texts(&["product", "portal.dev/product", "app.kubernetes.io/part-of"]),
            service_keys: texts(&["service", "portal.dev/service"]),
            service_name_labels: texts(&["app.kubernetes.io/name", "app"]),
            namespace_affixes: Vec::new(),
            teams: Vec::new(),
            directories: BTreeMap::new(),
            any_directory: DirectoryRule::default(),
            environments: BTreeMap::new(),
            hold: HoldThreshold { percent: 30, least: 20 },
        }
    }
}

impl Rules {
    /// Equal digests decide equally. The model's version is a part of it: a new version may read more.
    pub fn digest(&self) -> Text {
        Text::from(Digest::of(&(env!("CARGO_PKG_VERSION"), self)).to_hex())
    }

    /// Which groups of a source's directory are teams.
    pub fn directory(&self, source: &str) -> &DirectoryRule {
        self.directories.get(source).unwrap_or(&self.any_directory)
    }

    /// A namespace without its environment.
    pub fn bare_namespace<'n>(&self, namespace: &'n str) -> &'n str {
        for affix in &self.namespace_affixes {
            let stripped = namespace
                .strip_suffix(affix.as_str())
                .and_then(|rest| rest.strip_suffix('-'))
                .or_else(|| namespace.strip_prefix(affix.as_str()).and_then(|rest| rest.strip_prefix('-')));
            if let Some(bare) = stripped.filter(|bare| !bare.is_empty()) {
                return bare;
            }
        }
        namespace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_loses_its_environment_only_as_a_whole_word() {
        let rules = Rules { namespace_affixes: vec!["prod".into(), "dev".into()], ..Rules::default() };
        assert_eq!(rules.bare_namespace("payments-prod"), "payments");
        assert_eq!(rules.bare_namespace("dev-payments"), "payments");
        assert_eq!(rules.bare_namespace("reprod"), "reprod");
        assert_eq!(rules.bare_namespace("prod"), "prod");
    }

    #[test]
    fn a_directory_that_is_not_configured_has_a_pattern_all_the_same() {
        assert_eq!(Rules::default().directory("corp").team_groups.name("SG-Team-Payments"), Some("Payments"));
    }

    #[test]
    fn few_or_a_small_share_may_always_go() {
        let hold = HoldThreshold { percent: 30, least: 20 };
        assert!(!hold.holds(19, 19) && !hold.holds(20, 100) && !hold.holds(30, 100));
        assert!(hold.holds(31, 100) && hold.holds(20, 20));
    }
}
