//! Directories: OpenLDAP and a Samba domain controller as they are, and a directory of the test's own that answers as
//! Active Directory does where those two do not.

#[path = "../../../../portal-store/tests/it/bed.rs"]
mod bed;
mod contract;
mod controller;
mod openldap;
mod pages;
mod ranges;
mod responder;
mod servers;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use portal_sources::active_directory::{ActiveDirectory, Config};
use serde_json::Value;
use tempfile::TempDir;

use crate::seen::Seen;
use bed::Bed;
use responder::{BASE, Entry, Responder};

/// The scope of every directory here.
pub(crate) const DOMAIN: &str = "corp.example";

/// A source for a configuration.
pub(crate) fn source(config: Config) -> ActiveDirectory {
    ActiveDirectory::new("directory", config).expect("the configuration is fine")
}

/// A folder with a file that holds a password.
pub(crate) fn password(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{text}\n")).expect("a file");
    (folder, file)
}

/// The configuration for a bed's server; the folder holds the password.
pub(crate) fn config_of(bed: &Bed) -> (TempDir, Config) {
    let (folder, file) = password(bed.said("password"));
    let config = Config {
        ca_file: Some(bed.said("ca_file").into()),
        bind_dn: Some(bed.said("bind_dn").to_owned()),
        password_file: Some(file),
        product_groups: Some("^SG-Product-(?<name>.+)$".to_owned()),
        ..Config::new(bed.said("url"), bed.said("base"))
    };
    (folder, config)
}

/// The configuration for a directory of the test's own, which lets everybody in.
pub(crate) fn config_for(responder: &Responder) -> Config {
    Config { ca_file: Some(responder.ca_file.clone()), timeout: 5, ..Config::new(&responder.url, BASE) }
}

/// Group `cn` with members as numbers of people.
pub(crate) fn group(number: u8, cn: &str, members: impl IntoIterator<Item = usize>) -> Entry {
    let members = members.into_iter().map(|member| format!("CN=Person {member},{BASE}").into_bytes()).collect();
    entry(&format!("CN={cn},{BASE}"), 1, usize::from(number), &[("objectClass", "group"), ("cn", cn)], members)
}

/// An account that is in use.
pub(crate) fn person(number: usize) -> Entry {
    let cn = format!("Person {number}");
    let attributes = [
        ("objectClass", "user"),
        ("objectCategory", "person"),
        ("cn", cn.as_str()),
        ("mail", "mail@corp.example"),
        ("telephoneNumber", "1"),
        ("userAccountControl", "512"),
        ("primaryGroupID", "513"),
    ];
    entry(&format!("CN=person {number},{}", BASE.to_lowercase()), 2, number, &attributes, Vec::new())
}

fn entry(dn: &str, kind: u8, number: usize, texts: &[(&str, &str)], members: Vec<Vec<u8>>) -> Entry {
    let mut guid = vec![kind; 16];
    guid[..8].copy_from_slice(&number.to_le_bytes());
    let mut attributes: BTreeMap<String, Vec<Vec<u8>>> =
        texts.iter().map(|(name, value)| ((*name).to_owned(), vec![value.as_bytes().to_vec()])).collect();
    attributes.insert("objectGUID".to_owned(), vec![guid]);
    if !members.is_empty() {
        attributes.insert("member".to_owned(), members);
    }
    Entry { dn: dn.to_owned(), attributes }
}

/// The groups by name.
pub(crate) fn groups(seen: &Seen) -> BTreeMap<String, Value> {
    let objects = seen.kind(DOMAIN, "groups").objects.iter();
    objects.map(|object| (object.value["cn"].as_str().expect("a name").to_owned(), object.value.clone())).collect()
}

/// The members of a group, in small letters and without escapes.
pub(crate) fn members(group: &Value) -> BTreeSet<String> {
    let members = group["member"].as_array().expect("a list").iter();
    members.map(|member| plain(member.as_str().expect("a name"))).collect()
}

/// A name in small letters and without escapes.
pub(crate) fn plain(dn: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = dn.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        rest = match (first, hex) {
            (b'\\', Some(byte)) => {
                bytes.push(byte);
                &after[2..]
            }
            (b'\\', None) => after,
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8(bytes).expect("a name is text").to_lowercase()
}

/// What a kind's people are called before the @ of their mail address.
pub(crate) fn logins(seen: &Seen) -> BTreeSet<String> {
    let people = seen.kind(DOMAIN, "users").objects.iter();
    let login = |mail: &str| mail.split('@').next().unwrap_or_default().to_owned();
    people.filter_map(|person| person.value["mail"].as_str().map(login)).collect()
}
