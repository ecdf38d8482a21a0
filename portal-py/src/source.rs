//! Sources written in Python, as sources of the core: they run in the same pipeline as those written in Rust.
//!
//! A source's code runs on a thread of its own, which holds the interpreter only while it does; what it yields goes
//! through a short channel. Who drops the read closes the channel, and with it the generator.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use portal_core::testing::{SourceWorld, source_suite};
use portal_core::{
    Coverage, ErrorKind, Permission, Scope as CoreScope, Scopes, SnapshotWriter, Source, SourceError, Text,
};
use portal_sources::foreign;
use pyo3::exceptions::{PyPermissionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::{Map, Value};
use tokio::sync::mpsc::{Sender, channel, error::TrySendError};

use crate::convert::json;
use crate::error::invalid;
use crate::runtime::{self, Running, run};

/// How many objects may wait to be written before the source waits.
const WAITING: usize = 256;
/// The most letters of an exception that are kept.
const REASON: usize = 500;

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
    scope: CoreScope,
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

/// Yielded by a source: how the read of a kind ended. Nothing of the kind may follow.
///
/// A kind that a source does not end is ``complete`` when ``collect`` returns.
///
/// Args:
///     kind: the kind.
///     coverage: ``complete``, ``partial``, ``denied``, ``absent`` (it cannot exist here) or ``failed``.
///     reason: why not all; needed for all but ``complete``.
///     permission: the right that is missing; needed for ``denied``.
///
/// Raises:
///     ValueError: the words do not fit together.
///
/// Example:
///     >>> portal.Outcome("lambda", "denied", reason="AccessDenied", permission="lambda:ListFunctions")
///     Outcome("lambda", "denied", reason="AccessDenied", permission="lambda:ListFunctions")
#[pyclass(frozen, module = "portal")]
pub(crate) struct Outcome {
    kind: String,
    outcome: portal_core::Outcome,
}

#[pymethods]
impl Outcome {
    #[new]
    #[pyo3(signature = (kind, coverage, *, reason=None, permission=None))]
    fn new(kind: String, coverage: &str, reason: Option<String>, permission: Option<String>) -> PyResult<Outcome> {
        let wrong = |message: &str| PyValueError::new_err(message.to_owned());
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        let outcome = match (coverage, reason, permission) {
            ("complete", None, None) => portal_core::Outcome::complete(),
            ("complete", ..) => return Err(wrong("what is complete has no reason and no permission; say partial")),
            ("denied", Some(reason), Some(permission)) => portal_core::Outcome::denied(permission, reason),
            ("denied", ..) => return Err(wrong("what is denied has a reason, and the permission that is missing")),
            (word, reason, permission) => {
                let known = [Coverage::Partial, Coverage::Absent, Coverage::Failed];
                let Some(coverage) = known.into_iter().find(|coverage| coverage.as_str() == word) else {
                    return Err(wrong("a coverage is complete, partial, denied, absent or failed"));
                };
                let Some(reason) = reason else { return Err(wrong("what is not complete has a reason")) };
                portal_core::Outcome { coverage, reason: Some(reason), permission }
            }
        };
        Ok(Outcome { kind, outcome })
    }

    /// The kind.
    #[getter]
    fn kind(&self) -> &str {
        &self.kind
    }

    /// How much was read.
    #[getter]
    fn coverage(&self) -> &'static str {
        self.outcome.coverage.as_str()
    }

    /// Why not all.
    #[getter]
    fn reason(&self) -> Option<&str> {
        self.outcome.reason.as_deref()
    }

    /// The right that is missing.
    #[getter]
    fn permission(&self) -> Option<&str> {
        self.outcome.permission.as_deref()
    }

    fn __repr__(&self) -> String {
        let reason = self.reason().map(|reason| format!(", reason={reason:?}")).unwrap_or_default();
        let permission = self.permission().map(|permission| format!(", permission={permission:?}")).unwrap_or_default();
        format!("Outcome({:?}, {:?}{reason}{permission})", self.kind, self.coverage())
    }
}

