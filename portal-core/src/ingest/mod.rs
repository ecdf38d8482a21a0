//! From the lake to the store: read what is new, resolve the whole, write the difference.
//!
//! Level-triggered: a missed run cannot leave a wrong state, and a run that dies changes nothing.

mod apply;
mod difference;
mod discover;
mod read;
mod release;

use std::collections::HashMap;

use futures::{FutureExt, StreamExt};
use serde::Serialize;

pub use release::release;

use crate::error::{ErrorKind, LakeError, StoreError};
use crate::id::{EntityType, Text};
use crate::lake::Lake;
use crate::part::{Part, PartContent};
use crate::resolve::resolve_flat;
use crate::rules::Rules;
use crate::store::{Change, Head, ScopeState, Store};
use discover::FoundScope;
use read::ScopeRead;

/// How many scopes are read at the same time.
const READS: usize = 32;

/// How often an ingest starts again because another one was faster.
const TRIES: usize = 10;

/// What an ingest did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IngestReport {
    /// The newest revision.
    pub revision: u64,
    /// What happened to the scopes.
    pub scopes: ScopeCounts,
    /// Entities that are new.
    pub added: u64,
    /// Entities that are different.
    pub changed: u64,
    /// Entities that are gone.
    pub retired: u64,
    /// Mass deletes that wait for a person.
    pub held: u64,
    /// Records and files that could not be read.
    pub set_aside: u64,
    /// Parts whose newest read was not whole.
    pub not_whole: u64,
    /// How long it took.
    pub seconds: f64,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
}

/// What happened to the scopes of the lake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScopeCounts {
    /// Read, because they were new or different.
    pub read: u64,
    /// As they were.
    pub unchanged: u64,
    /// Being rewritten: their turn is the next time.
    pub waiting: u64,
    /// Of an earlier run than the one that is known: they change nothing.
    pub late: u64,
}

/// Why an ingest did nothing.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The lake could not be read.
    #[error("cannot read the lake at {location}; what was known is unchanged")]
    Lake {
        /// The lake.
        location: String,
        /// What happened.
        #[source]
        source: LakeError,
    },
    /// The store could not be read or written.
    #[error("cannot use the store at {location}; what was known is unchanged")]
    Store {
        /// The store.
        location: String,
        /// What happened.
        #[source]
        source: StoreError,
    },
}

/// Brings the store to what the lake says.
///
/// # Errors
/// If lake or store cannot be used; nothing is changed then. A scope, file or record that cannot be read is no error:
/// the report counts it, and what was known of it stays.
pub async fn ingest<L, S>(lake: &L, store: &S, rules: &Rules) -> Result<IngestReport, IngestError>
where
    L: Lake + ?Sized,
    S: Store + ?Sized,
{
    let of_lake = |source| IngestError::Lake { location: lake.location(), source };
    let of_store = |source| IngestError::Store { location: store.location(), source };
    let started = store.now();
    let mut tries = 0;
    loop {
        tries += 1;
        let known = State::load(store).await.map_err(of_store)?;
        let mut report = IngestReport::default();
        let found = discover::scopes(lake, &mut report.notes).await.map_err(of_lake)?;
        let reads = read_scopes(lake, store, &known, rules, found, &mut report).await;
        let change = change(store, &known, rules, reads?, &mut report).await.map_err(of_store)?;
        // New rules are written down also where they change nothing, or each ingest would resolve again.
        let nothing_to_do = change.is_empty() && known.head.rules.as_ref() == Some(&change.rules);
        let committed = if nothing_to_do { Ok(known.head) } else { store.commit(&known.head, &change).await };
        match committed {
            Ok(head) => {
                report.revision = head.revision;
                report.seconds = store.now().duration_since(started).as_secs_f64();
                return Ok(report);
            }
            // Another ingest was faster; from its result on, this one has less to do.
            Err(error) if error.kind() == ErrorKind::Conflict && tries < TRIES => {
                tracing::info!(tries, "another ingest was faster, starting again");
            }
            Err(error) => return Err(of_store(error)),
        }
    }
}

/// What the store knows before an ingest.
struct State {
    head: Head,
    scopes: HashMap<Text, ScopeState>,
    parts: HashMap<Text, Part>,
}

impl State {
    async fn load<S: Store + ?Sized>(store: &S) -> Result<State, StoreError> {
        let head = store.head().await?;
        let scopes = store.scopes().await?.into_iter().map(|scope| (scope.folder.clone(), scope)).collect();
        let parts = store.parts().await?.into_iter().map(|part| (part.key.clone(), part)).collect();
        Ok(State { head, scopes, parts })
    }
}

