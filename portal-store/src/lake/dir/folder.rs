//! The way to a folder of the lake: component by component, and never through a link.
//!
//! A link could be put into the lake between a check and the use of a path. So there is no check: each component is
//! opened relative to the one before, and the system refuses to follow.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use portal_core::LakePath;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::error::DirError;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Where the lake stands, and what this process knows about its folders.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    /// The path as the user wrote it.
    shown: String,
    /// Only of folders that were written into.
    known: Mutex<HashMap<String, Arc<Known>>>,
}

/// An open folder of the lake.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) fd: OwnedFd,
    /// The path as a person would type it.
    pub(super) shown: String,
    key: String,
}

/// A folder to write into.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) folder: Folder,
    /// Folders on the way whose entry in their parent may not be safe yet: the parent, and what is known of the child.
    unsettled: Vec<(Folder, Arc<Known>)>,
}

/// What this process knows about a folder that it writes into.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Its own entry is safe in its parent.
    is_anchored: AtomicBool,
    /// It was written into before.
    is_written: AtomicBool,
}

impl Known {
    /// Whether nobody asked this before.
    pub(super) fn is_first_write(&self) -> bool {
        !self.is_written.swap(true, Ordering::AcqRel)
    }
}

impl Folder {
    /// The path of a name in it as a person would type it.
    pub(super) fn path_of(&self, name: &str) -> String {
        join(&self.shown, name)
    }
}

impl Place {
    pub(super) fn new(root: PathBuf, shown: String) -> Place {
        Place { root, shown, known: Mutex::default() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The path of a key as a person would type it.
    pub(super) fn path_of(&self, key: &LakePath) -> String {
        join(&self.shown, key.as_str())
    }

    /// Opens a folder; `None` if there is no folder of that path.
    pub(super) fn open(&self, path: &str) -> Result<Option<Folder>, DirError> {
        let Some(mut folder) = self.open_root()? else { return Ok(None) };
        for name in parts(path) {
            match self.step(&folder, name)? {
                Step::Into(next) => folder = next,
                Step::Missing | Step::Other => return Ok(None),
            }
        }
        Ok(Some(folder))
    }

    /// Opens a folder and makes it if need be. It is safe on the disk only after [`Place::settle`].
    pub(super) fn make(&self, path: &str) -> Result<Made, DirError> {
        let folder = match self.open_root()? {
            Some(root) => root,
            None => self.make_root()?,
        };
        let mut made = Made { folder, unsettled: Vec::new() };
        for name in parts(path) {
            let (next, is_new) = self.make_step(&made.folder, name)?;
            let parent = std::mem::replace(&mut made.folder, next);
            // Another process may have made the folder and died before it was safe: the first use counts as well.
            let known = self.known(&made.folder);
            if is_new || !known.is_anchored.load(Ordering::Acquire) {
                made.unsettled.push((parent, known));
            }
        }
        Ok(made)
    }

    /// Returns when all that stands in a folder, and the folder itself, is safe on the disk.
    ///
    /// The folder goes first: on most file systems that settles its parents too, and the rest costs nothing.
    pub(super) fn settle(&self, made: &Made) -> Result<(), DirError> {
        synchronise(&made.folder)?;
        for (parent, child) in &made.unsettled {
            synchronise(parent)?;
            child.is_anchored.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// What this process knows about a folder that it writes into.
    pub(super) fn known(&self, folder: &Folder) -> Arc<Known> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&folder.key) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(all.entry(folder.key.clone()).or_default()),
        }
    }

    fn open_root(&self) -> Result<Option<Folder>, DirError> {
        // Links on the way to the lake are the user's business; only those inside of it lead out.
        match rustix::fs::openat(CWD, &self.root, FOLDER, Mode::empty()) {
            Ok(fd) => Ok(Some(self.folder(fd, String::new()))),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR) => Err(DirError::NotAFolder { path: self.shown.clone() }),
            Err(errno) => Err(DirError::io("open the lake", &self.shown, errno)),
        }
    }

    fn make_root(&self) -> Result<Folder, DirError> {
        let failed = |error: std::io::Error| DirError::io("make the lake", &self.shown, error);
        // The entries of new folders stand in their parents, up to the first one that was there before.
        let there = self.root.ancestors().position(Path::exists).unwrap_or(1);
        std::fs::create_dir_all(&self.root).map_err(failed)?;
        for parent in self.root.ancestors().skip(1).take(there) {
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed)?;
        }
        self.open_root()?.ok_or_else(|| DirError::io("make the lake", &self.shown, Errno::NOENT))
    }

    /// Opens a folder below another one; says whether it was made for that.
    fn make_step(&self, parent: &Folder, name: &str) -> Result<(Folder, bool), DirError> {
        let mut step = self.step(parent, name)?;
        let mut is_new = false;
        if matches!(step, Step::Missing) {
            is_new = match rustix::fs::mkdirat(&parent.fd, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(errno) => return Err(DirError::io("make the folder", parent.path_of(name), errno)),
            };
            step = self.step(parent, name)?;
        }
        match step {
            Step::Into(folder) => Ok((folder, is_new)),
            Step::Missing => Err(DirError::io("make the folder", parent.path_of(name), Errno::NOENT)),
            Step::Other => Err(DirError::io("make the folder", parent.path_of(name), Errno::NOTDIR)),
        }
    }

    fn step(&self, parent: &Folder, name: &str) -> Result<Step, DirError> {
        match rustix::fs::openat(&parent.fd, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(fd) => Ok(Step::Into(self.folder(fd, join(&parent.key, name)))),
            Err(Errno::NOENT) => Ok(Step::Missing),
            Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => {
                refuse_link(parent, name)?;
                Ok(Step::Other)
            }
            Err(errno) => Err(DirError::io("open", parent.path_of(name), errno)),
        }
    }

    fn folder(&self, fd: OwnedFd, key: String) -> Folder {
        Folder { fd, shown: join(&self.shown, &key), key }
    }
}

enum Step {
    Into(Folder),
    Missing,
    Other,
}

/// Returns when all that stands in a folder is safe on the disk.
fn synchronise(folder: &Folder) -> Result<(), DirError> {
    match rustix::io::retry_on_intr(|| rustix::fs::fsync(&folder.fd)) {
        // INVAL is how file systems without such a thing as a synchronised folder say so.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(errno) => Err(DirError::io("make safe", &folder.shown, errno)),
    }
}

/// An error if a name is a link.
pub(super) fn refuse_link(folder: &Folder, name: &str) -> Result<(), DirError> {
    match file_type(folder.fd.as_fd(), name) {
        Ok(FileType::Symlink) => Err(DirError::Link { path: folder.path_of(name) }),
        Ok(_) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(DirError::io("look at", folder.path_of(name), errno)),
    }
}

/// What stands under a name, without following it.
pub(super) fn file_type(folder: BorrowedFd<'_>, name: &str) -> Result<FileType, Errno> {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{}/{name}", folder.trim_end_matches('/')),
    }
}

/// The folder and the name of a key, if it can be an object's: not the root, and not one of the lake's own files.
pub(super) fn split(key: &LakePath) -> Option<(&str, &str)> {
    let hidden = key.as_str().split('/').any(|part| part.is_empty() || part.starts_with('.'));
    if hidden { None } else { Some(key.as_str().rsplit_once('/').unwrap_or(("", key.as_str()))) }
}
