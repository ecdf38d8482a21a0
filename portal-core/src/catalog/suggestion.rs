//! Suggestions: who might own what nobody owns. Never ownership; a person confirms or rejects one.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Catalog;
use super::fold::{fold, folded};
use crate::id::{Ref, Text};
use crate::model::{Entity, OwnershipState, RelationType, Resource};

/// How many neighbours of one team make a suggestion.
const NEIGHBOURS: usize = 3;

/// Who might own a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Slug of the team.
    pub team: Text,
    /// `stack` or `name`.
    pub rule: Text,
    /// Why, in a sentence.
    pub reason: String,
}

impl Catalog {
    /// Who might own a resource that nobody owns: the one team of everything else in its stack, else the one team of its
    /// neighbours in the same account whose names begin alike. Never a team that a person rejected for it.
    pub fn suggestion(&self, asked: &Ref) -> Option<Suggestion> {
        let Entity::Resource(resource) = self.items.find(asked)?.entity else { return None };
        let open = [OwnershipState::Unowned, OwnershipState::Unregistered, OwnershipState::Conflict];
        if !open.contains(&resource.ownership.state) {
            return None;
        }
        let rejected = self.curated(asked).map(|said| said.curated.rejected.as_slice()).unwrap_or_default();
        let allowed = |suggestion: &Suggestion| !rejected.contains(&suggestion.team);
        self.by_stack(asked).filter(allowed).or_else(|| self.by_neighbours(asked, &resource).filter(allowed))
    }

    fn by_stack(&self, asked: &Ref) -> Option<Suggestion> {
        let stack = self.targets(asked, RelationType::CreatedBy).into_iter().next()?;
        let mut others = self.origins(&stack, RelationType::CreatedBy);
        others.retain(|other| other != asked);
        let owners: BTreeSet<Option<Text>> =
            others.iter().map(|other| self.items.find(other).and_then(|item| owner(&item.entity))).collect();
        let team = one(owners)?;
        let what =
            if others.len() == 1 { "the other resource".to_owned() } else { format!("all {} others", others.len()) };
        let reason = format!("{what} of the stack {} belong to {team}", self.display_name(&stack));
        Some(Suggestion { team, rule: Text::new_static("stack"), reason })
    }

    fn by_neighbours(&self, asked: &Ref, resource: &Resource) -> Option<Suggestion> {
        let account = resource.account.as_ref()?;
        let near = self.index.accounts.get(account)?;
        let name = fold(&resource.name);
        for prefix in prefixes(&name) {
            let mut count = 0;
            let mut teams: BTreeSet<Option<Text>> = BTreeSet::new();
            for slot in near.and(&self.names_like(prefix, false)) {
                let Some(item) = self.items.get(slot) else { continue };
                if matches!(&item.entity, Entity::Resource(other) if folded(&other.name).starts_with(prefix))
                    && item.entity.entity_ref() != *asked
                    && let Some(team) = owner(&item.entity)
                {
                    count += 1;
                    teams.insert(Some(team));
                }
            }
            if teams.len() > 1 {
                return None;
            }
            if count >= NEIGHBOURS {
                let team = one(teams)?;
                let reason =
                    format!("{count} resources of this account whose names begin with `{prefix}` belong to {team}");
                return Some(Suggestion { team, rule: Text::new_static("name"), reason });
            }
        }
        None
    }
}

/// What a name begins with up to each of its separators, the longest first; with at least three letters.
fn prefixes(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.char_indices().rev().filter(|(_, c)| !c.is_alphanumeric()).map(|(at, c)| at + c.len_utf8());
    ends.map(|end| &name[..end]).filter(|prefix| prefix.chars().filter(|c| c.is_alphanumeric()).count() >= 3)
}

fn owner(entity: &Entity) -> Option<Text> {
    let ownership = entity.ownership().filter(|ownership| ownership.state == OwnershipState::Owned)?;
    ownership.team.clone()
}

fn one(teams: BTreeSet<Option<Text>>) -> Option<Text> {
    let mut teams = teams.into_iter();
    teams.next().flatten().filter(|_| teams.next().is_none())
}
