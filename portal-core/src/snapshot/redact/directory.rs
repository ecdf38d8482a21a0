//! What is kept of a directory's entries.

use serde_json::Value;

/// Attributes of groups and people that are kept, in lower case; of people nothing beyond name and mail.
const DIRECTORY: [&str; 22] = [
    "dn",
    "distinguishedname",
    "objectguid",
    "entryuuid",
    "guid",
    "cn",
    "name",
    "displayname",
    "samaccountname",
    "mail",
    "emailaddress",
    "managedby",
    "member",
    "members",
    "uniquemember",
    "membererror",
    "primarygrouptoken",
    "primarygroupid",
    "useraccountcontrol",
    "enabled",
    "objectclass",
    "attributes",
];

/// An entry as it may stand in the lake.
pub(super) fn kept(entry: Value) -> Value {
    let Value::Object(attributes) = entry else { return Value::Null };
    let flat = |value: &Value| match value {
        Value::Array(values) => !values.iter().any(|value| value.is_array() || value.is_object()),
        value => !value.is_object(),
    };
    let named = attributes.into_iter().filter(|(name, _)| DIRECTORY.contains(&name.to_lowercase().as_str()));
    let kept = named.filter_map(|(name, value)| match value {
        Value::Object(_) if name == "attributes" => Some((name, self::kept(value))),
        value => flat(&value).then_some((name, value)),
    });
    Value::Object(kept.collect())
}
