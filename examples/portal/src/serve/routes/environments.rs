//! Environments: accounts, with the names that people use for them.

use axum::response::Response;
use portal_core::{EntityType, Ref};

use super::{entities, lists};
use crate::serve::lists::{EnvironmentParameters, EnvironmentsAsked, OrganisationSort, PageParameters};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Problem};
use crate::views::{EnvironmentView, List};

/// A page of environments.
#[utoipa::path(
    get,
    operation_id = "list_environments",
    path = "/api/v1alpha/environments",
    tag = "catalogue",
    params(EnvironmentParameters, OrganisationSort, PageParameters),
    responses((status = 200, description = "A page", body = List<EnvironmentView>))
)]
pub(in crate::serve) async fn list(
    reader: Reader,
    Asked(asked): Asked<EnvironmentsAsked>,
) -> Result<Response, Problem> {
    lists::page(&reader, EntityType::Environment, asked.narrowed, &asked.paging)
}

/// One environment.
#[utoipa::path(
    get,
    operation_id = "get_environment",
    path = "/api/v1alpha/environments/{account}",
    tag = "catalogue",
    params(("account" = String, Path, description = "The account id")),
    responses((status = 200, description = "The environment", body = EnvironmentView))
)]
pub(in crate::serve) async fn one(
    reader: Reader,
    Path(account): Path<String>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::environment(&account))
}
