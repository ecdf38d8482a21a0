//! Holds: mass deletes that wait for a person.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use portal_core::error::ErrorKind;
use portal_core::ingest::release as release_hold;
use utoipa::IntoParams;

use crate::serve::curate::Admin;
use crate::serve::extract::{Parameters, Query};
use crate::serve::lists::{PageParameters, Slice};
use crate::serve::reader::{self, Reader};
use crate::serve::{Asked, Kind, Path, Portal, Problem, ProblemView};
use crate::views::{HoldView, List, ReleaseView};

/// Mass deletes that wait for a person.
#[utoipa::path(
    get,
    operation_id = "list_holds",
    path = "/api/v1alpha/holds",
    tag = "collection",
    params(PageParameters),
    responses((status = 200, description = "A page", body = List<HoldView>))
)]
pub(in crate::serve) async fn list(reader: Reader, Asked(asked): Asked<HoldsAsked>) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let page = asked.0.cut("holds", catalog.holds().collect())?;
        Ok(page.map(|(part, hold)| HoldView::of(part, hold)))
    })
}

/// Which holds.
#[derive(Debug)]
pub(in crate::serve) struct HoldsAsked(Slice);

impl Parameters for HoldsAsked {
    const NAMES: &'static [&'static str] = &["limit", "cursor"];

    fn read(query: &mut Query<'_>) -> HoldsAsked {
        HoldsAsked(Slice::read(query))
    }
}

/// Which hold.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "it describes the path")]
pub(in crate::serve) struct HoldPath {
    /// Its id.
    id: String,
}

/// Says that a mass delete is right: what the newest read lacks is retired.
#[utoipa::path(
    post,
    operation_id = "release_hold",
    path = "/api/v1alpha/holds/{id}/release",
    tag = "collection",
    params(HoldPath),
    responses(
        (status = 200, description = "What was retired", body = ReleaseView),
        (status = 409, description = "What it kept cannot be told any more, or somebody else was faster",
            body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(in crate::serve) async fn release(
    Admin(caller): Admin,
    State(portal): State<Portal>,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Result<Response, Problem> {
    let (store, rules) = (Arc::clone(&portal.store), portal.options().rules.clone());
    let (hold, by) = (id.clone(), caller.name.clone());
    // Resolving is long work of the processor: not on a thread that answers requests. It goes on to its end if the client
    // does not wait for it.
    let runtime = tokio::runtime::Handle::current();
    let run =
        tokio::task::spawn_blocking(move || runtime.block_on(release_hold(store.as_ref(), &rules, &hold, Some(&by))));
    let report = match run.await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
            return Err(Problem::new(Kind::NOT_FOUND, format!("there is no hold `{}`", short(&id))));
        }
        Ok(Err(error)) if error.kind() == ErrorKind::Conflict => {
            let detail = "nothing was retired: either an ingest ran at the same time (try again), or the part was not read \
                whole since it was held (try again after its next whole read)";
            return Err(Problem::new(Kind::CONFLICT, detail));
        }
        Ok(Err(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "a release did not end as it should");
            return Err(Problem::new(Kind::INTERNAL, "the hold could not be released; the log says more"));
        }
    };
    tracing::info!(hold = id, by = caller.name.as_str(), retired = report.retired, "released");
    portal.refresh().await?;
    reader::plain(StatusCode::OK, &ReleaseView::of(id.into(), &report))
}

fn short(id: &str) -> String {
    id.chars().take(200).collect()
}
