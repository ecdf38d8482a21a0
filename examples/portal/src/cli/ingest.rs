//! `ingest`: the lake into the store.

use portal_core::IngestReport;

use super::args::Output;
use super::context::Context;
use super::exit::Exit;
use super::output::{self, count};

pub(super) async fn run(context: &Context) -> anyhow::Result<Exit> {
    let lake = context.lake().await?;
    let store = context.store().await?;
    let report = portal_core::ingest(lake.as_ref(), store.as_ref(), &context.rules()).await?;
    match context.output {
        Output::Json => output::json(&report)?,
        Output::Table => output::text_out(&text(&report))?,
    }
    Ok(exit(&report))
}

/// How an ingest is told to the shell.
pub(super) fn exit(report: &IngestReport) -> Exit {
    let whole = report.held == 0 && report.set_aside == 0 && report.not_whole == 0 && report.scopes.waiting == 0;
    if whole { Exit::Done } else { Exit::Partly }
}

/// An ingest in words.
pub(super) fn text(report: &IngestReport) -> String {
    let mut text = format!(
        "revision {}: {} added, {} changed, {} retired, in {:.1} s\n",
        report.revision, report.added, report.changed, report.retired, report.seconds
    );
    text.push_str(&format!("scopes: {} read, {} unchanged", report.scopes.read, report.scopes.unchanged));
    if report.scopes.waiting > 0 {
        text.push_str(&format!(", {} waiting", report.scopes.waiting));
    }
    if report.scopes.late > 0 {
        text.push_str(&format!(", {} late", report.scopes.late));
    }
    text.push('\n');
    if report.held > 0 {
        let held = count(report.held, "mass delete");
        text.push_str(&format!("held: {held}; `portal holds` shows what, and how to release it\n"));
    }
    if report.set_aside > 0 {
        let aside = count(report.set_aside, "record");
        text.push_str(&format!("set aside: {aside} could not be read; `portal sources` shows where\n"));
    }
    if report.not_whole > 0 {
        let parts = count(report.not_whole, "part");
        text.push_str(&format!("not read whole: {parts}; what was known stays, `portal sources` shows why\n"));
    }
    for note in &report.notes {
        text.push_str(&format!("note: {}\n", output::clean(note)));
    }
    text
}
