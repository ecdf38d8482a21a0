//! One scope: read it, write its files, then its manifest.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::future::Either;
use jiff::Timestamp;
use serde_json::Value;

use super::kind::write_kind;
use super::{CollectOptions, KindReport, ScopeReport};
use crate::error::{ErrorKind, LakeError, chain};
use crate::id::Text;
use crate::lake::{Etag, Lake, LakePath, Precondition};
use crate::snapshot::layout;
use crate::snapshot::manifest::{KindEntry, Manifest, SCHEMA};
use crate::source::{Coverage, KindSnapshot, Outcome, Scope, SnapshotWriter, Source};

/// The program that stands in manifests.
const COLLECTOR: &str = concat!("portal ", env!("CARGO_PKG_VERSION"));

/// A manifest that is written.
pub(super) struct Committed {
    manifest: Manifest,
    /// What went wrong after it was.
    warning: Option<String>,
}

/// What a scope's manifest says before a run.
pub(super) struct Before {
    /// The manifest, if there is one that can be read.
    pub(super) manifest: Option<Manifest>,
    condition: Precondition,
    next_run: u64,
}

pub(super) async fn collect_scope<L: Lake + ?Sized>(
    source: &dyn Source,
    scope: &Scope,
    lake: &L,
    options: &CollectOptions,
) -> ScopeReport {
    let folder = layout::scope_folder(source.folder(), scope);
    let written = async {
        let _lock = lake.lock(&folder).await?;
        let before = read_before(source.name(), lake, &folder, options.clock.now()).await?;
        let started_at = options.clock.now();
        let kinds = read(source, scope, options, before.manifest.as_ref()).await?;
        let mut entries = BTreeMap::new();
        for (kind, snapshot) in kinds {
            let old = before.manifest.as_ref().and_then(|m| m.kinds.get(&kind).map(|entry| (entry, m.finished_at)));
            let entry = write_kind(lake, &folder, scope, &kind, snapshot, old, options).await?;
            entries.insert(kind, entry);
        }
        commit(lake, source, scope, &folder, before, entries, (started_at, options.clock.now())).await
    };
    report(scope, written.await)
}

/// Reads the scope, at most until the deadline; what is not finished then is failed, what is finished stays.
///
/// # Errors
/// If the scope could not even be entered, and nothing is known of it that could say so.
async fn read(
    source: &dyn Source,
    scope: &Scope,
    options: &CollectOptions,
    before: Option<&Manifest>,
) -> Result<BTreeMap<Text, KindSnapshot>, LakeError> {
    let writer = SnapshotWriter::default();
    let work = source.collect(scope, &writer);
    let deadline = options.clock.sleep(options.deadline);
    let rest = match futures::future::select(work, deadline).await {
        Either::Left((Ok(()), _)) => Outcome::not(Coverage::Failed, "the source ended without saying that it saw all"),
        Either::Left((Err(error), _)) => Outcome::of_error(&error),
        Either::Right(((), _)) => Outcome::not(
            Coverage::Failed,
            format!("not read within {} s; raise `deadline` or read less per scope", options.deadline.as_secs()),
        ),
    };
    let mut kinds = writer.into_kinds(&rest);
    if kinds.is_empty() {
        let Some(before) = before.filter(|before| !before.kinds.is_empty()) else {
            return Err(LakeError::new(ErrorKind::Unavailable, rest.reason.unwrap_or_default()));
        };
        for kind in before.kinds.keys() {
            kinds.insert(kind.clone(), KindSnapshot { outcome: Some(rest.clone()), ..KindSnapshot::default() });
        }
    }
    Ok(kinds)
}

/// The highest run: databases count with a sign.
const HIGHEST_RUN: u64 = i64::MAX.unsigned_abs();

/// The manifest as it is, and what has to hold for the next one.
pub(super) async fn read_before<L: Lake + ?Sized>(
    source: &str,
    lake: &L,
    folder: &LakePath,
    now: Timestamp,
) -> Result<Before, LakeError> {
    // A new scope starts at the clock, so that a lake that was emptied is not taken for an old one by a store that
    // has seen higher runs. From then on only the number counts.
    let first = u64::try_from(now.as_second()).unwrap_or(1);
    let Some(stored) = lake.get(&folder.join(layout::MANIFEST)).await? else {
        return Ok(Before { manifest: None, condition: Precondition::Absent, next_run: first });
    };
    let condition = Precondition::Matches(stored.etag);
    match serde_json::from_slice::<Manifest>(&stored.bytes) {
        Ok(manifest) if manifest.source != source => Err(LakeError::new(
            ErrorKind::Conflict,
            format!(
                "{folder} is written by source `{}`; two sources must not share a scope: give each its own accounts, \
                 namespaces or clusters. If the source was renamed, give it its old name back, or delete the folder",
                manifest.source
            ),
        )),
        Ok(manifest) => {
            let next_run = manifest.run.saturating_add(1).min(HIGHEST_RUN);
            Ok(Before { condition, next_run, manifest: Some(manifest) })
        }
        // A manifest that nobody can read orders nothing; its run is read leniently so that the next one is higher.
        Err(_) => {
            let run = serde_json::from_slice::<Value>(&stored.bytes)
                .ok()
                .and_then(|value| value.get("run").and_then(Value::as_u64))
                .map_or(first, |run| run.saturating_add(1));
            Ok(Before { manifest: None, condition, next_run: run.clamp(first, HIGHEST_RUN) })
        }
    }
}

