//! Steps of history: what a revision did to one entity.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::curated::Curated;
use crate::id::{Ref, Text, slug};
use crate::model::Entity;

/// Which steps of history are wanted. All conditions have to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only revisions later than this one; 0 for all.
    pub after: u64,
    /// Only revisions up to this one.
    pub until: Option<u64>,
    /// Only this entity.
    pub entity: Option<Ref>,
    /// Only what the team of this slug owned before or after the step, see [`Step::is_of`].
    pub team: Option<Text>,
    /// Goes on below this step, the last one of the page before.
    pub before: Option<(u64, Ref)>,
    /// At most so many steps.
    pub limit: usize,
}

/// What one revision did to one entity: to what was collected, to what people say, or to both.
///
/// Both layers are given as they were right before and right after the revision, so that a reader sees all of the entity
/// also where only one of them changed. Counts of running copies are left out; they make no history.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The revision.
    pub revision: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Why, in a word: `ingest`, `release`, `edit`.
    pub cause: Text,
    /// Who made it, where that was a person or key.
    pub by: Option<Text>,
    /// The entity.
    pub entity: Ref,
    /// What was collected, before.
    pub before: Option<Entity>,
    /// What was collected, after.
    pub after: Option<Entity>,
    /// What people said, before.
    pub curated_before: Option<Curated>,
    /// What people said, after.
    pub curated_after: Option<Curated>,
}

impl Step {
    /// Whether a team owned the entity before or after; `names` are the slugs of all names that mean it.
    ///
    /// An owner that a person set counts instead of the collected one.
    pub fn is_of(&self, names: &BTreeSet<Text>) -> bool {
        let before = owner(self.before.as_ref(), self.curated_before.as_ref());
        let after = owner(self.after.as_ref(), self.curated_after.as_ref());
        [before, after].into_iter().flatten().any(|owner| names.contains(&owner))
    }
}

/// The slugs of all names of a team, if it is known: those that an owner set by a person may be written with.
pub fn team_names(team: &Text, known: Option<&Entity>) -> BTreeSet<Text> {
    let mut names = BTreeSet::from([team.clone()]);
    if let Some(Entity::Team(known)) = known {
        names.extend(known.aliases.iter().chain(&known.old_names).map(|name| slug(name)));
    }
    names
}

fn owner(entity: Option<&Entity>, curated: Option<&Curated>) -> Option<Text> {
    let said = curated.and_then(|curated| curated.owner.as_deref());
    said.map(slug).or_else(|| entity?.ownership()?.team.clone())
}
