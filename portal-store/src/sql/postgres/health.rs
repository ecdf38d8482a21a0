//! What health checks found. A round is one statement, however many services there are.

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use portal_core::Text;
use portal_core::error::StoreError;
use portal_core::health::Checked;
use portal_core::model::Health;
use serde::Serialize;
use tokio_postgres::Client;

use super::Database;
use super::error::say;
use super::lock::{self, CHECKERS};
use crate::sql::error::Failure;
use crate::sql::rounds;
use crate::sql::types::JsonText;

/// The longest lease, a hundred years: beyond it there is no sense, and no room in an interval.
const LONGEST: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// A result as the statement takes it.
#[derive(Serialize)]
struct Row<'c> {
    #[serde(rename = "ref")]
    service: &'c str,
    status: Health,
    checked_at: Timestamp,
    data: String,
}

impl Database {
    pub(super) async fn put_checker(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError> {
        let lease = i64::try_from(lease.min(LONGEST).as_micros()).unwrap_or(0);
        self.clients.change(&self.place, &(me, lease), |client, (me, lease)| checker(client, me, *lease).boxed()).await
    }

    pub(super) async fn put_results(&self, results: &[Checked]) -> Result<(), StoreError> {
        let lists: Result<Vec<String>, Failure> = rounds::of(results).into_iter().map(list).collect();
        let lists = lists.map_err(|failure| say(failure, super::commit::VERB, &self.place))?;
        self.clients.change(&self.place, lists.as_slice(), |client, lists| record(client, lists).boxed()).await
    }

    pub(super) async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.clients.change(&self.place, &before, |client, before| forget(client, *before).boxed()).await
    }
}

async fn checker(client: &Client, me: &str, lease: i64) -> Result<Vec<Text>, Failure> {
    lock::for_transaction(client, CHECKERS).await?;
    let put = "INSERT INTO checker (name, alive_until) VALUES ($1, clock_timestamp() + $2 * interval '1 microsecond') \
               ON CONFLICT (name) DO UPDATE SET alive_until = excluded.alive_until";
    client.execute(put, &[&me, &(lease as f64)]).await?;
    client.execute("DELETE FROM checker WHERE alive_until <= clock_timestamp()", &[]).await?;
    let alive = client.query("SELECT name FROM checker ORDER BY name", &[]).await?;
    Ok(alive.iter().map(|row| Text::from(row.get::<_, &str>(0))).collect())
}

fn list(round: Vec<&Checked>) -> Result<String, Failure> {
    let rows = round.into_iter().map(|checked| {
        let data = JsonText::of("a result", checked)?.0;
        let (status, checked_at) = (checked.status, checked.checked_at);
        Ok(Row { service: checked.service.as_str(), status, checked_at, data })
    });
    let rows: Vec<Row<'_>> = rows.collect::<Result<_, Failure>>()?;
    Ok(JsonText::of("results", &rows)?.0)
}

async fn record(client: &Client, lists: &[String]) -> Result<(), Failure> {
    // The statement reads spans that another round may just be writing.
    lock::for_transaction(client, CHECKERS).await?;
    let put = "WITH new AS (SELECT * FROM json_to_recordset($1::text::json) \
                   AS new(ref text, status text, checked_at timestamptz, data text)), \
               put AS (INSERT INTO health (ref, checked_at, recorded_at, data) \
                   SELECT ref, checked_at, clock_timestamp(), data::json FROM new \
                   ON CONFLICT (ref) DO UPDATE SET checked_at = excluded.checked_at, \
                       recorded_at = excluded.recorded_at, data = excluded.data \
                   WHERE health.checked_at < excluded.checked_at RETURNING ref), \
               newest AS (SELECT new.ref, new.status, new.checked_at, \
                       (SELECT max(s.from_time) FROM health_span s WHERE s.ref = new.ref) AS from_time \
                   FROM new JOIN put ON put.ref = new.ref), \
               longer AS (UPDATE health_span SET to_time = newest.checked_at, checks = checks + 1 FROM newest \
                   WHERE health_span.ref = newest.ref AND health_span.from_time = newest.from_time \
                   AND health_span.status = newest.status RETURNING health_span.ref) \
               INSERT INTO health_span (ref, status, from_time, to_time, checks) \
               SELECT ref, status, checked_at, checked_at, 1 FROM newest \
               WHERE NOT EXISTS (SELECT FROM longer WHERE longer.ref = newest.ref)";
    for list in lists {
        client.execute(put, &[list]).await?;
    }
    Ok(())
}

async fn forget(client: &Client, before: Timestamp) -> Result<u64, Failure> {
    lock::for_transaction(client, CHECKERS).await?;
    let before = before.to_string();
    let gone = client.execute("DELETE FROM health_span WHERE to_time < $1::text::timestamptz", &[&before]).await?;
    client.execute("DELETE FROM health WHERE checked_at < $1::text::timestamptz", &[&before]).await?;
    Ok(gone)
}
