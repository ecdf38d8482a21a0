//! API keys: what is kept of them, and the contract of the place that keeps it.
//!
//! The key itself is never kept. Making one needs chance, which this crate has none of.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
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
}

/// Keeps keys.
#[async_trait]
pub trait Keyring: Send + Sync {
    /// Keeps a new key.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] if one of that id is kept; else if the store cannot be written.
    async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// One key, also one that is good no longer.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError>;

    /// All keys, sorted by when they were made.
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
