//! Questions about one entity: who owns it, why it exists, what is around it.

use axum::response::Response;
use utoipa::IntoParams;

use crate::serve::extract::{Parameters, Query};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Problem, lookup};
use crate::views::{ExplanationView, GraphView, OwnerView};

/// The most entities that a drawing shows.
const NODES: usize = 500;

/// What is asked about.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct About {
    /// A ref, an ARN, an id, or a name that only one thing has.
    #[param(rename = "ref")]
    entity: String,
}

/// What is asked about, and how far around it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct Around {
    /// A ref, an ARN, an id, or a name that only one thing has.
    #[param(rename = "ref")]
    entity: String,
    /// How many steps away.
    #[param(required = false, minimum = 0, maximum = 5, default = 1)]
    depth: usize,
    /// How many entities at most, nearest first.
    #[param(required = false, minimum = 1, maximum = 500, default = 200)]
    limit: usize,
}

impl Parameters for About {
    const NAMES: &'static [&'static str] = &["ref"];

    fn read(query: &mut Query<'_>) -> About {
        About { entity: query.needed("ref") }
    }
}

impl Parameters for Around {
    const NAMES: &'static [&'static str] = &["ref", "depth", "limit"];

    fn read(query: &mut Query<'_>) -> Around {
        Around {
            entity: query.needed("ref"),
            depth: query.number("depth", 0..=5).unwrap_or(1),
            limit: query.number("limit", 1..=NODES).unwrap_or(200),
        }
    }
}

/// Who owns it: the winner and every other claim.
#[utoipa::path(
    get,
    operation_id = "get_owner",
    path = "/api/v1alpha/owner",
    tag = "questions",
    params(About),
    responses((status = 200, description = "The owner, with the evidence", body = OwnerView))
)]
pub(in crate::serve) async fn owner(reader: Reader, Asked(about): Asked<About>) -> Result<Response, Problem> {
    reader.answer(|catalog| Ok(OwnerView::from(catalog.owner(&lookup::entity(catalog, &about.entity)?)?)))
}

/// Why it exists: owner, users, origin, each with its evidence.
#[utoipa::path(
    get,
    operation_id = "get_why",
    path = "/api/v1alpha/why",
    tag = "questions",
    params(About),
    responses((status = 200, description = "The explanation", body = ExplanationView))
)]
pub(in crate::serve) async fn why(reader: Reader, Asked(about): Asked<About>) -> Result<Response, Problem> {
    reader.answer(|catalog| Ok(ExplanationView::from(catalog.why(&lookup::entity(catalog, &about.entity)?)?)))
}

/// What is around it: a piece of the graph that can be drawn.
///
/// Teams, products and environments are shown and not walked through, except for the asked one: everything is near to
/// everything over them.
#[utoipa::path(
    get,
    operation_id = "get_graph",
    path = "/api/v1alpha/graph",
    tag = "questions",
    params(Around),
    responses((status = 200, description = "The neighbourhood", body = GraphView))
)]
pub(in crate::serve) async fn graph(reader: Reader, Asked(around): Asked<Around>) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let entity = lookup::entity(catalog, &around.entity)?;
        Ok(GraphView::of(catalog, catalog.neighbourhood(&entity, around.depth, around.limit)?))
    })
}
