//! The contract of sources, tried on one that is written in Python.

use std::sync::Arc;

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::{SourceWorld, source_suite};
use pyo3::prelude::*;

use super::PythonSource;
use super::read::on_a_thread;
use crate::runtime::run;

/// A source's world, for the suite: every clause gets what a function makes.
struct World {
    make: Arc<Py<PyAny>>,
    needs_rights: bool,
}

#[async_trait]
impl SourceWorld for World {
    async fn source(&self) -> Box<dyn Source> {
        let make = Arc::clone(&self.make);
        let made = on_a_thread(move |py| {
            let source = make.bind(py).call0().and_then(|object| PythonSource::new(py, object.unbind()));
            source.map_err(|error| error.to_string())
        });
        match made.await.unwrap_or_else(|broken| Err(broken.reason)) {
            Ok(source) => Box::new(source),
            Err(problem) => panic!("the source could not be made: {problem}"),
        }
    }

    fn needs_rights(&self) -> bool {
        self.needs_rights
    }
}

/// The clauses of the contract that a source breaks, with what was seen. `make` makes a source each time it is called.
#[pyfunction(name = "_broken_clauses")]
pub(crate) fn broken_clauses(
    py: Python<'_>,
    make: Py<PyAny>,
    needs_rights: bool,
) -> PyResult<Vec<(&'static str, String)>> {
    let world = World { make: Arc::new(make), needs_rights };
    run(py, async move { Ok(source_suite::broken_clauses(&world).await) })
}
