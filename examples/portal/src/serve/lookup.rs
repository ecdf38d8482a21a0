//! From what a client writes to what it means: refs, names of teams, products and environments.

use portal_core::catalog::{Filter, Meant};
use portal_core::{Catalog, EntityType, Ref, Text, slug};

use super::extract;
use super::problem::{Kind, Problem};

/// How many candidates an ambiguous name lists.
const CANDIDATES: usize = 20;

/// What a ref, an ARN, an id or a bare name leads to.
///
/// # Errors
/// 404 if it is nothing; 400 if a name stands for several things, with the refs of these.
pub fn entity(catalog: &Catalog, text: &str) -> Result<Ref, Problem> {
    match catalog.meant(text) {
        Meant::Nothing => Err(nothing(text.trim())),
        Meant::One(found) => Ok(found),
        Meant::Several(several) => {
            let refs: Vec<&str> = several.iter().take(CANDIDATES).map(Ref::as_str).collect();
            let more = if several.len() > refs.len() { ", …" } else { "" };
            Err(extract::wrong(
                "ref",
                &format!("is a name of several things; say which one: {}{more}", refs.join(", ")),
            ))
        }
    }
}

fn nothing(text: &str) -> Problem {
    let detail =
        format!("there is nothing named `{}`; `/api/v1alpha/search?q=` looks for a part of a name", short(text));
    Problem::new(Kind::NOT_FOUND, detail).at("?ref", "leads to nothing")
}

/// The teams that names stand for.
///
/// # Errors
/// 400 for a name that no team has.
pub fn teams(catalog: &Catalog, names: &[String]) -> Result<Vec<Text>, Problem> {
    let mut teams = Vec::with_capacity(names.len());
    for name in names {
        let named = catalog.teams_named(name);
        if named.is_empty() {
            return Err(unknown(catalog, "team", name, EntityType::Team));
        }
        teams.extend(named);
    }
    Ok(teams)
}

/// The products of some names.
///
/// # Errors
/// 400 for a name that no product has.
pub fn products(catalog: &Catalog, names: &[String]) -> Result<Vec<Text>, Problem> {
    names
        .iter()
        .map(|name| match slug(name) {
            product if catalog.contains(&Ref::product(&product)) => Ok(product),
            _ => Err(unknown(catalog, "product", name, EntityType::Product)),
        })
        .collect()
}

/// Environments, by name or account id.
///
/// # Errors
/// 400 for one that is not there.
pub fn environments(catalog: &Catalog, names: &[String]) -> Result<Vec<Text>, Problem> {
    names
        .iter()
        .map(|name| {
            let is_there = catalog.contains(&Ref::environment(name))
                || everything(catalog, EntityType::Environment)
                    .iter()
                    .any(|environment| catalog.environment_name(environment.local()) == name.as_str())
                || is_account(catalog, name);
            if is_there {
                Ok(Text::from(name.as_str()))
            } else {
                Err(unknown(catalog, "environment", name, EntityType::Environment))
            }
        })
        .collect()
}

/// Account ids.
///
/// # Errors
/// 400 for one that is not there.
pub fn accounts(catalog: &Catalog, ids: &[String]) -> Result<Vec<Text>, Problem> {
    ids.iter()
        .map(|id| {
            if catalog.contains(&Ref::environment(id)) || is_account(catalog, id) {
                return Ok(Text::from(id.as_str()));
            }
            let known = everything(catalog, EntityType::Environment);
            Err(extract::wrong("account", &extract::not_among(id, known.iter().map(Ref::local))))
        })
        .collect()
}

/// An account that something is in, though nothing else is known of it.
fn is_account(catalog: &Catalog, id: &str) -> bool {
    let all = Filter { accounts: vec![Text::from(id)], ..Filter::default() };
    let counts = catalog.counts(&all);
    counts.services + counts.resources > 0
}

fn unknown(catalog: &Catalog, parameter: &str, name: &str, of: EntityType) -> Problem {
    let known: Vec<Text> = everything(catalog, of)
        .iter()
        .map(|found| match of {
            EntityType::Environment => catalog.environment_name(found.local()),
            _ => Text::from(found.local()),
        })
        .collect();
    extract::wrong(parameter, &extract::not_among(name, known.iter().map(Text::as_str)))
}

fn everything(catalog: &Catalog, of: EntityType) -> Vec<Ref> {
    catalog.refs(of, &Filter::default())
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
