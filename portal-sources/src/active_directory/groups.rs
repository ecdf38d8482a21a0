//! The groups: all are listed, and of those that are teams, products or below one the members are read.
//!
//! Members are asked for in a second step, because which groups lie below a team shows only then, and because most of a
//! directory's groups are nobody's here.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use serde_json::{Map, Value};

use portal_core::dn;

use super::client::{Connection, Search};
use super::config::Plan;
use super::entry::{Entry, Identity};
use super::failure::Failure;
use super::servers::Reading;

/// What is asked of every group.
const LISTED: [&str; 9] = [
    "objectGUID",
    "entryUUID",
    "cn",
    "sAMAccountName",
    "mail",
    "managedBy",
    "description",
    "primaryGroupToken",
    "objectSid",
];

/// Where members stand; the second is that of `groupOfUniqueNames`.
const MEMBERS: [&str; 2] = ["member", "uniqueMember"];

/// How many groups' members are asked for at a time.
const BATCH: usize = 50;

/// How often the members of one group are read from the beginning because they changed meanwhile.
const CHANGES: u32 = 2;

/// Reads the groups.
pub(super) struct Groups<'p>(pub(super) &'p Plan);

/// What there is of groups.
#[derive(Default)]
pub(super) struct GroupsRead {
    /// The groups that are kept, by identity.
    pub(super) kept: BTreeMap<Identity, Value>,
    /// Who belongs to them.
    pub(super) wanted: Wanted,
    /// Why this is not all.
    pub(super) cut: Option<String>,
    /// Groups that have no identity that could be read, and were left out.
    pub(super) left_out: Several,
    /// Groups whose members could not be read whole, with the reason.
    pub(super) unread: Vec<String>,
}

/// Entries of which one thing is to be said: the first is named, the others are counted, for they may be thousands.
#[derive(Default)]
pub(super) struct Several {
    first: Option<String>,
    more: usize,
}

/// The people that the kept groups name.
#[derive(Default)]
pub(super) struct Wanted {
    /// Keys of the names of members and managers.
    pub(super) keys: HashSet<String>,
    /// Groups as `primaryGroupID` names them.
    pub(super) tokens: HashSet<i64>,
}

/// A group of the list.
struct Listed {
    dn: String,
    identity: Identity,
    object: Map<String, Value>,
    token: Option<i64>,
}

/// The members of one group, as far as they are known.
struct Members {
    values: Vec<String>,
    rest: Rest,
}

enum Rest {
    None,
    /// More come from here on.
    From(usize),
    /// They could not be read to the end.
    Unread(String),
}

#[async_trait]
impl Reading for Groups<'_> {
    type Read = GroupsRead;

    async fn read(&self, connection: &mut Connection) -> Result<GroupsRead, Failure> {
        let mut read = GroupsRead::default();
        let (listed, ours) = self.list(connection, &mut read).await?;
        let places: HashMap<String, usize> = listed.iter().enumerate().map(|(at, g)| (dn::key(&g.dn), at)).collect();
        let mut kept: HashSet<usize> = ours.iter().copied().collect();
        let mut open = ours;
        // Groups may hold each other: each is opened once.
        while !open.is_empty() {
            let mut found = Vec::new();
            for batch in open.chunks(BATCH) {
                let groups: Vec<&Listed> = batch.iter().map(|&at| &listed[at]).collect();
                let members = self.members(connection, &groups).await?;
                for (group, members) in groups.into_iter().zip(members) {
                    for value in &members.values {
                        let key = dn::key(value);
                        if let Some(&at) = places.get(&key)
                            && kept.insert(at)
                        {
                            found.push(at);
                        }
                        read.wanted.keys.insert(key);
                    }
                    read.keep(group, members);
                }
            }
            open = found;
        }
        Ok(read)
    }
}

