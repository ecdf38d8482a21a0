//! The interpreter's side of a read: it runs a source's code, and says what comes of it.

use std::future::Future;
use std::path::Path;

use portal_core::{ErrorKind, Scope as CoreScope, SourceError, Text};
use portal_sources::foreign;
use pyo3::exceptions::{PyPermissionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;
use tokio::sync::mpsc::{Sender, error::TrySendError};

use super::scope::Scope;
use super::yields::{Outcome, Unread};
use crate::convert::json;
use crate::runtime::{self, Running};

/// The most letters of an exception that are kept.
const REASON: usize = 500;

/// What a source said with one `yield`, or with an exception.
pub(super) enum Said {
    Object { kind: Text, name: Text, value: Value },
    Unread { kind: Text, reason: String },
    End { kind: Text, outcome: portal_core::Outcome },
    Broken(Broken),
}

/// Why a read did not come to its end.
pub(super) struct Broken {
    pub(super) denied: bool,
    pub(super) permission: Option<String>,
    pub(super) reason: String,
}

impl Broken {
    pub(super) fn failed(reason: impl Into<String>) -> Broken {
        Broken { denied: false, permission: None, reason: reason.into() }
    }

    /// What an exception says; Python's log gets the whole of it.
    pub(super) fn of(py: Python<'_>, error: &PyErr, source: &str, what: &str) -> Broken {
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

    pub(super) fn into_error(self) -> SourceError {
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

pub(super) fn list(source: &Bound<'_, PyAny>) -> PyResult<Vec<CoreScope>> {
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
pub(super) fn read(source: &Bound<'_, PyAny>, name: &str, scope: &CoreScope, sender: &Sender<Said>) {
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

/// Runs Python on a thread that may wait. It begins at once, and goes on if nobody waits for it.
pub(super) fn on_a_thread<T: Send + 'static>(
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
