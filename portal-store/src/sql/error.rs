//! What the database says, as the store's own errors.

use std::fmt::Display;

use diesel::result::Error as DieselError;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::{Ref, Text};

/// What can go wrong inside a query.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Database(#[from] DieselError),
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Server(#[from] tokio_postgres::Error),
    #[cfg(feature = "postgres")]
    #[error("no answer came in time")]
    NoAnswer,
    #[error("the store holds {what} that this version does not understand")]
    Content {
        what: String,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("another writer was faster")]
    Moved,
    #[error("somebody else has edited {0} since; look at it again")]
    Edited(Ref),
    #[error("there is an API key {0} already")]
    KeyIsThere(Text),
    #[error("the store is at an older state than what was loaded from it; load everything again")]
    OtherLine,
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

    /// The error for a caller; `verb` is what was tried ("read"), `hint` what a database's own error means.
    pub(super) fn say(
        self,
        verb: &str,
        place: &dyn Display,
        hint: impl FnOnce(&Failure) -> (ErrorKind, String),
    ) -> StoreError {
        let (kind, hint) = match &self {
            Failure::Moved | Failure::Edited(_) | Failure::KeyIsThere(_) | Failure::OtherLine => {
                return StoreError::new(ErrorKind::Conflict, self.to_string());
            }
            Failure::NoRevision(..) => return StoreError::new(ErrorKind::NotFound, self.to_string()),
            Failure::Content { .. } | Failure::Database(DieselError::DeserializationError(_)) => (
                ErrorKind::Invalid,
                "was it written by a newer version? `portal migrate` tells the versions".to_owned(),
            ),
            _ => hint(&self),
        };
        StoreError::new(kind, format!("cannot {verb} the store {place}: {hint}")).caused_by(self)
    }
}

/// The error of a store whose schema has a version that this program does not know.
pub(super) fn newer_schema(place: &dyn Display, version: &str) -> StoreError {
    let message = format!("the store {place} has schema {version}, which a newer version made; use that version");
    StoreError::new(ErrorKind::Invalid, message)
}
