//! Looks at the head now and then: a file tells nobody that it was written.
//!
//! On a connection of its own and not in the pool, so that dropping the task half-way harms nobody.

use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::Head;

use super::connection::{Place, SETTINGS};
use super::say;
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::head;
use crate::sql::watch::Teller;

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(200);

/// How long it waits where it cannot look.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

pub(super) async fn follow(place: Place, teller: Teller) {
    let mut kept: Option<SqliteConnection> = None;
    loop {
        let (before, place) = (kept.take(), place.clone());
        let looked = tokio::task::spawn_blocking(move || look(before, &place)).await;
        let (connection, head) = looked.unwrap_or_else(|error| {
            (None, Err(StoreError::new(ErrorKind::Unexpected, "looking for news was interrupted").caused_by(error)))
        });
        kept = connection;
        let period = if head.is_ok() { PERIOD } else { AFTER_FAILURE };
        teller.tell(head);
        teller.rest(period).await;
    }
}

type Looked = (Option<SqliteConnection>, Result<Head, StoreError>);

fn look(before: Option<SqliteConnection>, place: &Place) -> Looked {
    let mut connection = match before.map_or_else(|| open(place), Ok) {
        Ok(connection) => connection,
        Err(error) => return (None, Err(error)),
    };
    match newest(&mut connection) {
        Ok(head) => (Some(connection), Ok(head)),
        Err(failure) => (None, Err(say(failure, "read", place))),
    }
}

fn open(place: &Place) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(place.file()?).map_err(|error| {
        let message = format!("cannot open the store {place}; check the rights of the file and of its folder");
        StoreError::new(ErrorKind::Denied, message).caused_by(error)
    })?;
    connection.batch_execute(SETTINGS).map_err(|error| say(Failure::from(error), "open", place))?;
    Ok(connection)
}

fn newest(connection: &mut SqliteConnection) -> Result<Head, Failure> {
    let (revision, generation, rules): (i64, i64, Option<String>) =
        head::table.select((head::revision, head::generation, head::rules)).first(connection)?;
    Ok(Head { revision: rows::number(revision), generation: rows::number(generation), rules: rules.map(Into::into) })
}
