//! Whether the server is well: for load balancers and orchestrators.

/// Whether the process answers at all. It asks nothing else, so that a store that is gone restarts no portal.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, description = "It answers", body = String, content_type = "text/plain"))
)]
pub(in crate::serve) async fn healthz() -> &'static str {
    "ok\n"
}