/// Yielded by a source: a single thing inside a kind that could not be read.
///
/// Args:
///     kind: the kind.
///     reason: what, and why.
#[pyclass(frozen, get_all, module = "portal")]
pub(crate) struct Unread {
    /// The kind.
    kind: String,
    /// What, and why.
    reason: String,
}

#[pymethods]
impl Unread {
    #[new]
    fn new(kind: String, reason: String) -> Unread {
        Unread { kind, reason }
    }

    fn __repr__(&self) -> String {
        format!("Unread({:?}, {:?})", self.kind, self.reason)
    }
}

/// A source whose methods are Python's.
pub(crate) struct PythonSource {
    object: Arc<Py<PyAny>>,
    name: String,
    folder: String,
    kinds: Vec<Text>,
    permissions: Vec<Permission>,
    lists_all_scopes: bool,
}

impl PythonSource {
    /// Reads what a source says of itself.
    ///
    /// # Errors
    /// `InvalidInput` that names the attribute.
    pub(crate) fn new(py: Python<'_>, object: Py<PyAny>) -> PyResult<PythonSource> {
        let source = object.bind(py);
        if source.is_instance_of::<pyo3::types::PyType>() {
            return Err(invalid(format!("{} is a class; give an object of it", source.repr()?)));
        }
        let class = source.get_type().name()?.to_string();
        let wrong = |attribute: &str, problem: &str| invalid(format!("source {class}: `{attribute}` {problem}"));
        for method in ["scopes", "collect"] {
            if !source.getattr(method).is_ok_and(|method| method.is_callable()) {
                return Err(wrong(method, "is missing; a source has the methods scopes() and collect(scope)"));
            }
        }
        let attribute = |name: &str| source.getattr_opt(name).map(|value| value.filter(|value| !value.is_none()));
        let name: String = match attribute("name")? {
            Some(name) => name.extract().map_err(|_| wrong("name", "has to be a text"))?,
            None => return Err(wrong("name", "is missing; it tells this source from others, and stays")),
        };
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong("name", "has to be a word without spaces"));
        }
        let folder = match attribute("folder")? {
            Some(folder) => folder.extract().map_err(|_| wrong("folder", "has to be a text"))?,
            None => foreign::folder_of_name(&name).unwrap_or_default(),
        };
        if !foreign::is_folder_word(&folder) {
            return Err(wrong("folder", "is the first word of the folder in the lake; use a-z, 0-9 and -"));
        }
        let kinds: Vec<String> = match attribute("kinds")? {
            Some(kinds) => kinds.extract().map_err(|_| wrong("kinds", "has to be a list or tuple of texts"))?,
            None => Vec::new(),
        };
        for kind in &kinds {
            foreign::check_kind(kind).map_err(|problem| wrong("kinds", &problem))?;
        }
        let permissions: Vec<(String, String, String)> = match attribute("permissions")? {
            Some(all) => {
                all.extract().map_err(|_| wrong("permissions", "has to be a list of (system, action, kind)"))?
            }
            None => Vec::new(),
        };
        let permission = |(system, action, kind): (String, String, String)| Permission {
            system: Text::from(system),
            action: Text::from(action),
            kind: Text::from(kind),
        };
        let lists_all_scopes = match attribute("lists_all_scopes")? {
            Some(all) => all.is_truthy()?,
            None => true,
        };
        Ok(PythonSource {
            object: Arc::new(object),
            name,
            folder,
            kinds: kinds.into_iter().map(Text::from).collect(),
            permissions: permissions.into_iter().map(permission).collect(),
            lists_all_scopes,
        })
    }

    /// The right that is missing, for a person who grants it.
    fn right(&self, kind: &str, named: Option<&String>) -> String {
        let declared = || self.permissions.iter().find(|permission| permission.kind == kind);
        let named = named.cloned().or_else(|| declared().map(|permission| permission.action.to_string()));
        named.unwrap_or_else(|| "not named by the source".to_owned())
    }
}

