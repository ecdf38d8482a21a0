//! Every route, on one screen.

mod ask;
mod changes;
mod check;
mod collected;
mod docs;
mod entities;
mod environments;
mod find;
mod holds;
mod legacy;
mod lists;
mod products;
mod resources;
mod services;
mod teams;
mod well;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[cfg(test)]
pub(crate) use collected::FINDINGS;
pub(super) use docs::with_document;
pub(super) use legacy::LegacyProblem;

use super::Portal;
use super::problem::{Kind, Problem};

/// The document that every route adds itself to.
#[derive(OpenApi)]
#[openapi(info(
    title = "Portal",
    description = "Services, resources, teams, and who owns what and why.",
    license(name = "MIT OR Apache-2.0")
))]
struct Document;

/// Every route with its description.
pub(super) fn all() -> OpenApiRouter<Portal> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(products::list))
        .routes(routes!(products::one))
        .routes(routes!(teams::list))
        .routes(routes!(teams::one))
        .routes(routes!(services::list, services::add))
        .routes(routes!(services::one, services::replace, services::edit, services::delete))
        .routes(routes!(check::now))
        .routes(routes!(check::history))
        .routes(routes!(resources::list))
        .routes(routes!(resources::one, resources::edit))
        .routes(routes!(resources::feedback))
        .routes(routes!(environments::list))
        .routes(routes!(environments::one))
        .routes(routes!(ask::owner))
        .routes(routes!(ask::why))
        .routes(routes!(ask::graph))
        .routes(routes!(find::facets))
        .routes(routes!(find::search))
        .routes(routes!(changes::list))
        .routes(routes!(collected::findings))
        .routes(routes!(collected::sources))
        .routes(routes!(holds::list))
        .routes(routes!(holds::release))
        .routes(routes!(legacy::health))
        .routes(routes!(legacy::services::list, legacy::services::add))
        .routes(routes!(legacy::services::one, legacy::services::edit, legacy::services::delete))
        .routes(routes!(legacy::services::check))
        .routes(routes!(well::healthz))
        .routes(routes!(well::readyz))
        .routes(routes!(well::figures))
}

/// What is asked where no route is.
pub(super) async fn nothing_here() -> Problem {
    let detail = "there is nothing at this path; `/openapi.json` names every path that there is";
    Problem::new(Kind::UNKNOWN_PATH, detail)
}
