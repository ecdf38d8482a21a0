//! The catalog: one picture of a store in memory, and the store to look for news.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use portal_core::catalog::{Filter, Hidden, Meant};
use portal_core::health::Checked;
use portal_core::{Catalog, CatalogError, EntityType, ErrorKind, HealthLog, Ref, Store};
use portal_store::SqlStore;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::answer::{Explanation, Ownership, html};
use crate::convert::optional_time;
use crate::entities::Known;
use crate::error::{Failure, ambiguous, invalid, not_found, raised};
use crate::filter::Asked;
use crate::graph::Graph;
use crate::pipeline;
use crate::runtime::{self, run};
use crate::sequence::Entities;

/// What is known of a company's services and resources, at one revision, in memory.
///
/// Made by :func:`portal.connect`. Questions are answered without the store; :meth:`refresh` looks for news. It can be
/// shared between threads. After a fork the child may go on asking, and connects anew to refresh.
#[pyclass(frozen, name = "Catalog", module = "portal")]
pub(crate) struct PyCatalog {
    /// Nothing once it is closed.
    picture: Arc<ArcSwapOption<Catalog>>,
    store: Mutex<Option<Arc<SqlStore>>>,
    /// One refresh after the other, or an older picture could take the place of a newer one.
    refreshing: Arc<tokio::sync::Mutex<()>>,
    location: String,
    /// The process that opened the store.
    process: u32,
}

/// Opens a store that is there, and loads its newest revision into memory.
///
/// Args:
///     store: its URL, such as ``sqlite:portal.db`` or ``postgres://portal@db.corp.example/portal``. Without one:
///         what the environment variable ``PORTAL_STORE`` says, else ``portal.toml``, else ``sqlite:portal.db``.
///
/// Raises:
///     InvalidInput: the URL has no known form.
///     StoreError: there is no such store, or it cannot be read.
///
/// Example:
///     >>> import portal
///     >>> with portal.connect(store) as cat:
///     ...     print(cat.owner("arn:aws:s3:::invoices").team)
///     payments
#[pyfunction]
#[pyo3(signature = (store=None))]
pub(crate) fn connect(py: Python<'_>, store: Option<&str>) -> PyResult<PyCatalog> {
    let url = match store {
        Some(url) => url.to_owned(),
        None => pipeline::store_url(None, &pipeline::settings(None::<PathBuf>)?),
    };
    let (store, catalog) = run(py, async move {
        let store = SqlStore::open_existing(&url).await?;
        let catalog = load(&store).await?;
        Ok((store, catalog))
    })?;
    Ok(PyCatalog {
        picture: Arc::new(ArcSwapOption::from_pointee(catalog)),
        location: store.location(),
        store: Mutex::new(Some(Arc::new(store))),
        refreshing: Arc::default(),
        process: std::process::id(),
    })
}

async fn load(store: &SqlStore) -> Result<Catalog, Failure> {
    let catalog = Catalog::load(store).await?;
    let checked = store.checked(None).await?;
    Ok(if checked.is_empty() { catalog } else { catalog.with_health(&checked) })
}

/// The newest picture, if it is another one.
async fn newer(store: &SqlStore, now: Arc<Catalog>) -> Result<Option<Catalog>, Failure> {
    let next = match store.since(now.head()).await {
        Ok(delta) if delta.head == *now.head() => None,
        Ok(delta) => Some(now.apply(&delta)),
        // The store was replaced, by an older one or another.
        Err(error) if error.kind() == ErrorKind::Conflict => return load(store).await.map(Some),
        Err(error) => return Err(error.into()),
    };
    let checked = store.checked(None).await?;
    let counts = |result: &Checked| {
        let said = now.curated(&result.service).and_then(|said| said.curated.status_url.as_ref());
        said == Some(&result.url)
    };
    let is_news = checked.iter().any(|result| counts(result) && now.checked(&result.service) != Some(result));
    Ok(match next {
        Some(next) => Some(next.with_health(&checked)),
        None if is_news => Some(now.with_health(&checked)),
        None => None,
    })
}

impl PyCatalog {
    fn picture(&self) -> PyResult<Arc<Catalog>> {
        self.picture.load_full().ok_or_else(|| raised::PortalError::new_err("the catalog is closed; connect again"))
    }

