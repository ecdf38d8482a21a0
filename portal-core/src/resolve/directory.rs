//! Teams from the groups of directories: names by pattern, members and parents through nesting.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::estate::Estate;
use super::findings::{FindingKind, Findings};
use crate::dn;
use crate::id::{Ref, Text, slug};
use crate::model::{Member, Team};
use crate::observe::{GroupSeen, PersonSeen};
use crate::part::Part;
use crate::rules::Rules;
use crate::source::Scope;

/// What directories say.
#[derive(Default)]
pub(super) struct Directory {
    /// Teams by slug.
    pub(super) teams: BTreeMap<Text, Team>,
    /// Products by slug, with the name as it was written.
    pub(super) products: BTreeMap<Text, Text>,
}

/// A group with its place among the others, by number.
struct Group<'a> {
    seen: &'a GroupSeen,
    part: &'a Part,
    /// The team's name, if the group is one.
    team: Option<&'a str>,
    /// The product's name, if the group is one.
    product: Option<&'a str>,
    above: Vec<usize>,
    below: Vec<usize>,
    people: Vec<usize>,
}

struct Groups<'a> {
    groups: Vec<Group<'a>>,
    people: Vec<(&'a PersonSeen, &'a Part)>,
    by_name: HashMap<String, Entry>,
}

/// What a distinguished name stands for.
#[derive(Clone, Copy)]
enum Entry {
    Group(usize),
    Person(usize),
}

impl Directory {
    pub(super) fn read(estate: &Estate<'_>, rules: &Rules, findings: &mut Findings) -> Directory {
        let mut directory = Directory::default();
        if estate.groups.is_empty() {
            return directory;
        }
        let all = Groups::link(estate, rules);
        for group in &all.groups {
            if let Some(name) = group.product {
                directory.products.entry(slug(name)).or_insert_with(|| Text::from(name));
            }
        }
        for (at, group) in all.groups.iter().enumerate() {
            let Some(name) = group.team else { continue };
            let team = all.team(at, name, rules, findings);
            match directory.teams.get_mut(&team.name) {
                Some(first) => {
                    let message = format!(
                        "two groups are team `{}`, {} is the other one; both give it members",
                        team.name, group.seen.dn
                    );
                    findings.add(FindingKind::TeamNameClash, Some(Ref::team(&team.name)), message);
                    join(first, team);
                }
                None => {
                    directory.teams.insert(team.name.clone(), team);
                }
            }
        }
        directory
    }
}

