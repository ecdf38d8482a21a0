//! The contract of a lake: where collectors write and the ingestor reads.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use crate::error::{ErrorKind, LakeError};

/// A store of objects by key: a directory, a bucket.
///
/// # Contract
///
/// - A reader sees an object whole, old or new, never half of one.
/// - When `put` returns, the object survives a crash of the process and of the machine.
/// - `put` with a precondition either does all or says [`ErrorKind::Conflict`] and changes nothing, also between two
///   processes.
/// - `list` shows what was put before it was called; the order is by name.
/// - No key leads outside of the lake's place: [`LakePath`] sees to its form, the lake to links.
/// - A lock ends when its guard is dropped and when its process dies; where the place has no locks of its own, a short
///   lease after that.
#[async_trait]
pub trait Lake: Send + Sync {
    /// The place in a form that people know: a path or a URL, without secrets.
    fn location(&self) -> String;

    /// What stands directly below a folder; nothing for a folder that is not there.
    ///
    /// # Errors
    /// If the folder is there and cannot be read.
    async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError>;

    /// An object, or `None` if it is not there.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError>;

    /// Writes an object and returns its tag.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] if the precondition does not hold; [`ErrorKind::Storage`] if there is no space.
    async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError>;

    /// Removes an object; one that is not there is no error.
    ///
    /// # Errors
    /// If it is there and stays.
    async fn delete(&self, key: &LakePath) -> Result<(), LakeError>;

    /// Keeps other collectors out of a folder for as long as the guard lives.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] at once if another one holds it.
    async fn lock(&self, folder: &LakePath) -> Result<LakeLock, LakeError>;
}

/// Holds a folder's lock; dropping it ends the lock.
pub struct LakeLock(#[allow(dead_code)] Box<dyn Any + Send + Sync>);

impl LakeLock {
    /// Wraps whatever the lake holds for the lock.
    pub fn new(guard: impl Any + Send + Sync) -> LakeLock {
        LakeLock(Box::new(guard))
    }
}

impl fmt::Debug for LakeLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LakeLock")
    }
}

/// A version of an object: equal tags, equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Etag(pub String);

/// What has to hold for a `put` to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// The object is not there yet.
    Absent,
    /// The object is there with this tag.
    Matches(Etag),
}

/// An object with its tag.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The content.
    pub bytes: Bytes,
    /// Its version.
    pub etag: Etag,
}

/// One level of the lake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Names of folders.
    pub folders: Vec<String>,
    /// Objects.
    pub objects: Vec<Listed>,
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name inside the folder.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was written last.
    pub modified: Option<Timestamp>,
    /// Another text whenever the object was written anew, also within the same second and with the same size; `None`
    /// where the lake cannot tell.
    pub version: Option<String>,
}

/// A key or folder in the lake: names joined by `/`, none of which can lead out of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LakePath(String);

impl LakePath {
    /// The whole lake.
    pub fn root() -> LakePath {
        LakePath(String::new())
    }

    /// Takes a path that is in the lake's form already, such as one from a manifest.
    ///
    /// # Errors
    /// If a part is empty, `.`, `..`, longer than 255 bytes, or holds a backslash or control character.
    pub fn parse(path: &str) -> Result<LakePath, LakeError> {
        let fine = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.len() <= 255
                && !part.contains('\\')
                && !part.chars().any(char::is_control)
        };
        if path.is_empty() || path.split('/').all(fine) {
            Ok(LakePath(path.to_owned()))
        } else {
            Err(LakeError::new(ErrorKind::Invalid, format!("`{path}` cannot be a path in the lake")))
        }
    }

    /// The path of a name below this one; any text becomes one safe part.
    #[must_use]
    pub fn join(&self, name: &str) -> LakePath {
        self.child(&safe_part(name))
    }

    /// The path as text, without a slash at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Joins a relative path that is in the lake's form already.
    ///
    /// # Errors
    /// As [`LakePath::parse`].
    pub fn descend(&self, path: &str) -> Result<LakePath, LakeError> {
        LakePath::parse(path).map(|below| self.child(&below.0))
    }

    fn child(&self, name: &str) -> LakePath {
        if self.0.is_empty() { LakePath(name.to_owned()) } else { LakePath(format!("{}/{name}", self.0)) }
    }
}

impl fmt::Display for LakePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LakePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest part that is kept as it is; a longer one ends in a digest of the whole.
const LONGEST_PART: usize = 180;

/// Any text as one part of a path: letters, digits, `.`, `-` and `_` stay, all else becomes `%XX`.
fn safe_part(name: &str) -> String {
    let mut part = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        if plain {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("%{byte:02X}"));
        }
    }
    if part.is_empty() {
        part.push('~');
    }
    if part.len() > LONGEST_PART {
        let digest = crate::digest::hex(name.as_bytes());
        part.truncate(LONGEST_PART);
        part.push('~');
        part.push_str(&digest[..16]);
    }
    part
}

macro_rules! forward {
    ($pointer:ident) => {
        #[async_trait]
        impl<T: Lake + ?Sized> Lake for $pointer<T> {
            fn location(&self) -> String {
                T::location(self)
            }

            async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError> {
                T::list(self, folder).await
            }

            async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError> {
                T::get(self, key).await
            }

            async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError> {
                T::put(self, key, bytes, condition).await
            }

            async fn delete(&self, key: &LakePath) -> Result<(), LakeError> {
                T::delete(self, key).await
            }

            async fn lock(&self, folder: &LakePath) -> Result<LakeLock, LakeError> {
                T::lock(self, folder).await
            }
        }
    };
}

forward!(Box);
forward!(Arc);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        let folder = LakePath::parse("aws-collector").expect("a path");
        for hostile in ["..", ".", "", "../../etc/passwd", "a/b", "a\\b", "\0", "é".repeat(128).as_str(), ".hidden"] {
            let path = folder.join(hostile);
            let below = path.as_str().strip_prefix("aws-collector/").expect("below its folder");
            assert!(!below.contains(['/', '\\', '\0']) && !below.starts_with('.'), "{hostile:?} -> {below}");
            assert!(!below.is_empty() && below.len() <= 255);
            LakePath::parse(path.as_str()).expect("what was joined can be read again");
        }
        assert_ne!(folder.join(&"x".repeat(300)), folder.join(&"x".repeat(301)));
    }

    #[test]
    fn a_path_from_outside_is_checked() {
        for hostile in ["../x", "a//b", "/etc", "a/./b", "a\\b"] {
            assert!(LakePath::parse(hostile).is_err(), "{hostile}");
        }
    }
}
