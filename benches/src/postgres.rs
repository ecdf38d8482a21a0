//! A throw-away PostgreSQL, and the least that it has to do for the same rows.

use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::bed::Bed;
use crate::measure::Measure;

/// Tables in the order in which their rows may come.
const TABLES: [&str; 6] = ["revision", "scope", "part", "entity", "relation", "finding"];

/// A server that ends with this.
pub(crate) struct Postgres(Bed);

impl Postgres {
    pub(crate) fn start() -> Postgres {
        Postgres(Bed::own("postgres"))
    }

    pub(crate) fn url(&self) -> &str {
        self.0.said("url")
    }

    /// The process that all of its others are children of.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.0.told["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
    }

    /// Copies all rows of the store into empty tables with the same indexes: no program can load them with less.
    pub(crate) async fn floor(&self, folder: &Path) -> Result<(), Failure> {
        let url = self.url();
        psql(url, "CREATE DATABASE floor")?;
        let (server, _) = url.rsplit_once('/').ok_or("a URL without a database")?;
        let empty = format!("{server}/floor");
        portal_store::SqlStore::migrate(&empty).await?;
        let file = |table: &str| folder.join(format!("{table}.rows"));
        for table in TABLES {
            psql(url, &format!("\\copy \"{table}\" to '{}' (format binary)", file(table).display()))?;
        }
        let step = Measure::beside(self.pid());
        for table in TABLES {
            psql(&empty, &format!("\\copy \"{table}\" from '{}' (format binary)", file(table).display()))?;
        }
        step.end("floor: binary COPY of the same rows into the same tables with their indexes");
        Ok(())
    }
}

fn psql(url: &str, command: &str) -> Result<(), Failure> {
    let ran = Command::new("psql").args([url, "--quiet", "--set", "ON_ERROR_STOP=1", "--command", command]).output()?;
    if ran.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&ran.stderr).into_owned().into()) }
}