impl<'a> Groups<'a> {
    /// Finds out who is inside of what.
    fn link(estate: &Estate<'a>, rules: &'a Rules) -> Groups<'a> {
        let mut all = Groups { groups: Vec::new(), people: estate.people.clone(), by_name: HashMap::new() };
        let mut by_token: HashMap<(&Scope, u32), usize> = HashMap::new();
        for (at, (person, _)) in estate.people.iter().enumerate() {
            all.by_name.insert(dn::key(&person.dn), Entry::Person(at));
        }
        for (at, (seen, part)) in estate.groups.iter().copied().enumerate() {
            let rule = rules.directory(&part.source);
            let names = [Some(&seen.name), seen.account_name.as_ref()];
            let found = |pattern: &'a crate::pattern::GroupPattern| {
                names.into_iter().flatten().find_map(|name| pattern.name(name)).filter(|name| !slug(name).is_empty())
            };
            all.by_name.insert(dn::key(&seen.dn), Entry::Group(at));
            if let Some(token) = seen.primary_token {
                by_token.insert((&part.scope, token), at);
            }
            all.groups.push(Group {
                seen,
                part,
                team: found(&rule.team_groups),
                product: rule.product_groups.as_ref().and_then(found),
                above: Vec::new(),
                below: Vec::new(),
                people: Vec::new(),
            });
        }
        for at in 0..all.groups.len() {
            for member in &all.groups[at].seen.members {
                match all.by_name.get(&dn::key(member)) {
                    Some(Entry::Group(inside)) => {
                        all.groups[at].below.push(*inside);
                        all.groups[*inside].above.push(at);
                    }
                    Some(Entry::Person(person)) => all.groups[at].people.push(*person),
                    // A computer, somebody of another domain, or one whom the source had no reason to read.
                    None => {}
                }
            }
        }
        for (at, (person, part)) in estate.people.iter().enumerate() {
            let group = person.primary_group.and_then(|token| by_token.get(&(&part.scope, token)));
            if let Some(group) = group {
                all.groups[*group].people.push(at);
            }
        }
        all
    }

    fn team(&self, at: usize, name: &str, rules: &Rules, findings: &mut Findings) -> Team {
        let group = &self.groups[at];
        let seen = group.seen;
        let own = slug(name);
        let pattern = &rules.directory(&group.part.source).team_groups;
        let aliases: BTreeSet<&Text> = [Some(&seen.name), seen.account_name.as_ref()].into_iter().flatten().collect();
        let earlier = seen.old_names.iter().flat_map(|old| [pattern.name(old).map(Text::from), Some(old.clone())]);
        let mut old_names: Vec<Text> = Vec::new();
        for old in earlier.flatten().filter(|old| slug(old) != own && !aliases.contains(old)) {
            if !old_names.contains(&old) {
                old_names.push(old);
            }
        }
        let mut parts = vec![group.part.key.clone()];
        let (members, people_part) = self.members(at);
        parts.extend(people_part.map(|part| part.key.clone()));
        Team {
            display_name: Text::from(name),
            aliases: aliases.into_iter().filter(|alias| slug(alias) != own).cloned().collect(),
            old_names,
            parents: self.parents(at, &own),
            product: self.product(at, &own, findings),
            members,
            contact: self.contact(seen),
            source: group.part.source.clone(),
            parts,
            name: own,
        }
    }

    /// Everybody inside, also through groups inside; who left is left out.
    fn members(&self, at: usize) -> (Vec<Member>, Option<&'a Part>) {
        let mut seen = HashSet::from([at]);
        let mut waiting = vec![at];
        let mut people: BTreeSet<usize> = BTreeSet::new();
        while let Some(at) = waiting.pop() {
            people.extend(&self.groups[at].people);
            waiting.extend(self.groups[at].below.iter().filter(|below| seen.insert(**below)));
        }
        let found: Vec<_> = people.into_iter().map(|person| self.people[person]).collect();
        let part = found.first().map(|(_, part)| *part);
        let enabled = found.into_iter().filter(|(person, _)| !person.disabled);
        let mut members: Vec<Member> =
            enabled.map(|(person, _)| Member { name: person.name.clone(), mail: person.mail.clone() }).collect();
        members.sort();
        (members, part)
    }

    /// The nearest teams around a group; groups that are no teams are passed through.
    fn parents(&self, at: usize, own: &str) -> Vec<Text> {
        let team = |group: &Group<'_>| group.team.map(slug).filter(|name| name != own);
        self.around(at, team).into_iter().collect()
    }

    /// The product around a group. Of several none is picked.
    fn product(&self, at: usize, own: &str, findings: &mut Findings) -> Option<Text> {
        let products = self.around(at, |group| group.product.map(slug));
        if products.len() > 1 {
            let list: Vec<&str> = products.iter().map(Text::as_str).collect();
            let message = format!("team `{own}` is inside of several products: {}; none was picked", list.join(", "));
            findings.add(FindingKind::AmbiguousProduct, Some(Ref::team(own)), message);
            return None;
        }
        products.into_iter().next()
    }

    /// What the nearest groups around one are; those that are nothing are passed through.
    fn around(&self, at: usize, what: impl Fn(&Group<'a>) -> Option<Text>) -> BTreeSet<Text> {
        let mut seen = HashSet::from([at]);
        let mut waiting = self.groups[at].above.clone();
        let mut found = BTreeSet::new();
        while let Some(above) = waiting.pop() {
            if !seen.insert(above) {
                continue;
            }
            match what(&self.groups[above]) {
                Some(name) => {
                    found.insert(name);
                }
                None => waiting.extend(&self.groups[above].above),
            }
        }
        found
    }

    /// The group's own mail address, else that of who looks after it.
    fn contact(&self, seen: &GroupSeen) -> Option<Text> {
        seen.mail.clone().or_else(|| match self.by_name.get(&dn::key(seen.manager.as_deref()?))? {
            Entry::Person(person) => self.people[*person].0.mail.clone(),
            Entry::Group(group) => self.groups[*group].seen.mail.clone(),
        })
    }
}

/// Adds what another group says of the same team.
fn join(team: &mut Team, other: Team) {
    team.aliases.extend(other.aliases);
    team.old_names.extend(other.old_names);
    team.parents.extend(other.parents);
    team.parts.extend(other.parts);
    team.members.extend(other.members);
    team.members.sort();
    team.members.dedup();
    team.contact = team.contact.take().or(other.contact);
    if team.product != other.product {
        team.product = team.product.take().xor(other.product);
    }
}
