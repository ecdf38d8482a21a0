//! `owner`, `why` and `show`: questions about one entity.

use portal_core::model::Entity;
use portal_core::{Catalog, EntityType, Ref, Store};

use super::args::Output;
use super::context::Context;
use super::error::FindError;
use super::exit::Exit;
use super::output;
use crate::views::{self, ExplanationView, OwnerView, View};

/// How many candidates an ambiguous name lists.
const CANDIDATES: usize = 20;

pub(super) async fn owner(context: &Context, text: &str) -> anyhow::Result<Exit> {
    let (catalog, entity) = find(context, text).await?;
    let owner = catalog.owner(&entity).map_err(|error| FindError::Other(error.to_string()))?;
    match context.output {
        Output::Json => output::json(&OwnerView::from(owner))?,
        Output::Table => output::text_out(&owner.to_string())?,
    }
    Ok(Exit::Done)
}

pub(super) async fn why(context: &Context, text: &str) -> anyhow::Result<Exit> {
    let (catalog, entity) = find(context, text).await?;
    let why = catalog.why(&entity).map_err(|error| FindError::Other(error.to_string()))?;
    match context.output {
        Output::Json => output::json(&ExplanationView::from(why))?,
        Output::Table => output::text_out(&why.to_string())?,
    }
    Ok(Exit::Done)
}

pub(super) async fn show(context: &Context, text: &str) -> anyhow::Result<Exit> {
    let store = context.existing_store().await?;
    let entity = resolve(store.as_ref(), text).await?;
    // A service's page shows where its workloads run, a team's what its services are.
    let catalog = Catalog::around(store.as_ref(), std::slice::from_ref(&entity)).await?;
    let catalog = match entity.entity_type() {
        EntityType::Team | EntityType::Product | EntityType::Environment => Catalog::load(store.as_ref()).await?,
        _ => catalog,
    };
    let found = catalog.entry(&entity).map_err(|_| FindError::NoRef(entity.clone()))?;
    let view = match views::view(&catalog, found.clone(), true) {
        View::Team(team) => View::Team(Box::new(team.with_refs(&catalog))),
        other => other,
    };
    match context.output {
        Output::Json => output::json(&view)?,
        Output::Table => output::text_out(&shown(&catalog, &found.entity, &serde_json::to_value(&view)?))?,
    }
    Ok(Exit::Done)
}

async fn find(context: &Context, text: &str) -> anyhow::Result<(Catalog, Ref)> {
    let store = context.existing_store().await?;
    let entity = resolve(store.as_ref(), text).await?;
    let catalog = Catalog::around(store.as_ref(), std::slice::from_ref(&entity)).await?;
    catalog.entity(&entity).map_err(|_| FindError::NoRef(entity.clone()))?;
    Ok((catalog, entity))
}

/// The ref that a person means.
async fn resolve(store: &dyn Store, text: &str) -> anyhow::Result<Ref> {
    let text = text.trim();
    if let Ok(entity) = text.parse::<Ref>() {
        if entity.entity_type() != EntityType::Team {
            return Ok(entity);
        }
        let catalog = Catalog::around(store, std::slice::from_ref(&entity)).await?;
        return Ok(catalog.current(&entity).unwrap_or(entity));
    }
    // `payments/orders-api` is a service.
    if let Some((namespace, name)) = text.split_once('/') {
        let service = Ref::service(namespace, name);
        if !Catalog::around(store, std::slice::from_ref(&service)).await?.named(name).is_empty() {
            return Ok(service);
        }
    }
    // Ids of resources that are no ARNs: those of sources that know no provider.
    let resource = Ref::resource(text);
    if Catalog::around(store, std::slice::from_ref(&resource)).await?.entity(&resource).is_ok() {
        return Ok(resource);
    }
    let found = portal_core::catalog::prefer(store.named(text, CANDIDATES + 1).await?);
    match found.as_slice() {
        [] => Err(FindError::None(text.to_owned()).into()),
        [one] => Ok(one.clone()),
        several => {
            let candidates = several.iter().map(ToString::to_string).collect();
            Err(FindError::Several { name: text.to_owned(), candidates }.into())
        }
    }
}

/// An entity as text: its fields, then what leads to and from it.
fn shown(catalog: &Catalog, entity: &Entity, view: &serde_json::Value) -> String {
    let mut text = format!("{}\n", output::clean(entity.entity_ref().as_str()));
    for (key, value) in view.as_object().into_iter().flatten() {
        let empty = value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty);
        if !empty
            && !matches!(
                key.as_str(),
                "ref" | "workloads" | "services" | "resources" | "uses" | "used_by" | "depends_on"
            )
        {
            text.push_str(&format!("  {:<12} {}\n", key.replace('_', " "), flat(value)));
        }
    }
    let entity_ref = entity.entity_ref();
    let mut links: Vec<String> = Vec::new();
    for relation in catalog.relations_from(&entity_ref) {
        links.push(format!("  {:<12} {}", relation.relation.as_str(), output::clean(relation.to.as_str())));
    }
    for relation in catalog.relations_to(&entity_ref) {
        links.push(format!(
            "  {:<12} {}",
            format!("{} <-", relation.relation.as_str()),
            output::clean(relation.from.as_str())
        ));
    }
    if !links.is_empty() {
        text.push_str("relations\n");
        text.push_str(&links.join("\n"));
        text.push('\n');
    }
    text
}

fn flat(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => output::clean(text),
        serde_json::Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        serde_json::Value::Object(map) => map
            .iter()
            .map(|(key, value)| format!("{}={}", output::clean(key), flat(value)))
            .collect::<Vec<_>>()
            .join(", "),
        scalar => scalar.to_string(),
    }
}
