//! Teams.

use axum::Json;
use axum::extract::State;

use crate::serve::extract::Query;
use crate::serve::{Asked, Parameters, Portal, Problem, ProblemView};

/// What a list of teams is narrowed to.
#[derive(Debug)]
pub(in crate::serve) struct TeamsAsked {}

impl Parameters for TeamsAsked {
    const NAMES: &'static [&'static str] = &[];

    fn read(_: &mut Query<'_>) -> TeamsAsked {
        TeamsAsked {}
    }
}

/// Teams.
#[utoipa::path(
    get,
    path = "/api/v1alpha/teams",
    tag = "teams",
    responses(
        (status = 200, description = "A page of teams", body = Vec<String>),
        (status = 400, description = "A parameter is wrong", body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(in crate::serve) async fn list(
    State(portal): State<Portal>,
    Asked(TeamsAsked {}): Asked<TeamsAsked>,
) -> Result<Json<Vec<String>>, Problem> {
    let catalog = portal.catalog()?;
    let filter = portal_core::catalog::Filter::default();
    let page = catalog
        .list(portal_core::EntityType::Team, &filter, &portal_core::catalog::Paging::all())
        .map_err(Problem::from)?;
    Ok(Json(page.items.iter().map(|team| team.name().to_owned()).collect()))
}
