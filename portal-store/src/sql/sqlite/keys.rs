//! API keys, written.

use diesel::prelude::*;
use jiff::Timestamp;
use portal_core::error::StoreError;
use portal_core::keys::ApiKey;

use super::Database;
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::api_key;
use crate::sql::types::Moment;

impl Database {
    pub(super) async fn put_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.change(move |connection| {
            let there: i64 = api_key::table.filter(api_key::id.eq(key.id.as_str())).count().get_result(connection)?;
            if there > 0 {
                return Err(Failure::KeyIsThere(key.id));
            }
            let values = (
                api_key::id.eq(key.id.as_str()),
                api_key::name.eq(key.name.as_str()),
                api_key::hash.eq(key.hash.as_str()),
                api_key::scope.eq(rows::scope_word(key.scope)),
                api_key::created_at.eq(Moment(key.created_at)),
                api_key::expires_at.eq(key.expires_at.map(Moment)),
                api_key::revoked_at.eq(key.revoked_at.map(Moment)),
                api_key::used_at.eq(key.used_at.map(Moment)),
            );
            diesel::insert_into(api_key::table).values(values).execute(connection)?;
            Ok(())
        })
        .await
    }

    pub(super) async fn end_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.change(move |connection| {
            let key = api_key::table.filter(api_key::id.eq(&id)).filter(api_key::revoked_at.is_null());
            Ok(diesel::update(key).set(api_key::revoked_at.eq(Moment(at))).execute(connection)? > 0)
        })
        .await
    }

    pub(super) async fn put_use_of_key(&self, id: &str, minute: Timestamp) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.change(move |connection| {
            let later = api_key::used_at.is_null().or(api_key::used_at.lt(Moment(minute)));
            let key = api_key::table.filter(api_key::id.eq(&id)).filter(later);
            diesel::update(key).set(api_key::used_at.eq(Moment(minute))).execute(connection)?;
            Ok(())
        })
        .await
    }
}
