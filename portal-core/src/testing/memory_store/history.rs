//! Steps of history, from memory.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::edits::valid_at;
use super::state::{Revision, Row, State};
use crate::id::Ref;
use crate::store::{HistoryQuery, Step, team_names};

impl State {
    pub(super) fn history(&self, asked: &HistoryQuery) -> Vec<Step> {
        let mut places: BTreeSet<(Reverse<u64>, &Ref)> = BTreeSet::new();
        for (entity, rows) in &self.entities {
            places.extend(changes(rows).map(|revision| (Reverse(revision), entity)));
        }
        for (entity, rows) in &self.curated {
            places.extend(changes(rows).map(|revision| (Reverse(revision), entity)));
        }
        let names = asked.team.as_ref().map(|team| {
            let known = self.newest().find(|row| row.value.entity.entity_ref() == Ref::team(team));
            team_names(team, known.map(|row| &row.value.entity))
        });
        let until = asked.until.unwrap_or(u64::MAX);
        let wanted = places.into_iter().filter(|(Reverse(revision), entity)| {
            *revision > asked.after
                && *revision <= until
                && asked.entity.as_ref().is_none_or(|wanted| wanted == *entity)
                && asked
                    .before
                    .as_ref()
                    .is_none_or(|(last, below)| (Reverse(*last), below) < (Reverse(*revision), *entity))
        });
        let steps = wanted.map(|(Reverse(revision), entity)| self.step(revision, entity));
        steps.filter(|step| names.as_ref().is_none_or(|names| step.is_of(names))).take(asked.limit).collect()
    }

    pub(super) fn revision_at(&self, at: Timestamp) -> u64 {
        self.revisions.iter().rposition(|revision| revision.made_at <= at).map_or(0, |at| at as u64 + 1)
    }

    pub(super) fn revision(&self, number: u64) -> &Revision {
        let at = usize::try_from(number).expect("as many revisions as were pushed") - 1;
        &self.revisions[at]
    }

    fn step(&self, number: u64, entity: &Ref) -> Step {
        let revision = self.revision(number);
        let collected = |at| Some(valid_at(self.entities.get(entity)?, at)?.value.entity.clone());
        let said = |at| Some(valid_at(self.curated.get(entity)?, at)?.value.curated.clone());
        Step {
            revision: number,
            made_at: revision.made_at,
            cause: revision.cause.clone(),
            by: revision.by.clone(),
            entity: entity.clone(),
            before: collected(number - 1),
            after: collected(number),
            curated_before: said(number - 1),
            curated_after: said(number),
        }
    }
}

/// The revisions at which something began or ended.
fn changes<T>(rows: &[Row<T>]) -> impl Iterator<Item = u64> {
    rows.iter().flat_map(|row| [Some(row.valid_from), row.valid_to]).flatten()
}
