//! What an edit does to what people said, whatever the database.

use std::collections::HashMap;

use jiff::Timestamp;
use portal_core::curated::{Curated, Edit};
use portal_core::{Ref, Text, slug};
use serde::Serialize;

use super::error::Failure;

/// Why revisions of edits are made.
pub(super) const CAUSE: &str = "edit";

/// What people say about a ref now.
pub(super) struct There {
    pub(super) version: u64,
    pub(super) curated: Curated,
    pub(super) first_at: Timestamp,
}

/// What has to be written.
#[derive(Default)]
pub(super) struct Plan<'e> {
    /// Refs whose state ends.
    pub(super) ended: Vec<&'e Ref>,
    /// States that begin.
    pub(super) begun: Vec<Said<'e>>,
    /// Of how many refs nothing is said any more.
    pub(super) taken_back: u64,
}

/// A state that begins, as the databases take it: a list of these as JSON.
#[derive(Serialize)]
pub(super) struct Said<'e> {
    #[serde(rename = "ref")]
    entity: &'e Ref,
    owner: Option<Text>,
    hidden: bool,
    /// JSON as a text: it comes back to the last character.
    data: String,
    first_at: Timestamp,
}

impl<'e> Plan<'e> {
    /// Compares edits with what is there.
    pub(super) fn new(edits: &'e [Edit], there: &HashMap<String, There>, now: Timestamp) -> Result<Plan<'e>, Failure> {
        let mut plan = Plan::default();
        for edit in edits {
            let there = there.get(edit.entity.as_str());
            if there.map_or(0, |there| there.version) != edit.seen {
                return Err(Failure::Edited(edit.entity.clone()));
            }
            let new = edit.curated.as_ref().filter(|curated| !curated.is_empty());
            if there.map(|there| &there.curated) == new {
                continue;
            }
            if there.is_some() {
                plan.ended.push(&edit.entity);
            }
            match new {
                Some(curated) => {
                    let first_at = there.map_or(now, |there| there.first_at);
                    plan.begun.push(Said::new(&edit.entity, curated, first_at)?);
                }
                None => plan.taken_back += 1,
            }
        }
        Ok(plan)
    }

    /// Whether all is said already.
    pub(super) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.begun.is_empty()
    }
}

impl<'e> Said<'e> {
    fn new(entity: &'e Ref, curated: &Curated, first_at: Timestamp) -> Result<Said<'e>, Failure> {
        let data = serde_json::to_string(curated).map_err(|error| Failure::content("what people say", error))?;
        let owner = curated.owner.as_deref().map(slug).filter(|owner| !owner.is_empty());
        Ok(Said { entity, owner, hidden: curated.hidden.is_some(), data, first_at })
    }
}
