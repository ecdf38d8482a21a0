//! Products: what the business sells or runs.

use axum::response::Response;
use portal_core::{EntityType, Ref, slug};

use super::{entities, lists};
use crate::serve::lists::{OrganisationAsked, OrganisationParameters, OrganisationSort, PageParameters};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Problem};
use crate::views::{List, ProductView};

/// A page of products.
#[utoipa::path(
    get,
    operation_id = "list_products",
    path = "/api/v1alpha/products",
    tag = "catalogue",
    params(OrganisationParameters, OrganisationSort, PageParameters),
    responses((status = 200, description = "A page", body = List<ProductView>))
)]
pub(in crate::serve) async fn list(
    reader: Reader,
    Asked(asked): Asked<OrganisationAsked>,
) -> Result<Response, Problem> {
    lists::page(&reader, EntityType::Product, asked.narrowed, &asked.paging)
}

/// One product.
#[utoipa::path(
    get,
    operation_id = "get_product",
    path = "/api/v1alpha/products/{name}",
    tag = "catalogue",
    params(("name" = String, Path, description = "Its slug")),
    responses((status = 200, description = "The product", body = ProductView))
)]
pub(in crate::serve) async fn one(reader: Reader, Path(name): Path<String>, _: Asked<()>) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::product(&slug(&name)))
}
