//! `import portal`: who owns what, from Python. Conversions and calls, no logic.
//!
//! The Python half is in `python/portal`; this is its module `portal._portal`. What is written in Python there needs no
//! speed: exceptions, the base class of sources, frames of other packages, HTML for notebooks, and asyncio.

mod answer;
mod arrow;
mod catalog;
mod convert;
mod entities;
mod error;
mod filter;
mod graph;
mod pipeline;
mod report;
mod runtime;
mod sequence;
mod source;

/// The compiled half of the Python package `portal`.
#[pyo3::pymodule]
mod _portal {
    #[pymodule_export]
    use crate::answer::{Evidence, Explanation, Link, Ownership};
    #[pymodule_export]
    use crate::catalog::{PyCatalog, connect};
    #[pymodule_export]
    use crate::entities::{Environment, Product, Resource, Service, Team, Workload};
    #[pymodule_export]
    use crate::graph::Graph;
    #[pymodule_export]
    use crate::pipeline::{collect, ingest};
    #[pymodule_export]
    use crate::report::{CollectReport, KindRead, Report, ScopeCounts};
    #[pymodule_export]
    use crate::runtime::{Cancel, at_exit, cancellable};
    #[pymodule_export]
    use crate::sequence::{Entities, EntityIterator};
    #[pymodule_export]
    use crate::source::{Outcome, Scope, Unread, broken_clauses};

    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
