//! Services: what engineers deploy and maintain.

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use portal_core::curated::{Curated, Hidden};
use portal_core::{Catalog, EntityType, Ref, Text};
use utoipa::IntoParams;

use super::{entities, lists};
use crate::serve::body::Sent;
use crate::serve::curate::{
    self, IfMatch, NewService, NewServiceBody, Now, Precondition, ServiceEdit, ServiceEditBody, ServiceWords,
    ServiceWordsBody, Writer,
};
use crate::serve::extract::{Parameters, Query};
use crate::serve::lists::{FilterParameters, PageParameters, ServiceSort, ServicesAsked};
use crate::serve::reader::Reader;
use crate::serve::texts::{LINE, Line};
use crate::serve::{Asked, Kind, Path, Portal, Problem, ProblemView};
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
    params(ServicePath),
    responses((status = 200, description = "The service", body = ServiceView))
)]
pub(in crate::serve) async fn one(
    reader: Reader,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    entities::one(&reader, &Ref::service(&namespace, &name))
}

/// Which service.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "it describes the path")]
pub(in crate::serve) struct ServicePath {
    /// The namespace that groups it.
    namespace: String,
    /// Its name.
    name: String,
}

/// Which version the writer saw.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it describes the header; `IfMatch` reads it")]
pub(in crate::serve) struct VersionSeen {
    /// The `ETag` of what was read, or `*` to change whatever is there.
    #[param(rename = "If-Match", example = "*")]
    if_match: String,
}

/// Why something is taken out of the lists.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct Reason {
    /// Why it is hidden.
    #[param(required = false, nullable = false, value_type = Option<Line>)]
    why: Option<Text>,
}

impl Parameters for Reason {
    const NAMES: &'static [&'static str] = &["why"];

    fn read(query: &mut Query<'_>) -> Reason {
        let why = query.one("why").filter(|why| !why.is_empty());
        let read = why.as_deref().map(|why| LINE.read(why).map(Text::from));
        if let Some(Err(wrong)) = &read {
            query.wrong("why", wrong);
        }
        Reason { why: read.and_then(Result::ok) }
    }
}

/// Adds a service that no source shows.
#[utoipa::path(
    post,
    operation_id = "add_service",
    path = "/api/v1alpha/services",
    tag = "curation",
    request_body = NewServiceBody,
    responses(
        (status = 201, description = "It is there now", body = ServiceView, headers(
            ("Location" = String, description = "Where it is"),
            ("ETag" = String, description = "What `If-Match` of a write compares")
        )),
        (status = 409, description = "The name is taken", body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(in crate::serve) async fn add(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    OriginalUri(asked): OriginalUri,
    _: Asked<()>,
    Sent(new): Sent<NewService>,
) -> Result<Response, Problem> {
    let entity_ref = Ref::service(&new.namespace, &new.name);
    let change = |now: &Now<'_>| match now.entity {
        None => Ok(Some(new.curated())),
        Some(_) => Err(taken(&entity_ref, now.catalog)),
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &Precondition::Nothing, change).await?;
    let mut response = curate::answer(StatusCode::CREATED, &catalog, &entity_ref)?;
    let [namespace, name] = [&new.namespace, &new.name].map(|part| entities::part(part));
    let place = format!("{}/{namespace}/{name}", asked.path().trim_end_matches('/'));
    response.headers_mut().insert(LOCATION, HeaderValue::try_from(place).expect("percent-encoded"));
    Ok(response)
}

/// Replaces all that people say about a service. Whether it is hidden stays as it is.
#[utoipa::path(
    put,
    operation_id = "replace_service",
    path = "/api/v1alpha/services/{namespace}/{name}",
    tag = "curation",
    params(ServicePath, VersionSeen),
    request_body = ServiceWordsBody,
    responses((status = 200, description = "The service as it is now", body = ServiceView))
)]
pub(in crate::serve) async fn replace(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
    IfMatch(seen): IfMatch,
    Sent(words): Sent<ServiceWords>,
) -> Result<Response, Problem> {
    let entity_ref = Ref::service(&namespace, &name);
    let change = |now: &Now<'_>| {
        curate::is_collected(now, &entity_ref)?;
        words.apply(now)
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &seen, change).await?;
    curate::answer(StatusCode::OK, &catalog, &entity_ref)
}

/// Changes what people say about a service: what is left out stays, null takes a word back.
#[utoipa::path(
    patch,
    operation_id = "edit_service",
    path = "/api/v1alpha/services/{namespace}/{name}",
    tag = "curation",
    params(ServicePath, VersionSeen),
    request_body = ServiceEditBody,
    responses((status = 200, description = "The service as it is now", body = ServiceView))
)]
pub(in crate::serve) async fn edit(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
    IfMatch(seen): IfMatch,
    Sent(edit): Sent<ServiceEdit>,
) -> Result<Response, Problem> {
    let entity_ref = Ref::service(&namespace, &name);
    let change = |now: &Now<'_>| {
        curate::is_collected(now, &entity_ref)?;
        edit.apply(now)
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &seen, change).await?;
    curate::answer(StatusCode::OK, &catalog, &entity_ref)
}

/// Deletes a service that a person added; takes one that a source shows out of the lists.
#[utoipa::path(
    delete,
    operation_id = "delete_service",
    path = "/api/v1alpha/services/{namespace}/{name}",
    tag = "curation",
    params(ServicePath, VersionSeen, Reason),
    responses(
        (status = 200, description = "A source shows it, so it is hidden now; `hidden: null` puts it back",
            body = ServiceView),
        (status = 204, description = "A person had added it, and it is gone")
    )
)]
pub(in crate::serve) async fn delete(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path((namespace, name)): Path<(String, String)>,
    Asked(reason): Asked<Reason>,
    IfMatch(seen): IfMatch,
) -> Result<Response, Problem> {
    let entity_ref = Ref::service(&namespace, &name);
    let change = |now: &Now<'_>| deleted(now, &entity_ref, reason.why.as_ref());
    let catalog = curate::change(&portal, &caller, &entity_ref, &seen, change).await?;
    if catalog.contains(&entity_ref) {
        curate::answer(StatusCode::OK, &catalog, &entity_ref)
    } else {
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}

/// What is said about a service from its deletion on.
pub(super) fn deleted(now: &Now<'_>, entity_ref: &Ref, why: Option<&Text>) -> Result<Option<Curated>, Problem> {
    if !curate::is_collected(now, entity_ref)? {
        return Ok(None);
    }
    let mut curated = now.curated();
    // A source shows it as well by now: it stays, whoever added it.
    curated.added = None;
    curated.hidden.get_or_insert_with(|| Hidden { by: now.by.clone(), at: now.at, why: why.cloned() });
    Ok(Some(curated))
}

fn taken(entity_ref: &Ref, catalog: &Catalog) -> Problem {
    let hidden = catalog.curated(entity_ref).and_then(|said| said.curated.hidden.as_ref());
    let detail = match hidden {
        Some(hidden) => format!(
            "there is a {entity_ref} already, which {} hid at {}; `PATCH` it with `hidden: null` to put it back",
            hidden.by, hidden.at
        ),
        None => format!("there is a {entity_ref} already; choose another name or namespace, or edit that one"),
    };
    Problem::new(Kind::CONFLICT, detail).at("#/name", "is taken")
}