async fn read_scopes<L, S>(
    lake: &L,
    store: &S,
    known: &State,
    rules: &Rules,
    found: Vec<FoundScope>,
    report: &mut IngestReport,
) -> Result<Vec<ScopeRead>, IngestError>
where
    L: Lake + ?Sized,
    S: Store + ?Sized,
{
    // Boxed, because the compiler does not see otherwise that the future may move between threads.
    let read = |scope: FoundScope| {
        async move {
            let folder = scope.folder.clone();
            match read::read_scope(lake, store, known, rules, scope).await {
                Err(IngestError::Lake { source, .. }) if is_of_one_scope(source.kind()) => {
                    Ok(ScopeRead::unreadable(&folder, &source))
                }
                read => read,
            }
        }
        .boxed()
    };
    let mut reads = futures::stream::iter(found).map(read).buffer_unordered(READS);
    let mut changed = Vec::new();
    while let Some(read) = reads.next().await {
        let read = read?;
        report.scopes.unchanged += u64::from(read.is_unchanged());
        report.scopes.waiting += u64::from(read.waiting);
        report.scopes.late += u64::from(read.late);
        report.scopes.read += u64::from(read.state.is_some());
        report.notes.extend(read.notes.iter().cloned());
        changed.push(read);
    }
    Ok(changed)
}

/// Whether an error is about what stands there, and not about the lake as a whole.
fn is_of_one_scope(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Invalid)
}

/// Everything that has to be written.
async fn change<S: Store + ?Sized>(
    store: &S,
    known: &State,
    rules: &Rules,
    reads: Vec<ScopeRead>,
    report: &mut IngestReport,
) -> Result<Change, StoreError> {
    let mut change = Change { cause: Text::new_static("ingest"), rules: rules.digest(), ..Change::default() };
    let mut fresh: HashMap<Text, PartContent> = HashMap::new();
    let mut parts: HashMap<Text, Part> = known.parts.clone();
    for read in reads {
        change.scopes.extend(read.state);
        for (part, observations) in read.parts {
            parts.insert(part.key.clone(), part.clone());
            if let Some(observations) = &observations {
                let content = PartContent { part: part.clone(), observations: observations.clone() };
                fresh.insert(part.key.clone(), content);
            }
            change.parts.push((part, observations));
        }
    }
    change.scopes.sort_by(|a, b| a.folder.cmp(&b.folder));
    change.parts.sort_by(|a, b| a.0.key.cmp(&b.0.key));
    report.held = parts.values().filter(|part| part.hold.is_some()).count() as u64;
    report.set_aside = parts.values().map(|part| part.set_aside.len() as u64).sum();
    report.not_whole = parts.values().filter(|part| part.is_stale() || !part.unread.is_empty()).count() as u64;
    // What a part could not show decides too (`unknown`), so that a change of coverage alone resolves again.
    let same = |part: &Part| {
        known.parts.get(&part.key).is_some_and(|old| {
            (&old.outcome, &old.hold, &old.source, &old.scope) == (&part.outcome, &part.hold, &part.source, &part.scope)
        })
    };
    let nothing_new = fresh.is_empty()
        && change.parts.iter().all(|(part, _)| same(part))
        && known.head.rules.as_ref() == Some(&change.rules);
    if !nothing_new {
        let contents = contents(store, parts, fresh).await?;
        let found = resolve_flat(&contents, rules);
        drop(contents);
        difference::add(store, found, &mut change, report).await?;
        let teams = change.retired_entities.iter().filter(|gone| gone.entity_type() == EntityType::Team).count();
        if rules.teams.is_empty() && teams > 0 {
            report.notes.push(format!(
                "the configuration names no team any more, so {teams} teams are gone; was --config forgotten?"
            ));
        }
    }
    Ok(change)
}

/// All parts with their observations: the fresh ones, and the others from the store.
async fn contents<S: Store + ?Sized>(
    store: &S,
    parts: HashMap<Text, Part>,
    mut fresh: HashMap<Text, PartContent>,
) -> Result<Vec<PartContent>, StoreError> {
    let known: Vec<Text> = parts.keys().filter(|key| !fresh.contains_key(*key)).cloned().collect();
    let mut stored = if known.is_empty() { HashMap::new() } else { store.observations(&known).await? };
    let mut all: Vec<PartContent> = parts
        .into_iter()
        .map(|(key, part)| {
            let observations = match fresh.remove(&key) {
                Some(content) => content.observations,
                None => stored.remove(&key).unwrap_or_default().into(),
            };
            PartContent { part, observations }
        })
        .collect();
    all.sort_by(|a, b| a.part.key.cmp(&b.part.key));
    Ok(all)
}
