//! API keys: what is kept of them, and the contract of the place that keeps it.
//!
//! The key itself is never kept. Making one needs chance, which this crate has none of.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, StoreError};
use crate::id::Text;

/// What a key allows. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyScope {
    /// To read.
    Read,
    /// To edit, to ask for a check.
    Write,
    /// To release holds.
    Admin,
}

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The part of the key that is no secret; unique.
    pub id: Text,
    /// What people call it.
    pub name: Text,
    /// SHA-256 of the whole key, in hexadecimal.
    pub hash: Text,
    /// What it allows.
    pub scope: KeyScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer good.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it is good at a time.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What every keyring refuses: texts with the character NUL, which databases cannot keep.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`]; the text says what to change.
    pub fn check(&self) -> Result<(), StoreError> {
        let fields = [("id", &self.id), ("name", &self.name), ("hash", &self.hash)];
        match fields.into_iter().find(|(_, text)| text.contains('\0')) {
            None => Ok(()),
            Some((field, _)) => {
                let message = format!("the {field} of the key holds the character NUL; leave it out");
                Err(StoreError::new(ErrorKind::Invalid, message))
            }
        }
    }

    /// The minute that a time is in: a use is kept no more exactly.
    pub fn minute(at: Timestamp) -> Timestamp {
        Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap_or(at)
    }
}

/// Keeps keys.
///
/// # Contract
///
/// - A key that was added comes back as it was, and stays: one that is revoked or has expired is kept too.
/// - Who revokes a key that is revoked already changes nothing.
/// - The newest use is kept, whatever the order in which uses are noted; a use of a key that is not kept is no error.
/// - Nothing here makes a revision.
#[async_trait]
pub trait Keyring: Send + Sync {
    /// Keeps a new key.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] if one of that id is kept; [`ErrorKind::Invalid`] for what [`ApiKey::check`] refuses; else
    /// if the store cannot be written.
    async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// One key, also one that is good no longer.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError>;

    /// All keys, sorted by when they were made, then by id.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// Ends a key for good, and says whether it was there and not revoked before.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Notes the use of a key.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError>;
}
