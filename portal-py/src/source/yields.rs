//! What a source yields beside objects.

use portal_core::Coverage;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

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
    pub(super) kind: String,
    pub(super) outcome: portal_core::Outcome,
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
    pub(super) kind: String,
    /// What, and why.
    pub(super) reason: String,
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
