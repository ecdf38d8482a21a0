//! A person says that a held mass delete is right.

use std::collections::HashMap;

use super::{IngestReport, State, contents, difference};
use crate::error::{ErrorKind, StoreError};
use crate::id::Text;
use crate::part::{Known, Observations, PartContent};
use crate::resolve::resolve_flat;
use crate::rules::Rules;
use crate::store::{Change, Store};

/// Retires what a hold kept. The revision that this makes names who wanted it.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is no such hold, [`ErrorKind::Conflict`] if what it kept cannot be told from what a
/// later read missed; else if the store cannot be used. Nothing is changed then.
pub async fn release<S: Store + ?Sized>(
    store: &S,
    rules: &Rules,
    id: &str,
    by: Option<&str>,
) -> Result<IngestReport, StoreError> {
    let started = store.now();
    let known = State::load(store).await?;
    let held = known.parts.values().find(|part| part.hold.as_ref().is_some_and(|hold| hold.id == id));
    let Some(mut part) = held.cloned() else {
        let message = format!("there is no hold `{id}`; `portal holds` lists them");
        return Err(StoreError::new(ErrorKind::NotFound, message));
    };
    let mut stored = store.observations(std::slice::from_ref(&part.key)).await?;
    // What only a later read missed that was not whole is stale since the held one, and is not what the hold is about.
    let is_held = |known: &Known| known.stale_since.is_some() && known.stale_since != part.good_at;
    let (gone, kept): (Vec<Known>, Vec<Known>) =
        stored.remove(&part.key).unwrap_or_default().into_iter().partition(is_held);
    let observations = Observations::from(kept);
    if part.hold.as_ref().is_some_and(|hold| (gone.len() as u64) > hold.count) {
        let message =
            format!("{} was not read whole since hold `{id}`; release it after the next whole read", part.key);
        return Err(StoreError::new(ErrorKind::Conflict, message));
    }
    part.hold = None;
    part.items = observations.len() as u64;
    let mut change = Change {
        cause: Text::new_static("release"),
        by: by.map(Text::from),
        rules: rules.digest(),
        ..Change::default()
    };
    change.parts.push((part.clone(), Some(observations.clone())));
    let mut parts = known.parts;
    let fresh = HashMap::from([(part.key.clone(), PartContent { part: part.clone(), observations })]);
    parts.insert(part.key.clone(), part);
    let found = resolve_flat(&contents(store, parts, fresh).await?, rules);
    let mut report = IngestReport::default();
    difference::add(store, found, &mut change, &mut report).await?;
    report.revision = store.commit(&known.head, &change).await?.revision;
    report.seconds = store.now().duration_since(started).as_secs_f64();
    Ok(report)
}
