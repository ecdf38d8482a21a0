//! Puts objects into a folder: whole or not at all, and safe when it returns.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portal_core::lake::{Etag, LakePath, Precondition};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::error::DirError;
use super::folder::{Folder, Made, Place, file_type, split};
use super::read;

/// Files on their way begin with this; no list shows them.
const TEMPORARY: &str = ".tmp-";

/// A file on its way that is older than this has nobody who still writes it.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Guards the moment between comparing an object and replacing it. Not the collectors' lock: its holder writes too.
const PUT_LOCK: &str = ".put-lock";

/// The collectors' lock.
const LOCK: &str = ".lock";

pub(super) fn put(place: &Place, key: &LakePath, bytes: &[u8], condition: &Precondition) -> Result<Etag, DirError> {
    let Some((path, name)) = split(key) else {
        return Err(DirError::Key {
            path: place.path_of(key),
            wrong: "a name that begins with a dot is the lake's own; choose another",
        });
    };
    let made = open_for_writing(place, path)?;
    let folder = &made.folder;
    let failed = |e: std::io::Error| DirError::io("write", folder.path_of(name), e);
    let mut temporary = Temporary::new(folder)?;
    temporary.file.write_all(bytes).map_err(failed)?;
    // Before the rename: a name must never show up with content that a power cut can still take away.
    temporary.file.sync_all().map_err(failed)?;
    match condition {
        Precondition::None => {
            let _shared = put_lock_if_there(folder)?;
            temporary.rename(name)?;
        }
        Precondition::Absent => temporary.create(name)?,
        Precondition::Matches(expected) => {
            let _alone = put_lock(folder)?;
            match read::object(folder, name)? {
                Some(stored) if stored.etag == *expected => temporary.rename(name)?,
                Some(_) => return Err(precondition(folder, name, "has changed")),
                None => return Err(precondition(folder, name, "is gone")),
            }
        }
    }
    place.settle(&made)?;
    Ok(Etag(portal_core::digest::hex(bytes)))
}

pub(super) fn delete(place: &Place, key: &LakePath) -> Result<(), DirError> {
    let Some((path, name)) = split(key) else { return Ok(()) };
    let Some(folder) = place.open(path)? else { return Ok(()) };
    let _shared = put_lock_if_there(&folder)?;
    let Err(errno) = rustix::fs::unlinkat(&folder.fd, name, AtFlags::empty()) else { return Ok(()) };
    // A folder is no object, and a read-only file system says so before it looks whether anything is there.
    match file_type(folder.fd.as_fd(), name) {
        Ok(FileType::Directory) | Err(Errno::NOENT) => Ok(()),
        Ok(_) | Err(_) => Err(DirError::io("delete", folder.path_of(name), errno)),
    }
}

/// Takes the collectors' lock of a folder. It ends when the file is closed, and so also with the process.
pub(super) fn lock(place: &Place, path: &LakePath) -> Result<File, DirError> {
    let folder = open_for_writing(place, path.as_str())?.folder;
    let mut file = File::from(open_lock(&folder, LOCK)?);
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {
            // For the message that the next one gets; the lock holds without it.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            Ok(file)
        }
        Err(Errno::WOULDBLOCK) => {
            let holder = std::io::read_to_string(&file).unwrap_or_default();
            let digits = holder.trim();
            let known = !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|b| b.is_ascii_digit());
            let holder = if known { format!(" (process {digits})") } else { String::new() };
            Err(DirError::Held { path: folder.shown, holder })
        }
        Err(errno) => Err(DirError::io("lock", folder.shown, errno)),
    }
}

/// Opens a folder, made if need be. On first use it is also rid of what a killed writer left there.
fn open_for_writing(place: &Place, path: &str) -> Result<Made, DirError> {
    let made = place.make(path)?;
    if place.known(&made.folder).is_first_write() {
        sweep(&made.folder);
    }
    Ok(made)
}

/// Removes abandoned files. They are hidden and harm nobody, so that nothing depends on its success.
fn sweep(folder: &Folder) {
    let Ok(entries) = rustix::fs::Dir::read_from(&folder.fd) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().to_str() else { continue };
        if name.starts_with(TEMPORARY) && is_abandoned(folder, name) {
            let _ = rustix::fs::unlinkat(&folder.fd, name, AtFlags::empty());
        }
    }
}

