//! Scopes of earlier runs: those that are gone, and those that could not be listed.

use std::collections::BTreeMap;

use super::scope::{commit, read_before, remove_unnamed, report};
use super::{CollectOptions, ScopeReport};
use crate::error::LakeError;
use crate::id::Text;
use crate::lake::{Lake, LakePath};
use crate::snapshot::layout;
use crate::snapshot::manifest::{KindEntry, Manifest};
use crate::source::{Coverage, Outcome, Scope, Scopes, Source, Unread};

/// Fewer scopes than this may vanish in one run, as long as one stays.
const FEW: usize = 5;

/// Marks the earlier scopes that stand below what could not be listed.
pub(super) async fn mark_unread<L: Lake + ?Sized>(
    source: &dyn Source,
    lake: &L,
    options: &CollectOptions,
    planned: &[Scope],
    unread: &[Unread],
) -> (Vec<ScopeReport>, Option<String>) {
    if unread.is_empty() {
        return (Vec::new(), None);
    }
    let mut reports = Vec::new();
    let earlier = match earlier_scopes(source, lake).await {
        Ok(earlier) => earlier,
        Err(error) => return (reports, Some(crate::error::chain(&error))),
    };
    for known in earlier {
        let outcome = unread.iter().find(|u| is_below(&known, &u.below)).map(|u| &u.outcome);
        if let (Some(outcome), false) = (outcome, planned.contains(&known)) {
            reports.push(rewrite(source, &known, lake, options, outcome).await);
        }
    }
    (reports, None)
}

/// Marks the earlier scopes that a whole list no longer names; says so if they are too many to believe.
pub(super) async fn mark_vanished<L: Lake + ?Sized>(
    source: &dyn Source,
    lake: &L,
    options: &CollectOptions,
    planned: &Scopes,
) -> (Vec<ScopeReport>, Option<String>) {
    if planned.whole_below.is_empty() {
        return (Vec::new(), None);
    }
    let earlier: Vec<Scope> = match earlier_scopes(source, lake).await {
        Ok(earlier) => earlier,
        Err(error) => return (Vec::new(), Some(crate::error::chain(&error))),
    };
    let listed: Vec<Scope> = earlier
        .into_iter()
        .filter(|scope| planned.whole_below.iter().any(|prefix| is_below(scope, prefix)))
        // What could not be listed is not gone.
        .filter(|scope| !planned.unread.iter().any(|unread| is_below(scope, &unread.below)))
        .collect();
    let gone: Vec<&Scope> = listed.iter().filter(|scope| !planned.scopes.contains(scope)).collect();
    let all = !gone.is_empty() && gone.len() == listed.len();
    let too_many = all || (gone.len() * 10 > listed.len() * 3 && gone.len() >= FEW);
    if too_many && !options.allow_vanished {
        let warning = format!(
            "{} of {} scopes that earlier runs saw are gone, {} the first; nothing of them was retired. If that is \
             right, collect once with --allow-vanished; if not, look at the source's filters and rights",
            gone.len(),
            listed.len(),
            gone[0]
        );
        return (Vec::new(), Some(warning));
    }
    let outcome = Outcome::not(Coverage::Absent, "the scope is gone from a whole list of scopes");
    let mut reports = Vec::new();
    for scope in gone {
        reports.push(rewrite(source, scope, lake, options, &outcome).await);
    }
    (reports, None)
}

fn is_below(scope: &Scope, prefix: &[Text]) -> bool {
    scope.path().starts_with(prefix)
}

/// Writes a manifest that says the same of every kind.
async fn rewrite<L: Lake + ?Sized>(
    source: &dyn Source,
    scope: &Scope,
    lake: &L,
    options: &CollectOptions,
    outcome: &Outcome,
) -> ScopeReport {
    let folder = layout::scope_folder(source.folder(), scope);
    let written = async {
        let _lock = lake.lock(&folder).await?;
        let now = options.clock.now();
        let before = read_before(source.name(), lake, &folder, now).await?;
        let kinds: BTreeMap<Text, KindEntry> = match &before.manifest {
            Some(manifest) => {
                manifest.kinds.iter().map(|(kind, old)| (kind.clone(), unread_entry(old, manifest, outcome))).collect()
            }
            None => BTreeMap::new(),
        };
        commit(lake, source, scope, &folder, before, kinds, (now, now)).await
    };
    report(scope, written.await)
}

fn unread_entry(old: &KindEntry, manifest: &Manifest, outcome: &Outcome) -> KindEntry {
    if outcome.coverage == Coverage::Absent || old.outcome.coverage == Coverage::Absent {
        let outcome = if outcome.coverage == Coverage::Absent { outcome } else { &old.outcome };
        return KindEntry {
            outcome: outcome.clone(),
            items: None,
            unread: Vec::new(),
            files: Vec::new(),
            good_at: None,
        };
    }
    KindEntry {
        outcome: outcome.clone(),
        items: old.items,
        unread: Vec::new(),
        files: old.files.clone(),
        good_at: old.good_at.or(old.is_fresh().then_some(manifest.finished_at)),
    }
}

/// Every scope that this source wrote and that still has something.
async fn earlier_scopes<L: Lake + ?Sized>(source: &dyn Source, lake: &L) -> Result<Vec<Scope>, LakeError> {
    let mut scopes = Vec::new();
    let mut folders = vec![layout::source_folder(source.folder())];
    while let Some(folder) = folders.pop() {
        let listing = lake.list(&folder).await?;
        if listing.objects.iter().any(|object| object.name == layout::MANIFEST) {
            if let Some(manifest) = manifest_of(lake, &folder).await?
                && manifest.source == source.name()
            {
                if manifest.kinds.values().any(|entry| entry.outcome.coverage != Coverage::Absent) {
                    scopes.push(manifest.scope);
                } else if listing.objects.len() > 1 {
                    // The run that found it gone died before it could clean up.
                    remove_unnamed(lake, &folder, &manifest).await?;
                }
            }
            continue;
        }
        for name in listing.folders {
            folders.push(folder.descend(&name)?);
        }
    }
    scopes.sort();
    Ok(scopes)
}

async fn manifest_of<L: Lake + ?Sized>(lake: &L, folder: &LakePath) -> Result<Option<Manifest>, LakeError> {
    let stored = lake.get(&folder.join(layout::MANIFEST)).await?;
    Ok(stored.and_then(|stored| serde_json::from_slice(&stored.bytes).ok()))
}
