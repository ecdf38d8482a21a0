//! Collecting and ingesting: the same functions and the same configuration as the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portal_core::snapshot::redact::Redaction;
use portal_core::{CollectOptions, Source};
use portal_sources::SystemClock;
use portal_sources::settings::Config;
use pyo3::prelude::*;

use crate::error::{Failure, invalid, raised};
use crate::report::{CollectReport, Report};
use crate::runtime::run;
use crate::source::PythonSource;

/// The configuration file: the one that is named, else what `PORTAL_CONFIG` names, else `portal.toml` if it is there.
pub(crate) fn settings(named: Option<PathBuf>) -> Result<Config, Failure> {
    let path = named.or_else(|| variable("PORTAL_CONFIG").map(PathBuf::from));
    Ok(Config::read(path.as_deref())?)
}

/// Arguments win over the environment over the file over the default, as everywhere.
pub(crate) fn store_url(named: Option<String>, config: &Config) -> String {
    let known = named.or_else(|| variable("PORTAL_STORE")).or_else(|| config.store.clone());
    known.unwrap_or_else(|| "sqlite:portal.db".to_owned())
}

fn lake_url(named: Option<PathBuf>, config: &Config) -> String {
    let named = named.map(|path| path.to_string_lossy().into_owned());
    let known = named.or_else(|| variable("PORTAL_LAKE")).or_else(|| config.lake.clone());
    known.unwrap_or_else(|| "./lake".to_owned())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads sources into the lake: those of the configuration, and sources written in Python.
///
/// Args:
///     config: the configuration file. Without one: what the environment variable ``PORTAL_CONFIG`` names, else
///         ``portal.toml`` in the current folder, if it is there.
///     sources: sources of your own beside the configured ones; see :class:`portal.Source`.
///     only: the names of the configured sources to read; all without it. An empty list reads none of them.
///     lake: where to write; else what ``PORTAL_LAKE`` says, else the configuration, else ``./lake``.
///     concurrency: how many scopes of one source are read at the same time.
///     deadline: how many seconds one scope may take; what is not finished then counts as failed.
///     allow_vanished: believe a source also when most of its earlier scopes are gone.
///
/// Returns:
///     What was read of each kind of each scope. What could not be read is in it, and is no exception, as long as
///     something could.
///
/// Raises:
///     InvalidInput: the configuration or an argument is wrong, or no source is there.
///     SourceError: every read of every source failed; ``report`` has the report. A missing right is no failure: the
///         report says ``denied``.
///     StoreError: the lake cannot be used.
///
/// Example:
///     >>> report = portal.collect(sources=[Inventory()], lake=lake)
///     >>> [(kind.kind, kind.coverage, kind.items) for kind in report.kinds]
///     [('databases', 'complete', 1)]
#[pyfunction]
#[pyo3(signature = (config=None, *, sources=None, only=None, lake=None, concurrency=8, deadline=600.0, allow_vanished=false))]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    reason = "keywords of Python, which gives them away"
)]
pub(crate) fn collect(
    py: Python<'_>,
    config: Option<PathBuf>,
    sources: Option<Vec<Py<PyAny>>>,
    only: Option<Vec<String>>,
    lake: Option<PathBuf>,
    concurrency: usize,
    deadline: f64,
    allow_vanished: bool,
) -> PyResult<Py<CollectReport>> {
    let settings = settings(config)?;
    let mut all: Vec<Box<dyn Source>> = match only.as_deref() {
        Some([]) => Vec::new(),
        Some(names) => settings.sources(names).map_err(Failure::from)?,
        None => settings.sources(&[]).map_err(Failure::from)?,
    };
    for source in sources.unwrap_or_default() {
        all.push(Box::new(PythonSource::new(py, source)?));
    }
    if all.is_empty() {
        let message = "there is no source: put a [[source]] into portal.toml, or give sources=[MySource()]";
        return Err(invalid(message));
    }
    let mut options = CollectOptions::new(Arc::new(SystemClock));
    options.redaction = Redaction::keeping(&settings.rules());
    options.layout = settings.layout;
    options.concurrency = concurrency;
    options.deadline = Duration::try_from_secs_f64(deadline)
        .ok()
        .filter(|deadline| !deadline.is_zero())
        .ok_or_else(|| invalid("`deadline` has to be a number of seconds, more than none"))?;
    options.allow_vanished = allow_vanished;
    let lake = lake_url(lake, &settings);
    let report = run(py, async move {
        let lake = portal_store::open_lake(&lake).await?;
        Ok(portal_core::collect(&all, lake.as_ref(), &options).await?)
    })?;
    let failed = report.is_failure();
    let report = Py::new(py, CollectReport::from(report))?;
    if failed {
        let error =
            raised::SourceError::new_err("nothing could be read of any source; `report` of this error says why");
        error.value(py).setattr("report", &report)?;
        return Err(error);
    }
    Ok(report)
}

/// Brings a store to what a lake says.
///
/// Args:
///     lake: where collectors wrote; else what ``PORTAL_LAKE`` says, else the configuration, else ``./lake``.
///     store: where the result goes, and is made if it is not there; else what ``PORTAL_STORE`` says, else the
///         configuration, else ``sqlite:portal.db``.
///     config: the file with teams and rules. Without one: what ``PORTAL_CONFIG`` names, else ``portal.toml`` in the
///         current folder, if it is there.
///
/// Raises:
///     InvalidInput: the configuration or a URL is wrong.
///     StoreError: lake or store cannot be used; nothing is changed then.
///
/// Example:
///     >>> report = portal.ingest(lake=lake, store=store)
///     >>> report.added, report.retired
///     (0, 0)
#[pyfunction]
#[pyo3(signature = (lake=None, store=None, config=None))]
pub(crate) fn ingest(
    py: Python<'_>,
    lake: Option<PathBuf>,
    store: Option<String>,
    config: Option<PathBuf>,
) -> PyResult<Report> {
    let settings = settings(config)?;
    let (lake, store) = (lake_url(lake, &settings), store_url(store, &settings));
    let rules = settings.rules();
    run(py, async move {
        let lake = portal_store::open_lake(&lake).await?;
        let store = portal_store::open(&store).await?;
        Ok(Report::from(portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?))
    })
}
