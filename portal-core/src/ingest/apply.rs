//! What a new read of a part makes of what was known of it.
//!
//! Pure: only inside a complete read does something not seen count as gone, and not even then if it is too much.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::digest::Digest;
use crate::id::Text;
use crate::observe::{GroupSeen, Observation, ResourceSeen};
use crate::part::{Hold, Known, Part};
use crate::rules::HoldThreshold;
use crate::source::{Coverage, Outcome, Scope};

/// What files hold, and which of their records could not be read.
pub(super) type FilesRead = (Vec<Observation>, Vec<String>);

/// A read of a part.
pub(super) struct Read {
    pub(super) key: Text,
    pub(super) source: Text,
    pub(super) scope: Scope,
    pub(super) kind: Text,
    pub(super) run: u64,
    pub(super) read_at: Timestamp,
    /// When the files were read: earlier than the run, if the run itself could not.
    pub(super) files_at: Timestamp,
    pub(super) outcome: Outcome,
    pub(super) unread: Vec<String>,
    pub(super) content: Option<Text>,
    /// What the files hold, or why they cannot be read; `None` if they were not looked at.
    pub(super) files: Option<Result<FilesRead, String>>,
    /// Whether files or coverage are others than before.
    pub(super) is_new: bool,
}

/// The part as it is now, with its observations if they may have changed.
pub(super) fn apply(
    old: Option<&Part>,
    before: Vec<Known>,
    read: Read,
    threshold: HoldThreshold,
    now: Timestamp,
) -> (Part, Option<Vec<Known>>) {
    let coverage = read.outcome.coverage;
    let good_before = old.and_then(|old| old.good_at);
    let mut part = Part {
        key: read.key,
        source: read.source,
        scope: read.scope,
        kind: read.kind,
        run: read.run,
        outcome: read.outcome,
        items: old.map_or(0, |old| old.items),
        unread: read.unread,
        read_at: read.read_at,
        good_at: if coverage.is_whole() { Some(read.read_at) } else { good_before },
        content: read.content,
        hold: old.and_then(|old| old.hold.clone()),
        set_aside: old.map(|old| old.set_aside.clone()).unwrap_or_default(),
    };
    if !read.is_new {
        return (part, None);
    }
    if coverage == Coverage::Absent {
        part.items = 0;
        part.hold = None;
        part.set_aside = Vec::new();
        return (part, Some(Vec::new()));
    }
    // After a read that failed, what was known is as old as the last good one.
    let old_since = good_before.or(old.map(|old| old.read_at)).unwrap_or(read.read_at);
    match read.files {
        // Nothing was read: all that was known stays as it is.
        None if coverage == Coverage::Complete => finish(part, Vec::new(), before, old_since, threshold, now),
        None => (part, None),
        Some(Err(reason)) => {
            part.outcome = Outcome::not(Coverage::Failed, reason.clone());
            part.good_at = good_before;
            part.set_aside = vec![reason];
            (part, None)
        }
        Some(Ok((seen, set_aside))) => {
            let lost_some = !set_aside.is_empty();
            part.set_aside = set_aside;
            if !coverage.is_whole() && read.files_at < part.read_at {
                part.good_at = Some(read.files_at);
            }
            // A record that cannot be read may be any of those that were known: none of them is gone for that. And the
            // files that a read names which failed may be those of a partial one.
            let whole = coverage == Coverage::Complete && !lost_some;
            if lost_some && coverage == Coverage::Complete {
                let reason = format!("{} of its records could not be read", part.set_aside.len());
                part.outcome = Outcome::not(Coverage::Partial, reason);
                part.good_at = good_before;
            }
            let seen = once(seen);
            if whole {
                finish(part, seen, before, old_since, threshold, now)
            } else {
                let (seen, missing) = merge(seen, before);
                part.items = (seen.len() + missing.len()) as u64;
                let all = seen.into_iter().chain(stale(missing, old_since)).collect();
                (part, Some(sorted(all)))
            }
        }
    }
}