/// Writes the manifest, and then removes the files that it no longer names.
pub(super) async fn commit<L: Lake + ?Sized>(
    lake: &L,
    source: &dyn Source,
    scope: &Scope,
    folder: &LakePath,
    before: Before,
    mut kinds: BTreeMap<Text, KindEntry>,
    (started_at, finished_at): (Timestamp, Timestamp),
) -> Result<Committed, LakeError> {
    kinds.values_mut().for_each(without_nul);
    let manifest = Manifest {
        schema: Text::new_static(SCHEMA),
        source: Text::from(source.name()),
        collector: Text::new_static(COLLECTOR),
        scope: scope.clone(),
        run: before.next_run,
        started_at: Some(started_at),
        finished_at,
        kinds,
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest).map_err(|e| {
        LakeError::new(ErrorKind::Unexpected, format!("cannot write the manifest of {folder}")).caused_by(e)
    })?;
    bytes.push(b'\n');
    let written: Result<Etag, LakeError> =
        lake.put(&folder.join(layout::MANIFEST), Bytes::from(bytes), before.condition).await;
    written.map_err(|error| match error.kind() {
        ErrorKind::Conflict => LakeError::new(
            ErrorKind::Conflict,
            format!("another collector wrote {folder} at the same time; the next run will mend it"),
        )
        .caused_by(error),
        _ => error,
    })?;
    // The run is done all the same; a file too many is taken away by a later one.
    let warning = remove_unnamed(lake, folder, &manifest).await.err();
    let warning =
        warning.map(|error| format!("files of objects that are gone could not be removed: {}", chain(&error)));
    Ok(Committed { manifest, warning })
}

/// Takes a character out that databases refuse: what outside systems say of an error may hold anything.
fn without_nul(entry: &mut KindEntry) {
    let outcome = &mut entry.outcome;
    let texts = outcome.reason.iter_mut().chain(&mut outcome.permission).chain(&mut entry.unread);
    for text in texts.filter(|text| text.contains('\0')) {
        *text = text.replace('\0', "\u{fffd}");
    }
}

/// Removes the files of objects that are gone, whoever wrote them: also those of a run that died before its manifest.
pub(super) async fn remove_unnamed<L: Lake + ?Sized>(
    lake: &L,
    folder: &LakePath,
    manifest: &Manifest,
) -> Result<(), LakeError> {
    // Kinds that this run did not see whole keep their files: they may be all that is left of what was known.
    let whole: Vec<_> = manifest.kinds.iter().filter(|(_, entry)| entry.outcome.coverage.is_whole()).collect();
    if whole.is_empty() {
        return Ok(());
    }
    let listing = lake.list(folder).await?;
    for (kind, entry) in whole {
        let named: BTreeSet<&str> = entry.files.iter().map(|file| file.path.as_str()).collect();
        // Whichever layout wrote them: an earlier run may have had another one.
        for object in &listing.objects {
            if layout::kind_of_file(&object.name) == Some(kind.as_str()) && !named.contains(object.name.as_str()) {
                lake.delete(&folder.descend(&object.name)?).await?;
            }
        }
        let inside = layout::kind_path(kind)?;
        if listing.folders.iter().all(|name| name != inside.as_str()) {
            continue;
        }
        let inside = folder.descend(inside.as_str())?;
        for object in lake.list(&inside).await?.objects {
            if !named.contains(format!("{kind}/{}", object.name).as_str()) {
                lake.delete(&inside.descend(&object.name)?).await?;
            }
        }
    }
    Ok(())
}

pub(super) fn report(scope: &Scope, written: Result<Committed, LakeError>) -> ScopeReport {
    match written {
        Ok(Committed { manifest, warning }) => ScopeReport {
            scope: scope.clone(),
            run: Some(manifest.run),
            kinds: manifest
                .kinds
                .into_iter()
                .map(|(kind, entry)| {
                    let items = if entry.is_fresh() { entry.items.unwrap_or(0) } else { 0 };
                    (kind, KindReport { outcome: entry.outcome, items, unread: entry.unread })
                })
                .collect(),
            error: warning,
        },
        Err(error) => {
            ScopeReport { scope: scope.clone(), run: None, kinds: BTreeMap::new(), error: Some(chain(&error)) }
        }
    }
}
