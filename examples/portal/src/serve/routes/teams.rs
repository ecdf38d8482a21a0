//! Teams: the lowest unit of ownership.

use axum::response::Response;
use portal_core::{EntityType, Ref, slug};
use utoipa::{IntoParams, ToSchema};

use super::{entities, lists};
use crate::serve::extract::{Parameters, Query};
use crate::serve::lists::{OrganisationAsked, OrganisationParameters, OrganisationSort, PageParameters};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Problem};
use crate::views::{List, TeamView, View};

/// What is shown of a team beyond itself.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct Expand {
    /// Summaries of its services, of its resources, or of both; several are separated by commas.
    #[param(required = false, explode = false, style = Form, value_type = Vec<ExpandWord>, min_items = 1, inline)]
    expand: Expanded,
}

#[derive(Debug)]
struct Expanded {
    services: bool,
    resources: bool,
}

/// What a team can show.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes the parameter")]
enum ExpandWord {
    /// Its services.
    Services,
    /// Its resources.
    Resources,
}

impl Parameters for Expand {
    const NAMES: &'static [&'static str] = &["expand"];

    fn read(query: &mut Query<'_>) -> Expand {
        let words = query.words("expand", &[("services", "services"), ("resources", "resources")]);
        Expand { expand: Expanded { services: words.contains(&"services"), resources: words.contains(&"resources") } }
    }
}

/// A page of teams.
#[utoipa::path(
    get,
    operation_id = "list_teams",
    path = "/api/v1alpha/teams",
    tag = "catalogue",
    params(OrganisationParameters, OrganisationSort, PageParameters),
    responses((status = 200, description = "A page", body = List<TeamView>))
)]
pub(in crate::serve) async fn list(
    reader: Reader,
    Asked(asked): Asked<OrganisationAsked>,
) -> Result<Response, Problem> {
    lists::page(&reader, EntityType::Team, asked.narrowed, &asked.paging)
}

/// One team, with its people. An old name leads to the new one.
#[utoipa::path(
    get,
    operation_id = "get_team",
    path = "/api/v1alpha/teams/{name}",
    tag = "catalogue",
    params(("name" = String, Path, description = "Its slug"), Expand),
    responses(
        (status = 200, description = "The team", body = TeamView),
        (status = 308, description = "It has another name now")
    )
)]
pub(in crate::serve) async fn one(
    reader: Reader,
    Path(name): Path<String>,
    Asked(Expand { expand }): Asked<Expand>,
) -> Result<Response, Problem> {
    entities::one_and(&reader, &Ref::team(&slug(&name)), |view| match view {
        View::Team(team) => View::Team(Box::new(team.expanded(reader.catalog(), expand.services, expand.resources))),
        other => other,
    })
}
