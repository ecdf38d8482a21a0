//! Groups and people of a directory, as LDAP shows them, or as PowerShell's `Get-ADGroup` prints them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{GroupSeen, Observation, PersonSeen};
use crate::dn;
use crate::id::Text;

/// The bit of `userAccountControl` that says that an account is disabled.
const DISABLED: u64 = 0x2;

/// Reads one record.
pub(super) fn observe(kind: &str, record: &str) -> Result<Option<Observation>, String> {
    match kind {
        "groups" => group(&Entry::read(record)?).map(|group| Some(Observation::Group(Box::new(group)))),
        "users" => person(&Entry::read(record)?).map(|person| Some(Observation::Person(Box::new(person)))),
        _ => Err(format!("a directory has the kinds `groups` and `users`, not `{kind}`")),
    }
}

fn group(entry: &Entry) -> Result<GroupSeen, String> {
    let dn = entry.dn()?;
    Ok(GroupSeen {
        id: entry.id(&dn),
        name: entry.text(&["cn", "name"]).unwrap_or_else(|| dn::first_value(&dn)),
        account_name: entry.text(&["samaccountname"]),
        old_names: Vec::new(),
        mail: entry.text(&["mail", "emailaddress"]),
        manager: entry.text(&["managedby"]),
        primary_token: entry.number(&["primarygrouptoken"]),
        members: entry.texts(&["member", "members", "uniquemember"]),
        members_unread: entry.text(&["membererror"]),
        dn,
    })
}

fn person(entry: &Entry) -> Result<PersonSeen, String> {
    let dn = entry.dn()?;
    let is_enabled = entry.bool(&["enabled"]).unwrap_or(true);
    let flags = u64::from(entry.number(&["useraccountcontrol"]).unwrap_or(0));
    Ok(PersonSeen {
        id: entry.id(&dn),
        name: entry.text(&["displayname", "cn", "name"]).unwrap_or_else(|| dn::first_value(&dn)),
        mail: entry.text(&["mail", "emailaddress"]),
        disabled: !is_enabled || flags & DISABLED != 0,
        primary_group: entry.number(&["primarygroupid"]),
        dn,
    })
}

/// A record with its attributes by name in lower case: directories do not tell case apart, and tools change it.
struct Entry(BTreeMap<String, Value>);

impl Entry {
    fn read(record: &str) -> Result<Entry, String> {
        #[derive(Deserialize)]
        struct Fields(BTreeMap<String, Value>);
        let Fields(fields) = serde_json::from_str(record).map_err(|error| error.to_string())?;
        let mut all = BTreeMap::new();
        for (name, value) in fields {
            match value {
                // Clients write the attributes of an entry beside its name, or in an object of their own.
                Value::Object(attributes) if name == "attributes" => {
                    all.extend(attributes.into_iter().map(|(name, value)| (name.to_lowercase(), value)));
                }
                value => {
                    all.insert(name.to_lowercase(), value);
                }
            }
        }
        Ok(Entry(all))
    }

    fn dn(&self) -> Result<Text, String> {
        let found = self.text(&["dn", "distinguishedname"]);
        found.ok_or_else(|| "the entry has no `dn` (or `DistinguishedName`)".to_owned())
    }

    /// The identity that stays when a thing is renamed; the name where the directory gives none.
    fn id(&self, dn: &str) -> Text {
        let id = self.text(&["objectguid", "entryuuid", "guid"]);
        let id = id.map(|id| Text::from(id.trim_matches(['{', '}']).to_lowercase()));
        id.filter(|id| !id.is_empty()).unwrap_or_else(|| Text::from(dn::key(dn)))
    }

    /// The first attribute that has a value; the first of several values.
    fn text(&self, names: &[&str]) -> Option<Text> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(Text::from(text.trim())).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(Text::from(number.to_string())),
            _ => None,
        };
        names.iter().filter_map(|name| self.0.get(*name)).find_map(|value| match value {
            Value::Array(values) => values.iter().find_map(text),
            value => text(value),
        })
    }

    fn number(&self, names: &[&str]) -> Option<u32> {
        self.text(names)?.parse().ok()
    }

    fn bool(&self, names: &[&str]) -> Option<bool> {
        names.iter().find_map(|name| self.0.get(*name)?.as_bool())
    }

    fn texts(&self, names: &[&str]) -> Vec<Text> {
        let values = names.iter().filter_map(|name| self.0.get(*name)).flat_map(|value| match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        });
        let mut texts: Vec<Text> = values.filter_map(Value::as_str).map(Text::from).collect();
        texts.sort();
        texts.dedup();
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: &str, record: &str) -> Observation {
        observe(kind, record).expect("a record").expect("an observation")
    }

    #[test]
    fn ldap_and_powershell_show_one_group() {
        let ldap = r#"{"dn": "CN=SG-Team-Pay,OU=T,DC=c", "objectGUID": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "cn": "SG-Team-Pay", "sAMAccountName": "SG-Team-Pay", "mail": "pay@c", "member": ["CN=b", "CN=a"]}"#;
        let powershell = r#"{"DistinguishedName": "CN=SG-Team-Pay,OU=T,DC=c", "Name": "SG-Team-Pay", "Mail": "pay@c",
            "ObjectGUID": "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "SamAccountName": "SG-Team-Pay",
            "Members": ["CN=a", "CN=b"], "SID": {"Value": "S-1"}}"#;
        let client =
            format!(r#"{{"dn": "CN=SG-Team-Pay,OU=T,DC=c", "attributes": {}}}"#, ldap.replace("\"dn\"", "\"x\""));
        assert_eq!(seen("groups", ldap), seen("groups", powershell));
        assert_eq!(seen("groups", ldap), seen("groups", &client));
    }

    #[test]
    fn a_disabled_account_is_told_by_either_field() {
        for (record, disabled) in [
            (r#"{"dn": "CN=a", "userAccountControl": 514}"#, true),
            (r#"{"dn": "CN=a", "userAccountControl": "512"}"#, false),
            (r#"{"DistinguishedName": "CN=a", "Enabled": false}"#, true),
            (r#"{"dn": "CN=a"}"#, false),
        ] {
            let Observation::Person(person) = seen("users", record) else { panic!("a person") };
            assert_eq!(person.disabled, disabled, "{record}");
        }
    }

    #[test]
    fn an_entry_without_a_name_is_refused() {
        assert!(observe("groups", r#"{"cn": "a"}"#).expect_err("no dn").contains("dn"));
        assert!(observe("computers", r#"{"dn": "a"}"#).is_err());
    }
}
