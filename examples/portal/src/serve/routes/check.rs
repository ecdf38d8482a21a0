//! Whether a service works: what health checks found, and asking now.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};
use jiff::{SignedDuration, Timestamp};
use portal_core::{HealthLog, KeyScope, Ref};
use utoipa::IntoParams;

use super::changes::When;
use crate::serve::extract::{Parameters, Query};
use crate::serve::reader::{Reader, bytes};
use crate::serve::{Asked, Caller, Kind, Path, Portal, Problem, etag};
use crate::views::{self, HealthView, ServiceView};

/// How far back history is shown where nobody says it.
const SHOWN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Asks a service's status URL now, and answers with what is known then.
///
/// Who asks again within a second gets the same answer.
#[utoipa::path(
    post,
    operation_id = "check_service",
    path = "/api/v1alpha/services/{namespace}/{name}/check",
    tag = "health",
    params(
        ("namespace" = String, Path, description = "The namespace that groups it"),
        ("name" = String, Path, description = "Its name")
    ),
    responses((status = 200, description = "The service, after the check", body = ServiceView))
)]
pub(in crate::serve) async fn now(
    State(portal): State<Portal>,
    caller: Caller,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    caller.may(KeyScope::Write)?;
    let service = Ref::service(&namespace, &name);
    portal.check_now(&service).await?;
    let catalog = portal.catalog()?;
    let body = bytes(&views::view(&catalog, catalog.entity(&service)?, true))?;
    let version = catalog.curated(&service).map_or(0, |said| said.version);
    let tag = etag::of_entity(version, &body);
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// Which part of the history.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct HistoryAsked {
    /// From this time (RFC 3339) or age (`30d`, `12h`) on.
    #[param(required = false, nullable = false, value_type = Option<String>, default = "30d")]
    since: Option<Timestamp>,
}

impl Parameters for HistoryAsked {
    const NAMES: &'static [&'static str] = &["since"];

    fn read(query: &mut Query<'_>) -> HistoryAsked {
        let text = query.one("since").filter(|text| !text.is_empty());
        let since = text.as_deref().map(|text| When::read(text, Timestamp::now()));
        match since {
            None => HistoryAsked { since: None },
            Some(Some(When::Time(since))) => HistoryAsked { since: Some(since) },
            Some(Some(When::Revision(_)) | None) => {
                query.wrong("since", "is no time (`2026-01-31T12:00:00Z`) and no age (`30d`, `12h`)");
                HistoryAsked { since: None }
            }
        }
    }
}

/// What health checks found of a service: now, the last answers, and for how much of the time it worked.
#[utoipa::path(
    get,
    operation_id = "get_service_health",
    path = "/api/v1alpha/services/{namespace}/{name}/health",
    tag = "health",
    params(
        ("namespace" = String, Path, description = "The namespace that groups it"),
        ("name" = String, Path, description = "Its name"),
        HistoryAsked
    ),
    responses((status = 200, description = "What was found", body = HealthView))
)]
pub(in crate::serve) async fn history(
    State(portal): State<Portal>,
    reader: Reader,
    Path((namespace, name)): Path<(String, String)>,
    Asked(asked): Asked<HistoryAsked>,
) -> Result<Response, Problem> {
    let service = Ref::service(&namespace, &name);
    let catalog = reader.catalog();
    if !catalog.contains(&service) {
        return Err(Problem::new(Kind::NOT_FOUND, format!("there is no {service}")));
    }
    let since = asked.since.unwrap_or_else(|| Timestamp::now().saturating_sub(SHOWN).unwrap_or(Timestamp::MIN));
    let spans = portal.store.spans(&service, since).await?;
    let status_url = catalog.curated(&service).and_then(|said| said.curated.status_url.clone());
    let checked = catalog.checked(&service);
    reader.answer_of(&HealthView::of(service.clone(), status_url, checked, &spans, since))
}
