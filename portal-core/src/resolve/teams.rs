//! Which team a name means.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::directory::Directory;
use super::findings::{FindingKind, Findings};
use crate::id::{Ref, Text, slug};
use crate::model::Team;
use crate::rules::Rules;

/// All known teams, by every name that they go by.
pub(super) struct Teams {
    /// By slug.
    pub(super) teams: BTreeMap<Text, Team>,
    /// Products that directories name, by slug, with the name as it was written.
    pub(super) products: BTreeMap<Text, Text>,
    /// From the slug of any name to the slugs of the teams that it means.
    names: HashMap<Text, BTreeSet<Text>>,
}

impl Teams {
    /// The teams of directories and those of the configuration; where both know one, the configuration's word counts.
    pub(super) fn of(rules: &Rules, directory: Directory, findings: &mut Findings) -> Teams {
        let Directory { mut teams, products } = directory;
        let mut given: BTreeSet<Text> = BTreeSet::new();
        for rule in &rules.teams {
            let name = slug(&rule.name);
            let team = teams.entry(name.clone()).or_insert_with(|| Team {
                name: name.clone(),
                display_name: rule.name.clone(),
                source: Text::new_static("configuration"),
                ..Team::default()
            });
            team.aliases.extend(rule.aliases.iter().cloned());
            team.parents.extend(rule.parents.iter().map(|parent| slug(parent)));
            // Of two tables about one team the first one counts.
            if given.insert(name) {
                team.product = rule.product.as_deref().map(slug).or(team.product.take());
                team.contact = rule.contact.clone().or(team.contact.take());
            } else {
                team.product = team.product.take().or_else(|| rule.product.as_deref().map(slug));
                team.contact = team.contact.take().or_else(|| rule.contact.clone());
            }
        }
        for team in teams.values_mut() {
            for list in [&mut team.aliases, &mut team.parents] {
                list.sort();
                list.dedup();
            }
        }
        let names = names(&teams, findings);
        Teams { teams, products, names }
    }

    /// The teams that a claim's value names: none for an unknown one, several for an ambiguous one.
    pub(super) fn named(&self, value: &str) -> impl Iterator<Item = &Text> {
        self.names.get(&slug(value)).into_iter().flatten()
    }

    /// The product that a team works on.
    pub(super) fn product(&self, team: &str) -> Option<&Text> {
        self.teams.get(team).and_then(|team| team.product.as_ref())
    }
}

/// A team's own name wins over another one's alias; two teams with one alias make it ambiguous.
fn names(teams: &BTreeMap<Text, Team>, findings: &mut Findings) -> HashMap<Text, BTreeSet<Text>> {
    let mut names: HashMap<Text, BTreeSet<Text>> = HashMap::new();
    for team in teams.values() {
        for other in team.aliases.iter().chain(&team.old_names) {
            names.entry(slug(other)).or_default().insert(team.name.clone());
        }
    }
    for name in teams.keys() {
        names.insert(name.clone(), BTreeSet::from([name.clone()]));
    }
    for (name, meant) in &names {
        if meant.len() > 1 {
            let list: Vec<&str> = meant.iter().map(Text::as_str).collect();
            let message = format!("`{name}` is another name of several teams: {}", list.join(", "));
            findings.add(FindingKind::AmbiguousTeam, list.first().map(|team| Ref::team(team)), message);
        }
    }
    names
}
