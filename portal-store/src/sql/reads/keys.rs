//! API keys.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures::FutureExt;
use jiff::Timestamp;
use portal_core::error::StoreError;
use portal_core::keys::{ApiKey, Keyring};

use super::super::{Connection, Database};
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::api_key;
use crate::sql::types::Moment;

#[async_trait]
impl Keyring for Database {
    async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        key.check()?;
        self.put_key(key).await
    }

    async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        // Whoever shows a key chooses its text, and a database may not even compare this one.
        if id.contains('\0') {
            return Ok(None);
        }
        self.read("read the keys of", id, |connection, id| key(connection, id).boxed()).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys = self.read("read the keys of", &(), |connection, ()| keys(connection).boxed()).await?;
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        if id.contains('\0') {
            return Ok(false);
        }
        self.end_key(id, at).await
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        if id.contains('\0') {
            return Ok(());
        }
        self.put_use_of_key(id, ApiKey::minute(at)).await
    }
}

type KeyRow = (String, String, String, String, Moment, Option<Moment>, Option<Moment>, Option<Moment>);

async fn key(connection: &mut Connection, id: &str) -> Result<Option<ApiKey>, Failure> {
    let found: Option<KeyRow> = api_key::table.find(id).first(connection).await.optional()?;
    found.map(api_key).transpose()
}

async fn keys(connection: &mut Connection) -> Result<Vec<ApiKey>, Failure> {
    let found: Vec<KeyRow> = api_key::table.load(connection).await?;
    found.into_iter().map(api_key).collect()
}

fn api_key((id, name, hash, scope, created_at, expires_at, revoked_at, used_at): KeyRow) -> Result<ApiKey, Failure> {
    Ok(ApiKey {
        id: id.into(),
        name: name.into(),
        hash: hash.into(),
        scope: rows::word("the scope of a key", &scope)?,
        created_at: created_at.0,
        expires_at: expires_at.map(|at| at.0),
        revoked_at: revoked_at.map(|at| at.0),
        used_at: used_at.map(|at| at.0),
    })
}
