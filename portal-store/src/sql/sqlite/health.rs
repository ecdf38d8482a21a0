//! What health checks found. A round is a list as JSON that the database takes apart: a few statements, however many
//! services there are.
//!
//! Times have nine digits behind the second, so that they compare as text.

use std::collections::HashMap;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::Text as SqlText;
use jiff::{SignedDuration, Timestamp};
use portal_core::Text;
use portal_core::error::StoreError;
use portal_core::health::Checked;
use serde::Serialize;

use super::Database;
use crate::sql::error::Failure;
use crate::sql::rounds;
use crate::sql::types::JsonText;

/// A result as the statements take it.
#[derive(Serialize)]
struct Row {
    #[serde(rename = "ref")]
    service: String,
    status: portal_core::model::Health,
    checked_at: String,
    data: String,
}

impl Database {
    pub(super) async fn put_checker(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError> {
        let me = me.to_owned();
        self.change(move |connection| checker(connection, &me, lease)).await
    }

    pub(super) async fn put_results(&self, results: &[Checked]) -> Result<(), StoreError> {
        let mut all: Vec<Vec<Row>> = Vec::new();
        for round in rounds::of(results) {
            let rows = round.into_iter().map(|checked| {
                Ok(Row {
                    service: checked.service.to_string(),
                    status: checked.status,
                    checked_at: text(checked.checked_at),
                    data: JsonText::of("a result", checked)?.0,
                })
            });
            all.push(
                rows.collect::<Result<_, Failure>>().map_err(|failure| super::say(failure, "write to", &self.place))?,
            );
        }
        self.change(move |connection| all.into_iter().try_for_each(|rows| record(connection, rows))).await
    }

    pub(super) async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.change(move |connection| {
            let gone = diesel::sql_query("DELETE FROM health_span WHERE to_time < ?");
            let gone = gone.bind::<SqlText, _>(text(before)).execute(connection)?;
            let old = diesel::sql_query("DELETE FROM health WHERE checked_at < ?");
            old.bind::<SqlText, _>(text(before)).execute(connection)?;
            Ok(gone as u64)
        })
        .await
    }
}

fn checker(connection: &mut SqliteConnection, me: &str, lease: SignedDuration) -> Result<Vec<Text>, Failure> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = SqlText)]
        name: String,
    }
    let now = Database::now();
    let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let put = diesel::sql_query("INSERT OR REPLACE INTO checker (name, alive_until) VALUES (?, ?)");
    put.bind::<SqlText, _>(me).bind::<SqlText, _>(text(until)).execute(connection)?;
    let dead = diesel::sql_query("DELETE FROM checker WHERE alive_until <= ?");
    dead.bind::<SqlText, _>(text(now)).execute(connection)?;
    let alive: Vec<Name> = diesel::sql_query("SELECT name FROM checker ORDER BY name").load(connection)?;
    Ok(alive.into_iter().map(|row| row.name.into()).collect())
}

/// Keeps a round, in which no service stands twice.
fn record(connection: &mut SqliteConnection, mut rows: Vec<Row>) -> Result<(), Failure> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = SqlText)]
        service: String,
        #[diesel(sql_type = SqlText)]
        checked_at: String,
    }
    let known = "SELECT h.ref AS service, h.checked_at FROM json_each(?) n JOIN health h ON h.ref = n.value->>'ref'";
    let all = JsonText::of("results", &rows)?.0;
    let known: Vec<Known> = diesel::sql_query(known).bind::<SqlText, _>(all).load(connection)?;
    let known: HashMap<String, String> = known.into_iter().map(|row| (row.service, row.checked_at)).collect();
    rows.retain(|row| known.get(&row.service).is_none_or(|known| *known < row.checked_at));
    let newer = JsonText::of("results", &rows)?.0;
    let put = "INSERT OR REPLACE INTO health (ref, checked_at, recorded_at, data) \
               SELECT value->>'ref', value->>'checked_at', ?, value->>'data' FROM json_each(?)";
    let put = diesel::sql_query(put).bind::<SqlText, _>(text(Database::now()));
    put.bind::<SqlText, _>(&newer).execute(connection)?;
    let lengthen = "UPDATE health_span SET to_time = n.value->>'checked_at', checks = checks + 1 FROM json_each(?) n \
                    WHERE health_span.ref = n.value->>'ref' AND health_span.status = n.value->>'status' \
                    AND health_span.from_time = (SELECT max(s.from_time) FROM health_span s WHERE s.ref = n.value->>'ref')";
    diesel::sql_query(lengthen).bind::<SqlText, _>(&newer).execute(connection)?;
    // A span that was lengthened ends with this check; no other one can.
    let begin = "INSERT INTO health_span (ref, status, from_time, to_time, checks) \
                 SELECT n.value->>'ref', n.value->>'status', n.value->>'checked_at', n.value->>'checked_at', 1 \
                 FROM json_each(?) n WHERE NOT EXISTS (SELECT 1 FROM health_span s \
                 WHERE s.ref = n.value->>'ref' AND s.to_time = n.value->>'checked_at')";
    diesel::sql_query(begin).bind::<SqlText, _>(&newer).execute(connection)?;
    Ok(())
}

fn text(time: Timestamp) -> String {
    format!("{time:.9}")
}
