//! Values of Rust as values of Python, and back.

use jiff::Timestamp;
use jiff::tz::Offset;
use portal_core::Text;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyTzInfo};
use serde::Serialize;
use serde_json::{Map, Number, Value};

/// How deep JSON may nest; what reads it back goes no deeper.
const DEPTH: usize = 127;

/// A time as `datetime.datetime` in UTC.
pub(crate) fn time<'py>(py: Python<'py>, at: Timestamp) -> PyResult<Bound<'py, PyAny>> {
    let at = Offset::UTC.to_datetime(at);
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    let utc = PyTzInfo::utc(py)?;
    let time = PyDateTime::new(
        py,
        i32::from(at.year()),
        small(at.month()),
        small(at.day()),
        small(at.hour()),
        small(at.minute()),
        small(at.second()),
        u32::try_from(at.subsec_nanosecond() / 1000).unwrap_or_default(),
        Some(&utc),
    )?;
    Ok(time.into_any())
}

/// A time that may be unknown.
pub(crate) fn optional_time(py: Python<'_>, at: Option<Timestamp>) -> PyResult<Option<Bound<'_, PyAny>>> {
    at.map(|at| time(py, at)).transpose()
}

/// A text that may be missing.
pub(crate) fn text(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

/// Anything as dicts, lists and scalars: what JSON has.
pub(crate) fn plain<'py, T: Serialize>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(value).map_err(|error| PyValueError::new_err(error.to_string()))?;
    of_json(py, &value)
}

fn of_json<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => PyInt::new(py, whole).into_any(),
            (None, Some(whole)) => PyInt::new(py, whole).into_any(),
            (None, None) => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(of_json(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (key, value) in fields {
                dict.set_item(key, of_json(py, value)?)?;
            }
            dict.into_any()
        }
    })
}

/// A value of Python as JSON: dicts with texts as keys, lists, tuples, scalars, and times in ISO 8601.
///
/// # Errors
/// `TypeError` or `ValueError` that names the place in the value.
pub(crate) fn json(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    read_json(value, &mut Vec::new())
}

fn read_json(value: &Bound<'_, PyAny>, at: &mut Vec<String>) -> PyResult<Value> {
    if at.len() > DEPTH {
        return Err(PyValueError::new_err(format!("it is nested deeper than {DEPTH}")));
    }
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        let read = text.to_str().map_err(|_| PyValueError::new_err(format!("{} is no valid text", place(at))));
        return read.map(Value::from);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::from(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return match (value.extract::<i64>(), value.extract::<u64>()) {
            (Ok(whole), _) => Ok(Value::from(whole)),
            (_, Ok(whole)) => Ok(Value::from(whole)),
            _ => number(value.extract::<f64>()?, at),
        };
    }
    if value.is_instance_of::<PyFloat>() {
        return number(value.extract::<f64>()?, at);
    }
    if let Ok(fields) = value.cast::<PyMapping>() {
        let mut object = Map::new();
        for item in fields.items()?.iter() {
            let (key, inner): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let Ok(key) = key.cast::<PyString>().map(|key| key.to_string()) else {
                return Err(PyTypeError::new_err(format!("a key of {} is no text: {}", place(at), key.repr()?)));
            };
            at.push(key.clone());
            object.insert(key, read_json(&inner, at)?);
            at.pop();
        }
        return Ok(Value::Object(object));
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let mut items = Vec::with_capacity(value.len().unwrap_or_default());
        for (number, item) in value.try_iter()?.enumerate() {
            at.push(number.to_string());
            items.push(read_json(&item?, at)?);
            at.pop();
        }
        return Ok(Value::Array(items));
    }
    if value.is_instance_of::<PyDate>() {
        return Ok(Value::from(value.call_method0("isoformat")?.extract::<String>()?));
    }
    let name = value.get_type().name()?;
    Err(PyTypeError::new_err(format!("{} is a `{name}`, which JSON does not have", place(at))))
}

fn number(number: f64, at: &[String]) -> PyResult<Value> {
    let finite = Number::from_f64(number).map(Value::Number);
    finite.ok_or_else(|| PyValueError::new_err(format!("{} is {number}, which JSON does not have", place(at))))
}

fn place(at: &[String]) -> String {
    if at.is_empty() { "the object".to_owned() } else { format!("`{}`", at.join(".")) }
}
