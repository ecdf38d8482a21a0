//! Brings a database's schema to this version's. Forward only.
//!
//! diesel's own harness needs libpq or a thread that blocks, and hands no SQLSTATE on; a list of files is all it takes.
//! What it kept in `__diesel_schema_migrations` is kept there too, so that diesel's programs understand it.

use std::time::Duration;

use portal_core::error::{ErrorKind, StoreError};
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connection::connect;
use super::error::say;
use super::lock::{self, WRITERS};
use super::url::Place;
use crate::sql::Migrated;
use crate::sql::error::{Failure, newer_schema};

/// Every migration, oldest first: its version, and what it does.
const MIGRATIONS: &[(&str, &str)] = &[
    ("00000000000001", include_str!("../../../migrations/postgres/00000000000001_initial/up.sql")),
    ("00000000000002", include_str!("../../../migrations/postgres/00000000000002_curated/up.sql")),
];

/// A table that gets a column more is locked for a moment, and that waits for who is just reading it, while all others
/// queue behind it: so it gives up soon, lets them through, and tries again.
const LIMITS: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = 0";

/// How long it is tried, and how long the others have in between.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

/// Applies what is missing. A schema that is newer than this version is refused.
pub(in crate::sql) async fn migrate(place: &Place) -> Result<Migrated, StoreError> {
    let failed = |failure| say(failure, "migrate", place);
    let mut client = connect(place).await.map_err(|failure| say(failure, "connect to", place))?;
    let there = versions(&client).await.map_err(failed)?;
    if let Some(newer) = there.iter().flatten().find(|version| !is_known(version)) {
        return Err(newer_schema(place, newer));
    }
    // Who only reads may lack the rights for more, and a standby takes no locks.
    let applied = match there {
        Some(there) if there.len() == MIGRATIONS.len() => Vec::new(),
        _ => apply_in_time(&mut client).await.map_err(failed)?,
    };
    let version = MIGRATIONS.last().map(|(version, _)| (*version).to_owned()).unwrap_or_default();
    Ok(Migrated { store: place.to_string(), version, applied })
}

/// An error if no store is there.
pub(in crate::sql) async fn check_exists(place: &Place) -> Result<(), StoreError> {
    let client = connect(place).await.map_err(|failure| say(failure, "connect to", place))?;
    match versions(&client).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            let message = format!("there is no store at {place}; run `portal ingest` first, or check --store");
            Err(StoreError::new(ErrorKind::NotFound, message))
        }
        Err(failure) => Err(say(failure, "read", place)),
    }
}

/// The versions that were applied; [`None`] where there never was a store.
async fn versions(client: &Client) -> Result<Option<Vec<String>>, Failure> {
    let table = client.query_one("SELECT to_regclass('__diesel_schema_migrations')::text", &[]).await?;
    if table.get::<_, Option<&str>>(0).is_none() {
        return Ok(None);
    }
    let rows = client.query("SELECT version FROM __diesel_schema_migrations ORDER BY version", &[]).await?;
    Ok(Some(rows.iter().map(|row| row.get(0)).collect()))
}

fn is_known(version: &str) -> bool {
    MIGRATIONS.iter().any(|(known, _)| *known == version)
}

async fn apply_in_time(client: &mut Client) -> Result<Vec<String>, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match apply(client).await {
            Err(failure) if is_locked(&failure) && Instant::now() < deadline => {
                tracing::info!("somebody is reading what the migration has to change; trying again");
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

fn is_locked(failure: &Failure) -> bool {
    matches!(failure, Failure::Server(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}

/// All of it in one transaction, so that others see the old schema or the new one.
async fn apply(client: &mut Client) -> Result<Vec<String>, Failure> {
    let transaction = client.transaction().await?;
    // Two processes may start at once: the second one sees what the first has done. Nobody commits meanwhile.
    lock::for_transaction(&transaction, WRITERS).await?;
    transaction.batch_execute(LIMITS).await?;
    let table = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations \
                 (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)";
    transaction.batch_execute(table).await?;
    let rows = transaction.query("SELECT version FROM __diesel_schema_migrations", &[]).await?;
    let there: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut applied = Vec::new();
    for (version, statements) in MIGRATIONS.iter().filter(|(version, _)| !there.iter().any(|one| one == version)) {
        transaction.batch_execute(statements).await?;
        transaction.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ($1)", &[version]).await?;
        applied.push((*version).to_owned());
    }
    transaction.commit().await?;
    Ok(applied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_is_listed_and_they_are_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
        let entries = std::fs::read_dir(folder).expect("the migrations");
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
        let mut versions: Vec<String> =
            names.map(|name| name.split('_').next().unwrap_or_default().to_owned()).collect();
        versions.sort();
        assert_eq!(MIGRATIONS.iter().map(|(version, _)| *version).collect::<Vec<_>>(), versions);
    }
}
