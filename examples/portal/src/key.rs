//! The text of an API key: `pk_<id>_<secret>`.
//!
//! It is made of chance, shown once, and kept only as its hash. Nothing here prints the secret by accident.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

const PREFIX: &str = "pk_";
/// 60 bits: two keys of one id are unlikely, and the store refuses the second.
const ID_LENGTH: usize = 12;
/// 260 bits.
const SECRET_LENGTH: usize = 52;
/// Five bits a letter; a double click selects a key whole, and no letter needs an escape anywhere.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A key as its holder has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// A text that has not the form of a key. It does not say which text: that may be a key with a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no API key; one looks like `pk_<12 letters>_<52 letters>`")]
pub struct NotAKey;

impl Key {
    /// A new one, from the operating system's chance.
    ///
    /// # Errors
    /// If the system has none to give.
    pub fn new() -> Result<Key, getrandom::Error> {
        let mut chance = [0; ID_LENGTH + SECRET_LENGTH];
        getrandom::fill(&mut chance)?;
        let letters: String = chance.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
        let (id, secret) = letters.split_at(ID_LENGTH);
        Ok(Key(format!("{PREFIX}{id}_{secret}")))
    }

    /// The part that is no secret.
    pub fn id(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + ID_LENGTH]
    }

    /// The whole text, for its holder.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it. A slow hash would add nothing: there is no dictionary of 260 bits of chance.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Whether something that looks like a key, also like one that was cut, stands somewhere in a text.
    pub fn is_in(text: &str) -> bool {
        text.match_indices(PREFIX).any(|(at, _)| {
            let rest = &text.as_bytes()[at + PREFIX.len()..];
            let id = rest.iter().take_while(|byte| LETTERS.contains(byte)).count();
            let secret = rest.iter().skip(ID_LENGTH + 1).take_while(|byte| LETTERS.contains(byte)).count();
            id == ID_LENGTH && rest.get(ID_LENGTH) == Some(&b'_') && secret >= SECRET_LENGTH / 4
        })
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Key, NotAKey> {
        let letters = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| LETTERS.contains(&b));
        match text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) {
            Some((id, secret)) if letters(id, ID_LENGTH) && letters(secret, SECRET_LENGTH) => Ok(Key(text.to_owned())),
            _ => Err(NotAKey),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({PREFIX}{}_…)", self.id())
    }
}

/// A hash as it is kept: 64 hexadecimal digits.
pub fn hex(hash: &[u8; 32]) -> String {
    use fmt::Write;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash that was kept; [`None`] for any other text.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_read_back_and_no_two_are_equal() {
        let keys: Vec<Key> = (0..100).map(|_| Key::new().expect("chance")).collect();
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(key.reveal().parse(), Ok(key.clone()));
            assert!(keys[..at].iter().all(|other| other.id() != key.id() && other.hash() != key.hash()));
        }
        let letters: std::collections::HashSet<char> = keys.iter().flat_map(|key| key.reveal().chars()).collect();
        assert_eq!(letters.len(), LETTERS.len() + 1, "all letters come, and `_`: {letters:?}");
    }

    #[test]
    fn what_is_kept_is_the_sha_256_of_the_whole_text() {
        let key: Key = format!("pk_{}_{}", "a".repeat(12), "b".repeat(52)).parse().expect("a key");
        // printf 'pk_aaaaaaaaaaaa_bbb…' | sha256sum
        assert_eq!(hex(&key.hash()), "552b66da6146b24600c4a739dc807b883ca296d2aaf5aeed468ce869d6a1c901");
        assert_eq!(from_hex(&hex(&key.hash())), Some(key.hash()));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_secret() {
        let key = Key::new().expect("chance");
        let secret = &key.reveal()[PREFIX.len() + ID_LENGTH + 1..];
        assert!(!format!("{key:?}").contains(secret));
        let wrong = format!("{}x", key.reveal()).parse::<Key>().expect_err("a letter too many");
        assert!(!format!("{wrong:?} {wrong}").contains(secret));
    }

    #[test]
    fn other_texts_are_no_keys() {
        let key = Key::new().expect("chance").reveal().to_owned();
        for wrong in ["", "pk_", "pk__", &key[1..], &key[..key.len() - 1], &key.to_uppercase(), &format!(" {key}")] {
            assert_eq!(wrong.parse::<Key>(), Err(NotAKey), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_found_in_an_address() {
        let key = Key::new().expect("chance").reveal().to_owned();
        for address in [format!("/x?key={key}"), format!("/{key}/y"), format!("/?pk_=1&q=%22{}", &key[..40])] {
            assert!(Key::is_in(&address), "{address}");
        }
        for address in ["/services?q=pk_", "/x?q=pk_short_text", "/pk_aaaaaaaaaaaa", "/pk_aaaaaaaaaaaa_bb"] {
            assert!(!Key::is_in(address), "{address}");
        }
    }
}
