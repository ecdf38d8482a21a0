//! The catalogue of the second article, for clients that already speak it.
//!
//! It shows what the other API shows, and writes what that writes: the layer of what people say. Its errors have a form of
//! their own, which the frame around all routes gives them.

mod body;
pub(super) mod services;

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::serve::problem::{Kind, Problem};
use crate::serve::reader;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyProblem)]
#[allow(dead_code, reason = "it describes the answer; the frame writes it")]
pub(in crate::serve) struct LegacyProblem {
    /// What happened, to what, and what to do next.
    detail: String,
}

/// That it answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyHealth)]
pub(in crate::serve) struct LegacyHealth {
    /// `ok`.
    status: &'static str,
    /// The portal's version.
    version: &'static str,
}

/// Whether the catalogue answers.
#[utoipa::path(
    get,
    operation_id = "legacy_health",
    path = "/api/health",
    tag = "legacy",
    responses((status = 200, description = "It does", body = LegacyHealth))
)]
pub(in crate::serve) async fn health() -> Result<Response, Problem> {
    reader::plain(StatusCode::OK, &LegacyHealth { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// This catalogue calls everything that a client does wrong invalid.
fn invalid(problem: Problem) -> Problem {
    match problem.kind().status {
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Kind::INVALID_BODY, problem.detail())
        }
        _ => problem,
    }
}
