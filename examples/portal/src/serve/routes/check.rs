//! Whether a service works: what health checks found, and asking now.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use portal_core::{HealthLog, Ref};
use utoipa::IntoParams;

use super::changes::When;
use crate::serve::curate::{self, Writer};
use crate::serve::extract::{Parameters, Query};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Path, Portal, Problem};
use crate::views::{HealthView, ServiceView};

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
    _: Writer,
    State(portal): State<Portal>,
    Path((namespace, name)): Path<(String, String)>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    let service = Ref::service(&namespace, &name);
    portal.check_now(&service).await?;
    curate::answer(StatusCode::OK, &*portal.catalog()?, &service)
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
        return Err(curate::nothing(&service));
    }
    let since = asked.since.unwrap_or_else(|| Timestamp::now().saturating_sub(SHOWN).unwrap_or(Timestamp::MIN));
    let spans = portal.store.spans(&service, since).await?;
    let status_url = catalog.curated(&service).and_then(|said| said.curated.status_url.clone());
    let checked = catalog.checked(&service);
    reader.answer_of(&HealthView::of(service.clone(), status_url, checked, &spans, since))
}
