//! The entities as Python sees them: frozen objects whose fields are read when somebody asks.
//!
//! Each type has one table of columns. Attributes, dicts and Arrow are made from it, so that they cannot differ.

mod environment;
mod product;
mod resource;
mod service;
mod team;
mod workload;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::Timestamp;
use portal_core::catalog::{Entry, Freshness};
use portal_core::model::{Entity, Pairs};
use portal_core::{Catalog, Curated, EntityType, Ref, Text};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::time;

pub(crate) use environment::Environment;
pub(crate) use product::Product;
pub(crate) use resource::Resource;
pub(crate) use service::Service;
pub(crate) use team::Team;
pub(crate) use workload::Workload;

/// A column of a table of entities.
pub(crate) struct Column {
    name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) read: fn(&Known) -> Cell,
}

impl Column {
    /// The name as users see it: a word of Rust may need a mark.
    pub(crate) fn name(&self) -> &'static str {
        self.name.trim_start_matches("r#")
    }
}

/// What a column holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A text, or nothing.
    Text,
    /// Several texts.
    Texts,
    /// Texts by their keys.
    Pairs,
    /// Whether something is so.
    Flag,
    /// A count, or nothing.
    Number,
    /// A time, or nothing.
    Time,
}

/// A value of a column.
pub(crate) enum Cell {
    Text(Option<Text>),
    Texts(Vec<Text>),
    Pairs(Pairs),
    Flag(bool),
    Number(Option<i64>),
    Time(Option<Timestamp>),
}

impl<'py> IntoPyObject<'py> for Cell {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Cell::Text(text) => Ok(text.as_deref().into_pyobject(py)?),
            Cell::Texts(texts) => Ok(PyList::new(py, texts.iter().map(Text::as_str))?.into_any()),
            Cell::Pairs(pairs) => {
                let dict = PyDict::new(py);
                for (key, value) in &pairs {
                    dict.set_item(key.as_str(), value.as_str())?;
                }
                Ok(dict.into_any())
            }
            Cell::Flag(flag) => Ok(flag.into_pyobject(py)?.to_owned().into_any()),
            Cell::Number(number) => Ok(number.into_pyobject(py)?),
            Cell::Time(at) => match at {
                Some(at) => time(py, at),
                None => Ok(py.None().into_bound(py)),
            },
        }
    }
}

/// An entity with the picture that it is in.
pub(crate) struct Known {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) entity_ref: Ref,
    pub(crate) entity: Entity,
    freshness: Freshness,
}

impl Known {
    /// The entity of a ref; [`None`] if it is not in the picture.
    pub(crate) fn find(catalog: &Arc<Catalog>, entity_ref: &Ref) -> Option<Known> {
        let Entry { entity_ref, entity, freshness, .. } = catalog.entry(entity_ref).ok()?;
        Some(Known { catalog: Arc::clone(catalog), entity_ref, entity, freshness })
    }

    /// The object of its type.
    pub(crate) fn into_object(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(match self.entity {
            Entity::Product(_) => Bound::new(py, Product(self))?.into_any(),
            Entity::Team(_) => Bound::new(py, Team(self))?.into_any(),
            Entity::Service(_) => Bound::new(py, Service(self))?.into_any(),
            Entity::Workload(_) => Bound::new(py, Workload(self))?.into_any(),
            Entity::Resource(_) => Bound::new(py, Resource(self))?.into_any(),
            Entity::Environment(_) => Bound::new(py, Environment(self))?.into_any(),
        })
    }

    /// All columns as a dict.
    pub(crate) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for column in columns(self.entity_ref.entity_type()) {
            dict.set_item(column.name(), (column.read)(self))?;
        }
        Ok(dict)
    }

    fn curated(&self) -> Option<&Curated> {
        self.catalog.curated(&self.entity_ref).map(|record| &record.curated)
    }

    /// A text that a person may have said.
    fn said(&self, field: fn(&Curated) -> &Option<Text>) -> Cell {
        Cell::Text(self.curated().and_then(|said| field(said).clone()))
    }

    fn environment_name(&self, account: Option<&Text>) -> Cell {
        Cell::Text(account.map(|account| self.catalog.environment_name(account)))
    }
}

/// The columns of a type, in the order in which tables show them.
pub(crate) fn columns(of: EntityType) -> &'static [Column] {
    match of {
        EntityType::Product => product::COLUMNS,
        EntityType::Team => team::COLUMNS,
        EntityType::Service => service::COLUMNS,
        EntityType::Workload => workload::COLUMNS,
        EntityType::Resource => resource::COLUMNS,
        EntityType::Environment => environment::COLUMNS,
    }
}

/// A text that is there.
fn text(text: &str) -> Cell {
    Cell::Text(Some(Text::from(text)))
}

/// Tags as people type them: `key=value`; one that is a single word has no value.
fn tags(pairs: &Pairs) -> Cell {
    let tag = |(key, value): &(Text, Text)| {
        if value.is_empty() { key.clone() } else { Text::from(format!("{key}={value}")) }
    };
    Cell::Texts(pairs.iter().map(tag).collect())
}

/// A hash that is equal for equal texts.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The class of an entity, its columns, and what every such class can do.
macro_rules! entity {
    (
        $(#[$doc:meta])* $name:ident
        { $($(#[$field_doc:meta])* $field:ident: $kind:ident = $read:expr;)* }
        $($more:tt)*
    ) => {
        pub(super) const COLUMNS: &[super::Column] = &[
            $(super::Column { name: stringify!($field), kind: super::Kind::$kind, read: $read }),*
        ];

        $(#[$doc])*
        #[pyclass(frozen, module = "portal")]
        pub(crate) struct $name(pub(crate) super::Known);

        #[pymethods]
        impl $name {
            $(
                $(#[$field_doc])*
                #[getter]
                fn $field(&self) -> super::Cell {
                    let read: fn(&super::Known) -> super::Cell = $read;
                    read(&self.0)
                }
            )*

            $($more)*

            /// All fields by their names.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
                self.0.to_dict(py)
            }

            fn __repr__(&self) -> String {
                super::repr(stringify!($name), &self.0)
            }

            fn __str__(&self) -> &str {
                self.0.entity_ref.as_str()
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<$name>().is_ok_and(|other| other.get().0.entity_ref == self.0.entity_ref)
            }

            fn __hash__(&self) -> u64 {
                super::hash(self.0.entity_ref.as_str())
            }

            fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                crate::answer::html(slf.as_any(), "entity")
            }
        }
    };
}

use entity;

fn repr(class: &str, known: &Known) -> String {
    let ownership = known.entity.ownership().map(|ownership| {
        let team = crate::answer::shown(ownership.team.as_deref());
        format!(", team={team}, ownership={:?}", ownership.state.as_str())
    });
    format!("{class}({:?}{})", known.entity_ref.as_str(), ownership.unwrap_or_default())
}

/// The refs at the other end of relations.
fn ends(refs: Vec<Ref>) -> Vec<String> {
    refs.into_iter().map(|end| end.to_string()).collect()
}
