//! Errors as a person reads them, with the exit code that goes with each.

use portal_core::error::ErrorKind;
use portal_core::{CatalogError, LakeError, StoreError};

use super::exit::Exit;
use crate::config::ConfigError;

/// A name that means nothing, or several things.
#[derive(Debug, thiserror::Error)]
pub(super) enum FindError {
    /// Nothing has the name.
    #[error(
        "nothing is named `{0}`\n  hint: `portal list resources --q {0}` looks for a part of a name; a ref or an ARN is looked up as it is"
    )]
    None(String),
    /// Nothing has the ref.
    #[error(
        "there is no {0}\n  hint: `portal list resources --q TEXT` and `portal list services --q TEXT` look for a part of a name"
    )]
    NoRef(portal_core::Ref),
    /// Several things have it.
    #[error("`{name}` is ambiguous; say which one:{}", candidates.iter().map(|c| format!("\n  {c}")).collect::<String>())]
    Several {
        /// The name.
        name: String,
        /// Their refs.
        candidates: Vec<String>,
    },
    /// It is there, but something about it is not.
    #[error("{0}")]
    Other(String),
}

/// Something the user wrote is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub String);

/// Prints an error with its causes, and says how to exit.
pub(super) fn report(error: &anyhow::Error) -> Exit {
    // Whoever reads a part of a list and goes away has not made an error.
    let is_broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_broken_pipe) {
        return Exit::Done;
    }
    eprintln!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        if !said.contains(&text) {
            eprintln!("  because: {text}");
            said = text;
        }
    }
    exit_of(error)
}

fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if cause.is::<FindError>() || cause.is::<CatalogError>() {
            return Exit::NotFound;
        }
        if cause.is::<Usage>() || cause.is::<ConfigError>() {
            return Exit::Usage;
        }
        let kind = cause
            .downcast_ref::<StoreError>()
            .map(StoreError::kind)
            .or_else(|| cause.downcast_ref::<LakeError>().map(LakeError::kind));
        match kind {
            Some(ErrorKind::Invalid) => return Exit::Usage,
            Some(_) => return Exit::Failed,
            None => {}
        }
    }
    Exit::Failed
}
