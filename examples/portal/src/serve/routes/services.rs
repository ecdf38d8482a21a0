//! Services: what engineers deploy and maintain.

use axum::response::Response;
use portal_core::{EntityType, Ref};

use super::{entities, lists};
use crate::serve::lists::{FilterParameters, PageParameters, ServiceSort, ServicesAsked};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Problem};
use crate::views::{List, ServiceView};

/// A page of services.
#[utoipa::path(
    get,
    operation_id = "list_services",
    path = "/api/v1alpha/services",
    tag = "catalogue",
    params(FilterParameters, ServiceSort, PageParameters),
    responses((status = 200, description = "A page of summaries", body = List<ServiceView>))
)]
pub(in crate::serve) async fn list(reader: Reader, Asked(asked): Asked<ServicesAsked>) -> Result<Response, Problem> {
    lists::page(&reader, EntityType::Service, asked.narrowed, &asked.paging)
}

/// One service with all that leads to and from it.
#[utoipa::path(
    get,
    operation_id = "get_service",
    path = "/api/v1alpha/services/{namespace}/{name}",
    tag = "catalogue",
    params(
        ("namespace" = String, Path, description = "The namespace that groups it"),
        ("name" = String, Path, description = "Its name")
    ),
    responses((status = 200, description = "The service", body = ServiceView))
)]
pub(in crate::serve) async fn one(
    reader: Reader,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::service(&namespace, &name))
}