impl Groups<'_> {
    /// All groups, and the places of those that are teams or products by name.
    async fn list(
        &self,
        connection: &mut Connection,
        read: &mut GroupsRead,
    ) -> Result<(Vec<Listed>, Vec<usize>), Failure> {
        let plan = self.0;
        let (mut listed, mut ours) = (Vec::new(), Vec::new());
        let mut known = HashSet::new();
        let mut seen = 0_usize;
        let search = Search { base: &plan.base, filter: &plan.group_filter, attributes: &LISTED };
        read.cut = connection
            .search(&search, |entry| {
                seen += 1;
                let Some(identity) = entry.identity() else {
                    // Of which team it is, or below which, nobody knows.
                    read.left_out.add(&entry.dn);
                    return;
                };
                // An entry that is moved while the pages are read may come twice.
                if known.insert(identity.clone()) {
                    if plan.is_ours(["cn", "sAMAccountName"].iter().filter_map(|name| entry.text(name))) {
                        ours.push(listed.len());
                    }
                    listed.push(Listed::new(&entry, identity));
                }
            })
            .await?;
        if seen == 0 && read.cut.is_none() {
            return Err(self.nothing(connection).await?);
        }
        Ok((listed, ours))
    }

    /// A directory answers an account without rights with nothing, and calls that a success.
    async fn nothing(&self, connection: &mut Connection) -> Result<Failure, Failure> {
        let plan = self.0;
        let search = Search { base: &plan.base, filter: "(objectClass=*)", attributes: &["1.1"] };
        let seen = connection.glance(&search).await?;
        let (server, base) = (connection.server(), &plan.base);
        Ok(match seen {
            // The base itself may always be seen, and says nothing about what is below it.
            0 | 1 => Failure::Denied(format!(
                "{server} shows this account nothing below {base}; let it read there, or correct `base`"
            )),
            _ => Failure::Refused(format!(
                "{server} shows this account no group below {base}, so nothing is taken for gone; correct `base` and \
                 `group_filter`, or let the account read groups"
            )),
        })
    }

    /// The members of some groups, in their order.
    async fn members(&self, connection: &mut Connection, groups: &[&Listed]) -> Result<Vec<Members>, Failure> {
        let mut found = HashMap::new();
        let identities: String = groups.iter().map(|group| group.identity.filter()).collect();
        let cut = self.ask(connection, &format!("(|{identities})"), &MEMBERS, &mut found).await?;
        let mut all = Vec::with_capacity(groups.len());
        for group in groups {
            let mut members = found.remove(&group.identity).map_or_else(
                || {
                    let gone = || "it was gone when its members were asked for".to_owned();
                    Members { values: Vec::new(), rest: Rest::Unread(cut.clone().unwrap_or_else(gone)) }
                },
                |entry| Members::new(&entry),
            );
            let mut changes = 0;
            while let Rest::From(from) = members.rest {
                match self.more(connection, group, from).await? {
                    Ok(more) => members.append(from, more),
                    Err(reason) => members.rest = Rest::Unread(reason),
                }
                if matches!(members.rest, Rest::Unread(_)) && changes < CHANGES {
                    changes += 1;
                    members = Members { values: Vec::new(), rest: Rest::From(0) };
                }
            }
            members.values.sort_unstable();
            all.push(members);
        }
        Ok(all)
    }

    /// The members of one group from a place on; the text says why there are none.
    async fn more(
        &self,
        connection: &mut Connection,
        group: &Listed,
        from: usize,
    ) -> Result<Result<Members, String>, Failure> {
        let attribute = format!("member;range={from}-*");
        let mut found = HashMap::new();
        let asked = self.ask(connection, &group.identity.filter(), &[&attribute], &mut found).await;
        match asked {
            Ok(cut) => Ok(match found.remove(&group.identity) {
                Some(entry) => Ok(Members::new(&entry)),
                None => Err(cut.unwrap_or_else(|| "it was gone when more of its members were asked for".to_owned())),
            }),
            // Of one group; the others can still be read.
            Err(Failure::Denied(reason) | Failure::Refused(reason)) => Ok(Err(reason)),
            Err(failure) => Err(failure),
        }
    }

    async fn ask(
        &self,
        connection: &mut Connection,
        which: &str,
        members: &[&str],
        found: &mut HashMap<Identity, Entry>,
    ) -> Result<Option<String>, Failure> {
        let filter = format!("(&{}{which})", self.0.group_filter);
        let attributes: Vec<&str> = ["objectGUID", "entryUUID"].into_iter().chain(members.iter().copied()).collect();
        let search = Search { base: &self.0.base, filter: &filter, attributes: &attributes };
        connection
            .search(&search, |entry| {
                if let Some(identity) = entry.identity() {
                    found.insert(identity, entry);
                }
            })
            .await
    }
}

impl GroupsRead {
    /// Writes a group as it is kept.
    fn keep(&mut self, group: &Listed, members: Members) {
        let mut object = group.object.clone();
        if let Some(manager) = object.get("managedBy").and_then(Value::as_str) {
            self.wanted.keys.insert(dn::key(manager));
        }
        self.wanted.tokens.extend(group.token);
        object.insert("member".to_owned(), members.values.into());
        if let Rest::Unread(reason) = members.rest {
            self.unread.push(format!("the members of {} could not be read whole: {reason}", group.dn));
            object.insert("memberError".to_owned(), reason.into());
        }
        self.kept.insert(group.identity.clone(), Value::Object(object));
    }
}

