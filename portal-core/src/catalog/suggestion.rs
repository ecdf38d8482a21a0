//! Suggestions: who might own what nobody owns. Never ownership; a person confirms or rejects one.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;
use serde::Serialize;

use super::Catalog;
use super::fold::fold;
use super::set::Slot;
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, OwnershipState, RelationType, Resource};

/// How many neighbours of one team make a suggestion.
const NEIGHBOURS: u64 = 3;

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
        self.by_stack(asked).filter(allowed).or_else(|| self.by_neighbours(&resource).filter(allowed))
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

    fn by_neighbours(&self, asked: &Resource) -> Option<Suggestion> {
        let index = &self.index;
        let mut near = index.accounts.get(asked.account.as_ref()?)?.bitmap().into_owned();
        near &= &*index.entity_types[EntityType::Resource as usize].bitmap();
        near &= &*index.ownership[OwnershipState::Owned as usize].bitmap();
        index.no_team.take_from(&mut near);
        let renamed = self.renamed(&near);
        let name = fold(&asked.name);
        for prefix in prefixes(&name) {
            let mut alike = &near & self.names_like(prefix, false);
            renamed.iter().filter(|(_, name)| !name.starts_with(prefix)).for_each(|(slot, _)| {
                alike.remove(*slot);
            });
            let Some(team) = alike.min().and_then(|slot| owner(&self.items.get(slot)?.entity)) else { continue };
            if index.teams.get(&team).is_none_or(|all| all.shared(&alike) < alike.len()) {
                return None;
            }
            let count = alike.len();
            if count >= NEIGHBOURS {
                let reason =
                    format!("{count} resources of this account whose names begin with `{prefix}` belong to {team}");
                return Some(Suggestion { team, rule: Text::new_static("name"), reason });
            }
        }
        None
    }

    /// What goes by a name that a person gave, with the name that it had before.
    fn renamed(&self, among: &RoaringBitmap) -> Vec<(Slot, String)> {
        let given = self.curated.values().filter(|said| said.curated.display_name.is_some());
        let there = given.filter_map(|said| self.items.living(&said.entity)).filter(|slot| among.contains(*slot));
        there.filter_map(|slot| Some((slot, fold(self.items.get(slot)?.entity.name())))).collect()
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
