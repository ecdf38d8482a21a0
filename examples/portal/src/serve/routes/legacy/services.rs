//! `/api/services`: manual and collected services alike, whole and sorted by name.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use portal_core::catalog::{Filter, Paging};
use portal_core::curated::{Added, Curated};
use portal_core::model::{Entity, Service, ServiceKind};
use portal_core::{Catalog, EntityType, Ref, Text, slug};
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::{
    LegacyAsked, LegacyEdit, LegacyEditBody, LegacyFilter, LegacyNew, LegacyNewBody, LegacySent, Narrowed,
};
use super::{LegacyProblem, invalid};
use crate::serve::curate::{self, Now, Precondition, Writer};
use crate::serve::reader::{self, Reader};
use crate::serve::routes::services::deleted;
use crate::serve::{Kind, Path, Portal, Problem};
use crate::views::{LegacyServiceView, LegacyServicesView};

/// The namespace of services that are added here.
const NAMESPACE: &str = "manual";
/// A ref that somebody else took while we looked for one.
const REF_TAKEN: Kind = Kind::of("ref-taken", StatusCode::CONFLICT, "Conflict");

/// Which service.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "it describes the path")]
pub(in crate::serve) struct LegacyPath {
    /// Its id.
    #[param(value_type = String, format = "uuid")]
    id: Uuid,
}

/// All services, sorted by name.
#[utoipa::path(
    get,
    operation_id = "legacy_list_services",
    path = "/api/services",
    tag = "legacy",
    params(LegacyFilter),
    responses(
        (status = 200, description = "All of them", body = LegacyServicesView),
        (status = 422, description = "A parameter is invalid", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn list(
    reader: Reader,
    LegacyAsked(asked): LegacyAsked<Narrowed>,
) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let Narrowed { text, teams, statuses, tags } = asked;
        let filter = Filter { text, statuses, tags, ..Filter::default() };
        let page = catalog.list(EntityType::Service, &filter, &Paging::all())?;
        let slugs: Vec<Text> = teams.iter().map(|team| slug(team)).collect();
        let known: Vec<Text> = teams.iter().flat_map(|team| catalog.teams_named(team)).collect();
        let mut items = Vec::with_capacity(page.items.len());
        for entry in page.items {
            // Its owner is shown as it was written, which lists leave out.
            let Entity::Service(service) = catalog.entity(&entry.entity_ref)? else { continue };
            let owner = service.ownership.team.clone();
            let view = LegacyServiceView::of(catalog, service);
            let written = || view.team.as_deref().is_some_and(|team| slugs.contains(&slug(team)));
            if teams.is_empty() || owner.is_some_and(|owner| known.contains(&owner)) || written() {
                items.push(view);
            }
        }
        Ok(LegacyServicesView { total: items.len(), items })
    })
}

