//! What the database says, as the store's own errors.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use portal_core::error::{ErrorKind, StoreError};

use super::connection::Place;

/// What can go wrong inside a query.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Database(#[from] DieselError),
    #[error("the store holds {what} that this version does not understand")]
    Content {
        what: String,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("another writer was faster")]
    Moved,
    #[error("there is no revision {0}; the newest is {1}")]
    NoRevision(u64, u64),
}

impl Failure {
    pub(super) fn content(
        what: impl Into<String>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Failure {
        Failure::Content { what: what.into(), cause: cause.into() }
    }

    /// The error for a caller; `verb` is what was tried: "read".
    pub(super) fn say(self, verb: &str, place: &Place) -> StoreError {
        let (kind, hint) = match &self {
            Failure::Moved => return StoreError::new(ErrorKind::Conflict, self.to_string()),
            Failure::NoRevision(..) => return StoreError::new(ErrorKind::NotFound, self.to_string()),
            Failure::Content { .. } => {
                (ErrorKind::Invalid, "was it written by a newer version? `portal migrate` tells the versions")
            }
            Failure::Database(error) => of_database(error),
        };
        StoreError::new(kind, format!("cannot {verb} the store {place}: {hint}")).caused_by(self)
    }
}

/// diesel hands SQLite's result code on only as its text, which SQLite documents and keeps.
fn of_database(error: &DieselError) -> (ErrorKind, &'static str) {
    const UNKNOWN: (ErrorKind, &str) = (ErrorKind::Unexpected, "the database refused; nothing was changed");
    let DieselError::DatabaseError(kind, info) = error else { return UNKNOWN };
    let text = info.message();
    let says = |part: &str| text.contains(part);
    if matches!(kind, DatabaseErrorKind::SerializationFailure) || says("locked") || says("busy") {
        (ErrorKind::Unavailable, "another process has been writing for long; try again")
    } else if says("disk is full") {
        (ErrorKind::Storage, "no space is left on the device; free some and run it again, nothing was changed")
    } else if says("readonly database") {
        (ErrorKind::Storage, "it is read-only; make file and folder writable, or choose another --store")
    } else if says("unable to open") {
        (ErrorKind::Denied, "the file cannot be opened; check its rights and those of its folder")
    } else if says("malformed") || says("not a database") {
        (ErrorKind::Invalid, "the file is damaged or no database; restore it, or move it away and ingest again")
    } else if says("disk I/O error") {
        (ErrorKind::Storage, "the disk failed or is full; check it, nothing was changed")
    } else {
        UNKNOWN
    }
}
