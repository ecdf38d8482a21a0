//! From keyword arguments to what a list is narrowed to.

use portal_core::catalog::{Filter, Hidden, TagFilter};
use portal_core::model::Health;
use portal_core::{Catalog, EntityType, OwnershipState, Ref, Text, slug};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::invalid;

/// What somebody wants to see, with names as they were written.
#[derive(Default)]
pub(crate) struct Asked {
    teams: Vec<String>,
    products: Vec<String>,
    types: Vec<String>,
    environments: Vec<String>,
    accounts: Vec<String>,
    /// Each of them has to be there.
    all_tags: Vec<TagFilter>,
    /// All that needs no catalog to be understood.
    rest: Filter,
}

impl Asked {
    /// Reads keyword arguments: a text, or several in a list, of which any fits; different ones have to fit together.
    ///
    /// # Errors
    /// `TypeError` for a name that this list does not take, `InvalidInput` for a value that cannot be understood.
    pub(crate) fn read(given: Option<&Bound<'_, PyDict>>, takes: &[&str]) -> PyResult<Asked> {
        let mut asked = Asked::default();
        for (name, value) in given.into_iter().flatten() {
            let name: String = name.extract()?;
            if !takes.contains(&name.as_str()) {
                let message = format!("there is no filter `{name}` here; there are {}", takes.join(", "));
                return Err(PyTypeError::new_err(message));
            }
            if value.is_none() {
                continue;
            }
            if name == "tag" {
                asked.tags(&value)?;
                continue;
            }
            let values = texts(&name, &value)?;
            match name.as_str() {
                "team" => asked.teams = values,
                "product" => asked.products = values,
                "type" => asked.types = values,
                "environment" => asked.environments = values,
                "account" => asked.accounts = values,
                "region" => asked.rest.regions = values.into_iter().map(Text::from).collect(),
                "ownership" => {
                    asked.rest.ownership =
                        words(&name, &values, &OwnershipState::ALL.map(|state| (state.as_str(), state)))?;
                }
                "status" => {
                    asked.rest.statuses = words(&name, &values, &Health::ALL.map(|health| (health.as_str(), health)))?;
                }
                "hidden" => {
                    let known = [("without", Hidden::Without), ("only", Hidden::Only), ("with", Hidden::With)];
                    asked.rest.hidden = words(&name, &values, &known)?.pop().unwrap_or_default();
                }
                _ => asked.rest.text = Some(values.join(" ")),
            }
        }
        Ok(asked)
    }

    fn tags(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(pairs) = value.cast::<PyDict>() {
            for (key, value) in pairs {
                let (key, value): (String, String) = (key.extract()?, value.extract()?);
                self.all_tags.push(TagFilter { key: Text::from(key), value: Text::from(value) });
            }
        } else {
            self.rest.tags = texts("tag", value)?.iter().map(|tag| TagFilter::parse(tag)).collect();
        }
        if self.all_tags.iter().chain(&self.rest.tags).any(|tag| tag.key.is_empty()) {
            return Err(invalid("`tag` has no key; write {\"key\": \"value\"}, \"key=value\", or a single word"));
        }
        Ok(())
    }

    /// The refs of the entities that fit, sorted.
    ///
    /// # Errors
    /// For the name of a team, product, environment or account that is not there.
    pub(crate) fn refs(mut self, catalog: &Catalog, of: EntityType) -> Result<Vec<Ref>, String> {
        for name in &self.teams {
            let named = catalog.teams_named(name);
            if named.is_empty() {
                return Err(unknown(catalog, "team", name, EntityType::Team));
            }
            self.rest.teams.extend(named);
        }
        for name in &self.products {
            let product = slug(name);
            if !catalog.contains(&Ref::product(&product)) {
                return Err(unknown(catalog, "product", name, EntityType::Product));
            }
            self.rest.products.push(product);
        }
        for name in &self.environments {
            if !is_environment(catalog, name) {
                return Err(unknown(catalog, "environment", name, EntityType::Environment));
            }
        }
        for id in &self.accounts {
            if !catalog.contains(&Ref::environment(id)) && !is_account(catalog, id) {
                return Err(unknown(catalog, "account", id, EntityType::Environment));
            }
        }
        let texts = |names: Vec<String>| names.into_iter().map(Text::from).collect();
        self.rest.environments = texts(self.environments);
        self.rest.accounts = texts(self.accounts);
        self.rest.types = texts(self.types);
        let Some((first, others)) = self.all_tags.split_first() else { return Ok(catalog.refs(of, &self.rest)) };
        let with = |tag: &TagFilter| catalog.refs(of, &Filter { tags: vec![tag.clone()], ..self.rest.clone() });
        let mut found = with(first);
        for tag in others {
            let also = with(tag);
            found.retain(|entity| also.binary_search(entity).is_ok());
        }
        Ok(found)
    }
}

fn is_environment(catalog: &Catalog, name: &str) -> bool {
    let environments = catalog.refs(EntityType::Environment, &Filter::default());
    environments.iter().any(|known| known.local() == name || catalog.environment_name(known.local()) == name)
        || is_account(catalog, name)
}

/// An account that something is in, though nothing else is known of it.
fn is_account(catalog: &Catalog, id: &str) -> bool {
    let counts = catalog.counts(&Filter { accounts: vec![Text::from(id)], ..Filter::default() });
    counts.services + counts.resources > 0
}

/// How many known names a message lists.
const LISTED: usize = 20;

fn unknown(catalog: &Catalog, parameter: &str, name: &str, of: EntityType) -> String {
    let all = catalog.refs(of, &Filter::default());
    let known: Vec<String> = all
        .iter()
        .take(LISTED)
        .map(|known| match parameter {
            "environment" => catalog.environment_name(known.local()).to_string(),
            _ => known.local().to_owned(),
        })
        .collect();
    let more = if all.len() > known.len() { ", …" } else { "" };
    let there = if known.is_empty() { "there is none".to_owned() } else { format!("there are {}", known.join(", ")) };
    format!("no {parameter} is named `{name}`; {there}{more}")
}

/// A text, or each of several.
fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(vec![text.to_str()?.to_owned()]);
    }
    let wrong = |_| PyTypeError::new_err(format!("`{name}` takes a text, or several texts in a list"));
    value.try_iter().map_err(wrong)?.map(|item| item?.extract::<String>()).collect::<PyResult<_>>().map_err(wrong)
}

/// Values that are words of ours.
fn words<T: Copy>(name: &str, given: &[String], known: &[(&str, T)]) -> PyResult<Vec<T>> {
    let read = |word: &String| {
        let found = known.iter().find(|(known, _)| *known == word.as_str());
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            invalid(format!("`{name}` cannot be `{word}`; it is one of {}", known.join(", ")))
        })
    };
    given.iter().map(read).collect()
}
