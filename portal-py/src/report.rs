//! What a collection run and an ingest did.

use portal_core::IngestReport;
use portal_core::collect::{CollectReport as CoreReport, SourceReport};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::answer::{html, shown};
use crate::convert::plain;
use crate::source::Scope;

/// What an ingest did.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Report {
    report: IngestReport,
}

/// What happened to the scopes of the lake.
#[pyclass(frozen, module = "portal")]
pub(crate) struct ScopeCounts {
    /// Read, because they were new or different.
    #[pyo3(get)]
    read: u64,
    /// As they were.
    #[pyo3(get)]
    unchanged: u64,
    /// Being rewritten: their turn is the next time.
    #[pyo3(get)]
    waiting: u64,
    /// Of an earlier run than the one that is known: they change nothing.
    #[pyo3(get)]
    late: u64,
}

#[pymethods]
impl ScopeCounts {
    fn __repr__(&self) -> String {
        let ScopeCounts { read, unchanged, waiting, late } = self;
        format!("ScopeCounts(read={read}, unchanged={unchanged}, waiting={waiting}, late={late})")
    }
}

impl From<IngestReport> for Report {
    fn from(report: IngestReport) -> Report {
        Report { report }
    }
}

#[pymethods]
impl Report {
    /// The newest revision.
    #[getter]
    fn revision(&self) -> u64 {
        self.report.revision
    }

    /// What happened to the scopes.
    #[getter]
    fn scopes(&self) -> ScopeCounts {
        let portal_core::ingest::ScopeCounts { read, unchanged, waiting, late } = self.report.scopes;
        ScopeCounts { read, unchanged, waiting, late }
    }

    /// How many entities are new.
    #[getter]
    fn added(&self) -> u64 {
        self.report.added
    }

    /// How many entities are different.
    #[getter]
    fn changed(&self) -> u64 {
        self.report.changed
    }

    /// How many entities are gone.
    #[getter]
    fn retired(&self) -> u64 {
        self.report.retired
    }

    /// How many mass deletes wait for a person.
    #[getter]
    fn held(&self) -> u64 {
        self.report.held
    }

    /// How many records and files could not be read.
    #[getter]
    fn set_aside(&self) -> u64 {
        self.report.set_aside
    }

    /// How many parts' newest read was not whole.
    #[getter]
    fn not_whole(&self) -> u64 {
        self.report.not_whole
    }

    /// How long it took, in seconds.
    #[getter]
    fn seconds(&self) -> f64 {
        self.report.seconds
    }

    /// What a person should know, a sentence each.
    #[getter]
    fn notes(&self) -> Vec<&str> {
        self.report.notes.iter().map(String::as_str).collect()
    }

    /// Whether everything in the lake is in the store now: nothing held, set aside, waiting, or read in part.
    #[getter]
    fn is_whole(&self) -> bool {
        let IngestReport { held, set_aside, not_whole, scopes, .. } = &self.report;
        *held == 0 && *set_aside == 0 && *not_whole == 0 && scopes.waiting == 0
    }

    /// The same as a dict, as ``portal ingest -o json`` prints it.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.report)
    }

    fn __repr__(&self) -> String {
        let IngestReport { revision, added, changed, retired, held, .. } = &self.report;
        format!("Report(revision={revision}, added={added}, changed={changed}, retired={retired}, held={held})")
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "report")
    }
}

/// What a collection run did: what was read of each kind of each scope, and what went wrong beside.
#[pyclass(frozen, module = "portal")]
pub(crate) struct CollectReport {
    report: CoreReport,
}

