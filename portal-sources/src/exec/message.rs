//! A line of the protocol as a message.

use portal_core::source::Unread;
use portal_core::{Coverage, Outcome, Scope, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::words::clean;
use crate::foreign::{self, check_kind};

/// The version of the protocol that this portal speaks.
pub(super) const VERSION: &str = "portal.exec/v1";

/// What all versions begin with.
const ANY_VERSION: &str = "portal.exec/v";

/// What a program says with one line.
pub(super) enum Message<'l> {
    /// The first line: the version that the program speaks.
    Greeting { version: String },
    /// The next lines are about this scope, of which these kinds are read.
    Scope { scope: Scope, kinds: Vec<Text> },
    /// An object.
    Object { kind: Text, name: Text, object: &'l RawValue },
    /// A single thing could not be read.
    Unread { kind: Text, reason: String },
    /// The read of a kind ended.
    End { kind: Text, outcome: Outcome },
    /// How far the list of scopes is whole.
    Scopes { whole_below: Vec<Vec<Text>>, unread: Vec<Unread> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys<'l> {
    portal: Option<String>,
    #[serde(default, deserialize_with = "foreign::strict")]
    scope: Option<Scope>,
    kinds: Option<Vec<Text>>,
    kind: Option<Text>,
    name: Option<Text>,
    #[serde(borrow)]
    object: Option<&'l RawValue>,
    unread: Option<String>,
    coverage: Option<Coverage>,
    reason: Option<String>,
    permission: Option<String>,
    scopes: Option<ScopesKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopesKeys {
    #[serde(default)]
    whole_below: Vec<Vec<Text>>,
    #[serde(default)]
    unread: Vec<UnreadKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnreadKeys {
    below: Vec<Text>,
    coverage: Coverage,
    reason: Option<String>,
    permission: Option<String>,
}

impl<'l> Message<'l> {
    /// Reads a line.
    ///
    /// # Errors
    /// If it is no message; the text says why.
    pub(super) fn read(line: &'l [u8]) -> Result<Message<'l>, String> {
        let keys: Keys<'l> = serde_json::from_slice(line).map_err(|error| not_json(line, &error))?;
        let present = keys.present();
        match keys {
            Keys { portal: Some(version), .. } if present == ["portal"] => Ok(Message::Greeting { version }),
            Keys { scope: Some(scope), kinds: Some(kinds), .. } if present.len() == 2 => {
                if kinds.is_empty() {
                    return Err("`kinds` is empty; name the kinds that are going to be read".to_owned());
                }
                kinds.iter().try_for_each(|kind| check_kind(kind))?;
                Ok(Message::Scope { scope, kinds })
            }
            Keys { scope: Some(_), .. } if present.len() == 1 => {
                Err("a `scope` needs `kinds` beside it: all that are going to be read".to_owned())
            }
            Keys { kind: Some(kind), name: Some(name), object: Some(object), .. } if present.len() == 3 => {
                if name.is_empty() {
                    return Err("`name` is empty".to_owned());
                }
                if !object.get().starts_with('{') {
                    return Err("`object` is no JSON object".to_owned());
                }
                Ok(Message::Object { kind, name, object })
            }
            Keys { kind: Some(kind), unread: Some(reason), .. } if present.len() == 2 => {
                Ok(Message::Unread { kind, reason: said("unread", Some(&reason))? })
            }
            Keys { kind: Some(kind), coverage: Some(coverage), reason, permission, .. }
                if present.iter().all(|key| ["kind", "coverage", "reason", "permission"].contains(key)) =>
            {
                Ok(Message::End { kind, outcome: outcome(coverage, reason.as_deref(), permission.as_deref())? })
            }
            Keys { scopes: Some(scopes), .. } if present == ["scopes"] => {
                let unread = scopes.unread.into_iter().map(UnreadKeys::unread).collect::<Result<_, _>>()?;
                Ok(Message::Scopes { whole_below: scopes.whole_below, unread })
            }
            _ => Err(format!("keys {} together are no message", quoted(&present))),
        }
    }
}

/// Says why a version is not spoken here.
pub(super) fn check_version(version: &str) -> Result<(), String> {
    if version == VERSION {
        return Ok(());
    }
    match version.strip_prefix(ANY_VERSION).map(str::parse::<u32>) {
        Some(Ok(number)) if number > 1 => Err(format!(
            "the program speaks `{ANY_VERSION}{number}`, which is newer than this portal's `{VERSION}`; update the \
             portal, or take an older version of the program"
        )),
        _ => Err(format!("`{}` is no version of the protocol; this portal speaks `{VERSION}`", clean(version))),
    }
}

/// Whether an object is the greeting of this or another version.
pub(super) fn is_greeting(value: &serde_json::Value) -> bool {
    value.get("portal").and_then(serde_json::Value::as_str).is_some_and(|version| version.starts_with(ANY_VERSION))
}

/// Says of a line that cannot be parsed how it looks.
pub(super) fn not_json(line: &[u8], error: &serde_json::Error) -> String {
    let text = error.to_string();
    // Whatever was parsed was one line, whose number in the output is another one.
    let why = text.rsplit_once(" at line 1 column ").map_or(text.as_str(), |(why, _)| why);
    let start = &line[..line.len().min(60)];
    if error.is_data() {
        return clean(why);
    }
    match std::str::from_utf8(line) {
        Ok(_) => format!("it is no JSON ({why}): `{}`", clean(&String::from_utf8_lossy(start))),
        Err(_) => "it is no UTF-8 text".to_owned(),
    }
}

impl Keys<'_> {
    fn present(&self) -> Vec<&'static str> {
        let all = [
            ("portal", self.portal.is_some()),
            ("scope", self.scope.is_some()),
            ("kinds", self.kinds.is_some()),
            ("kind", self.kind.is_some()),
            ("name", self.name.is_some()),
            ("object", self.object.is_some()),
            ("unread", self.unread.is_some()),
            ("coverage", self.coverage.is_some()),
            ("reason", self.reason.is_some()),
            ("permission", self.permission.is_some()),
            ("scopes", self.scopes.is_some()),
        ];
        all.into_iter().filter(|(_, present)| *present).map(|(key, _)| key).collect()
    }
}

impl UnreadKeys {
    fn unread(self) -> Result<Unread, String> {
        if self.coverage == Coverage::Complete {
            return Err("what is `unread` cannot be `complete`".to_owned());
        }
        Ok(Unread {
            below: self.below,
            outcome: outcome(self.coverage, self.reason.as_deref(), self.permission.as_deref())?,
        })
    }
}

fn outcome(coverage: Coverage, reason: Option<&str>, permission: Option<&str>) -> Result<Outcome, String> {
    match coverage {
        Coverage::Complete if reason.is_some() || permission.is_some() => {
            Err("what is `complete` has no `reason` and no `permission`; say `partial`, or leave them out".to_owned())
        }
        Coverage::Complete => Ok(Outcome::complete()),
        Coverage::Denied => {
            let permission = said("permission", permission)
                .map_err(|problem| format!("{problem}; `denied` names the right that is missing"))?;
            Ok(Outcome::denied(permission, said("reason", reason)?))
        }
        Coverage::Partial | Coverage::Absent | Coverage::Failed => {
            let mut outcome = Outcome::not(coverage, said("reason", reason)?);
            outcome.permission = permission.map(clean);
            Ok(outcome)
        }
    }
}

/// A text that has to say something.
fn said(key: &str, text: Option<&str>) -> Result<String, String> {
    match text.map(clean) {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) => Err(format!("`{key}` is empty")),
        None => Err(format!("`{key}` is missing")),
    }
}

fn quoted(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    if quoted.is_empty() { "(none)".to_owned() } else { quoted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(line: &str) -> String {
        match Message::read(line.as_bytes()) {
            Ok(_) => panic!("{line} is a message"),
            Err(problem) => problem,
        }
    }

    #[test]
    fn every_message_of_the_protocol_is_read() {
        for line in [
            r#"{"portal": "portal.exec/v1"}"#,
            r#"{"scope": {"account": "011122223333", "region": "eu-west-1"}, "kinds": ["s3", "rds"]}"#,
            r#"{"scope": {"cluster": "c", "namespace": "n"}, "kinds": ["deployments"]}"#,
            r#"{"kind": "rds", "name": "orders", "object": {"DBInstanceIdentifier": "orders"}}"#,
            r#"{"kind": "rds", "unread": "tags of orders: AccessDenied"}"#,
            r#"{"kind": "rds", "coverage": "complete"}"#,
            r#"{"kind": "rds", "coverage": "denied", "reason": "no", "permission": "rds:DescribeDBInstances"}"#,
            r#"{"scopes": {"whole_below": [[]], "unread": [{"below": ["1"], "coverage": "failed", "reason": "x"}]}}"#,
        ] {
            assert!(Message::read(line.as_bytes()).is_ok(), "{line}: {}", refused(line));
        }
    }

    #[test]
    fn another_version_is_refused_with_what_to_do() {
        assert_eq!(check_version("portal.exec/v1"), Ok(()));
        let newer = check_version("portal.exec/v2").expect_err("not spoken");
        assert!(newer.contains("newer than this portal's `portal.exec/v1`; update the portal"), "{newer}");
        for version in ["2", "portal.exec/v0", "portal.exec/v", "portal.exec/v1.1", "portal.exec/v+1"] {
            let problem = check_version(version).expect_err("not spoken");
            assert!(problem.contains("is no version of the protocol"), "{problem}");
        }
    }

    #[test]
    fn what_is_no_message_says_why() {
        for (line, told) in [
            (r#"{"kind": "s3", "nmae": "x", "object": {}}"#, "unknown field `nmae`"),
            (r#"{"kind": "s3", "kind": "s3", "coverage": "complete"}"#, "duplicate field `kind`"),
            (r#"{"kind": "s3", "object": {}}"#, "`kind`, `object` together are no message"),
            (r#"{}"#, "no message"),
            (r#"{"portal": "portal.exec/v1", "kind": "s3"}"#, "no message"),
            (r#"{"scope": {"account": "1", "region": "r"}}"#, "needs `kinds`"),
            (r#"{"scope": {"account": "1", "region": "r"}, "kinds": []}"#, "`kinds` is empty"),
            (r#"{"scope": {"account": "1"}, "kinds": ["s3"]}"#, "`account` and `region`"),
            (r#"{"scope": {"domain": "d"}, "kinds": ["../x"]}"#, "cannot be a kind"),
            (r#"{"kind": "s3", "name": "", "object": {}}"#, "`name` is empty"),
            (r#"{"kind": "s3", "name": "a", "object": [1]}"#, "`object` is no JSON object"),
            (r#"{"kind": "s3", "coverage": "whole"}"#, "unknown variant `whole`"),
            (r#"{"kind": "s3", "coverage": "partial"}"#, "`reason` is missing"),
            (r#"{"kind": "s3", "coverage": "complete", "reason": "all"}"#, "say `partial`"),
            (r#"{"kind": "s3", "coverage": "denied", "reason": "no"}"#, "names the right"),
            (r#"{"kind": "s3", "unread": " "}"#, "`unread` is empty"),
            (r#"{"scopes": {"unread": [{"below": [], "coverage": "complete"}]}}"#, "cannot be `complete`"),
            (r#"{"scopes": {"whole": []}}"#, "unknown field `whole`"),
            ("Traceback (most recent call last):", "no JSON"),
            ("[1, 2]", "invalid type"),
        ] {
            let problem = refused(line);
            assert!(problem.contains(told) && !problem.contains("column"), "{line}: {problem}");
        }
    }
}
