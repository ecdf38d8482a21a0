//! Where the portal keeps things: a lake on disk or in a bucket, a store in SQL.
//!
//! Knows nothing of sources. The databases are behind features, `sqlite` and `postgres`, both on by default; without
//! either there are lakes only. `SQL.md` in this folder describes the views for people who ask in SQL.

pub mod lake;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod sql;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use portal_core::{Store, StoreError};

pub use lake::{DirLake, open_lake};
#[cfg(feature = "s3")]
pub use lake::{S3Lake, S3Options};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use sql::{Migrated, SqlStore};

/// Opens the store at a URL, makes its tables if they are not there, and brings its schema to this version's.
///
/// `sqlite:PATH` is a file, which is made if it is not there.
///
/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=VALUE` (or `postgresql://`) is a database on a PostgreSQL
/// server, version 13 or newer, with encoding UTF8. The database has to be there: `createdb portal`. Its tables are made
/// in the first schema of the search path. Special characters in a password are escaped (`%40` for `@`); a password that
/// is not in the URL is taken from the environment variable `PGPASSWORD`. Other variables and `.pgpass` are not read.
///
/// Parameters have PostgreSQL's names and meanings:
///
/// | parameter | meaning | default |
/// | --- | --- | --- |
/// | `sslmode` | `disable`, `prefer`, `require` (no one listens), `verify-ca` (and an authority vouches for the server), `verify-full` (and for its name) | `prefer` |
/// | `sslrootcert` | file of the authorities, or `system`; with it `require` checks the authority | the system's |
/// | `connect_timeout` | seconds until a server that does not answer is given up | 10 |
/// | `options` | settings of the session, such as `-c%20statement_timeout=10min` or `-c%20search_path=portal` | reads end after 300 s, idle transactions after 60 s |
/// | `application_name` | what the server's lists show | `portal` |
/// | `keepalives`, `keepalives_idle`, `keepalives_interval`, `keepalives_retries`, `tcp_user_timeout` | when a silent server is taken for dead | on, 60 s, 10 s, 3, 60 s |
/// | `target_session_attrs`, `load_balance_hosts`, `hostaddr` | which of several hosts (`HOST1,HOST2`) | the first that lets in |
/// | `channel_binding` | `disable`, `prefer`, `require` | `prefer` |
///
/// A store in PostgreSQL reads over up to eight connections and opens one for each commit. A read whose connection was
/// lost is asked once more; a commit is made once more if it was provably not applied, and known to be there if it was.
/// After each new revision listeners of the channel `portal_revision` are told its number.
///
/// # Errors
/// If the URL has no known form or the place cannot be used; the text says what to do, and never shows a password.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub async fn open(url: &str) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(SqlStore::open(url).await?))
}