#[async_trait]
impl Source for PythonSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        &self.folder
    }

    fn permissions(&self) -> Vec<Permission> {
        self.permissions.clone()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        let (object, name) = (Arc::clone(&self.object), self.name.clone());
        let listed =
            on_a_thread(move |py| list(object.bind(py)).map_err(|error| Broken::of(py, &error, &name, "scopes")));
        let scopes = listed.await.unwrap_or_else(Err).map_err(Broken::into_error)?;
        if let Some(other) = scopes.iter().find(|scope| !foreign::fits(&self.folder, scope)) {
            let message = format!(
                "the lake folder `{}` is for scopes of another form than {other}; set another `folder`",
                self.folder
            );
            return Err(SourceError::new(ErrorKind::Invalid, message));
        }
        let whole_below = if self.lists_all_scopes { vec![Vec::new()] } else { Vec::new() };
        Ok(Scopes { scopes, whole_below, unread: Vec::new() })
    }

    async fn collect(&self, scope: &CoreScope, out: &SnapshotWriter) -> Result<(), SourceError> {
        out.expect(self.kinds.iter().map(Text::as_str));
        let (sender, mut receiver) = channel(WAITING);
        let (object, name, scope) = (Arc::clone(&self.object), self.name.clone(), scope.clone());
        let thread = on_a_thread(move |py| read(object.bind(py), &name, &scope, &sender));
        let mut kinds: BTreeMap<Text, KindRead> =
            self.kinds.iter().map(|kind| (kind.clone(), KindRead::default())).collect();
        let mut broken = None;
        while let Some(said) = receiver.recv().await {
            let taken = match said {
                Said::Broken(why) => Err(why),
                said => take(said, &mut kinds, !self.kinds.is_empty(), out),
            };
            if let Err(why) = taken {
                broken = Some(why);
                // Whatever the source would still say is of no use: the thread ends with the channel.
                break;
            }
        }
        drop(receiver);
        broken = thread.await.err().or(broken);
        for (kind, read) in kinds.into_iter().filter(|(_, read)| !read.ended) {
            let outcome = match &broken {
                None => portal_core::Outcome::complete(),
                Some(why) if !read.names.is_empty() => portal_core::Outcome::not(Coverage::Partial, &why.reason),
                Some(why) if why.denied => {
                    portal_core::Outcome::denied(self.right(&kind, why.permission.as_ref()), &why.reason)
                }
                Some(why) => portal_core::Outcome::not(Coverage::Failed, &why.reason),
            };
            out.finish(&kind, outcome);
        }
        // Where no kind is known, the scope itself could not be read.
        broken.map_or(Ok(()), |why| Err(why.into_error()))
    }
}

/// What was yielded of one kind.
#[derive(Default)]
struct KindRead {
    names: BTreeSet<Text>,
    ended: bool,
}

/// What a source said with one `yield`, or with an exception.
enum Said {
    Object { kind: Text, name: Text, value: Value },
    Unread { kind: Text, reason: String },
    End { kind: Text, outcome: portal_core::Outcome },
    Broken(Broken),
}

/// Why a read did not come to its end.
struct Broken {
    denied: bool,
    permission: Option<String>,
    reason: String,
}

impl Broken {
    fn failed(reason: impl Into<String>) -> Broken {
        Broken { denied: false, permission: None, reason: reason.into() }
    }

    /// What an exception says; Python's log gets the whole of it.
    fn of(py: Python<'_>, error: &PyErr, source: &str, what: &str) -> Broken {
        let class = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
        let text = error.value(py).str().map(|text| text.to_string()).unwrap_or_default();
        let colon = if text.is_empty() { "" } else { ": " };
        let place = place(py, error).map(|place| format!(" ({place})")).unwrap_or_default();
        let whole = format!("{class}{colon}{text}");
        let short: String = whole.chars().take(REASON).map(|c| if c.is_control() { ' ' } else { c }).collect();
        // A log that cannot be written is no reason to stop.
        let _ = log(py, error, source, what);
        let permission = error.value(py).getattr("permission").and_then(|value| value.extract::<String>()).ok();
        Broken {
            denied: error.is_instance_of::<PyPermissionError>(py),
            permission: permission.filter(|permission| !permission.is_empty()),
            reason: format!("{short}{place}"),
        }
    }