    fn store(&self) -> PyResult<Arc<SqlStore>> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let store = store.ok_or_else(|| raised::PortalError::new_err("the catalog is closed; connect again"))?;
        if self.process != std::process::id() {
            // Two processes on one connection would read each other's answers.
            let message = format!(
                "this catalog was opened in process {}, of which this one is a fork: it still answers from memory; call \
                 portal.connect() here to see news",
                self.process
            );
            return Err(raised::PortalError::new_err(message));
        }
        Ok(store)
    }

    fn list(
        &self,
        py: Python<'_>,
        of: EntityType,
        takes: &[&str],
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Entities> {
        let asked = Asked::read(filters, takes)?;
        let catalog = self.picture()?;
        let found = py.detach(|| asked.refs(&catalog, of));
        Ok(Entities::new(catalog, of, found.map_err(invalid)?))
    }
}

/// What a person means by a text. A ref and an ARN are looked up at once; a name is looked for without the interpreter.
fn meant(py: Python<'_>, catalog: &Arc<Catalog>, text: &str) -> PyResult<Ref> {
    if let Ok(asked) = text.parse::<Ref>()
        && catalog.contains(&asked)
    {
        return Ok(asked);
    }
    match py.detach(|| catalog.meant(text)) {
        Meant::One(found) => Ok(found),
        Meant::Several(several) => Err(ambiguous(text.trim(), &several)),
        Meant::Nothing => Err(not_found(text.trim())),
    }
}

fn of_catalog(error: &CatalogError) -> PyErr {
    match error {
        CatalogError::NotFound(_) => raised::NotFound::new_err(error.to_string()),
        CatalogError::NotOwned(_) | CatalogError::InvalidCursor => invalid(error.to_string()),
    }
}

const THINGS: &[&str] =
    &["team", "product", "environment", "account", "region", "type", "tag", "ownership", "status", "q", "hidden"];

