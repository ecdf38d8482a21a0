//! Finds the scopes that stand in a lake.

use futures::{FutureExt, StreamExt};

use super::READS;
use crate::error::LakeError;
use crate::lake::{Lake, LakePath};
use crate::snapshot::layout;

/// A folder that is, or may be, a scope.
#[derive(Clone, Debug)]
pub(super) struct FoundScope {
    /// Its folder.
    pub(super) folder: LakePath,
    /// The source's folder word: `aws`.
    pub(super) word: String,
    /// The parts of the path below the source's folder.
    pub(super) parts: Vec<String>,
}

/// Every scope's folder, in the order of paths.
pub(super) async fn scopes<L: Lake + ?Sized>(lake: &L, notes: &mut Vec<String>) -> Result<Vec<FoundScope>, LakeError> {
    let mut found = Vec::new();
    for name in lake.list(&LakePath::root()).await?.folders {
        match layout::folder_word(&name) {
            Some(word) => found.extend(below(lake, &name, word).await?),
            None => {
                notes
                    .push(format!("folder `{name}` of the lake is no collector's (SOURCE-collector); it was left out"));
            }
        }
    }
    found.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(found)
}

async fn below<L: Lake + ?Sized>(lake: &L, name: &str, word: &str) -> Result<Vec<FoundScope>, LakeError> {
    let depth = layout::scope_depth(word);
    let top = FoundScope { folder: LakePath::parse(name)?, word: word.to_owned(), parts: Vec::new() };
    let mut level = vec![top];
    let mut found = Vec::new();
    while !level.is_empty() {
        // At a known depth a folder is a scope: no need to look what is in it.
        let (scopes, walk): (Vec<_>, Vec<_>) = level.into_iter().partition(|at| Some(at.parts.len()) == depth);
        found.extend(scopes);
        let mut listings =
            futures::stream::iter(walk).map(|at| list(lake, at, depth.is_none()).boxed()).buffered(READS);
        let mut next = Vec::new();
        while let Some(listing) = listings.next().await {
            match listing? {
                Walked::Scope(scope) => found.push(scope),
                Walked::Folders(folders) => next.extend(folders),
            }
        }
        level = next;
    }
    Ok(found)
}

enum Walked {
    Scope(FoundScope),
    Folders(Vec<FoundScope>),
}

async fn list<L: Lake + ?Sized>(lake: &L, at: FoundScope, any_depth: bool) -> Result<Walked, LakeError> {
    let listing = lake.list(&at.folder).await?;
    if any_depth && listing.objects.iter().any(|object| object.name == layout::MANIFEST) {
        return Ok(Walked::Scope(at));
    }
    let folders = listing.folders.into_iter().map(|name| {
        let folder = at.folder.descend(&name)?;
        let parts = at.parts.iter().cloned().chain([name]).collect();
        Ok(FoundScope { folder, word: at.word.clone(), parts })
    });
    Ok(Walked::Folders(folders.collect::<Result<_, LakeError>>()?))
}