/// A complete read: what it lacks is gone, unless that is too much to believe.
fn finish(
    mut part: Part,
    seen: Vec<Observation>,
    before: Vec<Known>,
    old_since: Timestamp,
    threshold: HoldThreshold,
    now: Timestamp,
) -> (Part, Option<Vec<Known>>) {
    let known = before.len() as u64;
    let (seen, missing) = merge(seen, before);
    let gone = missing.len() as u64;
    // A hold ends when all have returned, not because some did, or because others came and made it a smaller share.
    let still_held = part.hold.is_some() && missing.iter().any(|known| known.stale_since.is_some());
    let mut all = seen;
    if still_held || threshold.holds(gone, known) {
        // What is lost after all have returned is another loss, with an id of its own.
        let since = part.hold.as_ref().filter(|_| still_held).map_or(now, |hold| hold.since);
        let id = Text::from(&Digest::of(&(&part.key, since)).to_hex()[..8]);
        part.hold = Some(Hold { id, count: gone, of: known, since });
        all.extend(stale(missing, old_since));
    } else {
        part.hold = None;
    }
    part.items = all.len() as u64;
    (part, Some(sorted(all)))
}

/// What was seen, with what is still known of its tags, and what was known and not seen.
fn merge(seen: Vec<Observation>, before: Vec<Known>) -> (Vec<Known>, Vec<Known>) {
    let mut before: HashMap<Text, Known> = before.into_iter().map(|known| (known.observation.key(), known)).collect();
    let mut merged = Vec::with_capacity(seen.len());
    for mut observation in seen {
        let old = before.remove(&observation.key());
        match (&mut observation, old.map(|known| known.observation)) {
            (Observation::Resource(new), Some(Observation::Resource(old))) => keep_unread(new, *old),
            (Observation::Group(new), Some(Observation::Group(old))) => keep_names(new, *old),
            _ => {}
        }
        merged.push(Known::fresh(observation));
    }
    (merged, before.into_values().collect())
}

/// What the new read of a resource could not see is as it was, unless it was made anew under the same id.
fn keep_unread(new: &mut ResourceSeen, old: ResourceSeen) {
    if new.created_at.is_some() && old.created_at.is_some() && new.created_at != old.created_at {
        return;
    }
    if new.tags.unread.is_some() && new.tags.pairs.is_empty() {
        new.tags.pairs = old.tags.pairs;
    }
    if let (Some(new), Some(old)) = (&mut new.function, old.function) {
        new.event_sources = new.event_sources.take().or(old.event_sources);
    }
    if let (Some(new), Some(old)) = (&mut new.stack, old.stack) {
        new.members = new.members.take().or(old.members);
    }
}

/// A group keeps the names it had, and the members that could not be read again.
fn keep_names(new: &mut GroupSeen, old: GroupSeen) {
    let before = old.old_names.into_iter().chain([old.name]);
    for name in before.filter(|name| *name != new.name) {
        if !new.old_names.contains(&name) {
            new.old_names.push(name);
        }
    }
    if new.members_unread.is_some() {
        new.members.extend(old.members);
        new.members.sort();
        new.members.dedup();
    }
}

/// Each object once: of two records with one key the later one counts.
fn once(seen: Vec<Observation>) -> Vec<Observation> {
    let mut by_key: HashMap<Text, usize> = HashMap::with_capacity(seen.len());
    let mut all: Vec<Observation> = Vec::with_capacity(seen.len());
    for observation in seen {
        match by_key.entry(observation.key()) {
            std::collections::hash_map::Entry::Occupied(at) => all[*at.get()] = observation,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(all.len());
                all.push(observation);
            }
        }
    }
    all
}

fn stale(missing: Vec<Known>, since: Timestamp) -> impl Iterator<Item = Known> {
    missing.into_iter().map(move |known| Known { stale_since: known.stale_since.or(Some(since)), ..known })
}

fn sorted(mut all: Vec<Known>) -> Vec<Known> {
    all.sort_by_cached_key(|known| known.observation.key());
    all
}
