//! Pages of a list: their order, and where the next one begins.

use super::filter::Filter;
use super::{CatalogError, Freshness};
use crate::digest::Digest;
use crate::id::{EntityType, Ref};
use crate::model::{Entity, Health, Workload};

/// What a list is sorted by. What is equal there is sorted by the shown name without case, and then by ref.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The shown name, without case.
    #[default]
    Name,
    /// The type of a resource, the kind of a workload, the type and kind of a service.
    Type,
    /// The owner's slug; what has none comes last.
    Team,
    /// From healthy over degraded and down to unknown.
    Status,
    /// When it came.
    FirstSeen,
    /// When something about it was changed last.
    UpdatedAt,
    /// When the outside system made it; what does not say so comes last.
    CreatedAt,
}

impl Sort {
    /// Every order.
    pub const ALL: [Sort; 7] =
        [Sort::Name, Sort::Type, Sort::Team, Sort::Status, Sort::FirstSeen, Sort::UpdatedAt, Sort::CreatedAt];

    /// The word as users type it.
    pub fn as_str(self) -> &'static str {
        match self {
            Sort::Name => "name",
            Sort::Type => "type",
            Sort::Team => "team",
            Sort::Status => "status",
            Sort::FirstSeen => "first_seen",
            Sort::UpdatedAt => "updated_at",
            Sort::CreatedAt => "created_at",
        }
    }
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The order.
    pub sort: Sort,
    /// The exact reverse of the order.
    pub descending: bool,
    /// Where the page before ended: its [`Page::next_cursor`].
    pub cursor: Option<String>,
    /// At most so many; at least one.
    pub limit: usize,
}

impl Default for Paging {
    fn default() -> Paging {
        Paging { sort: Sort::Name, descending: false, cursor: None, limit: 50 }
    }
}

impl Paging {
    /// Everything on one page.
    pub fn all() -> Paging {
        Paging { limit: usize::MAX, ..Paging::default() }
    }
}

/// An entity with what lists show of it besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its ref.
    pub entity_ref: Ref,
    /// What was collected, with what people say laid over it. In a list without the evidence and the attributes.
    pub entity: Entity,
    /// When it was seen.
    pub freshness: Freshness,
    /// What a service runs as, sorted by ref.
    pub workloads: Vec<Workload>,
    /// What services and workloads are found to be.
    pub status: Option<Health>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What is on it.
    pub items: Vec<Entry>,
    /// How many there are in all.
    pub total: usize,
    /// What asks for the next page; [`None`] on the last one.
    pub next_cursor: Option<String>,
}

/// Where an entity stands in an order: the key of the order, the shown name without case, and the ref.
///
/// A cursor holds the place and not a number of entries, so that it goes on at the same place when entities came and
/// went in between, even if the one that it names is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) key: Key,
    pub(super) name: String,
    pub(super) entity: Ref,
}

/// The value that an order goes by; what has none is after all that have one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Text(String),
    Number(i128),
    Nothing,
}

/// How much of a digest a cursor carries.
const SEAL: usize = 12;

/// Writes a cursor: opaque, and bound to its list by a digest over both.
pub(super) fn write(of: EntityType, filter: &Filter, paging: &Paging, place: &Place) -> String {
    let mut body = Vec::new();
    match &place.key {
        Key::Text(text) => {
            body.push(0);
            put(&mut body, text);
        }
        Key::Number(number) => {
            body.push(1);
            body.extend(number.to_be_bytes());
        }
        Key::Nothing => body.push(2),
    }
    put(&mut body, &place.name);
    put(&mut body, place.entity.as_str());
    let mut bytes = seal(of, filter, paging, &body).to_vec();
    bytes.extend(body);
    to_base64url(&bytes)
}

