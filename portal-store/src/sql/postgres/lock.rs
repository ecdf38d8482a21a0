//! The lock that all writers of a database take first, whatever process or machine they are on.
//!
//! An advisory lock and not a table's: it goes with its holder's connection, readers never meet it, and a migration can
//! take it before there is a table. With one writer at a time no two can wait for each other.

use tokio_postgres::GenericClient;

use crate::sql::error::Failure;

/// The lock's number: the letters "portal"; 123628841853292 in decimal.
pub(super) const WRITERS: i64 = 0x706f_7274_616c;

/// Another lock, of those who write what health checks found: nobody who writes revisions waits for them.
pub(super) const CHECKERS: i64 = WRITERS + 1;

/// Takes the lock until the transaction's end. Waits for a minute: a first load of a large estate takes long.
pub(super) async fn for_transaction(client: &impl GenericClient, lock: i64) -> Result<(), Failure> {
    client.batch_execute("SET LOCAL lock_timeout = '60s'").await?;
    client.execute("SELECT pg_advisory_xact_lock($1)", &[&lock]).await?;
    Ok(())
}
