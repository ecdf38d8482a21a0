//! Resources in the portal's own shape, for sources of no provider that the portal knows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Observation, ResourceSeen, Tags};
use crate::id::Text;
use crate::model::Pairs;

/// A record of a scope of an own kind.
#[derive(Deserialize)]
struct Record {
    id: Text,
    #[serde(rename = "type")]
    resource_type: Option<Text>,
    name: Option<Text>,
    account: Option<Text>,
    region: Option<Text>,
    tags: Option<BTreeMap<Text, Text>>,
    #[serde(rename = "TagsError")]
    tags_error: Option<Text>,
    #[serde(default)]
    attributes: BTreeMap<Text, Text>,
    created_at: Option<Timestamp>,
    #[serde(default)]
    hosts: Vec<Text>,
}

/// Reads one record; its type is that of its kind where it says none.
pub(super) fn observe(kind: &str, record: &str) -> Result<Option<Observation>, String> {
    let record: Record = serde_json::from_str(record).map_err(|error| error.to_string())?;
    if record.id.trim().is_empty() {
        return Err("`id` is empty; it has to be unique and to stay".to_owned());
    }
    let tags = match (record.tags, record.tags_error) {
        (Some(tags), None) => Tags::read(tags.into_iter().collect::<Pairs>()),
        (_, Some(reason)) => Tags::unread(&reason),
        (None, None) => Tags::unread("the record has no `tags`"),
    };
    Ok(Some(Observation::Resource(Box::new(ResourceSeen {
        name: record.name.unwrap_or_else(|| record.id.clone()),
        id: record.id,
        resource_type: record.resource_type.unwrap_or_else(|| Text::from(kind)),
        account: record.account,
        region: record.region,
        tags,
        attributes: record.attributes,
        created_at: record.created_at,
        hosts: record.hosts.iter().map(|host| Text::from(host.to_lowercase())).collect(),
        ..ResourceSeen::default()
    }))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_not_there_were_not_read() {
        let unread = |record: &str| match observe("database", record) {
            Ok(Some(Observation::Resource(seen))) => (seen.resource_type.to_string(), seen.tags.unread.is_some()),
            other => panic!("{other:?}"),
        };
        assert_eq!(unread(r#"{"id": "a"}"#), ("database".to_owned(), true));
        assert_eq!(unread(r#"{"id": "a", "type": "queue", "tags": {}}"#), ("queue".to_owned(), false));
        assert_eq!(unread(r#"{"id": "a", "tags": {}, "TagsError": "denied"}"#), ("database".to_owned(), true));
        assert!(observe("database", r#"{"name": "a"}"#).expect_err("no id").contains("id"));
        assert!(observe("database", r#"{"id": " "}"#).is_err());
    }
}
