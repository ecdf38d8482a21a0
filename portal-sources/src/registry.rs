//! From a `[[source]]` table to a source: a plain match, no life before main.

use portal_core::Source;

use crate::ConfigError;

/// Every source type of this build.
pub const SOURCE_TYPES: &[&str] = &[
    #[cfg(feature = "aws-base")]
    "aws",
    #[cfg(feature = "kubernetes")]
    "kubernetes",
    #[cfg(feature = "manifests")]
    "manifests",
];

/// The keys that a source of a type understands, beside `name`, `type` and `every`.
pub fn keys(source_type: &str) -> Option<&'static [&'static str]> {
    match source_type {
        #[cfg(feature = "aws-base")]
        "aws" => Some(crate::aws::Config::KEYS),
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
    let value = |problem: String| ConfigError::Value { name: name.to_owned(), problem };
    let table = toml::Value::Table(table);
    match source_type {
        #[cfg(feature = "aws-base")]
        "aws" => {
            let config: crate::aws::Config =
                table.try_into().map_err(|e: toml::de::Error| value(e.message().to_owned()))?;
            Ok(Box::new(crate::aws::Aws::new(name, config).map_err(value)?))
        }
        #[cfg(feature = "kubernetes")]
        "kubernetes" => {
            let config: crate::kubernetes::Config =
                table.try_into().map_err(|e: toml::de::Error| value(e.message().to_owned()))?;
            Ok(Box::new(crate::kubernetes::Kubernetes::new(name, config).map_err(value)?))
        }
        #[cfg(feature = "manifests")]
        "manifests" => {
            let config: crate::manifests::Config =
                table.try_into().map_err(|e: toml::de::Error| value(e.message().to_owned()))?;
            Ok(Box::new(crate::manifests::Manifests::new(name, config).map_err(value)?))
        }
        _ => Err(ConfigError::UnknownType {
            name: name.to_owned(),
            given: source_type.to_owned(),
            known: SOURCE_TYPES.join(", "),
        }),
    }
}
