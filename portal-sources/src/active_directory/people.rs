//! The people: all are looked at, page by page, and those that a kept group names are kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use portal_core::dn;

use super::client::{Connection, Search};
use super::config::Plan;
use super::entry::{Entry, Identity};
use super::failure::Failure;
use super::groups::{Several, Wanted};
use super::servers::Reading;

/// All that is ever asked of people.
const ASKED: [&str; 7] =
    ["objectGUID", "entryUUID", "cn", "displayName", "mail", "userAccountControl", "primaryGroupID"];

/// Bits of `userAccountControl` (MS-ADTS 2.2.16) of accounts that are no people at work: disabled, between domains, of a
/// workstation, of a domain controller.
const NOBODY: i64 = 0x2 | 0x800 | 0x1000 | 0x2000;

/// Reads the people.
pub(super) struct People<'p> {
    pub(super) plan: &'p Plan,
    pub(super) wanted: &'p Wanted,
}

/// What there is of people.
#[derive(Default)]
pub(super) struct PeopleRead {
    /// Those that are kept, by identity.
    pub(super) kept: BTreeMap<Identity, Value>,
    /// Why this is not all.
    pub(super) cut: Option<String>,
    /// Those who have no identity that could be read, and were left out.
    pub(super) left_out: Several,
    /// Those of whom nobody knows whether they are disabled.
    pub(super) doubtful: Several,
}

#[async_trait]
impl Reading for People<'_> {
    type Read = PeopleRead;

    async fn read(&self, connection: &mut Connection) -> Result<PeopleRead, Failure> {
        let mut read = PeopleRead::default();
        let mut seen = 0_usize;
        let search = Search { base: &self.plan.base, filter: &self.plan.user_filter, attributes: &ASKED };
        let cut = connection
            .search(&search, |entry| {
                seen += 1;
                self.look_at(&entry, &mut read);
            })
            .await?;
        read.cut = cut;
        if seen == 0 && read.cut.is_none() && !self.wanted.keys.is_empty() {
            return Err(Failure::Denied(format!(
                "{} shows this account no person below {}, though groups have members; let it read people, or correct \
                 `base` and `user_filter`",
                connection.server(),
                self.plan.base
            )));
        }
        Ok(read)
    }
}

impl People<'_> {
    fn look_at(&self, entry: &Entry, read: &mut PeopleRead) {
        let primary = entry.number("primaryGroupID");
        let wanted = primary.is_some_and(|token| self.wanted.tokens.contains(&token))
            || self.wanted.keys.contains(&dn::key(&entry.dn));
        let control = entry.number("userAccountControl");
        if !wanted || control.is_some_and(|bits| bits & NOBODY != 0) {
            return;
        }
        let Some(identity) = entry.identity() else {
            read.left_out.add(&entry.dn);
            return;
        };
        // Other directories have no such attribute.
        if control.is_none() && identity.attribute == "objectGUID" {
            read.doubtful.add(&entry.dn);
        }
        let object = entry.object(&identity, &["cn", "displayName", "mail"], &["userAccountControl", "primaryGroupID"]);
        read.kept.insert(identity, Value::Object(object));
    }
}