/// One service.
#[utoipa::path(
    get,
    operation_id = "legacy_get_service",
    path = "/api/services/{id}",
    tag = "legacy",
    params(LegacyPath),
    responses(
        (status = 200, description = "The service", body = LegacyServiceView),
        (status = 404, description = "There is none of that id", body = LegacyProblem),
        (status = 422, description = "That is no id", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn one(
    State(portal): State<Portal>,
    reader: Reader,
    Path(id): Path<String>,
    _: LegacyAsked<()>,
) -> Result<Response, Problem> {
    let entity_ref = service_of(&portal, &id)?;
    reader.answer(|catalog| Ok(LegacyServiceView::of(catalog, shown(catalog, &entity_ref)?)))
}

/// Adds a service.
#[utoipa::path(
    post,
    operation_id = "legacy_add_service",
    path = "/api/services",
    tag = "legacy",
    request_body = LegacyNewBody,
    responses(
        (status = 201, description = "It is there now", body = LegacyServiceView),
        (status = 409, description = "The name is taken", body = LegacyProblem),
        (status = 422, description = "The body is invalid", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn add(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    _: LegacyAsked<()>,
    LegacySent(new): LegacySent<LegacyNew>,
) -> Result<Response, Problem> {
    let base = Some(slug(&new.name)).filter(|base| !base.is_empty()).unwrap_or(Text::new_static("service"));
    for number in 1_u32.. {
        let name = if number == 1 { base.clone() } else { Text::from(format!("{base}-{number}")) };
        let entity_ref = Ref::service(NAMESPACE, &name);
        let change = |now: &Now<'_>| {
            free(now.catalog, &new.name, None)?;
            // Under this ref somebody else goes by another name, or words about a hidden one are kept.
            if now.entity.is_some() || now.said.is_some() {
                return Err(Problem::new(REF_TAKEN, "the ref is taken"));
            }
            let added = Added { kind: ServiceKind::HttpService, product: None };
            let mut curated = Curated { added: Some(added), ..Curated::default() };
            new.apply(&mut curated, &name);
            Ok(Some(curated))
        };
        match curate::change(&portal, &caller, &entity_ref, &Precondition::Nothing, change).await {
            Ok(catalog) => return answer(StatusCode::CREATED, &catalog, &entity_ref),
            Err(problem) if problem.kind() == REF_TAKEN => {}
            Err(problem) => return Err(problem),
        }
    }
    unreachable!("there are fewer services than numbers")
}

/// Changes the fields that are sent.
#[utoipa::path(
    put,
    operation_id = "legacy_edit_service",
    path = "/api/services/{id}",
    tag = "legacy",
    params(LegacyPath),
    request_body = LegacyEditBody,
    responses(
        (status = 200, description = "The service as it is now", body = LegacyServiceView),
        (status = 404, description = "There is none of that id", body = LegacyProblem),
        (status = 409, description = "The name is taken", body = LegacyProblem),
        (status = 422, description = "The body or the id is invalid", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn edit(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: LegacyAsked<()>,
    LegacySent(edit): LegacySent<LegacyEdit>,
) -> Result<Response, Problem> {
    let entity_ref = service_of(&portal, &id)?;
    let change = |now: &Now<'_>| {
        let service = shown(now.catalog, &entity_ref)?;
        if let Some(name) = edit.name.said() {
            free(now.catalog, name, Some(&entity_ref))?;
        }
        let mut curated = now.curated();
        let name = service.name.clone();
        edit.apply(&mut curated, &name, &LegacyServiceView::of(now.catalog, service));
        Ok(Some(curated))
    };
    let catalog = curate::change(&portal, &caller, &entity_ref, &Precondition::Nothing, change).await?;
    answer(StatusCode::OK, &catalog, &entity_ref)
}

/// Deletes a service that was added; hides one that a source shows.
#[utoipa::path(
    delete,
    operation_id = "legacy_delete_service",
    path = "/api/services/{id}",
    tag = "legacy",
    params(LegacyPath),
    responses(
        (status = 204, description = "It is not shown any more"),
        (status = 404, description = "There is none of that id", body = LegacyProblem),
        (status = 422, description = "That is no id", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn delete(
    Writer(caller): Writer,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: LegacyAsked<()>,
) -> Result<Response, Problem> {
    let entity_ref = service_of(&portal, &id)?;
    let change = |now: &Now<'_>| {
        shown(now.catalog, &entity_ref)?;
        deleted(now, &entity_ref, None)
    };
    curate::change(&portal, &caller, &entity_ref, &Precondition::Nothing, change).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks a service's status URL now, and answers with what is known then.
#[utoipa::path(
    post,
    operation_id = "legacy_check_service",
    path = "/api/services/{id}/check",
    tag = "legacy",
    params(LegacyPath),
    responses(
        (status = 200, description = "The service, after the check", body = LegacyServiceView),
        (status = 404, description = "There is none of that id", body = LegacyProblem),
        (status = 409, description = "This process makes no health checks", body = LegacyProblem),
        (status = 422, description = "It has no status URL, or that is no id", body = LegacyProblem)
    )
)]
pub(in crate::serve) async fn check(
    _: Writer,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: LegacyAsked<()>,
) -> Result<Response, Problem> {
    let entity_ref = service_of(&portal, &id)?;
    shown(&*portal.catalog()?, &entity_ref)?;
    portal.check_now(&entity_ref).await?;
    answer(StatusCode::OK, &*portal.catalog()?, &entity_ref)
}

/// The ref behind an id; what was added on another server a moment ago may not be among them yet.
pub(super) fn service_of(portal: &Portal, id: &str) -> Result<Ref, Problem> {
    let Ok(id) = id.parse::<Uuid>() else {
        return Err(invalid(Problem::new(Kind::BAD_REQUEST, "the id is no UUID; lists show the ids of all services")));
    };
    portal.picture()?.service_of(&id).ok_or_else(none_of_that_id)
}

/// A service that this catalogue shows: hidden ones are deleted here.
fn shown(catalog: &Catalog, entity_ref: &Ref) -> Result<Service, Problem> {
    match catalog.entity(entity_ref) {
        Ok(Entity::Service(service)) if !catalog.is_hidden(entity_ref) => Ok(service),
        _ => Err(none_of_that_id()),
    }
}

fn none_of_that_id() -> Problem {
    Problem::new(Kind::NOT_FOUND, "there is no service with this id")
}

/// 409 for a name that another service shows.
fn free(catalog: &Catalog, name: &str, but: Option<&Ref>) -> Result<(), Problem> {
    let named = catalog.named(name);
    let taken = named
        .iter()
        .any(|found| found.entity_type() == EntityType::Service && Some(found) != but && !catalog.is_hidden(found));
    if taken {
        return Err(Problem::new(Kind::CONFLICT, format!("there is a service named `{name}` already")));
    }
    Ok(())
}

fn answer(status: StatusCode, catalog: &Catalog, entity_ref: &Ref) -> Result<Response, Problem> {
    reader::plain(status, &LegacyServiceView::of(catalog, shown(catalog, entity_ref)?))
}
