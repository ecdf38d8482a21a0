//! Answers about one entity: who owns it and why it is there.

use std::sync::Arc;

use portal_core::catalog::{EvidenceAnswer, Explanation as CoreExplanation, Linked, Owner};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::{optional_time, plain, text};

/// Who owns something, with every claim that was heard.
///
/// ``str()`` is the text that ``portal owner`` prints.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Ownership {
    pub(crate) owner: Arc<Owner>,
}

/// One claim: where it stands, what it says, and whether it decided.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Evidence {
    answer: EvidenceAnswer,
}

/// Why something exists: its owner and everything around it, each with its evidence.
///
/// ``str()`` is the text that ``portal why`` prints.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Explanation {
    pub(crate) why: CoreExplanation,
}

/// Something at the other end of a relation, with the evidence.
#[pyclass(frozen, module = "portal")]
pub(crate) struct Link {
    linked: Linked,
}

#[pymethods]
impl Ownership {
    /// The ref of what was asked for.
    #[getter]
    fn r#ref(&self) -> &str {
        self.owner.entity.as_str()
    }

    /// ``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``.
    #[getter]
    fn state(&self) -> &'static str {
        self.owner.state.as_str()
    }

    /// The owner's slug; with ``unknown`` the last known one; None if there is none.
    #[getter]
    fn team(&self) -> Option<&str> {
        text(self.owner.team.as_ref())
    }

    /// The id of the rule that spoke.
    #[getter]
    fn rule(&self) -> Option<&str> {
        text(self.owner.rule.as_ref())
    }

    /// Whether the newest read did not succeed, so that it may be different by now.
    #[getter]
    fn stale(&self) -> bool {
        self.owner.stale
    }

    /// Winners and losers, strongest rule first.
    #[getter]
    fn evidence(&self) -> Vec<Evidence> {
        evidence(&self.owner.evidence)
    }

    /// The same as dicts, lists and texts, as ``portal owner -o json`` prints it; times in ISO 8601.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &*self.owner)
    }

    fn __str__(&self) -> String {
        self.owner.to_string().trim_end().to_owned()
    }

    fn __repr__(&self) -> String {
        let Owner { entity, state, team, rule, .. } = &*self.owner;
        format!(
            "Ownership(ref={:?}, state={:?}, team={}, rule={})",
            entity.as_str(),
            state.as_str(),
            shown(text(team.as_ref())),
            shown(text(rule.as_ref()))
        )
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Ownership>().is_ok_and(|other| other.get().owner == self.owner)
    }

    fn __hash__(&self) -> u64 {
        crate::entities::hash(self.owner.entity.as_str())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "ownership")
    }
}

#[pymethods]
impl Evidence {
    /// The id of the rule that read it.
    #[getter]
    fn rule(&self) -> &str {
        &self.answer.rule
    }

    /// The place: ``tag Team``, ``label team``, ``env ORDERS_TABLE``.
    #[getter]
    fn field(&self) -> &str {
        &self.answer.field
    }

    /// What stands there, as it was written.
    #[getter]
    fn raw(&self) -> &str {
        &self.answer.raw
    }

    /// The known team that it names.
    #[getter]
    fn team(&self) -> Option<&str> {
        text(self.answer.team.as_ref())
    }

    /// Whether it decided.
    #[getter]
    fn won(&self) -> bool {
        self.answer.won
    }

    /// The source that read it.
    #[getter]
    fn source(&self) -> &str {
        &self.answer.source
    }

    /// When its place was last read well.
    #[getter]
    fn read_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional_time(py, self.answer.read_at)
    }

    /// The object that carries it, where that is another one.
    #[getter]
    fn found_on(&self) -> Option<&str> {
        text(self.answer.found_on.as_ref())
    }

    /// The same as a dict; times in ISO 8601.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.answer)
    }

    fn __repr__(&self) -> String {
        let EvidenceAnswer { rule, field, raw, team, won, .. } = &self.answer;
        let won = if *won { "True" } else { "False" };
        format!(
            "Evidence(rule={:?}, field={:?}, raw={:?}, team={}, won={won})",
            rule.as_str(),
            field.as_str(),
            raw.as_str(),
            shown(text(team.as_ref()))
        )
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Evidence>().is_ok_and(|other| other.get().answer == self.answer)
    }

    fn __hash__(&self) -> u64 {
        crate::entities::hash(&self.answer.raw)
    }
}

