//! Where a store is, and the pool of connections to it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool as DeadPool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures::FutureExt;
use portal_core::error::{ErrorKind, StoreError};

pub(super) type Connection = SyncConnectionWrapper<SqliteConnection>;
pub(super) type Pool = DeadPool<Connection>;
pub(super) type Pooled = Object<Connection>;

/// A writer waits for another one, and a commit is on disk when it returns. That readers do not wait for writers (WAL) is
/// a property of the file, which the migration sets.
pub(super) const SETTINGS: &str = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;";

/// For who writes much: pages that are changed again and again stay in memory. Such a connection does not go back into the
/// pool, where up to eight would keep what they took.
pub(super) const WIDE: &str = "PRAGMA cache_size = -65536;";

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sql) struct Place {
    path: PathBuf,
}

impl Place {
    /// Understands what stands behind `sqlite:`.
    pub(in crate::sql) fn parse(path: &str) -> Result<Place, StoreError> {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            let message = format!("`sqlite:{path}` names no file; write sqlite:PATH, such as sqlite:portal.db");
            return Err(StoreError::new(ErrorKind::Invalid, message));
        }
        Ok(Place { path: PathBuf::from(path) })
    }

    /// An error if nothing is there.
    pub(in crate::sql) fn check_exists(&self) -> Result<(), StoreError> {
        if self.path.exists() {
            return Ok(());
        }
        let message = format!("there is no store at {self}; run `portal ingest` first, or check --store");
        Err(StoreError::new(ErrorKind::NotFound, message))
    }

    /// An error that says more than the database would, if the place cannot hold one.
    pub(super) fn check_folder(&self) -> Result<(), StoreError> {
        if self.path.is_dir() {
            let message = format!("{self} is a folder; name a file, such as {self}/portal.db");
            return Err(StoreError::new(ErrorKind::Invalid, message));
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if folder.is_dir() {
            return Ok(());
        }
        let message = format!("the folder {} of the store does not exist; make it, or check --store", folder.display());
        Err(StoreError::new(ErrorKind::NotFound, message))
    }

    /// The file as text, as the database driver wants it.
    pub(super) fn file(&self) -> Result<&str, StoreError> {
        self.path.to_str().ok_or_else(|| {
            StoreError::new(
                ErrorKind::Invalid,
                format!("the path of the store {self} is not UTF-8; choose another one"),
            )
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path.display())
    }
}

/// Makes the pool; connects to nothing yet.
pub(super) fn pool(place: &Place) -> Result<Pool, StoreError> {
    let mut config = ManagerConfig::<Connection>::default();
    config.custom_setup = Box::new(|url| {
        async move {
            let mut connection = Connection::establish(url).await?;
            connection.batch_execute(SETTINGS).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(place.file()?, config);
    Pool::builder(manager)
        .max_size(8)
        .wait_timeout(Some(Duration::from_secs(30)))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|e| {
            StoreError::new(ErrorKind::Unexpected, format!("cannot set up connections to {place}")).caused_by(e)
        })
}

/// Takes a connection from the pool.
pub(super) async fn take(pool: &Pool, place: &Place) -> Result<Pooled, StoreError> {
    pool.get().await.map_err(|error| {
        let message = format!("cannot connect to the store {place}; check that the file can be read and written");
        StoreError::new(ErrorKind::Unavailable, message).caused_by(error)
    })
}