impl Several {
    /// Adds an entry.
    pub(super) fn add(&mut self, dn: &str) {
        match self.first {
            None => self.first = Some(dn.to_owned()),
            Some(_) => self.more += 1,
        }
    }

    /// Says it of all of them, if there are any.
    pub(super) fn say(&self, what: &str) -> Option<String> {
        let first = self.first.as_ref()?;
        let more = if self.more == 0 { String::new() } else { format!(" and {} more", self.more) };
        Some(format!("{first}{more}: {what}"))
    }
}

impl Listed {
    fn new(entry: &Entry, identity: Identity) -> Listed {
        let texts = ["cn", "sAMAccountName", "mail", "managedBy", "description"];
        let mut object = entry.object(&identity, &texts, &[]);
        let token = entry.group_token();
        if let Some(token) = token {
            object.insert("primaryGroupToken".to_owned(), token.into());
        }
        Listed { dn: entry.dn.clone(), identity, object, token }
    }
}

impl Members {
    /// What a group's entry shows of its members.
    fn new(entry: &Entry) -> Members {
        let mut members = Members { values: Vec::new(), rest: Rest::None };
        for attribute in MEMBERS {
            let Some(range) = entry.range(attribute) else { continue };
            for value in range.values {
                match String::from_utf8(value) {
                    Ok(text) => members.values.push(without_uid(text)),
                    Err(_) => {
                        return Members { rest: Rest::Unread("a member's name is no text".to_owned()), ..members };
                    }
                }
            }
            match range.to {
                Some(to) if to < range.from => {
                    members.rest = Rest::Unread(format!("the directory gave members {} to {to}", range.from));
                }
                Some(to) => members.rest = Rest::From(to + 1),
                None => {}
            }
        }
        members
    }

    /// Adds what was asked for from a place on. Of a list that got shorter meanwhile there is nothing there.
    fn append(&mut self, from: usize, more: Members) {
        if more.values.is_empty() && from > 0 {
            self.rest = Rest::Unread("its members changed while they were read".to_owned());
            return;
        }
        self.values.extend(more.values);
        self.rest = match more.rest {
            Rest::From(next) if next <= from => {
                Rest::Unread(format!("the directory gave the same members again from {from} on"))
            }
            rest => rest,
        };
    }
}

/// A `uniqueMember` may have a number behind the name (RFC 4517, 3.3.21): `cn=a,dc=x#'0101'B`.
fn without_uid(value: String) -> String {
    match value.rsplit_once("#'") {
        Some((dn, bits))
            if bits.strip_suffix("'B").is_some_and(|bits| bits.bytes().all(|b| matches!(b, b'0' | b'1'))) =>
        {
            dn.to_owned()
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[&str], rest: Rest) -> Members {
        Members { values: values.iter().map(|&value| value.to_owned()).collect(), rest }
    }

    #[test]
    fn a_list_that_got_shorter_or_goes_round_is_not_whole() {
        let mut members = some(&["a"], Rest::From(1));
        members.append(1, some(&[], Rest::None));
        assert!(matches!(&members.rest, Rest::Unread(reason) if reason.contains("changed")));
        let mut members = some(&["a"], Rest::From(1));
        members.append(1, some(&["a"], Rest::From(1)));
        assert!(matches!(&members.rest, Rest::Unread(reason) if reason.contains("same members")));
        let mut members = some(&[], Rest::From(0));
        members.append(0, some(&[], Rest::None));
        assert!(matches!(members.rest, Rest::None));
    }

    #[test]
    fn of_thousands_the_first_is_named_and_the_others_are_counted() {
        let mut several = Several::default();
        assert_eq!(several.say("gone"), None);
        several.add("CN=a");
        assert_eq!(several.say("gone").as_deref(), Some("CN=a: gone"));
        several.add("CN=b");
        assert_eq!(several.say("gone").as_deref(), Some("CN=a and 1 more: gone"));
    }

    #[test]
    fn a_number_behind_a_name_is_no_part_of_it() {
        assert_eq!(without_uid("cn=a,dc=x#'0101'B".to_owned()), "cn=a,dc=x");
        assert_eq!(without_uid("cn=#'a,dc=x".to_owned()), "cn=#'a,dc=x");
    }
}