/// What was read of one kind of one scope.
#[pyclass(frozen, module = "portal")]
pub(crate) struct KindRead {
    /// The source's name.
    #[pyo3(get)]
    source: String,
    scope: portal_core::Scope,
    /// The kind: ``s3``, ``deployments``.
    #[pyo3(get)]
    kind: String,
    /// The number of the run.
    #[pyo3(get)]
    run: Option<u64>,
    /// ``complete``, ``partial``, ``denied``, ``absent`` or ``failed``.
    #[pyo3(get)]
    coverage: &'static str,
    /// How many objects were read.
    #[pyo3(get)]
    items: u64,
    /// Why not all.
    #[pyo3(get)]
    reason: Option<String>,
    /// The right that is missing.
    #[pyo3(get)]
    permission: Option<String>,
    /// Single things inside that could not be read.
    #[pyo3(get)]
    unread: Vec<String>,
}

#[pymethods]
impl KindRead {
    /// What was read.
    #[getter]
    fn scope(&self) -> Scope {
        Scope::from(self.scope.clone())
    }

    /// All fields by their names; the scope as a text.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("source", &self.source)?;
        dict.set_item("scope", self.scope.to_string())?;
        dict.set_item("kind", &self.kind)?;
        dict.set_item("run", self.run)?;
        dict.set_item("coverage", self.coverage)?;
        dict.set_item("items", self.items)?;
        dict.set_item("reason", self.reason.as_deref())?;
        dict.set_item("permission", self.permission.as_deref())?;
        dict.set_item("unread", &self.unread)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let KindRead { source, scope, kind, coverage, items, reason, .. } = self;
        let reason = shown(reason.as_deref());
        format!(
            "KindRead(source={source:?}, scope={:?}, kind={kind:?}, coverage={coverage:?}, items={items}, reason={reason})",
            scope.to_string()
        )
    }
}

impl From<CoreReport> for CollectReport {
    fn from(report: CoreReport) -> CollectReport {
        CollectReport { report }
    }
}

impl CollectReport {
    /// What went wrong with whole sources and scopes, a sentence each.
    fn wrong(&self) -> Vec<String> {
        let of_source = |source: &SourceReport| {
            let own = source.error.iter().map(|error| format!("{}: {error}", source.source));
            let scopes = source
                .scopes
                .iter()
                .filter_map(|scope| Some(format!("{} {}: {}", source.source, scope.scope, scope.error.as_ref()?)));
            own.chain(scopes).collect::<Vec<String>>()
        };
        self.report.sources.iter().flat_map(of_source).collect()
    }
}

#[pymethods]
impl CollectReport {
    /// What was read, one entry for each kind of each scope of each source.
    #[getter]
    fn kinds(&self) -> Vec<KindRead> {
        let mut all = Vec::new();
        for source in &self.report.sources {
            for scope in &source.scopes {
                for (kind, read) in &scope.kinds {
                    all.push(KindRead {
                        source: source.source.to_string(),
                        scope: scope.scope.clone(),
                        kind: kind.to_string(),
                        run: scope.run,
                        coverage: read.outcome.coverage.as_str(),
                        items: read.items,
                        reason: read.outcome.reason.clone(),
                        permission: read.outcome.permission.clone(),
                        unread: read.unread.clone(),
                    });
                }
            }
        }
        all
    }

    /// What went wrong with whole sources and scopes, a sentence each.
    #[getter]
    fn errors(&self) -> Vec<String> {
        self.wrong()
    }

    /// How long it took, in seconds.
    #[getter]
    fn seconds(&self) -> f64 {
        self.report.seconds
    }

    /// Whether everything was seen as it is.
    #[getter]
    fn is_whole(&self) -> bool {
        self.report.is_whole()
    }

    /// The same as a dict, as ``portal collect -o json`` prints it.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.report)
    }

    fn __repr__(&self) -> String {
        let kinds = || self.report.sources.iter().flat_map(|s| &s.scopes).flat_map(|scope| scope.kinds.values());
        let items: u64 = kinds().map(|kind| kind.items).sum();
        let whole = kinds().filter(|kind| kind.outcome.coverage.is_whole()).count();
        format!(
            "<CollectReport: {items} objects of {} sources; {whole} of {} kinds read whole; {} errors>",
            self.report.sources.len(),
            kinds().count(),
            self.wrong().len()
        )
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "collected")
    }
}
