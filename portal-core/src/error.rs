//! What can go wrong, as far as a caller can do something about it.
//!
//! Each adapter has its own private errors; what crosses a trait is one of these kinds with a text
//! that says what happened, to what, and what to do next.

use std::error::Error as StdError;

/// The cause of an error, whatever its type.
pub type Cause = Box<dyn StdError + Send + Sync + 'static>;

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The right to do it is missing: ask for it.
    Denied,
    /// It is not there.
    NotFound,
    /// It may work later: retry.
    Unavailable,
    /// What was asked for is wrong: change it.
    Invalid,
    /// Somebody else was faster: read again and repeat.
    Conflict,
    /// No space is left, or the place is read-only.
    Storage,
    /// Nobody thought of this.
    Unexpected,
}

macro_rules! public_error {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, thiserror::Error)]
        #[error("{message}")]
        pub struct $name {
            kind: ErrorKind,
            message: String,
            #[source]
            cause: Option<Cause>,
        }

        impl $name {
            /// An error of a kind; `message` says what happened, to what, and what to do next.
            pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
                Self { kind, message: message.into(), cause: None }
            }

            /// The same with its cause, which is printed below it and never in it.
            #[must_use]
            pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
                self.cause = Some(cause.into());
                self
            }

            /// What a caller can do.
            pub fn kind(&self) -> ErrorKind {
                self.kind
            }
        }
    };
}

public_error!(
    /// A source could not read something.
    SourceError
);
public_error!(
    /// The lake could not be read or written.
    LakeError
);
public_error!(
    /// The store could not be read or written.
    StoreError
);

/// An error and all its causes in one line, outermost first.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        // Some libraries repeat the cause in their own text.
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
