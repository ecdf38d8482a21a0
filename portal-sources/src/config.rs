//! What is wrong with a source's configuration.

/// A source's configuration cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The type is none of [`crate::SOURCE_TYPES`].
    #[error("source `{name}` has the unknown type `{given}`; known are {known}")]
    UnknownType {
        /// The source.
        name: String,
        /// What stands there.
        given: String,
        /// What could stand there.
        known: String,
    },
    /// A value has the wrong type or a needed one is missing.
    #[error("source `{name}`: {problem}")]
    Value {
        /// The source.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
}
