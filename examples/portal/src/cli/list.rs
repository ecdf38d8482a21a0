//! `list`: entities of a type.

use portal_core::catalog::{Filter, Paging, TagFilter};
use portal_core::{Catalog, EntityType, OwnershipState, Text, slug};
use serde_json::Value;

use super::args::{ListArguments, Listed, Output, State};
use super::context::Context;
use super::error::FindError;
use super::exit::Exit;
use super::output;
use crate::views::{self, List, View};

pub(super) async fn run(context: &Context, arguments: &ListArguments) -> anyhow::Result<Exit> {
    let store = context.existing_store().await?;
    let catalog = Catalog::load(store.as_ref()).await?;
    let filter = filter(&catalog, arguments)?;
    let paging = Paging { limit: arguments.limit.unwrap_or(usize::MAX), ..Paging::default() };
    let page = catalog.list(entity_type(arguments.what), &filter, &paging)?;
    let items: Vec<View> = page.items.into_iter().map(|entry| views::view(&catalog, entry, false)).collect();
    let shown = items.len();
    match context.output {
        Output::Json => output::json(&List { items, total: page.total, next_cursor: page.next_cursor })?,
        Output::Table => {
            let (header, keys) = columns(arguments.what);
            let rows: Vec<Value> = items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
            output::text_out(&output::table(
                header,
                rows.iter().map(|row| keys.iter().map(|key| cell(row, key)).collect()),
            ))?;
            if shown < page.total {
                eprintln!("{shown} of {} shown", page.total);
            }
        }
    }
    Ok(Exit::Done)
}

fn filter(catalog: &Catalog, arguments: &ListArguments) -> Result<Filter, FindError> {
    let texts = |list: &[String]| list.iter().map(|text| Text::from(text.as_str())).collect();
    let mut teams = Vec::new();
    for name in &arguments.team {
        let named = catalog.teams_named(name);
        if named.is_empty() {
            let message = format!("no team is named `{name}`; `portal list teams` shows all of them");
            return Err(FindError::Other(message));
        }
        teams.extend(named);
    }
    Ok(Filter {
        teams,
        products: arguments.product.iter().map(|product| slug(product)).collect(),
        environments: texts(&arguments.environment),
        types: texts(&arguments.types),
        regions: texts(&arguments.region),
        tags: arguments
            .tag
            .iter()
            .map(|(key, value)| TagFilter { key: Text::from(key.as_str()), value: Text::from(value.as_str()) })
            .collect(),
        ownership: arguments.ownership.iter().map(|state| ownership(*state)).collect(),
        text: arguments.text.clone(),
        ..Filter::default()
    })
}

fn entity_type(listed: Listed) -> EntityType {
    match listed {
        Listed::Products => EntityType::Product,
        Listed::Teams => EntityType::Team,
        Listed::Services => EntityType::Service,
        Listed::Resources => EntityType::Resource,
        Listed::Environments => EntityType::Environment,
    }
}

fn ownership(state: State) -> OwnershipState {
    match state {
        State::Owned => OwnershipState::Owned,
        State::Unowned => OwnershipState::Unowned,
        State::Unregistered => OwnershipState::Unregistered,
        State::Conflict => OwnershipState::Conflict,
        State::Unknown => OwnershipState::Unknown,
    }
}

/// Titles of a table's columns, and where in the JSON their values stand.
type Columns = (&'static [&'static str], &'static [&'static str]);

fn columns(listed: Listed) -> Columns {
    match listed {
        Listed::Products => (
            &["name", "teams", "services", "resources"],
            &["/display_name", "/teams", "/counts/services", "/counts/resources"],
        ),
        Listed::Teams => (
            &["name", "product", "services", "resources", "aliases", "contact"],
            &["/name", "/product", "/counts/services", "/counts/resources", "/aliases", "/contact"],
        ),
        Listed::Services => (
            &["name", "namespace", "kind", "team", "ownership", "status", "environments"],
            &["/name", "/namespace", "/kind", "/team", "/ownership", "/status", "/environments"],
        ),
        Listed::Resources => (
            &["name", "type", "team", "ownership", "rule", "environment", "region", "ref"],
            &["/name", "/type", "/team", "/ownership", "/rule", "/environment", "/region", "/ref"],
        ),
        Listed::Environments => (&["name", "account", "state"], &["/name", "/account", "/state"]),
    }
}

fn cell(row: &Value, pointer: &str) -> String {
    match row.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.is_empty() => "-".to_owned(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}
