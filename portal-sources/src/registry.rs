//! From a `[[source]]` table to a source: a plain match, no life before main.

use portal_core::Source;

use crate::ConfigError;

/// Every source type of this build.
pub const SOURCE_TYPES: &[&str] = &[
    #[cfg(feature = "active-directory")]
    "active-directory",
    #[cfg(feature = "aws-base")]
    "aws",
    #[cfg(feature = "exec")]
    "exec",
    #[cfg(feature = "kubernetes")]
    "kubernetes",
    #[cfg(feature = "manifests")]
    "manifests",
];

/// The keys that a source of a type understands, beside `name`, `type` and `every`.
pub fn keys(source_type: &str) -> Option<&'static [&'static str]> {
    match source_type {
        #[cfg(feature = "active-directory")]
        "active-directory" => Some(crate::active_directory::Config::KEYS),
        #[cfg(feature = "aws-base")]
        "aws" => Some(crate::aws::Config::KEYS),
        #[cfg(feature = "exec")]
        "exec" => Some(crate::exec::Config::KEYS),
        #[cfg(feature = "kubernetes")]
        "kubernetes" => Some(crate::kubernetes::Config::KEYS),
        #[cfg(feature = "manifests")]
        "manifests" => Some(crate::manifests::Config::KEYS),
        _ => None,
    }
}

/// Makes a source from its table. Touches nothing outside.
///
/// # Errors
/// If the type is unknown, or a value is missing or wrong.
pub fn build(name: &str, source_type: &str, table: toml::Table) -> Result<Box<dyn Source>, ConfigError> {
    match source_type {
        #[cfg(feature = "active-directory")]
        "active-directory" => made(name, table, crate::active_directory::ActiveDirectory::new),
        #[cfg(feature = "aws-base")]
        "aws" => made(name, table, crate::aws::Aws::new),
        #[cfg(feature = "exec")]
        "exec" => made(name, table, crate::exec::Exec::new),
        #[cfg(feature = "kubernetes")]
        "kubernetes" => made(name, table, crate::kubernetes::Kubernetes::new),
        #[cfg(feature = "manifests")]
        "manifests" => made(name, table, crate::manifests::Manifests::new),
        _ => {
            drop(table);
            Err(ConfigError::UnknownType {
                name: name.to_owned(),
                given: source_type.to_owned(),
                known: SOURCE_TYPES.join(", "),
            })
        }
    }
}

/// Reads the table as the adapter's configuration and makes the source from that.
#[cfg(any(
    feature = "active-directory",
    feature = "aws-base",
    feature = "exec",
    feature = "kubernetes",
    feature = "manifests"
))]
fn made<C, S>(
    name: &str,
    table: toml::Table,
    new: impl FnOnce(&str, C) -> Result<S, String>,
) -> Result<Box<dyn Source>, ConfigError>
where
    C: serde::de::DeserializeOwned,
    S: Source + 'static,
{
    let value = |problem: String| ConfigError::Value { name: name.to_owned(), problem };
    let config = toml::Value::Table(table).try_into::<C>().map_err(|error| value(error.message().to_owned()))?;
    Ok(Box::new(new(name, config).map_err(value)?))
}
