//! Reads objects and lists of a folder.

use std::fs::File;
use std::io::Read as _;

use bytes::Bytes;
use jiff::Timestamp;
use portal_core::LakePath;
use portal_core::lake::{Etag, Listed, Listing, Stored};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::error::DirError;
use super::folder::{Folder, Place, refuse_link, split};

/// An object is read as a whole, so there is a length that is more likely a mistake than a snapshot.
const LONGEST: u64 = 1 << 30;

pub(super) fn get(place: &Place, key: &LakePath) -> Result<Option<Stored>, DirError> {
    let Some((path, name)) = split(key) else { return Ok(None) };
    match place.open(path)? {
        Some(folder) => object(&folder, name),
        None => Ok(None),
    }
}

pub(super) fn object(folder: &Folder, name: &str) -> Result<Option<Stored>, DirError> {
    // NONBLOCK: opening a named pipe would wait for a writer for ever.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let failed = |e: std::io::Error| DirError::io("read", folder.path_of(name), e);
    let fd = match rustix::fs::openat(&folder.fd, name, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => {
            refuse_link(folder, name)?;
            return Err(failed(errno.into()));
        }
    };
    let mut file = File::from(fd);
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let too_large = |bytes: u64| DirError::TooLarge { path: folder.path_of(name), bytes, limit: LONGEST };
    if metadata.len() > LONGEST {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // Somebody else's program may still be writing it.
    file.by_ref().take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(too_large(bytes.len() as u64));
    }
    let etag = Etag(portal_core::digest::hex(&bytes));
    Ok(Some(Stored { bytes: Bytes::from(bytes), etag }))
}

pub(super) fn list(place: &Place, path: &LakePath) -> Result<Listing, DirError> {
    let hidden = path.as_str().split('/').any(|part| part.starts_with('.'));
    let folder = if hidden { None } else { place.open(path.as_str())? };
    let Some(folder) = folder else {
        return if path.as_str().is_empty() {
            Err(DirError::NoLake { path: place.shown().to_owned() })
        } else {
            Ok(Listing::default())
        };
    };
    let failed = |errno: Errno| DirError::io("list", &folder.shown, errno);
    let mut listing = Listing::default();
    for entry in rustix::fs::Dir::read_from(&folder.fd).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // What cannot be a key cannot be asked for either.
        let Ok(name) = entry.file_name().to_str() else { continue };
        if name.starts_with('.') || LakePath::parse(name).is_err() {
            continue;
        }
        match entry.file_type() {
            FileType::Directory => listing.folders.push(name.to_owned()),
            FileType::RegularFile | FileType::Symlink | FileType::Unknown => add(&folder, name, &mut listing)?,
            _ => {}
        }
    }
    listing.folders.sort_unstable();
    listing.objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(listing)
}

fn add(folder: &Folder, name: &str, listing: &mut Listing) -> Result<(), DirError> {
    let stat = match rustix::fs::statat(&folder.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(DirError::io("look at", folder.path_of(name), errno)),
    };
    let mut kind = FileType::from_raw_mode(stat.st_mode);
    if kind.is_symlink() {
        // A link stays in the list, so that who reads it hears of it: left out it would be taken for gone.
        let target = rustix::fs::statat(&folder.fd, name, AtFlags::empty());
        kind = target.map_or(FileType::RegularFile, |target| FileType::from_raw_mode(target.st_mode));
    }
    match kind {
        FileType::Directory => listing.folders.push(name.to_owned()),
        FileType::RegularFile => listing.objects.push(Listed {
            name: name.to_owned(),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: modified(&stat),
            // A file that is replaced is another one; one that is written in place has another time of change.
            version: Some(format!("{:x}-{:x}-{:x}", stat.st_ino, stat.st_ctime, stat.st_ctime_nsec)),
        }),
        _ => {}
    }
    Ok(())
}

fn modified(stat: &rustix::fs::Stat) -> Option<Timestamp> {
    // The types of these fields differ between systems.
    #[allow(clippy::useless_conversion)]
    let seconds = i64::try_from(stat.st_mtime).ok()?;
    Timestamp::new(seconds, i32::try_from(stat.st_mtime_nsec).ok()?).ok()
}