#[pymethods]
impl PyCatalog {
    /// Who owns a service, workload or resource.
    ///
    /// Args:
    ///     ref: a ref (``service:payments/orders-api``), an ARN, or a bare name.
    ///
    /// Raises:
    ///     NotFound: nothing is there under it.
    ///     Ambiguous: it is the name of several things; ``candidates`` has their refs.
    ///     InvalidInput: it is a team, a product or an environment: those have no owner.
    ///
    /// Example:
    ///     >>> cat.owner("invoices").team
    ///     'payments'
    #[pyo3(signature = (r#ref, /))]
    fn owner(&self, py: Python<'_>, r#ref: &str) -> PyResult<Ownership> {
        let catalog = self.picture()?;
        let asked = meant(py, &catalog, r#ref)?;
        let owner = catalog.owner(&asked).map_err(|error| of_catalog(&error))?;
        Ok(Ownership { owner: Arc::new(owner) })
    }

    /// Why a service, workload or resource is there: its owner, users, dependencies and origin, each with its evidence.
    ///
    /// Args:
    ///     ref: a ref, an ARN, or a bare name.
    ///
    /// Raises:
    ///     NotFound: nothing is there under it.
    ///     Ambiguous: it is the name of several things.
    ///     InvalidInput: it is a team, a product or an environment.
    ///
    /// Example:
    ///     >>> print(cat.why("invoices").owner.state)
    ///     owned
    #[pyo3(signature = (r#ref, /))]
    fn why(&self, py: Python<'_>, r#ref: &str) -> PyResult<Explanation> {
        let catalog = self.picture()?;
        let asked = meant(py, &catalog, r#ref)?;
        let why = py.detach(|| catalog.why(&asked)).map_err(|error| of_catalog(&error))?;
        Ok(Explanation { why })
    }

    /// One entity: a :class:`Team`, :class:`Service`, :class:`Resource`, …
    ///
    /// Args:
    ///     ref: a ref, an ARN, or a bare name.
    ///
    /// Raises:
    ///     NotFound: nothing is there under it.
    ///     Ambiguous: it is the name of several things.
    ///
    /// Example:
    ///     >>> cat.get("arn:aws:s3:::invoices").region
    ///     'eu-west-1'
    #[pyo3(signature = (r#ref, /))]
    fn get<'py>(&self, py: Python<'py>, r#ref: &str) -> PyResult<Bound<'py, PyAny>> {
        let catalog = self.picture()?;
        let asked = meant(py, &catalog, r#ref)?;
        Known::find(&catalog, &asked).ok_or_else(|| not_found(r#ref))?.into_object(py)
    }

    /// What holds all words of a text in its names, its ref, its tags or its description, compared without case; best first.
    ///
    /// Args:
    ///     text: one word or several.
    ///     limit: at most so many.
    ///
    /// Example:
    ///     >>> [found.name for found in cat.search("invoic")]
    ///     ['invoices']
    #[pyo3(signature = (text, /, *, limit=20))]
    fn search<'py>(&self, py: Python<'py>, text: &str, limit: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let catalog = self.picture()?;
        let hits = py.detach(|| catalog.search(text, &[], limit));
        hits.iter().filter_map(|hit| Known::find(&catalog, &hit.entity)).map(|known| known.into_object(py)).collect()
    }

    /// The products.
    ///
    /// Args:
    ///     product: only these.
    ///     q: only those with these words in a name or the ref.
    #[pyo3(signature = (**filters), text_signature = "(self, *, product=None, q=None)")]
    fn products(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        self.list(py, EntityType::Product, &["product", "q"], filters)
    }

    /// The teams.
    ///
    /// Args:
    ///     team: only these, by their names, other names or old names.
    ///     product: only those that work on these products.
    ///     q: only those with these words in a name or the ref.
    ///
    /// Raises:
    ///     InvalidInput: there is no such team or product.
    ///
    /// Example:
    ///     >>> [team.name for team in cat.teams()]
    ///     ['payments', 'search']
    #[pyo3(signature = (**filters), text_signature = "(self, *, team=None, product=None, q=None)")]
    fn teams(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        self.list(py, EntityType::Team, &["team", "product", "q"], filters)
    }

    /// The environments: AWS accounts with the names that people use for them.
    ///
    /// Args:
    ///     environment: only these, by name or account id.
    ///     account: only these, by account id.
    ///     q: only those with these words in the name or the ref.
    #[pyo3(signature = (**filters), text_signature = "(self, *, environment=None, account=None, q=None)")]
    fn environments(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        self.list(py, EntityType::Environment, &["environment", "account", "q"], filters)
    }

    /// The services. Each filter takes a text or a list of texts, of which any fits; different filters have to fit together.
    ///
    /// Args:
    ///     team: owned by it; a name, another or an old name.
    ///     product: part of it.
    ///     environment: running in it; a name or an account id.
    ///     account: running in the account of this id.
    ///     region: running in it.
    ///     type: ``kubernetes``, ``serverless``, ``other``, ``http-service``, ``scheduled-job``, ``function``.
    ///     tag: a dict, all of which has to be there; or ``"key=value"``, a single word, or a list of them.
    ///     ownership: ``owned``, ``unowned``, ``unregistered``, ``conflict``, ``unknown``.
    ///     status: ``healthy``, ``degraded``, ``down``, ``unknown``.
    ///     q: words, each a part of a name, the ref or the description; compared without case.
    ///     hidden: what people took out of the lists: ``without`` (the default), ``only``, ``with``.
    ///
    /// Raises:
    ///     InvalidInput: there is no such team, product, environment, account or word.
    #[pyo3(
        signature = (**filters),
        text_signature = "(self, *, team=None, product=None, environment=None, account=None, region=None, type=None, tag=None, ownership=None, status=None, q=None, hidden=None)"
    )]
    fn services(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        self.list(py, EntityType::Service, THINGS, filters)
    }

    /// The workloads: running copies of services. Filters as for :meth:`services`; ``type`` is their kind.
    #[pyo3(
        signature = (**filters),
        text_signature = "(self, *, environment=None, account=None, region=None, type=None, status=None, q=None)"
    )]
    fn workloads(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        self.list(py, EntityType::Workload, &["environment", "account", "region", "type", "status", "q"], filters)
    }

    /// The resources. Each filter takes a text or a list of texts, of which any fits; different filters have to fit
    /// together.
    ///
    /// Args:
    ///     team: owned by it; a name, another or an old name.
    ///     product: part of it.
    ///     environment: in it; a name or an account id.
    ///     account: in the account of this id.
    ///     region: in it.
    ///     type: ``bucket``, ``database``, … or the provider's own ``service:type``.
    ///     tag: a dict, all of which has to be there; or ``"key=value"``, a single word, or a list of them.
    ///     ownership: ``owned``, ``unowned``, ``unregistered``, ``conflict``, ``unknown``.
    ///     q: words, each a part of a name, the ref or the description; compared without case.
    ///     hidden: what people took out of the lists: ``without`` (the default), ``only``, ``with``.
    ///
    /// Raises:
    ///     InvalidInput: there is no such team, product, environment, account or word.
    ///
    /// Example:
    ///     >>> len(cat.resources(type="bucket", tag={"team": "payments"}))
    ///     1
    #[pyo3(
        signature = (**filters),
        text_signature = "(self, *, team=None, product=None, environment=None, account=None, region=None, type=None, tag=None, ownership=None, q=None, hidden=None)"
    )]
    fn resources(&self, py: Python<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Entities> {
        let takes: Vec<&str> = THINGS.iter().copied().filter(|name| *name != "status").collect();
        self.list(py, EntityType::Resource, &takes, filters)
    }

    /// All relations between entities, hidden ones too.
    ///
    /// Example:
    ///     >>> edge = cat.graph().to_dicts()[0]
    ///     >>> edge["from"], edge["type"], edge["to"]
    ///     ('team:payments', 'part_of', 'product:checkout')
    fn graph(&self, py: Python<'_>) -> PyResult<Graph> {
        let catalog = self.picture()?;
        let all = Filter { hidden: Hidden::With, ..Filter::default() };
        let nodes = py.detach(|| EntityType::ALL.iter().flat_map(|of| catalog.refs(*of, &all)).collect::<Vec<Ref>>());
        Ok(Graph::new(catalog, nodes))
    }

    /// Looks for news in the store, and says whether there were any. Lists that were made before stay what they are.
    ///
    /// Raises:
    ///     StoreError: the store cannot be read; what was known stays.
    ///     PortalError: the catalog is closed, or was opened before a fork.
    fn refresh(&self, py: Python<'_>) -> PyResult<bool> {
        let store = self.store()?;
        let (picture, refreshing) = (Arc::clone(&self.picture), Arc::clone(&self.refreshing));
        run(py, async move {
            let _turn = refreshing.lock().await;
            let Some(now) = picture.load_full() else { return Ok(false) };
            let Some(next) = newer(&store, now).await? else { return Ok(false) };
            // Another thread may have closed it meanwhile.
            if picture.load().is_some() {
                picture.store(Some(Arc::new(next)));
            }
            Ok(true)
        })
    }

    /// Lets go of the store. Lists that were made before can still be read.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.picture.store(None);
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
        match store {
            Some(store) if self.process == std::process::id() => run(py, async move {
                drop(store);
                Ok(())
            }),
            Some(store) => {
                std::mem::forget(store);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The revision that it shows; it counts up.
    #[getter]
    fn revision(&self) -> PyResult<u64> {
        Ok(self.picture()?.revision())
    }

    /// When that revision was made, in UTC; None for an empty store.
    #[getter]
    fn revised_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional_time(py, self.picture()?.revised_at())
    }

    /// Where the store is, without secrets.
    #[getter]
    fn store_location(&self) -> &str {
        &self.location
    }

    /// What a person should look at: unknown teams, conflicts, names that clash, records that could not be read. Each has
    /// ``kind``, ``subject`` (a ref or None) and ``message``.
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let catalog = self.picture()?;
        let finding = |finding: &portal_core::resolve::Finding| {
            let dict = PyDict::new(py);
            dict.set_item("kind", finding.kind.as_str())?;
            dict.set_item("subject", finding.subject.as_ref().map(Ref::as_str))?;
            dict.set_item("message", finding.message.as_str())?;
            Ok(dict)
        };
        catalog.findings().iter().map(finding).collect()
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.picture()?.len())
    }

    fn __contains__(&self, r#ref: &str) -> PyResult<bool> {
        let catalog = self.picture()?;
        Ok(r#ref.parse::<Ref>().is_ok_and(|asked| catalog.contains(&asked)))
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_raised))]
    fn __exit__(&self, py: Python<'_>, _raised: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self) -> String {
        match self.picture() {
            Ok(catalog) => {
                format!("<Catalog of {} at revision {}: {} entities>", self.location, catalog.revision(), catalog.len())
            }
            Err(_) => format!("<Catalog of {}, closed>", self.location),
        }
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "catalog")
    }
}

impl Drop for PyCatalog {
    fn drop(&mut self) {
        let store = self.store.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(store) = store else { return };
        // A connection of before a fork is the parent's: closing it here would end it there.
        if self.process != std::process::id() {
            std::mem::forget(store);
        } else if let Ok(runtime) = runtime::handle() {
            runtime.spawn_blocking(move || drop(store));
        }
    }
}
