//! What goes wrong, as Python's exceptions: `portal.PortalError` and the five below it.

use portal_core::error::chain;
use portal_core::{ErrorKind, IngestError, LakeError, Ref, SourceError, StoreError};
use portal_sources::settings::ConfigError;
use pyo3::prelude::*;

/// The exception classes, which are written in Python.
pub(crate) mod raised {
    #![allow(missing_docs, unreachable_pub, reason = "the macro makes them; they are documented in Python")]
    pyo3::import_exception!(portal._errors, PortalError);
    pyo3::import_exception!(portal._errors, NotFound);
    pyo3::import_exception!(portal._errors, Ambiguous);
    pyo3::import_exception!(portal._errors, InvalidInput);
    pyo3::import_exception!(portal._errors, SourceError);
    pyo3::import_exception!(portal._errors, StoreError);
}

/// What work that does not hold the interpreter returns when it fails.
#[derive(Debug)]
pub(crate) struct Failure {
    class: Class,
    message: String,
}

#[derive(Clone, Copy, Debug)]
enum Class {
    Portal,
    InvalidInput,
    Source,
    Store,
}

impl Failure {
    /// Something that nobody thought of.
    pub(crate) fn unexpected(message: impl Into<String>) -> Failure {
        Failure { class: Class::Portal, message: message.into() }
    }

    /// What was asked for cannot be understood.
    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure { class: Class::InvalidInput, message: message.into() }
    }

    fn of(kind: ErrorKind, other: Class, message: String) -> Failure {
        let class = if kind == ErrorKind::Invalid { Class::InvalidInput } else { other };
        Failure { class, message }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::of(error.kind(), Class::Store, chain(&error))
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Failure {
        Failure::of(error.kind(), Class::Store, chain(&error))
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        Failure::of(error.kind(), Class::Source, chain(&error))
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Failure {
        Failure { class: Class::Store, message: chain(&error) }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure::invalid(chain(&error))
    }
}

impl From<Failure> for PyErr {
    fn from(Failure { class, message }: Failure) -> PyErr {
        match class {
            Class::Portal => raised::PortalError::new_err(message),
            Class::InvalidInput => raised::InvalidInput::new_err(message),
            Class::Source => raised::SourceError::new_err(message),
            Class::Store => raised::StoreError::new_err(message),
        }
    }
}

/// What was asked for cannot be understood.
pub(crate) fn invalid(message: impl Into<String>) -> PyErr {
    raised::InvalidInput::new_err(message.into())
}

/// Nothing is there under a text.
pub(crate) fn not_found(text: &str) -> PyErr {
    let shown: String = text.chars().take(200).collect();
    raised::NotFound::new_err(format!(
        "there is nothing named `{shown}`; `Catalog.search(text)` looks for a part of a name, a ref or an ARN is looked \
         up as it is"
    ))
}

/// A name is that of several things.
pub(crate) fn ambiguous(name: &str, candidates: &[Ref]) -> PyErr {
    let refs: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    raised::Ambiguous::new_err((name.to_owned(), refs))
}
