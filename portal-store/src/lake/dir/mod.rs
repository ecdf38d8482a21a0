//! A lake in a folder of this machine or of a file server.
//!
//! Objects are plain files that people can read with their own tools. What stands beside them for the lake's own use
//! begins with a dot: `.lock` (a collector is at work), `.put-lock` (two writers compare), `.tmp-…` (a file on its way).

mod error;
mod folder;
mod read;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use portal_core::lake::{Etag, LakeLock, LakePath, Listing, Precondition, Stored};
use portal_core::{Lake, LakeError};

use error::DirError;
use folder::Place;

/// A lake in a folder.
///
/// - An object is written aside, synchronised, and renamed; then its folder is synchronised. The second costs next to
///   nothing where the file system has a journal, which the first one has written already.
/// - Create-only is a hard link, compare-and-set holds a file lock while it compares. Both work between processes, and
///   between machines where the file server's locks do (NFS version 4).
/// - Links inside the lake are not followed. They are listed, and refused with an error when they are read.
/// - Names that begin with a dot are the lake's own.
///
/// Its methods need a tokio runtime: the work is done on the runtime's threads for blocking calls.
///
/// ```
/// use portal_core::{Lake as _, LakePath, lake::Precondition};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let lake = portal_store::DirLake::open(folder.path().join("lake"))?;
/// let key = LakePath::root().join("hello.json");
/// lake.put(&key, "{}".into(), Precondition::Absent).await?;
/// assert_eq!(lake.get(&key).await?.expect("it is there").bytes, "{}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DirLake {
    place: Arc<Place>,
}

impl DirLake {
    /// Opens a folder, without making it: the first `put` or `lock` does.
    ///
    /// # Errors
    /// - [`ErrorKind::Invalid`](portal_core::ErrorKind::Invalid) if a file stands there.
    /// - [`ErrorKind::Denied`](portal_core::ErrorKind::Denied) if the path cannot be looked at.
    pub fn open(path: impl Into<PathBuf>) -> Result<DirLake, LakeError> {
        let path = path.into();
        let shown = path.display().to_string();
        // A program that changes its working directory later means the same folder as before.
        let root = std::path::absolute(&path).map_err(|e| DirError::io("open the lake", &shown, e))?;
        match std::fs::metadata(&root) {
            Ok(metadata) if !metadata.is_dir() => return Err(DirError::NotAFolder { path: shown }.into()),
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(DirError::io("open the lake", shown, e).into());
            }
            Ok(_) | Err(_) => {}
        }
        Ok(DirLake { place: Arc::new(Place::new(root, shown)) })
    }

    /// The folder.
    pub fn path(&self) -> &std::path::Path {
        self.place.root()
    }

    /// Does blocking work on a thread that may block.
    async fn on_disk<T: Send + 'static>(
        &self,
        key: &LakePath,
        work: impl FnOnce(&Place, &LakePath) -> Result<T, DirError> + Send + 'static,
    ) -> Result<T, LakeError> {
        let place = Arc::clone(&self.place);
        let path = key.clone();
        let done = tokio::task::spawn_blocking(move || work(&place, &path)).await;
        let done = done.map_err(|source| DirError::Interrupted { path: self.place.path_of(key), source })?;
        Ok(done?)
    }
}

#[async_trait]
impl Lake for DirLake {
    fn location(&self) -> String {
        self.place.shown().to_owned()
    }

    async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError> {
        self.on_disk(folder, read::list).await
    }

    async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError> {
        self.on_disk(key, read::get).await
    }

    async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError> {
        self.on_disk(key, move |place, key| write::put(place, key, &bytes, &condition)).await
    }

    async fn delete(&self, key: &LakePath) -> Result<(), LakeError> {
        self.on_disk(key, write::delete).await
    }

    async fn lock(&self, folder: &LakePath) -> Result<LakeLock, LakeError> {
        self.on_disk(folder, write::lock).await.map(LakeLock::new)
    }
}
