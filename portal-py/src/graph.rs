//! The ownership graph: its edges as a table, and as graphs of other packages.

use std::sync::{Arc, OnceLock};

use portal_core::model::Relation;
use portal_core::{Catalog, Ref, Text};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};

use crate::arrow::{self, Table};
use crate::entities::{Cell, Kind};
use crate::sequence::frame;

/// All relations between entities at one revision: a table of edges with the columns ``from``, ``type``, ``to``, ``rule``
/// and ``source``.
///
/// ``type`` is ``owned_by``, ``part_of``, ``runs_as``, ``uses``, ``depends_on``, ``in`` or ``created_by``; ``rule`` and
/// ``source`` are those of the first evidence. Any library that reads Arrow's PyCapsule interface takes it as it is.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Graph {
    catalog: Arc<Catalog>,
    /// All entities, those of a type side by side.
    nodes: Arc<[Ref]>,
    /// How many edges there are, once somebody asked.
    count: OnceLock<usize>,
}

impl Graph {
    pub(crate) fn new(catalog: Arc<Catalog>, nodes: Vec<Ref>) -> Graph {
        Graph { catalog, nodes: nodes.into(), count: OnceLock::new() }
    }

    fn edges(&self) -> Edges {
        Edges { catalog: Arc::clone(&self.catalog), nodes: Arc::clone(&self.nodes), next: 0 }
    }

    fn count(&self) -> usize {
        *self.count.get_or_init(|| self.nodes.iter().map(|node| self.catalog.relations_from(node).len()).sum())
    }
}

#[pymethods]
impl Graph {
    /// How many edges there are.
    fn __len__(&self, py: Python<'_>) -> usize {
        py.detach(|| self.count())
    }

    /// The refs of all entities, those of a type side by side.
    #[getter]
    fn nodes(&self) -> Vec<&str> {
        self.nodes.iter().map(Ref::as_str).collect()
    }

    /// The revision that it shows.
    #[getter]
    fn revision(&self) -> u64 {
        self.catalog.revision()
    }

    /// What uses or depends on something, directly or through others, nearest first: the blast radius, as refs.
    #[pyo3(signature = (r#ref, /))]
    fn dependents(&self, py: Python<'_>, r#ref: &str) -> PyResult<Vec<String>> {
        let asked: Ref =
            r#ref.parse().map_err(|error: portal_core::InvalidRef| crate::error::invalid(error.to_string()))?;
        if !self.catalog.contains(&asked) {
            return Err(crate::error::not_found(r#ref));
        }
        let found = py.detach(|| self.catalog.dependents(&asked));
        Ok(found.iter().map(|dependent| dependent.entity.to_string()).collect())
    }

    /// A dict for each edge.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for node in self.nodes.iter() {
            for relation in self.catalog.relations_from(node) {
                let dict = PyDict::new(py);
                for ((name, _), cell) in COLUMNS.iter().zip(cells(relation)) {
                    dict.set_item(name, cell)?;
                }
                list.append(dict)?;
            }
        }
        Ok(list)
    }

    /// A ``pyarrow.Table`` of the edges; needs the extra ``portal[arrow]``.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_arrow")
    }

    /// A ``pandas.DataFrame`` of the edges; needs the extra ``portal[pandas]``.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_pandas")
    }

    /// A ``polars.DataFrame`` of the edges; needs the extra ``portal[polars]``.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_polars")
    }

    /// A ``networkx.MultiDiGraph``; needs the extra ``portal[networkx]``.
    ///
    /// Nodes are refs, with ``type``, ``name``, ``team`` and ``ownership``; the key of an edge is its type.
    fn to_networkx<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_networkx")
    }

    /// A ``rustworkx.PyDiGraph``; needs the extra ``portal[rustworkx]``.
    ///
    /// A node is a dict with ``ref``, ``type``, ``name``, ``team`` and ``ownership``, an edge is its type; ``attrs`` leads
    /// from refs to the indices of nodes.
    fn to_rustworkx<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf.as_any(), "to_rustworkx")
    }

    /// Ref, type, name, team and ownership of every node.
    #[allow(clippy::type_complexity, reason = "a row of five columns")]
    fn _nodes(&self) -> Vec<(&str, &'static str, String, Option<String>, Option<&'static str>)> {
        let row = |node| {
            let entity = self.catalog.entity(node).ok()?;
            let ownership = entity.ownership();
            let team = ownership.and_then(|ownership| ownership.team.as_ref()).map(ToString::to_string);
            let state = ownership.map(|ownership| ownership.state.as_str());
            Some((Ref::as_str(node), node.entity_type().as_str(), entity.name().to_owned(), team, state))
        };
        self.nodes.iter().filter_map(row).collect()
    }

    /// Arrow's PyCapsule interface: a stream of record batches.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        arrow::stream(py, self.edges())
    }

    /// Arrow's PyCapsule interface: the schema of the stream.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::schema(py, &self.edges())
    }

    fn __repr__(&self) -> String {
        format!("<Graph of {} entities at revision {}>", self.nodes.len(), self.catalog.revision())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        crate::answer::html(slf.as_any(), "graph")
    }
}

const COLUMNS: [(&str, Kind); 5] =
    [("from", Kind::Text), ("type", Kind::Text), ("to", Kind::Text), ("rule", Kind::Text), ("source", Kind::Text)];

fn cells(relation: Relation) -> [Cell; 5] {
    let Relation { from, relation, to, evidence } = relation;
    let (rule, source) = evidence.into_iter().next().map(|first| (first.rule, first.source)).unzip();
    let named = |text: Option<Text>| Cell::Text(text.filter(|text| !text.is_empty()));
    let kind = Cell::Text(Some(Text::new_static(relation.as_str())));
    [Cell::Text(Some(from.into())), kind, Cell::Text(Some(to.into())), named(rule), named(source)]
}

/// Edges, found as they are read.
struct Edges {
    catalog: Arc<Catalog>,
    nodes: Arc<[Ref]>,
    next: usize,
}

impl Table for Edges {
    fn columns(&self) -> Vec<(&'static str, Kind)> {
        COLUMNS.to_vec()
    }

    fn fill(&mut self, rows: usize, row: &mut dyn FnMut(&mut dyn Iterator<Item = Cell>)) -> bool {
        let mut filled = 0;
        while filled < rows
            && let Some(node) = self.nodes.get(self.next)
        {
            self.next += 1;
            for relation in self.catalog.relations_from(node) {
                filled += 1;
                row(&mut cells(relation).into_iter());
            }
        }
        self.next < self.nodes.len()
    }
}
