//! Lists of entities: views over one picture of the catalog, not copies of what is in it.

use std::sync::Arc;

use portal_core::{Catalog, EntityType, Ref};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PySlice};

use crate::answer::html;
use crate::arrow;
use crate::entities::Known;

/// Entities of one type, in the order of their refs: a sequence that reads each of them when somebody asks.
///
/// It shows the revision that it was made at, also when the catalog is refreshed meanwhile. Any library that reads
/// Arrow's PyCapsule interface takes it as it is: ``pyarrow.table(seq)``, ``polars.DataFrame(seq)``.
#[pyclass(frozen, sequence, generic, module = "portal")]
pub(crate) struct Entities {
    catalog: Arc<Catalog>,
    of: EntityType,
    /// Sorted.
    refs: Arc<[Ref]>,
    /// Which of them: where it begins, how many, and how far from one to the next.
    start: usize,
    len: usize,
    step: isize,
}

impl Entities {
    /// All of some refs, which are sorted.
    pub(crate) fn new(catalog: Arc<Catalog>, of: EntityType, refs: Vec<Ref>) -> Entities {
        let len = refs.len();
        Entities { catalog, of, refs: refs.into(), start: 0, len, step: 1 }
    }

    fn at(&self, index: usize) -> usize {
        self.start.wrapping_add_signed(self.step * index.cast_signed())
    }

    fn known(&self, index: usize) -> Option<Known> {
        Known::find(&self.catalog, &self.refs[self.at(index)])
    }

    fn object<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyAny>> {
        self.known(index).ok_or_else(|| PyIndexError::new_err("the entity is not there"))?.into_object(py)
    }

    fn part(&self, start: usize, len: usize, step: isize) -> Entities {
        let (catalog, refs) = (Arc::clone(&self.catalog), Arc::clone(&self.refs));
        Entities { catalog, of: self.of, refs, start, len, step }
    }

    /// Where something is: an entity, or the text of a ref.
    fn place(&self, value: &Bound<'_, PyAny>) -> Option<usize> {
        let text = if value.is_instance_of::<pyo3::types::PyString>() {
            value.extract::<String>().ok()?
        } else {
            // Only entities have a ref that is their whole identity.
            let has_class = value.get_type().module().is_ok_and(|module| module == "portal");
            has_class.then(|| value.getattr("ref").and_then(|r| r.extract::<String>()).ok()).flatten()?
        };
        let wanted: Ref = text.parse().ok()?;
        let at = self.refs.binary_search(&wanted).ok()?.cast_signed() - self.start.cast_signed();
        let is_in = at % self.step == 0 && at / self.step >= 0 && (at / self.step).unsigned_abs() < self.len;
        is_in.then(|| (at / self.step).unsigned_abs())
    }

    /// The refs in the order of the view.
    fn refs(&self) -> Vec<Ref> {
        (0..self.len).map(|index| self.refs[self.at(index)].clone()).collect()
    }
}

#[pymethods]
impl Entities {
    fn __len__(&self) -> usize {
        self.len
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            let part = slice.indices(self.len.cast_signed())?;
            let start = if part.slicelength == 0 { 0 } else { self.at(part.start.unsigned_abs()) };
            let part = self.part(start, part.slicelength, self.step * part.step);
            return Ok(Bound::new(py, part)?.into_any());
        }
        let index: isize = index.extract()?;
        let from_start = if index < 0 { index + self.len.cast_signed() } else { index };
        match usize::try_from(from_start) {
            Ok(at) if at < self.len => self.object(py, at),
            _ => Err(PyIndexError::new_err(format!("there is no entity {index} in a list of {}", self.len))),
        }
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> bool {
        self.place(value).is_some()
    }

    fn __iter__(slf: &Bound<'_, Self>) -> EntityIterator {
        EntityIterator { entities: slf.clone().unbind(), next: std::sync::atomic::AtomicUsize::new(0) }
    }

    fn __reversed__(&self) -> EntityIteratorSource {
        let last = if self.len == 0 { 0 } else { self.at(self.len - 1) };
        EntityIteratorSource(self.part(last, self.len, -self.step))
    }

