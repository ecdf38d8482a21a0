//! Resources: infrastructure, whatever the cloud.

use axum::response::Response;
use portal_core::{EntityType, Ref};

use super::{entities, lists};
use crate::serve::lists::{FilterParameters, PageParameters, ResourceSort, ResourcesAsked};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Problem};
use crate::views::{List, ResourceView};

/// A page of resources.
#[utoipa::path(
    get,
    operation_id = "list_resources",
    path = "/api/v1alpha/resources",
    tag = "catalogue",
    params(FilterParameters, ResourceSort, PageParameters),
    responses((status = 200, description = "A page of summaries", body = List<ResourceView>))
)]
pub(in crate::serve) async fn list(reader: Reader, Asked(asked): Asked<ResourcesAsked>) -> Result<Response, Problem> {
    lists::page(&reader, EntityType::Resource, asked.narrowed, &asked.paging)
}

/// One resource with all that leads to and from it.
#[utoipa::path(
    get,
    operation_id = "get_resource",
    path = "/api/v1alpha/resources/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Its ARN or id, percent-encoded: `/` is `%2F`")),
    responses((status = 200, description = "The resource", body = ResourceView))
)]
pub(in crate::serve) async fn one(reader: Reader, Path(id): Path<String>, _: Asked<()>) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::resource(&id))
}
