//! `import portal`: who owns what, from Python. Conversions and calls, no logic.
//!
//! Small for now: opens a store and answers `owner` and `why`.

/// The compiled half of the Python package `portal`.
#[pyo3::pymodule]
mod _portal {
    use portal_core::error::chain;
    use portal_core::{Catalog, CatalogError, Ref};
    use pyo3::create_exception;
    use pyo3::exceptions::PyException;
    use pyo3::prelude::*;

    create_exception!(portal, PortalError, PyException, "Something went wrong; the text says what, and what to do.");
    create_exception!(portal, NotFound, PortalError, "Nothing is there under this ref.");
    create_exception!(portal, InvalidInput, PortalError, "What was asked for cannot be understood.");
    create_exception!(portal, StoreError, PortalError, "The store cannot be read.");

    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        module.add("PortalError", py.get_type::<PortalError>())?;
        module.add("NotFound", py.get_type::<NotFound>())?;
        module.add("InvalidInput", py.get_type::<InvalidInput>())?;
        module.add("StoreError", py.get_type::<StoreError>())
    }

    /// One revision of everything, in memory.
    #[pyclass(frozen, name = "Catalog", module = "portal")]
    struct PyCatalog {
        catalog: Catalog,
    }

    /// Opens the store at a URL, such as `sqlite:portal.db`.
    #[pyfunction]
    fn connect(py: Python<'_>, url: &str) -> PyResult<PyCatalog> {
        let catalog = py.detach(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| chain(&e))?;
            runtime.block_on(async {
                let store = portal_store::SqlStore::open_existing(url).await.map_err(|e| chain(&e))?;
                Catalog::load(&store).await.map_err(|e| chain(&e))
            })
        });
        catalog.map(|catalog| PyCatalog { catalog }).map_err(StoreError::new_err)
    }

    #[pymethods]
    impl PyCatalog {
        /// Who owns a ref or ARN, as JSON text.
        fn _owner(&self, asked: &str) -> PyResult<String> {
            let owner = self.catalog.owner(&parse(asked)?).map_err(|error| not_found(&error))?;
            serde_json::to_string(&owner).map_err(|error| PortalError::new_err(error.to_string()))
        }

        /// Why a ref or ARN exists, as JSON text and as text for people.
        fn _why(&self, asked: &str) -> PyResult<(String, String)> {
            let why = self.catalog.why(&parse(asked)?).map_err(|error| not_found(&error))?;
            let json = serde_json::to_string(&why).map_err(|error| PortalError::new_err(error.to_string()))?;
            Ok((json, why.to_string()))
        }
    }

    fn parse(asked: &str) -> PyResult<Ref> {
        asked.parse::<Ref>().map_err(|error| InvalidInput::new_err(error.to_string()))
    }

    fn not_found(error: &CatalogError) -> PyErr {
        NotFound::new_err(error.to_string())
    }
}
