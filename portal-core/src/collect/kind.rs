//! One kind of a scope: its files, in either layout.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::CollectOptions;
use crate::error::{LakeError, chain};
use crate::id::Text;
use crate::lake::{Lake, LakePath, Precondition};
use crate::snapshot::bundle::{self, Records};
use crate::snapshot::layout::{self, KindLayout};
use crate::snapshot::manifest::{FileEntry, KindEntry};
use crate::source::{Coverage, KindSnapshot, Object, Outcome, Scope};

/// How many files of one scope are written at the same time.
const WRITES: usize = 16;

/// Writes a kind's files and says what the manifest has to say of them.
pub(super) async fn write_kind<L: Lake + ?Sized>(
    lake: &L,
    folder: &LakePath,
    scope: &Scope,
    kind: &str,
    snapshot: KindSnapshot,
    old: Option<(&KindEntry, Timestamp)>,
    options: &CollectOptions,
) -> Result<KindEntry, LakeError> {
    layout::kind_path(kind)?;
    let outcome = snapshot.outcome.unwrap_or_else(|| Outcome::not(Coverage::Failed, "not read"));
    let mut entry = KindEntry { outcome, items: None, unread: snapshot.unread, files: Vec::new(), good_at: None };
    match entry.outcome.coverage {
        Coverage::Complete | Coverage::Partial => {}
        Coverage::Absent => return Ok(entry),
        Coverage::Denied | Coverage::Failed => {
            if let Some((good, finished_at)) = old {
                entry.files.clone_from(&good.files);
                entry.items = good.items;
                entry.good_at = good.good_at.or(good.is_fresh().then_some(finished_at));
            }
            return Ok(entry);
        }
    }
    let mut objects = snapshot.objects;
    for object in &mut objects {
        object.value = options.redaction.apply(scope, object.value.take());
    }
    objects.sort_by(|a, b| a.name.cmp(&b.name));
    entry.items = Some(objects.len() as u64);
    // What a cut read did not see may still be there.
    let kept: &[FileEntry] = match old {
        Some((old, _)) if entry.outcome.coverage == Coverage::Partial => &old.files,
        _ => &[],
    };
    let files = match layout::kind_layout(scope, options.layout) {
        KindLayout::Array => vec![(format!("{kind}.json"), array(&objects))],
        KindLayout::Folder => folder_files(kind, &objects, &mut entry.unread),
        KindLayout::Bundle => {
            let path = layout::bundle_name(kind);
            let mut records = named(kind, &objects, &mut entry.unread);
            if kept.iter().any(|file| file.path == path) {
                keep_records(lake, &folder.descend(&path)?, &mut records, &mut entry.unread).await?;
            }
            vec![(path, Bytes::from(bundle::write(records.iter().map(|(name, text)| (name.as_str(), text.as_str())))))]
        }
    };
    let written: Vec<FileEntry> = futures::stream::iter(files)
        .map(|(path, bytes)| write_file(lake, folder, path, bytes).boxed())
        .buffered(WRITES)
        .try_collect()
        .await?;
    let paths: BTreeSet<&str> = written.iter().map(|file| file.path.as_str()).collect();
    // Of two records of one object the later one counts: so the older files stand first.
    entry.files = kept.iter().filter(|file| !paths.contains(file.path.as_str())).cloned().collect();
    entry.files.extend(written);
    Ok(entry)
}

/// A JSON array with one object a line, so that `grep` and `diff` are of use.
fn array(objects: &[Object]) -> Bytes {
    let lines: Vec<String> = objects.iter().map(|object| object.value.to_string()).collect();
    Bytes::from(if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) })
}

fn folder_files(kind: &str, objects: &[Object], unread: &mut Vec<String>) -> Vec<(String, Bytes)> {
    let mut names = BTreeSet::new();
    let mut files = Vec::with_capacity(objects.len());
    for object in objects {
        let path = LakePath::root().join(kind).join(&object.name);
        if names.insert(path.clone()) {
            files.push((format!("{path}.json"), Bytes::from(format!("{}\n", object.value))));
        } else {
            unread.push(a_second(kind, &object.name));
        }
    }
    files
}

/// The records of a bundle with their names, each of which stands once.
fn named(kind: &str, objects: &[Object], unread: &mut Vec<String>) -> Vec<(Text, String)> {
    let mut records: Vec<(Text, String)> = Vec::with_capacity(objects.len());
    for object in objects {
        // They are sorted by name.
        if records.last().is_some_and(|(last, _)| *last == object.name) {
            unread.push(a_second(kind, &object.name));
        } else {
            records.push((object.name.clone(), object.value.to_string()));
        }
    }
    records
}

fn a_second(kind: &str, name: &str) -> String {
    format!("a second object of kind {kind} is named `{name}`; it was left out")
}

/// Adds the records of the bundle that is going to be replaced, as far as they were not seen anew.
async fn keep_records<L: Lake + ?Sized>(
    lake: &L,
    key: &LakePath,
    records: &mut Vec<(Text, String)>,
    unread: &mut Vec<String>,
) -> Result<(), LakeError> {
    let Some(stored) = lake.get(key).await? else { return Ok(()) };
    let seen: BTreeSet<Text> = records.iter().map(|(name, _)| name.clone()).collect();
    let mut names = bundle::names(&stored.bytes).unwrap_or_default().into_iter();
    let lost = |reason: String| format!("what earlier runs knew was not all kept: {reason}");
    let mut old = match Records::new(&stored.bytes) {
        Ok(old) => old,
        Err(reason) => {
            unread.push(lost(reason));
            return Ok(());
        }
    };
    while let Some(record) = old.next_record() {
        // A record that nobody named is kept; when it is read it gives way to a newer one of the same object.
        let name = names.next().unwrap_or_default();
        let text = record.text.and_then(|text| String::from_utf8(text.to_vec()).map_err(|error| chain(&error)));
        match text {
            Ok(text) if name.is_empty() => records.push((name, text)),
            Ok(text) if !seen.contains(&name) => records.push((name, text)),
            Ok(_) => {}
            Err(reason) => unread.push(lost(format!("record {}: {reason}", record.number))),
        }
    }
    // The sort keeps the order of equal names, and those without one come first.
    records.sort_by(|a, b| a.0.cmp(&b.0));
    records.dedup();
    Ok(())
}

async fn write_file<L: Lake + ?Sized>(
    lake: &L,
    folder: &LakePath,
    path: String,
    bytes: Bytes,
) -> Result<FileEntry, LakeError> {
    let key = folder.descend(&path)?;
    let entry = FileEntry { path, bytes: bytes.len() as u64, sha256: crate::digest::hex(&bytes) };
    // Reading is cheaper than writing safely, and most objects are as they were. Comparing with the file itself,
    // not with the manifest's word for it, is what mends a damaged one.
    let same = lake.get(&key).await?.is_some_and(|stored| stored.bytes == bytes);
    if !same {
        lake.put(&key, bytes, Precondition::None).await?;
    }
    Ok(entry)
}
