//! An entry as it comes over the wire, and its values as text, numbers and identities.
//!
//! The library's own reading of entries panics at what is malformed, and guesses from each value whether it is text.

use ldap3::asn1::StructureTag;
use portal_core::dn;
use serde_json::{Map, Value};

/// An entry of the directory.
pub(super) struct Entry {
    /// Its name as the directory spells it.
    pub(super) dn: String,
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

/// What stays the same when an entry is renamed or moved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Identity {
    /// `objectGUID`, or `entryUUID` of other directories.
    pub(super) attribute: &'static str,
    /// As people write it: `6f9619ff-8b86-d011-b42d-00cf4fc964ff`.
    pub(super) text: String,
}

/// Some values of an attribute that has more than a directory gives at once.
pub(super) struct Range {
    /// Place of the first one.
    pub(super) from: usize,
    /// Place of the last one; `None` if the list ends here.
    pub(super) to: Option<usize>,
    /// The values.
    pub(super) values: Vec<Vec<u8>>,
}

impl Entry {
    /// Reads a `SearchResultEntry` (RFC 4511, 4.5.2); `None` if it is malformed.
    pub(super) fn read(tag: StructureTag) -> Option<Entry> {
        let mut parts = tag.expect_constructed()?.into_iter();
        let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let mut attributes = Vec::new();
        for attribute in parts.next()?.expect_constructed()? {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
            let values = parts.next()?.expect_constructed()?;
            attributes.push((name, values.into_iter().map(StructureTag::expect_primitive).collect::<Option<_>>()?));
        }
        Some(Entry { dn, attributes })
    }

    /// An attribute of one value as text. Of several values the one in the entry's name, else the first in the order of
    /// letters: directories give them in any order.
    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        let texts = || self.values(attribute).filter_map(|value| std::str::from_utf8(value).ok());
        let mut several = texts();
        match (several.next(), several.next()) {
            (one, None) => one,
            _ => texts().filter(|text| dn::begins_with(&self.dn, text)).min().or_else(|| texts().min()),
        }
    }

    /// An attribute of one value as a number.
    pub(super) fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.parse().ok()
    }

    /// The entry's identity, if the account may read one.
    pub(super) fn identity(&self) -> Option<Identity> {
        if let Some(bytes) = self.values(GUID).next() {
            return Some(Identity { attribute: GUID, text: guid(bytes.try_into().ok()?) });
        }
        let text = self.text(UUID)?.trim().to_ascii_lowercase();
        Some(Identity { attribute: UUID, text }).filter(|identity| !identity.text.is_empty())
    }

    /// The number by which people have this group as their primary one. `primaryGroupToken` is made up when it is asked
    /// for and not every server does; it is the last part of the security identifier.
    pub(super) fn group_token(&self) -> Option<i64> {
        let from_sid = || relative_identifier(self.values("objectSid").next()?);
        self.number("primaryGroupToken").or_else(from_sid)
    }

    /// Values of an attribute that may come in ranges; the bare attribute is empty then.
    pub(super) fn range(&self, attribute: &str) -> Option<Range> {
        let ranged = self.attributes.iter().find_map(|(name, values)| {
            let (from, to) = range_of(name, attribute)?;
            Some(Range { from, to, values: values.clone() })
        });
        ranged.or_else(|| {
            let values: Vec<Vec<u8>> = self.values(attribute).map(<[u8]>::to_vec).collect();
            (!values.is_empty()).then_some(Range { from: 0, to: None, values })
        })
    }

    /// The entry as a JSON object: its name, its identity, and of these attributes those that are there.
    pub(super) fn object(&self, identity: &Identity, texts: &[&str], numbers: &[&str]) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("dn".to_owned(), self.dn.as_str().into());
        object.insert(identity.attribute.to_owned(), identity.text.as_str().into());
        for &name in texts {
            if let Some(text) = self.text(name) {
                object.insert(name.to_owned(), text.into());
            }
        }
        for &name in numbers {
            if let Some(number) = self.number(name) {
                object.insert(name.to_owned(), number.into());
            }
        }
        object
    }

    fn values(&self, attribute: &str) -> impl Iterator<Item = &[u8]> {
        let same = self.attributes.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(attribute));
        same.flat_map(|(_, values)| values.iter().map(Vec::as_slice))
    }
}

impl Identity {
    /// The filter that finds this entry wherever it went.
    pub(super) fn filter(&self) -> String {
        if self.attribute == UUID {
            return format!("({UUID}={})", ldap3::ldap_escape(self.text.as_str()));
        }
        let hex: String = self.text.chars().filter(char::is_ascii_hexdigit).collect();
        let byte = |at: usize| format!("\\{}", hex.get(at * 2..at * 2 + 2).unwrap_or("00"));
        format!("({GUID}={})", GUID_ORDER.map(byte).concat())
    }
}

const GUID: &str = "objectGUID";
const UUID: &str = "entryUUID";

/// The first three groups of a GUID stand with their last byte first (MS-DTYP 2.3.4.2).
const GUID_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