fn is_abandoned(folder: &Folder, name: &str) -> bool {
    let Ok(stat) = rustix::fs::statat(&folder.fd, name, AtFlags::SYMLINK_NOFOLLOW) else { return false };
    let written = u64::try_from(stat.st_mtime).map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    // A time in the future is no age: the file stays.
    written.is_ok_and(|written| SystemTime::now().duration_since(written).is_ok_and(|age| age > ABANDONED))
}

fn put_lock(folder: &Folder) -> Result<OwnedFd, DirError> {
    let file = open_lock(folder, PUT_LOCK)?;
    wait_for(&file, FlockOperation::LockExclusive, folder)?;
    Ok(file)
}

/// Waits for a compare-and-set that is under way. Where none ever happened there is no file and nothing to wait for.
fn put_lock_if_there(folder: &Folder) -> Result<Option<OwnedFd>, DirError> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::openat(&folder.fd, PUT_LOCK, flags, Mode::empty());
    match file.or_else(|errno| or_read_only(folder, PUT_LOCK, errno)) {
        Ok(file) => {
            wait_for(&file, FlockOperation::LockShared, folder)?;
            Ok(Some(file))
        }
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(DirError::io("open", folder.path_of(PUT_LOCK), errno)),
    }
}

fn open_lock(folder: &Folder, name: &str) -> Result<OwnedFd, DirError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    rustix::fs::openat(&folder.fd, name, flags, Mode::from_raw_mode(0o666))
        .or_else(|errno| or_read_only(folder, name, errno))
        .map_err(|errno| DirError::io("lock", folder.path_of(name), errno))
}

/// A lock file of another user can be locked without the right to write it, except on some file servers.
fn or_read_only(folder: &Folder, name: &str, errno: Errno) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    match errno {
        Errno::ACCESS => rustix::fs::openat(&folder.fd, name, flags, Mode::empty()).map_err(|_| errno),
        _ => Err(errno),
    }
}

fn wait_for(file: &OwnedFd, operation: FlockOperation, folder: &Folder) -> Result<(), DirError> {
    rustix::io::retry_on_intr(|| rustix::fs::flock(file, operation))
        .map_err(|errno| DirError::io("lock", folder.path_of(PUT_LOCK), errno))
}

fn precondition(folder: &Folder, name: &str, state: &'static str) -> DirError {
    DirError::Precondition { path: folder.path_of(name), state }
}

/// A file on its way, removed again unless it arrived.
struct Temporary<'f> {
    folder: &'f Folder,
    name: String,
    file: File,
    arrived: bool,
}

impl<'f> Temporary<'f> {
    fn new(folder: &'f Folder) -> Result<Temporary<'f>, DirError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        loop {
            // Two machines may share the folder and the process number, hence the time; and EXCL decides.
            let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{TEMPORARY}{}-{nanos}-{count}", std::process::id());
            match rustix::fs::openat(&folder.fd, &name, flags, Mode::from_raw_mode(0o666)) {
                Ok(fd) => return Ok(Temporary { folder, name, file: File::from(fd), arrived: false }),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(DirError::io("write into", &folder.shown, errno)),
            }
        }
    }

    /// Takes the place of whatever stands under the name; a link there is replaced, not followed.
    fn rename(mut self, name: &str) -> Result<(), DirError> {
        rustix::fs::renameat(self.fd(), &self.name, self.fd(), name)
            .map_err(|errno| DirError::io("write", self.folder.path_of(name), errno))?;
        self.arrived = true;
        Ok(())
    }

    /// Takes the name only if it is free. The file's first name goes away when this is dropped.
    fn create(self, name: &str) -> Result<(), DirError> {
        match rustix::fs::linkat(self.fd(), &self.name, self.fd(), name, AtFlags::empty()) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(precondition(self.folder, name, "is there already")),
            // Some file systems have no second names for a file; there the lock has to do.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
                let _alone = put_lock(self.folder)?;
                match file_type(self.fd(), name) {
                    Err(Errno::NOENT) => self.rename(name),
                    Ok(_) => Err(precondition(self.folder, name, "is there already")),
                    Err(errno) => Err(DirError::io("look at", self.folder.path_of(name), errno)),
                }
            }
            Err(errno) => Err(DirError::io("write", self.folder.path_of(name), errno)),
        }
    }

    fn fd(&self) -> BorrowedFd<'f> {
        self.folder.fd.as_fd()
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.arrived {
            let _ = rustix::fs::unlinkat(self.fd(), &self.name, AtFlags::empty());
        }
    }
}
