//! Digests: SHA-256 for files, its first half for rows.

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// How long a buffer may stay.
const LARGEST_BUFFER: usize = 1 << 20;

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The first 16 bytes of a SHA-256: tells whether two values are equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// The digest of a value's JSON form.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Digest {
        thread_local! {
            // Hashing one long text is much faster than many short ones, and a new buffer each time is not.
            static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
        }
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            serde_json::to_writer(&mut *buffer, value).expect("model types have string keys and no failing serializer");
            let digest = Digest::of_bytes(buffer);
            // The list of all findings may be long once.
            if buffer.capacity() > LARGEST_BUFFER {
                *buffer = Vec::new();
            }
            digest
        })
    }

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Digest {
        Digest::cut(&Sha256::digest(bytes))
    }

    /// 32 hexadecimal digits.
    pub fn to_hex(self) -> String {
        to_hex(&self.0)
    }

    /// Reads what [`Digest::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Digest> {
        let mut bytes = [0; 16];
        let whole = text.len() == 32 && text.is_ascii();
        for (at, byte) in bytes.iter_mut().enumerate().take_while(|_| whole) {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        whole.then_some(Digest(bytes))
    }

    fn cut(bytes: &[u8]) -> Digest {
        let mut half = [0; 16];
        half.copy_from_slice(&bytes[..16]);
        Digest(half)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