/// Reads a cursor of the same list.
///
/// # Errors
/// [`CatalogError::InvalidCursor`] for one of another list, and for what is none.
pub(super) fn read(of: EntityType, filter: &Filter, paging: &Paging) -> Result<Option<Place>, CatalogError> {
    let Some(cursor) = &paging.cursor else { return Ok(None) };
    let bytes = from_base64url(cursor).ok_or(CatalogError::InvalidCursor)?;
    let (sealed, body) = bytes.split_at_checked(SEAL).ok_or(CatalogError::InvalidCursor)?;
    if sealed != seal(of, filter, paging, body) {
        return Err(CatalogError::InvalidCursor);
    }
    place(body).map(Some).ok_or(CatalogError::InvalidCursor)
}

fn place(body: &[u8]) -> Option<Place> {
    let (kind, mut rest) = body.split_first()?;
    let key = match kind {
        0 => Key::Text(take(&mut rest)?),
        1 => {
            let (number, after) = rest.split_at_checked(16)?;
            rest = after;
            Key::Number(i128::from_be_bytes(number.try_into().ok()?))
        }
        _ => Key::Nothing,
    };
    let (name, entity) = (take(&mut rest)?, take(&mut rest)?);
    Some(Place { key, name, entity: entity.parse().ok()? })
}

fn seal(of: EntityType, filter: &Filter, paging: &Paging, body: &[u8]) -> [u8; SEAL] {
    let list = format!("1 {of} {} {} {}", paging.sort.as_str(), paging.descending, filter.canonical());
    let mut sealed = list.into_bytes();
    sealed.push(0);
    sealed.extend(body);
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&Digest::of_bytes(&sealed).0[..SEAL]);
    seal
}

fn put(bytes: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).expect("a name is shorter than four gigabytes");
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn take(bytes: &mut &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_at_checked(4)?;
    let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn to_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..=chunk.len() {
            let six = usize::try_from(word >> (18 - 6 * at) & 63).expect("six bits");
            text.push(char::from(ALPHABET[six]));
        }
    }
    text
}

fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for (at, byte) in chunk.iter().enumerate() {
            let six = ALPHABET.iter().position(|letter| letter == byte)?;
            word |= u32::try_from(six).ok()? << (18 - 6 * at);
        }
        bytes.extend(&word.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_comes_back_at_any_length() {
        for length in 0..20_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(97)).collect();
            assert_eq!(from_base64url(&to_base64url(&bytes)), Some(bytes));
        }
        assert_eq!(from_base64url("a+b/"), None);
    }

    #[test]
    fn a_cursor_leads_back_only_in_its_own_list() {
        let (of, filter) = (EntityType::Resource, Filter { teams: vec!["a".into(), "b".into()], ..Filter::default() });
        let place = Place { key: Key::Number(-7), name: "größe\u{0}".into(), entity: Ref::team("x") };
        let cursor = write(of, &filter, &Paging::default(), &place);
        let paging = Paging { cursor: Some(cursor.clone()), ..Paging::default() };
        let same = Filter { teams: vec!["b".into(), "a".into()], ..Filter::default() };
        assert_eq!(read(of, &same, &paging), Ok(Some(place)), "the order of values makes no difference");
        assert_eq!(read(EntityType::Service, &filter, &paging), Err(CatalogError::InvalidCursor));
        assert_eq!(read(of, &Filter::default(), &paging), Err(CatalogError::InvalidCursor));
        let reversed = Paging { descending: true, ..paging.clone() };
        assert_eq!(read(of, &filter, &reversed), Err(CatalogError::InvalidCursor));
        for at in 0..cursor.len() {
            let mut tampered = cursor.clone();
            tampered.replace_range(at..=at, if &cursor[at..=at] == "A" { "B" } else { "A" });
            let paging = Paging { cursor: Some(tampered), ..Paging::default() };
            // The last letter holds bits that no byte takes.
            let unchanged = read(of, &filter, &paging).is_ok();
            assert!(!unchanged || at == cursor.len() - 1, "letter {at}");
        }
        for wrong in ["", "A", "!", "AAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let paging = Paging { cursor: Some(wrong.into()), ..Paging::default() };
            assert_eq!(read(of, &filter, &paging), Err(CatalogError::InvalidCursor), "{wrong}");
        }
    }
}
