//! Finds and reads the files: which count, how far links are followed, how large one may be.
//!
//! Knows nothing of what is in them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file that is read. Manifests of one object are kilobytes; only dumps are larger.
const LARGEST: u64 = 32 * 1024 * 1024;

/// What is read in a folder.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Calls `read` with each file below a path, in the order of their names, and `unread` with the reason for each that
/// cannot be read.
///
/// Names that begin with a dot are left out, as are files that a link shows a second time.
///
/// # Errors
/// If the path itself cannot be read.
pub(super) fn each_file(
    path: &Path,
    mut read: impl FnMut(&Path, &[u8]),
    mut unread: impl FnMut(String),
) -> io::Result<usize> {
    // What links may show is what is below the real place.
    let root = fs::canonicalize(path)?;
    let mut count = 0;
    let mut seen = BTreeSet::new();
    let mut open = vec![(path.to_owned(), true)];
    while let Some((shown, named)) = open.pop() {
        let entered = match enter(&shown, &root, named, &mut seen) {
            Ok(entered) => entered,
            Err(reason) if named => return Err(reason),
            Err(reason) => {
                unread(format!("{}: {reason}", shown.display()));
                continue;
            }
        };
        match entered {
            Entered::Nothing => {}
            Entered::Folder(mut entries) => {
                entries.sort();
                open.extend(entries.into_iter().rev().map(|entry| (entry, false)));
            }
            Entered::File => match contents(&shown) {
                Ok(bytes) => {
                    count += 1;
                    read(&shown, &bytes);
                }
                Err(reason) if named => return Err(reason),
                Err(reason) => unread(format!("{}: {reason}", shown.display())),
            },
        }
    }
    Ok(count)
}

enum Entered {
    Nothing,
    Folder(Vec<PathBuf>),
    File,
}

fn enter(shown: &Path, root: &Path, named: bool, seen: &mut BTreeSet<PathBuf>) -> io::Result<Entered> {
    let wanted = named || has_ending(shown);
    let metadata = match fs::metadata(shown) {
        // What is no folder and has another ending is not looked at, whatever is wrong with it.
        Ok(metadata) if !metadata.is_dir() && !wanted => return Ok(Entered::Nothing),
        Ok(metadata) => metadata,
        Err(_) if !wanted => return Ok(Entered::Nothing),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            return Err(io::Error::other("the link leads to nothing; remove or mend it"));
        }
        Err(error) => return Err(error),
    };
    let real = fs::canonicalize(shown)?;
    if !real.starts_with(root) {
        return Err(io::Error::other(format!(
            "the link leads out of the folder, to {}, and is not followed; move the files, or give them a [[source]] of \
             their own",
            real.display()
        )));
    }
    // Neither pipes and devices, nor what was seen already: a link's second view of it, or a loop.
    if !(metadata.is_dir() || metadata.is_file()) || !seen.insert(real) {
        return Ok(Entered::Nothing);
    }
    if metadata.is_file() {
        return Ok(Entered::File);
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(shown)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry.path());
        }
    }
    Ok(Entered::Folder(entries))
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let too_large = || io::Error::other(format!("it is larger than {} MiB; split it", LARGEST / 1024 / 1024));
    if file.metadata()?.len() > LARGEST {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(too_large()) } else { Ok(bytes) }
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