#[pymethods]
impl Explanation {
    /// Who owns it.
    #[getter]
    fn owner(&self) -> Ownership {
        Ownership { owner: Arc::new(self.why.owner.clone()) }
    }

    /// Services that use or depend on it.
    #[getter]
    fn used_by(&self) -> Vec<Link> {
        links(&self.why.used_by)
    }

    /// Resources that it uses.
    #[getter]
    fn uses(&self) -> Vec<Link> {
        links(&self.why.uses)
    }

    /// Services that it depends on.
    #[getter]
    fn depends_on(&self) -> Vec<Link> {
        links(&self.why.depends_on)
    }

    /// What it runs as.
    #[getter]
    fn runs_as(&self) -> Vec<Link> {
        links(&self.why.runs_as)
    }

    /// Products that it is a part of.
    #[getter]
    fn part_of(&self) -> Vec<Link> {
        links(&self.why.part_of)
    }

    /// The stack that made it.
    #[getter]
    fn created_by(&self) -> Option<Link> {
        self.why.created_by.clone().map(|linked| Link { linked })
    }

    /// Where it is; several for a service.
    #[getter]
    fn environments(&self) -> Vec<Link> {
        links(&self.why.environments)
    }

    /// Where it is, if that is one place.
    #[getter]
    fn environment(&self) -> Option<Link> {
        self.why.environment.clone().map(|linked| Link { linked })
    }

    /// When it came.
    #[getter]
    fn first_seen<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional_time(py, self.why.first_seen)
    }

    /// When it was seen last.
    #[getter]
    fn last_seen<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        optional_time(py, self.why.last_seen)
    }

    /// The same as dicts, lists and texts, as ``portal why -o json`` prints it; times in ISO 8601.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let dict = plain(py, &self.why)?;
        // A script that reads the owner finds it where `Explanation.owner` is.
        if let Ok(dict) = dict.cast::<PyDict>() {
            dict.set_item("owner", plain(py, &self.why.owner)?)?;
        }
        Ok(dict)
    }

    fn __str__(&self) -> String {
        self.why.to_string().trim_end().to_owned()
    }

    fn __repr__(&self) -> String {
        format!("<Explanation of {}: {}>", self.why.owner.entity, self.why.owner.verdict())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf.as_any(), "explanation")
    }
}

#[pymethods]
impl Link {
    /// The ref of what it leads to.
    #[getter]
    fn r#ref(&self) -> &str {
        self.linked.entity.as_str()
    }

    /// The name that people use.
    #[getter]
    fn name(&self) -> &str {
        &self.linked.name
    }

    /// Why the portal believes it.
    #[getter]
    fn evidence(&self) -> Vec<Evidence> {
        evidence(&self.linked.evidence)
    }

    fn __repr__(&self) -> String {
        format!("Link(ref={:?}, name={:?})", self.linked.entity.as_str(), self.linked.name.as_str())
    }
}

fn evidence(answers: &[EvidenceAnswer]) -> Vec<Evidence> {
    answers.iter().map(|answer| Evidence { answer: answer.clone() }).collect()
}

fn links(all: &[Linked]) -> Vec<Link> {
    all.iter().map(|linked| Link { linked: linked.clone() }).collect()
}

/// A text as Python's `repr` shows it.
pub(crate) fn shown(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("{text:?}"))
}

/// What a notebook shows of a value: a function of the module `portal._html`.
pub(crate) fn html<'py>(value: &Bound<'py, PyAny>, function: &str) -> PyResult<Bound<'py, PyAny>> {
    value.py().import("portal._html")?.call_method1(function, (value,))
}