    fn into_error(self) -> SourceError {
        let kind = if self.denied { ErrorKind::Denied } else { ErrorKind::Unavailable };
        SourceError::new(kind, self.reason)
    }
}

/// File and line of the last frame of an exception.
fn place(py: Python<'_>, error: &PyErr) -> Option<String> {
    let mut frame = error.traceback(py)?.into_any();
    while let Ok(next) = frame.getattr("tb_next")
        && !next.is_none()
    {
        frame = next;
    }
    let line: usize = frame.getattr("tb_lineno").ok()?.extract().ok()?;
    let file: String =
        frame.getattr("tb_frame").ok()?.getattr("f_code").ok()?.getattr("co_filename").ok()?.extract().ok()?;
    let name = Path::new(&file).file_name()?.to_string_lossy().into_owned();
    Some(format!("{name}, line {line}"))
}

fn log(py: Python<'_>, error: &PyErr, source: &str, what: &str) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("portal",))?;
    let keywords = PyDict::new(py);
    keywords.set_item("exc_info", error.value(py))?;
    let message = "source %s: %s was not read whole; what was known of it stays";
    logger.call_method("warning", (message, source, what), Some(&keywords))?;
    Ok(())
}

fn list(source: &Bound<'_, PyAny>) -> PyResult<Vec<CoreScope>> {
    let listed = source.call_method0("scopes")?;
    let scope = |item: Bound<'_, PyAny>| match item.cast::<Scope>() {
        Ok(scope) => Ok(scope.get().scope.clone()),
        Err(_) => foreign::scope(json(&item)?).map_err(PyValueError::new_err),
    };
    iterate(&listed, "scopes")?.map(|item| scope(item?)).collect()
}

/// What a method returned, as an iterator.
fn iterate<'py>(returned: &Bound<'py, PyAny>, method: &str) -> PyResult<Bound<'py, pyo3::types::PyIterator>> {
    returned.try_iter().map_err(|_| {
        let class = returned.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let message = if class == "async_generator" || class == "coroutine" {
            format!("{method}() is asynchronous; write it without `async`: each scope has a thread of its own")
        } else {
            format!("{method}() returned `{class}`; it has to return or yield several")
        };
        PyTypeError::new_err(message)
    })
}

/// Runs a source over a scope, and says what it yields until it ends or nobody listens.
fn read(source: &Bound<'_, PyAny>, name: &str, scope: &CoreScope, sender: &Sender<Said>) {
    let py = source.py();
    if let Err(error) = yielded(source, scope, sender) {
        let broken = Broken::of(py, &error, name, &scope.to_string());
        let _ = say(py, sender, Said::Broken(broken));
    }
}

fn yielded(source: &Bound<'_, PyAny>, scope: &CoreScope, sender: &Sender<Said>) -> PyResult<()> {
    let py = source.py();
    let returned = source.call_method1("collect", (Scope::from(scope.clone()),))?;
    for item in iterate(&returned, "collect")? {
        let said = understand(&item?, scope);
        let goes_on = said.is_ok();
        let heard = said.map(|said| say(py, sender, said));
        if goes_on && heard.as_ref().is_ok_and(|heard| *heard) && !runtime::is_ending() {
            continue;
        }
        // So that its `finally` blocks run now; what they raise has nobody to hear it.
        let _ = returned.call_method0("close");
        return heard.map(drop);
    }
    Ok(())
}

