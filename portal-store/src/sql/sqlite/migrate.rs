//! Brings a database's schema to this version's. Forward only.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use portal_core::error::{ErrorKind, StoreError};

use super::connection::{Place, SETTINGS};
use super::say;
use crate::sql::Migrated;
use crate::sql::error::{Failure, newer_schema};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How long others may be busy with the file.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Applies what is missing. A schema that is newer than this version is refused.
pub(in crate::sql) async fn migrate(place: &Place) -> Result<Migrated, StoreError> {
    place.check_folder()?;
    let place = place.clone();
    tokio::task::spawn_blocking(move || apply(&place))
        .await
        .map_err(|e| StoreError::new(ErrorKind::Unexpected, "the migration was interrupted").caused_by(e))?
}

fn apply(place: &Place) -> Result<Migrated, StoreError> {
    let mut connection = SqliteConnection::establish(place.file()?).map_err(|error| {
        let message = format!("cannot open the store {place}; check the rights of the file and of its folder");
        StoreError::new(ErrorKind::Denied, message).caused_by(error)
    })?;
    connection.batch_execute(SETTINGS).map_err(|error| say(Failure::from(error), "open", place))?;
    switch_to_wal(&mut connection, place)?;
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| match cause.downcast::<diesel::result::Error>() {
        Ok(error) => say(Failure::from(*error), "migrate", place),
        Err(cause) => {
            let message = format!("cannot bring the schema of {place} to this version's; nothing was changed");
            StoreError::new(ErrorKind::Unexpected, message).caused_by(cause)
        }
    };
    let known = known_versions().map_err(failed)?;
    let there: Vec<String> = connection.applied_migrations().map_err(failed)?.iter().map(ToString::to_string).collect();
    if let Some(newer) = there.iter().find(|version| !known.contains(version)) {
        return Err(newer_schema(place, newer));
    }
    let applied: Vec<String> = if there.len() == known.len() {
        Vec::new()
    } else {
        // Two processes may start at once: the write lock makes the second one see what the first has done.
        connection
            .immediate_transaction::<_, Box<dyn std::error::Error + Send + Sync>, _>(|connection| {
                Ok(connection.run_pending_migrations(MIGRATIONS)?.iter().map(ToString::to_string).collect())
            })
            .map_err(failed)?
    };
    Ok(Migrated { store: place.to_string(), version: known.last().cloned().unwrap_or_default(), applied })
}

/// Lets readers go on while somebody writes. For this one change SQLite does not wait for others, whatever its timeout.
fn switch_to_wal(connection: &mut SqliteConnection, place: &Place) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL;") {
            Ok(()) => return Ok(()),
            Err(error) => {
                let error = say(Failure::from(error), "open", place);
                if error.kind() != ErrorKind::Unavailable || started.elapsed() > LONGEST_WAIT {
                    return Err(error);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

fn known_versions() -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let mut versions: Vec<String> =
        diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS)?
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect();
    versions.sort();
    Ok(versions)
}
