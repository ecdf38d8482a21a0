//! `collect`: sources into the lake.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use portal_core::collect::{CollectReport, Progress, ScopeReport, SourceReport};
use portal_core::snapshot::redact::Redaction;
use portal_core::{CollectOptions, Coverage, Lake, Outcome, Rules, Source};
use portal_sources::SystemClock;

use super::args::{CollectArguments, Output};
use super::context::Context;
use super::error::Usage;
use super::exit::Exit;
use super::output;

pub(super) async fn run(context: &Context, arguments: &CollectArguments) -> anyhow::Result<Exit> {
    let sources = context.config.sources(&arguments.source)?;
    if sources.is_empty() {
        let hint = "no source is configured\n  hint: put a [[source]] into portal.toml, such as\n\n    [[source]]\n    \
                    type = \"manifests\"\n    path = \"deploy/\"\n    cluster = \"prod\"\n\n  or try `portal demo`";
        return Err(Usage(hint.to_owned()).into());
    }
    let lake = context.lake().await?;
    let mut options = options(&context.rules());
    options.concurrency = arguments.concurrency;
    options.deadline = Duration::from_secs(arguments.deadline);
    options.layout = context.config.layout;
    options.allow_vanished = arguments.allow_vanished;
    let report = into_lake(&sources, lake.as_ref(), &options).await?;
    match context.output {
        Output::Json => output::json(&report)?,
        Output::Table => output::text_out(&text(&report))?,
    }
    Ok(exit(&report))
}

/// The options that follow from the rules.
pub(super) fn options(rules: &Rules) -> CollectOptions {
    let mut options = CollectOptions::new(Arc::new(SystemClock));
    options.redaction = Redaction::keeping(rules);
    options
}

/// Runs the sources, with a progress bar where somebody looks.
pub(super) async fn into_lake(
    sources: &[Box<dyn Source>],
    lake: &dyn Lake,
    options: &CollectOptions,
) -> anyhow::Result<CollectReport> {
    let mut options = options.clone();
    let bars = std::io::stderr().is_terminal().then(|| Arc::new(Bars::default()));
    options.progress = bars.clone().map(|bars| bars as Arc<dyn Progress>);
    let report = portal_core::collect(sources, lake, &options).await?;
    if let Some(bars) = bars {
        let _ = bars.all.clear();
    }
    Ok(report)
}

/// How a run is told to the shell.
pub(super) fn exit(report: &CollectReport) -> Exit {
    if report.is_failure() {
        Exit::Failed
    } else if report.is_whole() {
        Exit::Done
    } else {
        Exit::Partly
    }
}

/// A run in words: a line for each source, then what could not be read.
pub(super) fn text(report: &CollectReport) -> String {
    let lines = report.sources.iter().map(|source| {
        let items: u64 = source.scopes.iter().flat_map(|scope| scope.kinds.values()).map(|kind| kind.items).sum();
        let whole = source.scopes.iter().filter(|scope| scope.error.is_none() && scope.is_whole()).count();
        vec![source.source.to_string(), source.scopes.len().to_string(), whole.to_string(), items.to_string()]
    });
    let mut text = output::table(&["source", "scopes", "read whole", "objects"], lines);
    for source in &report.sources {
        let problems = problems(source);
        if !problems.is_empty() {
            text.push_str(&format!("\nnot read of {}; what was known of it stays:\n", source.source));
            text.push_str(&problems.join("\n"));
            text.push('\n');
        }
    }
    text
}

fn problems(source: &SourceReport) -> Vec<String> {
    let mut lines: Vec<String> = source.error.iter().map(|error| format!("  {}", output::clean(error))).collect();
    for scope in &source.scopes {
        if let Some(error) = &scope.error {
            lines.push(format!("  {}: {}", output::clean(&scope.scope.to_string()), output::clean(error)));
        }
        lines.extend(of_kinds(scope));
    }
    lines
}

/// One line for each way in which kinds of a scope could not be read.
fn of_kinds(scope: &ScopeReport) -> Vec<String> {
    let mut ways: Vec<(&Outcome, Vec<&str>)> = Vec::new();
    let mut lines = Vec::new();
    for (kind, report) in &scope.kinds {
        if !matches!(report.outcome.coverage, Coverage::Complete | Coverage::Absent) {
            match ways.iter_mut().find(|(outcome, _)| *outcome == &report.outcome) {
                Some((_, kinds)) => kinds.push(kind),
                None => ways.push((&report.outcome, vec![kind])),
            }
        }
        lines.extend(report.unread.iter().map(|what| format!("  {} {kind}: {}", scope.scope, output::clean(what))));
    }
    for (outcome, kinds) in ways {
        let kinds =
            if kinds.len() == scope.kinds.len() && kinds.len() > 1 { "all kinds".to_owned() } else { kinds.join(", ") };
        let permission = outcome.permission.as_ref().map(|p| format!(" (needs {p})")).unwrap_or_default();
        let reason = outcome.reason.as_deref().unwrap_or("no reason given");
        lines.push(format!(
            "  {} {kinds}: {}{permission}: {}",
            output::clean(&scope.scope.to_string()),
            outcome.coverage.as_str(),
            output::clean(reason)
        ));
    }
    lines
}

/// A bar for each source.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
    by_source: std::sync::Mutex<std::collections::HashMap<String, ProgressBar>>,
}

impl Progress for Bars {
    fn planned(&self, source: &str, scopes: usize) {
        let style = ProgressStyle::with_template("{prefix:>18} [{bar:30}] {pos}/{len} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self.all.add(ProgressBar::new(scopes as u64).with_style(style).with_prefix(source.to_owned()));
        if let Ok(mut bars) = self.by_source.lock() {
            bars.insert(source.to_owned(), bar);
        }
    }

    fn scope_done(&self, source: &str, report: &ScopeReport) {
        if let Ok(bars) = self.by_source.lock()
            && let Some(bar) = bars.get(source)
        {
            bar.set_message(output::clean(&report.scope.to_string()));
            bar.inc(1);
        }
    }
}
