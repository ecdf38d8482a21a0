//! `migrate`: the store's tables.

use portal_store::SqlStore;

use super::args::Output;
use super::context::Context;
use super::exit::Exit;
use super::output;

pub(super) async fn run(context: &Context) -> anyhow::Result<Exit> {
    let migrated = SqlStore::migrate(&context.store_url).await?;
    match context.output {
        Output::Json => output::json(&migrated)?,
        Output::Table => {
            let done = match migrated.applied.len() {
                0 => "nothing to do".to_owned(),
                n => format!("{} applied", output::count(n as u64, "migration")),
            };
            output::text_out(&format!("{}: schema {}, {done}\n", migrated.store, migrated.version))?;
        }
    }
    Ok(Exit::Done)
}
