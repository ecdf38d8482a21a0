//! What SQLite says, as the store's own errors.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use portal_core::error::ErrorKind;

/// diesel hands SQLite's result code on only as its text, which SQLite documents and keeps.
pub(super) fn of_database(error: &DieselError) -> (ErrorKind, &'static str) {
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