/// Hands something over; false if nobody listens any more. Waits without the interpreter.
fn say(py: Python<'_>, sender: &Sender<Said>, said: Said) -> bool {
    match sender.try_send(said) {
        Ok(()) => true,
        Err(TrySendError::Full(said)) => py.detach(|| sender.blocking_send(said)).is_ok(),
        Err(TrySendError::Closed(_)) => false,
    }
}

/// What was yielded.
fn understand(item: &Bound<'_, PyAny>, scope: &CoreScope) -> PyResult<Said> {
    if let Ok(outcome) = item.cast::<Outcome>() {
        let Outcome { kind, outcome } = outcome.get();
        return Ok(Said::End { kind: Text::from(kind.as_str()), outcome: outcome.clone() });
    }
    if let Ok(unread) = item.cast::<Unread>() {
        let Unread { kind, reason } = unread.get();
        return Ok(Said::Unread { kind: Text::from(kind.as_str()), reason: reason.clone() });
    }
    let wrong = || {
        let class = item.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!(
            "collect() yielded `{class}`; it yields (kind, object) or (kind, name, object), portal.Outcome and portal.Unread"
        ))
    };
    let tuple = item.cast::<PyTuple>().map_err(|_| wrong())?;
    let (kind, name, object) = match tuple.len() {
        2 => (tuple.get_item(0)?, None, tuple.get_item(1)?),
        3 => (tuple.get_item(0)?, Some(tuple.get_item(1)?), tuple.get_item(2)?),
        _ => return Err(wrong()),
    };
    let kind: String = kind.extract().map_err(|_| wrong())?;
    foreign::check_kind(&kind).map_err(PyValueError::new_err)?;
    let value = json(&object)?;
    if !value.is_object() {
        return Err(PyTypeError::new_err(format!("an object of kind `{kind}` is no dict")));
    }
    if let Some(problem) = foreign::misplaced(scope, &value) {
        return Err(PyValueError::new_err(format!("an object of kind `{kind}`: {problem}")));
    }
    let name = match name {
        Some(name) => Some(Text::from(name.extract::<String>().map_err(|_| wrong())?)).filter(|name| !name.is_empty()),
        None => foreign::object_name(scope, &value),
    };
    let name = name.ok_or_else(|| PyValueError::new_err(format!("an object of kind `{kind}` has no name")))?;
    Ok(Said::Object { kind: Text::from(kind), name, value })
}

/// Writes what was said.
fn take(
    said: Said,
    kinds: &mut BTreeMap<Text, KindRead>,
    are_declared: bool,
    out: &SnapshotWriter,
) -> Result<(), Broken> {
    let (Said::Object { kind, .. } | Said::Unread { kind, .. } | Said::End { kind, .. }) = &said else { return Ok(()) };
    if are_declared && !kinds.contains_key(kind) {
        return Err(Broken::failed(format!("`{kind}` was yielded, which is not among the `kinds` of the source")));
    }
    let read = kinds.entry(kind.clone()).or_default();
    if read.ended {
        return Err(Broken::failed(format!("`{kind}` was yielded after its end")));
    }
    match said {
        Said::Object { kind, name, value } => {
            if read.names.insert(name.clone()) {
                out.object(&kind, name, value);
            } else {
                out.unread(&kind, format!("`{name}` was yielded twice; the first one counts"));
            }
        }
        Said::Unread { kind, reason } => out.unread(&kind, reason),
        Said::End { kind, outcome } => {
            read.ended = true;
            out.finish(&kind, outcome);
        }
        Said::Broken(why) => return Err(why),
    }
    Ok(())
}

/// Runs Python on a thread that may wait. It begins at once, and goes on if nobody waits for it.
fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce(Python<'_>) -> T + Send + 'static,
) -> impl Future<Output = Result<T, Broken>> {
    let running = Running::begin();
    let done = tokio::task::spawn_blocking(move || {
        let done = Python::try_attach(work);
        drop(running);
        done
    });
    async move {
        match done.await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err(Broken::failed("the interpreter is ending")),
            Err(error) => Err(Broken::failed(format!("this is a bug of the portal: {error}"))),
        }
    }
}

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
