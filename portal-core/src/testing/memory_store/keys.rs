//! API keys, in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::super::step_aside;
use super::MemoryStore;
use crate::error::{ErrorKind, StoreError};
use crate::keys::{ApiKey, Keyring};

#[async_trait]
impl Keyring for MemoryStore {
    async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        key.check()?;
        step_aside().await;
        let keys = &mut self.lock().keys;
        if keys.contains_key(&key.id) {
            return Err(StoreError::new(ErrorKind::Conflict, format!("there is a key {} already", key.id)));
        }
        keys.insert(key.id.clone(), key.clone());
        Ok(())
    }

    async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        self.read(|state| state.keys.get(id).cloned()).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.read(|state| {
            let mut keys: Vec<ApiKey> = state.keys.values().cloned().collect();
            keys.sort_by_key(|key| key.created_at);
            keys
        })
        .await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        step_aside().await;
        let keys = &mut self.lock().keys;
        let Some(key) = keys.get_mut(id).filter(|key| key.revoked_at.is_none()) else { return Ok(false) };
        key.revoked_at = Some(at);
        Ok(true)
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        step_aside().await;
        if let Some(key) = self.lock().keys.get_mut(id) {
            key.used_at = key.used_at.max(Some(ApiKey::minute(at)));
        }
        Ok(())
    }
}
