//! Reads one scope of the lake, as far as it is new.

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::apply::{Read, apply};
use super::discover::FoundScope;
use super::{IngestError, State};
use crate::digest::{Digest, hex};
use crate::error::{LakeError, chain};
use crate::id::Text;
use crate::lake::{Lake, LakePath, Listed};
use crate::observe::{Observation, read_bundle, read_file};
use crate::part::{Observations, Part};
use crate::rules::Rules;
use crate::snapshot::layout::{self, MANIFEST};
use crate::snapshot::manifest::{FileEntry, KindEntry, Manifest, SCHEMA};
use crate::source::{Coverage, Outcome, Scope};
use crate::store::{ScopeState, Store};

/// How many files of one scope are read at the same time.
const FILES: usize = 16;

/// What was new in a scope.
#[derive(Default)]
pub(super) struct ScopeRead {
    /// How far it is now ingested; `None` if nothing was new or it has to wait.
    pub(super) state: Option<ScopeState>,
    /// Its parts, with observations where these changed.
    pub(super) parts: Vec<(Part, Option<Observations>)>,
    /// A file is being rewritten.
    pub(super) waiting: bool,
    /// The manifest is older than what is known.
    pub(super) late: bool,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl ScopeRead {
    pub(super) fn is_unchanged(&self) -> bool {
        self.state.is_none() && !self.waiting && !self.late && self.notes.is_empty()
    }

    /// A scope whose turn is when somebody has mended its rights or files.
    pub(super) fn unreadable(folder: &LakePath, error: &LakeError) -> ScopeRead {
        let note = format!("{folder} cannot be read ({}); what was known of it stays", chain(error));
        ScopeRead { waiting: true, ..ScopeRead::note(note) }
    }

    fn note(text: String) -> ScopeRead {
        ScopeRead { notes: vec![text], ..ScopeRead::default() }
    }
}

/// A scope's kinds, from its manifest or from what stands there.
struct Shown {
    source: Text,
    scope: Scope,
    run: u64,
    read_at: Timestamp,
    digest: Text,
    kinds: BTreeMap<Text, KindEntry>,
    /// Whether the files are checked against a manifest.
    committed: bool,
}

/// What the files of a kind hold.
enum Content {
    Waiting,
    Broken(String),
    Whole { observations: Vec<Observation>, set_aside: Vec<String> },
}

pub(super) async fn read_scope<L, S>(
    lake: &L,
    store: &S,
    known: &State,
    rules: &Rules,
    found: FoundScope,
) -> Result<ScopeRead, IngestError>
where
    L: Lake + ?Sized,
    S: Store + ?Sized,
{
    let of_lake = |source| IngestError::Lake { location: lake.location(), source };
    let old = known.scopes.get(found.folder.as_str());
    let shown = match shown(lake, &found, old, store.now()).await.map_err(of_lake)? {
        Ok(shown) => shown,
        Err(read) => return Ok(read),
    };
    let mut result = ScopeRead::default();
    for (kind, entry) in &shown.kinds {
        let key = Part::key(found.folder.as_str(), kind);
        // A manifest that speaks of objects and names no file with them is not done: its emptiness says nothing.
        if entry.is_fresh() && entry.files.is_empty() && entry.items.is_some_and(|items| items > 0) {
            result.waiting = true;
            result.notes.push(format!("{key}: the manifest counts objects and names no file; what was known stays"));
            continue;
        }
        let old = known.parts.get(&key);
        let content_digest = (!entry.files.is_empty()).then(|| Text::from(Digest::of(&entry.files).to_hex()));
        let is_new =
            old.is_none_or(|old| old.content != content_digest || old.outcome.coverage != entry.outcome.coverage);
        let reads_files = is_new && content_digest.is_some() && entry.outcome.coverage != Coverage::Absent;
        let content = if reads_files {
            Some(content(lake, &found.folder, &shown, kind, entry).await.map_err(of_lake)?)
        } else {
            None
        };
        if matches!(content, Some(Content::Waiting)) {
            result.waiting = true;
            result.notes.push(format!("{key} is being rewritten; what was known of it stays until the next round"));
            continue;
        }
        let mut before = Vec::new();
        if is_new && old.is_some() {
            let of_store = |source| IngestError::Store { location: store.location(), source };
            let mut stored = store.observations(std::slice::from_ref(&key)).await.map_err(of_store)?;
            before = stored.remove(&key).unwrap_or_default();
        }
        let read = Read {
            key,
            source: shown.source.clone(),
            scope: shown.scope.clone(),
            kind: kind.clone(),
            run: shown.run,
            read_at: shown.read_at,
            files_at: entry.good_at.unwrap_or(shown.read_at),
            outcome: entry.outcome.clone(),
            unread: entry.unread.clone(),
            content: content_digest,
            files: match content {
                None | Some(Content::Waiting) => None,
                Some(Content::Broken(reason)) => Some(Err(reason)),
                Some(Content::Whole { observations, set_aside }) => Some(Ok((observations, set_aside))),
            },
            is_new,
        };
        let (part, observations) = apply(old, before, read, rules.hold, store.now());
        result.parts.push((part, observations.map(Observations::from)));
    }
    if !result.waiting {
        result.state = Some(ScopeState {
            folder: Text::from(found.folder.as_str()),
            source: shown.source,
            scope: shown.scope,
            run: shown.run,
            manifest: shown.digest,
            read_at: shown.read_at,
        });
    }
    Ok(result)
}

/// What a scope shows, or what there is to say instead.
async fn shown<L: Lake + ?Sized>(
    lake: &L,
    found: &FoundScope,
    old: Option<&ScopeState>,
    now: Timestamp,
) -> Result<Result<Shown, ScopeRead>, LakeError> {
    let Some(stored) = lake.get(&found.folder.join(MANIFEST)).await? else {
        return without_manifest(lake, found, old, now).await;
    };
    let digest = Text::from(hex(&stored.bytes));
    if old.is_some_and(|old| old.manifest == digest) {
        return Ok(Err(ScopeRead::default()));
    }
    let manifest: Manifest = match serde_json::from_slice(&stored.bytes) {
        Ok(manifest) => manifest,
        Err(error) => {
            let note = format!("the manifest of {} cannot be read ({error}); what was known stays", found.folder);
            return Ok(Err(ScopeRead::note(note)));
        }
    };
    // It becomes a column of its own, in which most databases refuse this character; one scope may not stop the others.
    if manifest.source.contains('\0') {
        let note =
            format!("the manifest of {} names a source with a NUL character; what was known stays", found.folder);
        return Ok(Err(ScopeRead::note(note)));
    }
    if manifest.schema != SCHEMA {
        let note =
            format!("{} has a manifest of schema `{}`; this version reads `{SCHEMA}`", found.folder, manifest.schema);
        return Ok(Err(ScopeRead::note(note)));
    }
    let Some(scope) = scope_of(found, &manifest) else {
        let note =
            format!("the manifest of {} speaks of another scope ({}); it was left out", found.folder, manifest.scope);
        return Ok(Err(ScopeRead::note(note)));
    };
    if let Some(old) = old.filter(|old| manifest.run < old.run) {
        let note = format!(
            "{} shows run {}, but run {} is known already; it changes nothing",
            found.folder, manifest.run, old.run
        );
        return Ok(Err(ScopeRead { late: true, notes: vec![note], ..ScopeRead::default() }));
    }
    Ok(Ok(Shown {
        source: manifest.source,
        scope,
        run: manifest.run,
        read_at: manifest.finished_at,
        digest,
        kinds: manifest.kinds,
        committed: true,
    }))
}

/// The scope of a manifest, if it may stand where it stands.
fn scope_of(found: &FoundScope, manifest: &Manifest) -> Option<Scope> {
    if layout::scope_folder(&found.word, &manifest.scope) == found.folder {
        return Some(manifest.scope.clone());
    }
    // An outside collector may name only a part of the path, such as cluster and namespace.
    let from_path = layout::scope_of_path(&found.word, &found.parts)?;
    let fits = match (&manifest.scope, &from_path) {
        (
            Scope::Kubernetes { account, region, cluster, namespace },
            Scope::Kubernetes { account: a, region: r, cluster: c, namespace: n },
        ) => cluster == c && namespace == n && (account.is_none() || account == a) && (region.is_none() || region == r),
        _ => false,
    };
    fits.then_some(from_path)
}

/// A scope that an outside collector wrote: each file is the whole list of its kind, a folder the whole by its listing.
async fn without_manifest<L: Lake + ?Sized>(
    lake: &L,
    found: &FoundScope,
    old: Option<&ScopeState>,
    now: Timestamp,
) -> Result<Result<Shown, ScopeRead>, LakeError> {
    let Some(scope) = layout::scope_of_path(&found.word, &found.parts) else {
        return Ok(Err(ScopeRead::default()));
    };
    if let Some(old) = old.filter(|old| old.run > 0) {
        let note = format!("{} has lost its manifest (run {}); what was known stays", found.folder, old.run);
        return Ok(Err(ScopeRead::note(note)));
    }
    let listing = lake.list(&found.folder).await?;
    let mut files: BTreeMap<Text, Vec<(String, Listed)>> = BTreeMap::new();
    for object in listing.objects {
        if let Some(kind) = layout::kind_of_file(&object.name) {
            files.entry(Text::from(kind)).or_default().push((object.name.clone(), object));
        }
    }
    for kind in listing.folders {
        let inside = lake.list(&found.folder.descend(&kind)?).await?.objects;
        let json =
            inside.into_iter().filter(|object| object.name.ends_with(".json") || layout::is_bundle(&object.name));
        files.entry(Text::from(kind.as_str())).or_default().extend(json.map(|o| (format!("{kind}/{}", o.name), o)));
    }
    let seen: Vec<(&String, u64, String)> =
        files.values().flatten().map(|(path, object)| (path, object.size, version(object))).collect();
    let digest = Text::from(Digest::of(&seen).to_hex());
    if files.is_empty() || old.is_some_and(|old| old.manifest == digest) {
        return Ok(Err(ScopeRead::default()));
    }
    let read_at = files.values().flatten().filter_map(|(_, object)| object.modified).max().unwrap_or(now);
    let kinds = files
        .into_iter()
        .map(|(kind, files)| {
            let files = files
                .into_iter()
                .map(|(path, object)| FileEntry {
                    path,
                    bytes: object.size,
                    // No manifest says what the content must be: the lake's version stands for it.
                    sha256: version(&object),
                })
                .collect();
            let outcome = Outcome::complete();
            (kind, KindEntry { outcome, items: None, unread: Vec::new(), files, good_at: None })
        })
        .collect();
    let source = Text::from(found.word.as_str());
    Ok(Ok(Shown { source, scope, run: 0, read_at, digest, kinds, committed: false }))
}

/// What tells an object from what stood there before: the lake's word for it, else the time.
fn version(object: &Listed) -> String {
    let time = || object.modified.map(|time| time.to_string()).unwrap_or_default();
    object.version.clone().unwrap_or_else(time)
}

/// Reads the files of a kind and checks them against the manifest.
async fn content<L: Lake + ?Sized>(
    lake: &L,
    folder: &LakePath,
    shown: &Shown,
    kind: &Text,
    entry: &KindEntry,
) -> Result<Content, LakeError> {
    let mut observations = Vec::new();
    let mut set_aside = Vec::new();
    // By number and boxed: else the compiler does not see that the future may move between threads.
    let read = |at: usize| read_one(lake, folder, shown, kind, &entry.files[at]).boxed();
    let mut files = futures::stream::iter(0..entry.files.len()).map(read).buffered(FILES);
    let single = entry.files.len() == 1 && layout::kind_of_file(&entry.files[0].path) == Some(kind.as_str());
    while let Some((path, read)) = files.try_next().await? {
        match read {
            OneFile::Waiting => return Ok(Content::Waiting),
            OneFile::Broken(reason) if single => return Ok(Content::Broken(format!("{path}: {reason}"))),
            OneFile::Broken(reason) => set_aside.push(format!("{path}: {reason}")),
            OneFile::Read(seen, aside) => {
                observations.extend(seen);
                set_aside.extend(aside);
            }
        }
    }
    Ok(Content::Whole { observations, set_aside })
}

enum OneFile {
    Waiting,
    Broken(String),
    Read(Vec<Observation>, Vec<String>),
}

async fn read_one<'f, L: Lake + ?Sized>(
    lake: &L,
    folder: &LakePath,
    shown: &Shown,
    kind: &str,
    file: &'f FileEntry,
) -> Result<(&'f str, OneFile), LakeError> {
    let path = file.path.as_str();
    let Ok(key) = folder.descend(path) else {
        return Ok((path, OneFile::Broken("the path leads out of the scope".to_owned())));
    };
    let Some(stored) = lake.get(&key).await? else { return Ok((path, OneFile::Waiting)) };
    let as_committed = stored.bytes.len() as u64 == file.bytes && hex(&stored.bytes).eq_ignore_ascii_case(&file.sha256);
    if shown.committed && !as_committed {
        return Ok((path, OneFile::Waiting));
    }
    let read = if layout::is_bundle(path) { read_bundle } else { read_file };
    Ok((
        path,
        match read(&shown.scope, kind, &stored.bytes) {
            Ok(read) => {
                let aside =
                    read.set_aside.iter().map(|s| format!("{path}, record {}: {}", s.record, s.reason)).collect();
                OneFile::Read(read.observations, aside)
            }
            Err(reason) => OneFile::Broken(reason),
        },
    ))
}
