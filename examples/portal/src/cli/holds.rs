//! `holds`: mass deletes that wait for a person.

use portal_core::error::ErrorKind;
use serde::Serialize;

use super::args::Output;
use super::context::Context;
use super::error::FindError;
use super::exit::Exit;
use super::{ingest, output};
use crate::views::HoldView;

#[derive(Serialize)]
struct HoldList {
    items: Vec<HoldView>,
}

pub(super) async fn list(context: &Context) -> anyhow::Result<Exit> {
    let store = context.existing_store().await?;
    let items: Vec<HoldView> =
        store.parts().await?.iter().filter_map(|part| Some(HoldView::of(part, part.hold.as_ref()?))).collect();
    match context.output {
        Output::Json => output::json(&HoldList { items })?,
        Output::Table if items.is_empty() => output::text_out("nothing is held\n")?,
        Output::Table => {
            let lines = items.iter().map(|hold| {
                let missing = format!("{} of {}", hold.count, hold.of);
                vec![
                    hold.id.to_string(),
                    hold.source.to_string(),
                    hold.scope.to_string(),
                    hold.kind.to_string(),
                    missing,
                    hold.since.to_string(),
                ]
            });
            let table = output::table(&["id", "source", "scope", "kind", "missing", "since"], lines);
            output::text_out(&format!("{table}\n`portal holds release ID` retires what is missing\n"))?;
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn release(context: &Context, id: &str) -> anyhow::Result<Exit> {
    let store = context.existing_store().await?;
    let report = match portal_core::ingest::release(store.as_ref(), &context.rules(), id, None).await {
        Ok(report) => report,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(FindError::Other(error.to_string()).into()),
        Err(error) => return Err(error.into()),
    };
    match context.output {
        Output::Json => output::json(&report)?,
        Output::Table => output::text_out(&ingest::text(&report))?,
    }
    Ok(Exit::Done)
}
