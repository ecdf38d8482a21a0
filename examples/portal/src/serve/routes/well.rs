//! Whether the server is well: for load balancers, orchestrators and Prometheus.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::serve::reader::bytes;
use crate::serve::{Portal, Problem, metrics};

/// Whether the process answers at all. It asks nothing else, so that a store that is gone restarts no portal.
#[utoipa::path(
    get,
    operation_id = "healthz",
    path = "/healthz",
    tag = "operation",
    responses((status = 200, description = "It answers", body = String, content_type = "text/plain"))
)]
pub(in crate::serve) async fn healthz() -> Response {
    ([(CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// Whether requests should be sent here.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct Ready {
    /// `ready`, `starting` or `stopping`.
    status: &'static str,
    /// `reachable`, or `unreachable`: then reads go on from memory, and writes fail.
    store: &'static str,
    /// For how many seconds the store has not answered: what is served is at least that old.
    age_seconds: u64,
    /// The revision that is served.
    #[schema(required)]
    revision: Option<u64>,
    /// When that revision was made.
    #[schema(required)]
    revised_at: Option<Timestamp>,
}

/// Whether requests should be sent here: not before the store was read once, and not while the server stops.
#[utoipa::path(
    get,
    operation_id = "readyz",
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, description = "Send requests", body = Ready),
        (status = 503, description = "Send none", body = Ready)
    )
)]
pub(in crate::serve) async fn readyz(State(portal): State<Portal>) -> Result<Response, Problem> {
    let catalog = portal.cell.catalog();
    let lost = portal.cell.lost_for();
    let status = match &catalog {
        _ if portal.is_stopping() => "stopping",
        _ if portal.guard.is_starting() => "starting",
        None => "starting",
        Some(_) => "ready",
    };
    let ready = Ready {
        status,
        store: if lost.is_some() { "unreachable" } else { "reachable" },
        age_seconds: lost.unwrap_or_default().as_secs(),
        revision: catalog.as_ref().map(|catalog| catalog.revision()),
        revised_at: catalog.as_ref().and_then(|catalog| catalog.revised_at()),
    };
    let code = if status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // It says itself what it is: no problem details in its place.
    let mut response =
        ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], bytes(&ready)?).into_response();
    *response.status_mut() = code;
    response.extensions_mut().insert(crate::serve::frame::AsItIs);
    Ok(response)
}

/// Figures for Prometheus.
#[utoipa::path(
    get,
    operation_id = "metrics",
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "Text format 0.0.4", body = String, content_type = "text/plain"))
)]
pub(in crate::serve) async fn figures(State(portal): State<Portal>) -> Response {
    let text = metrics::text(&portal);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")], text).into_response()
}