fn guid(bytes: &[u8; 16]) -> String {
    let hex = GUID_ORDER.map(|at| format!("{:02x}", bytes[at])).concat();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The last part of a security identifier (MS-DTYP 2.4.2.2).
fn relative_identifier(sid: &[u8]) -> Option<i64> {
    let count = usize::from(*sid.get(1)?);
    let last = sid.get(8..)?.chunks_exact(4).last()?;
    let whole = count > 0 && sid.len() == 8 + 4 * count;
    whole.then(|| last.try_into().map(u32::from_le_bytes).ok().map(i64::from)).flatten()
}

/// `member;range=0-1499` or `member;range=1500-*` as numbers, if it is of this attribute.
fn range_of(description: &str, attribute: &str) -> Option<(usize, Option<usize>)> {
    let mut options = description.split(';');
    if !options.next()?.eq_ignore_ascii_case(attribute) {
        return None;
    }
    let range = options.find_map(|option| {
        let (name, range) = option.split_once('=')?;
        name.eq_ignore_ascii_case("range").then_some(range)
    })?;
    let (from, to) = range.split_once('-')?;
    let to = if to == "*" { None } else { Some(to.parse().ok()?) };
    Some((from.parse().ok()?, to))
}

#[cfg(test)]
mod tests {

    use super::*;

    fn entry(dn: &str, attributes: &[(&str, &[&[u8]])]) -> Entry {
        let attributes =
            attributes.iter().map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| v.to_vec()).collect()));
        Entry { dn: dn.to_owned(), attributes: attributes.collect() }
    }

    const BYTES: [u8; 16] =
        [0xff, 0x19, 0x96, 0x6f, 0x86, 0x8b, 0x11, 0xd0, 0xb4, 0x2d, 0x00, 0xcf, 0x4f, 0xc9, 0x64, 0xff];

    #[test]
    fn a_guid_is_read_and_asked_for_in_its_own_order() {
        let identity = entry("CN=a", &[("objectguid", &[&BYTES])]).identity().expect("an identity");
        assert_eq!(identity.text, "6f9619ff-8b86-d011-b42d-00cf4fc964ff");
        let filter = r"(objectGUID=\ff\19\96\6f\86\8b\11\d0\b4\2d\00\cf\4f\c9\64\ff)";
        assert_eq!(identity.filter(), filter);
        assert!(ldap3::parse_filter(filter).is_ok());
    }

    #[test]
    fn other_directories_have_an_entry_uuid() {
        let identity = entry("cn=a", &[("entryUUID", &[b"6F9619FF-8B86-D011-B42D-00CF4FC964FF"])]).identity();
        let identity = identity.expect("an identity");
        assert_eq!(identity.filter(), "(entryUUID=6f9619ff-8b86-d011-b42d-00cf4fc964ff)");
        assert!(entry("cn=a", &[("objectGUID", &[b"short"])]).identity().is_none());
        let hostile = Identity { attribute: UUID, text: "a)(x=*".to_owned() };
        assert_eq!(hostile.filter(), r"(entryUUID=a\29\28x=\2a)");
    }

    #[test]
    fn the_token_of_a_group_is_asked_for_or_taken_from_its_identifier() {
        let sid: [u8; 16] = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x01, 0x02, 0, 0];
        let token = |attributes: &[(&str, &[&[u8]])]| entry("CN=a", attributes).group_token();
        assert_eq!(token(&[("objectSid", &[&sid])]), Some(513));
        assert_eq!(token(&[("objectSid", &[&sid]), ("primaryGroupToken", &[b"514"])]), Some(514));
        assert_eq!(token(&[("objectSid", &[&sid[..12]])]), None);
        assert_eq!(token(&[]), None);
    }

    #[test]
    fn ranges_are_read_in_any_spelling() {
        assert_eq!(range_of("member;range=0-1499", "member"), Some((0, Some(1499))));
        assert_eq!(range_of("Member;x-other;Range=1500-*", "member"), Some((1500, None)));
        assert_eq!(range_of("member;range=a-b", "member"), None);
        assert_eq!(range_of("memberOf;range=0-1", "member"), None);
        let found = entry("CN=a", &[("member", &[]), ("member;range=0-1", &[b"a", b"b"])]).range("member");
        let found = found.expect("a range");
        assert_eq!((found.from, found.to, found.values.len()), (0, Some(1), 2));
        assert!(entry("CN=a", &[("member", &[])]).range("member").is_none());
    }

    #[test]
    fn of_several_values_always_the_same_one_counts() {
        let values: [&[u8]; 3] = [b"b", b"Name", b"a"];
        assert_eq!(entry("CN=name,DC=x", &[("cn", &values)]).text("cn"), Some("Name"));
        assert_eq!(entry("CN=other,DC=x", &[("mail", &values)]).text("mail"), Some("Name"));
        assert_eq!(entry("CN=x", &[("cn", &[b"\xff"])]).text("cn"), None);
    }
}
