//! Every route, on one screen.

mod teams;
mod well;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
    OpenApiRouter::with_openapi(Document::openapi()).routes(routes!(teams::list)).routes(routes!(well::healthz))
}

/// What is asked where no route is.
pub(super) async fn nothing_here() -> Problem {
    let detail = "there is nothing at this path; `/openapi.json` names every path that there is";
    Problem::new(Kind::UNKNOWN_PATH, detail)
}
