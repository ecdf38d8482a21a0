//! Objects in the provider's own shape, as the AWS CLI prints them: a field that is not there is left out.
//!
//! The SDK's types do not serialise; each service's file names the fields that it keeps.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

/// The fields of one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Adds a field if it is there.
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Fields {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a time in RFC 3339, if it is there and has one.
    pub(super) fn time(self, name: &str, time: Option<&DateTime>) -> Fields {
        let text = time.and_then(|time| time.fmt(Format::DateTime).ok());
        self.with(name, text)
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Value {
        Value::Object(fields.0)
    }
}

/// `[{Key, Value}]`; a tag without a value has an empty one.
pub(super) fn tags<'t>(tags: impl IntoIterator<Item = (Option<&'t str>, Option<&'t str>)>) -> Value {
    tags.into_iter()
        .filter_map(|(key, value)| {
            Some(Value::from(Fields::default().with("Key", Some(key?)).with("Value", Some(value.unwrap_or_default()))))
        })
        .collect()
}

/// The token of the next page; AWS ends with none or with an empty one.
pub(super) fn next_page(token: Option<&str>) -> Option<String> {
    token.filter(|token| !token.is_empty()).map(str::to_owned)
}
