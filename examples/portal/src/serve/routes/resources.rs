//! Resources: infrastructure, whatever the cloud.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use portal_core::{EntityType, Ref};
use utoipa::IntoParams;

use super::services::VersionSeen;
use super::{entities, lists};
use crate::serve::body::Sent;
use crate::serve::curate::{
    self, Feedback, FeedbackBody, IfMatch, Now, Precondition, ResourceEdit, ResourceEditBody, Writer,
};
use crate::serve::lists::{FilterParameters, PageParameters, ResourceSort, ResourcesAsked};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Portal, Problem, ProblemView};
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
    params(ResourcePath),
    responses((status = 200, description = "The resource", body = ResourceView))
)]
pub(in crate::serve) async fn one(reader: Reader, Path(id): Path<String>, _: Asked<()>) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::resource(&id))
}

/// Which resource.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "it describes the path")]
pub(in crate::serve) struct ResourcePath {
    /// Its ARN or id, percent-encoded: `/` is `%2F`.
    id: String,
}

/// Changes what people say about a resource: what is left out stays, null takes a word back.
#[utoipa::path(
    patch,
    operation_id = "edit_resource",
    path = "/api/v1alpha/resources/{id}",
    tag = "curation",
    params(ResourcePath, VersionSeen),
    request_body = ResourceEditBody,
    responses((status = 200, description = "The resource as it is now", body = ResourceView))
)]
pub(in crate::serve) async fn edit(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: Asked<()>,
    IfMatch(seen): IfMatch,
    Sent(edit): Sent<ResourceEdit>,
) -> Result<Response, Problem> {
    let entity_ref = Ref::resource(&id);
    let change = |now: &Now<'_>| match now.entity {
        Some(_) => Ok(Some(edit.apply(now))),
        None => Err(curate::nothing(&entity_ref)),
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &seen, change).await?;
    curate::answer(StatusCode::OK, &catalog, &entity_ref)
}

/// Confirms or rejects the suggested owner of a resource, or names another one.
///
/// A rejected team is not suggested again for this resource.
#[utoipa::path(
    post,
    operation_id = "give_ownership_feedback",
    path = "/api/v1alpha/resources/{id}/ownership/feedback",
    tag = "curation",
    params(ResourcePath),
    request_body = FeedbackBody,
    responses(
        (status = 200, description = "The resource as it is now", body = ResourceView),
        (status = 409, description = "Another team is suggested, or none", body = ProblemView,
            content_type = "application/problem+json")
    )
)]
pub(in crate::serve) async fn feedback(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: Asked<()>,
    Sent(feedback): Sent<Feedback>,
) -> Result<Response, Problem> {
    let entity_ref = Ref::resource(&id);
    let seen = Precondition::read(&feedback.etag);
    let change = |now: &Now<'_>| {
        if now.entity.is_none() {
            return Err(curate::nothing(&entity_ref));
        }
        // A suggestion that is another one by now is told as the stale picture that it comes from.
        seen.check(now.said)?;
        feedback.apply(now, &entity_ref).map(Some)
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &seen, change).await?;
    curate::answer(StatusCode::OK, &catalog, &entity_ref)
}
