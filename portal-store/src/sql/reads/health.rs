//! What health checks found.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use portal_core::error::StoreError;
use portal_core::health::{Checked, HealthLog, Span};
use portal_core::{Ref, Text};

use super::super::{Connection, Database};
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::{health, health_span};
use crate::sql::types::{JsonText, Moment};

#[async_trait]
impl HealthLog for Database {
    async fn checkers(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError> {
        self.put_checker(me, lease).await
    }

    async fn record(&self, results: &[Checked]) -> Result<(), StoreError> {
        if results.is_empty() {
            return Ok(());
        }
        self.put_results(results).await
    }

    async fn checked(&self, since: Option<Timestamp>) -> Result<Vec<Checked>, StoreError> {
        self.read("read", &since, |connection, since| checked(connection, *since).boxed()).await
    }

    async fn spans(&self, service: &Ref, since: Timestamp) -> Result<Vec<Span>, StoreError> {
        self.read("read", &(service, since), |connection, (service, since)| spans(connection, service, *since).boxed())
            .await
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.forget_before(before).await
    }
}

/// The rows are few; times that are text are compared here.
async fn checked(connection: &mut Connection, since: Option<Timestamp>) -> Result<Vec<Checked>, Failure> {
    let columns = (health::recorded_at, health::data);
    let found: Vec<(Moment, JsonText)> =
        health::table.order(health::entity_ref).select(columns).load(connection).await?;
    let wanted = found.iter().filter(|(recorded_at, _)| since.is_none_or(|since| recorded_at.0 >= since));
    wanted.map(|(_, data)| rows::json("a result of a health check", data)).collect()
}

async fn spans(connection: &mut Connection, service: &Ref, since: Timestamp) -> Result<Vec<Span>, Failure> {
    let columns = (health_span::status, health_span::from_time, health_span::to_time, health_span::checks);
    let found: Vec<(String, Moment, Moment, i64)> = health_span::table
        .filter(health_span::entity_ref.eq(service.as_str()))
        .order(health_span::from_time)
        .select(columns)
        .load(connection)
        .await?;
    let wanted = found.into_iter().filter(|(_, _, to, _)| to.0 > since);
    let span = |(status, from, to, checks): (String, Moment, Moment, i64)| {
        let status = rows::word("the status", &status)?;
        Ok(Span { status, from: from.0, to: to.0, checks: rows::number(checks) })
    };
    wanted.map(span).collect()
}
