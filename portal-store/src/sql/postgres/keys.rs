//! API keys, written.

use futures::FutureExt;
use jiff::Timestamp;
use portal_core::error::StoreError;
use portal_core::keys::ApiKey;
use tokio_postgres::Client;

use super::Database;
use crate::sql::error::Failure;
use crate::sql::rows;

impl Database {
    pub(super) async fn put_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.clients.change(&self.place, key, |client, key| add(client, key).boxed()).await
    }

    pub(super) async fn end_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let end = "UPDATE api_key SET revoked_at = $2::text::timestamptz WHERE id = $1 AND revoked_at IS NULL";
        self.set_time(end, id, at).await
    }

    pub(super) async fn put_use_of_key(&self, id: &str, minute: Timestamp) -> Result<(), StoreError> {
        let later = "UPDATE api_key SET used_at = $2::text::timestamptz \
                     WHERE id = $1 AND (used_at IS NULL OR used_at < $2::text::timestamptz)";
        self.set_time(later, id, minute).await.map(drop)
    }

    async fn set_time(&self, statement: &str, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let arguments = (statement, id, at.to_string());
        self.clients
            .change(&self.place, &arguments, |client, (statement, id, at)| {
                async move { Ok(client.execute(*statement, &[id, at]).await? > 0) }.boxed()
            })
            .await
    }
}

async fn add(client: &Client, key: &ApiKey) -> Result<(), Failure> {
    let add = "INSERT INTO api_key (id, name, hash, scope, created_at, expires_at, revoked_at, used_at) \
               VALUES ($1, $2, $3, $4, $5::text::timestamptz, $6::text::timestamptz, $7::text::timestamptz, \
               $8::text::timestamptz) ON CONFLICT (id) DO NOTHING";
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let (scope, created_at) = (rows::scope_word(key.scope), key.created_at.to_string());
    let (id, name, hash) = (key.id.as_str(), key.name.as_str(), key.hash.as_str());
    let (expires_at, revoked_at, used_at) = (time(key.expires_at), time(key.revoked_at), time(key.used_at));
    let added =
        client.execute(add, &[&id, &name, &hash, &scope, &created_at, &expires_at, &revoked_at, &used_at]).await?;
    if added == 0 { Err(Failure::KeyIsThere(key.id.clone())) } else { Ok(()) }
}