    /// Where an entity or a ref is; ValueError if it is not there.
    #[pyo3(signature = (value, start=0, stop=None))]
    fn index(&self, value: &Bound<'_, PyAny>, start: isize, stop: Option<isize>) -> PyResult<usize> {
        let len = self.len.cast_signed();
        let bound = |at: isize| if at < 0 { (at + len).max(0) } else { at };
        let (start, stop) = (bound(start), bound(stop.unwrap_or(len)));
        let place = self.place(value).filter(|at| (start..stop).contains(&at.cast_signed()));
        place.ok_or_else(|| PyValueError::new_err("it is not in the list"))
    }

    /// How often an entity or a ref is in it: once or not at all.
    fn count(&self, value: &Bound<'_, PyAny>) -> usize {
        usize::from(self.place(value).is_some())
    }

    /// What the entities are: ``team``, ``service``, ``resource``, …
    #[getter]
    fn entity_type(&self) -> &'static str {
        self.of.as_str()
    }

    /// The revision that it shows.
    #[getter]
    fn revision(&self) -> u64 {
        self.catalog.revision()
    }

    /// The refs.
    #[getter(refs)]
    fn refs_as_texts(&self) -> Vec<&str> {
        (0..self.len).map(|index| self.refs[self.at(index)].as_str()).collect()
    }

    /// A dict for each entity, with all its fields.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for index in 0..self.len {
            if let Some(known) = self.known(index) {
                list.append(known.to_dict(py)?)?;
            }
        }
        Ok(list)
    }

    /// A ``pyarrow.Table``; needs the extra ``portal[arrow]``.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_arrow")
    }

    /// A ``pandas.DataFrame``; needs the extra ``portal[pandas]``.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_pandas")
    }

    /// A ``polars.DataFrame``; needs the extra ``portal[polars]``.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_polars")
    }

    /// Arrow's PyCapsule interface: a stream of record batches, made while it is read and without the interpreter.
    ///
    /// The schema that is asked for is not looked at; whoever reads converts.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let table = arrow::Entities::new(Arc::clone(&self.catalog), self.of, self.refs());
        arrow::stream(py, table)
    }

    /// Arrow's PyCapsule interface: the schema of the stream.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::schema(py, &arrow::Entities::new(Arc::clone(&self.catalog), self.of, Vec::new()))
    }

    fn __repr__(&self) -> String {
        let first: Vec<&str> = (0..self.len.min(3)).map(|index| self.refs[self.at(index)].as_str()).collect();
        let more = if self.len > first.len() { ", …" } else { "" };
        let plural = if self.len == 1 { "" } else { "s" };
        let refs = first.join(", ");
        let colon = if self.len == 0 { "" } else { ": " };
        format!("<{} {}{plural} of revision {}{colon}{refs}{more}>", self.len, self.of, self.catalog.revision())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "table")
    }
}

/// Goes over a list of entities.
#[pyclass(frozen, module = "portal._portal", name = "_EntityIterator")]
pub(crate) struct EntityIterator {
    entities: Py<Entities>,
    next: std::sync::atomic::AtomicUsize,
}

#[pymethods]
impl EntityIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let entities = self.entities.get();
        let at = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if at < entities.len {
            return entities.object(py, at).map(Some);
        }
        // So that it never comes around.
        self.next.store(entities.len, std::sync::atomic::Ordering::Relaxed);
        Ok(None)
    }

    fn __length_hint__(&self) -> usize {
        self.entities.get().len.saturating_sub(self.next.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// A view that becomes an iterator when it is handed to Python.
struct EntityIteratorSource(Entities);

impl<'py> IntoPyObject<'py> for EntityIteratorSource {
    type Target = EntityIterator;
    type Output = Bound<'py, EntityIterator>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, EntityIterator>> {
        let entities = Py::new(py, self.0)?;
        Bound::new(py, EntityIterator { entities, next: std::sync::atomic::AtomicUsize::new(0) })
    }
}

/// A table of another package: a function of the module `portal._frames`, which imports it late.
pub(crate) fn frame<'py>(value: &Bound<'py, PyAny>, function: &str) -> PyResult<Bound<'py, PyAny>> {
    value.py().import("portal._frames")?.call_method1(function, (value,))
}
