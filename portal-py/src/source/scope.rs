//! What a source reads as a whole, as Python sees it.

use portal_core::Scope as CoreScope;
use portal_sources::foreign;
use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::error::invalid;

/// The smallest thing that a source reads as a whole.
///
/// Args:
///     account, region: a region of an AWS account.
///     cluster, namespace: a namespace of a cluster, with or without the account and region that it lives in.
///     domain: a domain of a directory.
///     path: any other source's: the parts of its path.
///
/// Raises:
///     InvalidInput: these together are no scope, or one of them is empty.
///
/// Example:
///     >>> str(portal.Scope(account="011122223333", region="eu-west-1"))
///     '011122223333/eu-west-1'
#[pyclass(frozen, module = "portal")]
pub(crate) struct Scope {
    pub(super) scope: CoreScope,
}

impl From<CoreScope> for Scope {
    fn from(scope: CoreScope) -> Scope {
        Scope { scope }
    }
}

impl Scope {
    fn part(&self, key: &str) -> Option<String> {
        let (account, region) = (self.scope.account(), self.scope.region());
        let part = match (&self.scope, key) {
            (_, "account") => account,
            (_, "region") => region,
            (CoreScope::Kubernetes { cluster, .. }, "cluster") => Some(cluster),
            (CoreScope::Kubernetes { namespace, .. }, "namespace") => Some(namespace),
            (CoreScope::Directory { domain }, "domain") => Some(domain),
            _ => None,
        };
        part.map(ToString::to_string)
    }
}

#[pymethods]
impl Scope {
    #[new]
    #[pyo3(signature = (*, account=None, region=None, cluster=None, namespace=None, domain=None, path=None))]
    fn new(
        account: Option<String>,
        region: Option<String>,
        cluster: Option<String>,
        namespace: Option<String>,
        domain: Option<String>,
        path: Option<Vec<String>>,
    ) -> PyResult<Scope> {
        let texts = [
            ("account", account),
            ("region", region),
            ("cluster", cluster),
            ("namespace", namespace),
            ("domain", domain),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Value::from(text?))));
        let path = path.into_iter().map(|path| ("path".to_owned(), Value::from(path)));
        let keys: Map<String, Value> = texts.chain(path).collect();
        foreign::scope(Value::Object(keys)).map(Scope::from).map_err(invalid)
    }

    /// The account id, with its leading zeros.
    #[getter]
    fn account(&self) -> Option<String> {
        self.part("account")
    }

    /// The region.
    #[getter]
    fn region(&self) -> Option<String> {
        self.part("region")
    }

    /// The cluster.
    #[getter]
    fn cluster(&self) -> Option<String> {
        self.part("cluster")
    }

    /// The namespace.
    #[getter]
    fn namespace(&self) -> Option<String> {
        self.part("namespace")
    }

    /// The domain.
    #[getter]
    fn domain(&self) -> Option<String> {
        self.part("domain")
    }

    /// The parts of its path in the lake.
    #[getter]
    fn path(&self) -> Vec<String> {
        self.scope.path().iter().map(ToString::to_string).collect()
    }

    fn __str__(&self) -> String {
        self.scope.to_string()
    }

    fn __repr__(&self) -> String {
        if let CoreScope::Other { path } = &self.scope {
            return format!("Scope(path={path:?})");
        }
        let keys = ["account", "region", "cluster", "namespace", "domain"];
        let parts: Vec<String> = keys.iter().filter_map(|key| Some(format!("{key}={:?}", self.part(key)?))).collect();
        format!("Scope({})", parts.join(", "))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Scope>().is_ok_and(|other| other.get().scope == self.scope)
    }

    fn __hash__(&self) -> u64 {
        crate::entities::hash(&self.scope.to_string())
    }
}
