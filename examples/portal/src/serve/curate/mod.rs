//! Writing what people say: read, compare with what the writer saw, change, read again.
//!
//! The layer itself, and what a collection run may do to it, is the core's and the store's.

mod precondition;
mod resource;
mod service;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use portal_core::curated::{Curated, CuratedRecord, Edit};
use portal_core::error::ErrorKind;
use portal_core::model::Entity;
use portal_core::{Catalog, KeyScope, Ref, Store, Text};

pub(super) use precondition::{IfMatch, Precondition};
pub(super) use resource::{Feedback, FeedbackBody, ResourceEdit, ResourceEditBody};
pub(super) use service::{
    NewService, NewServiceBody, ServiceEdit, ServiceEditBody, ServiceWords, ServiceWordsBody, is_collected,
};
pub(super) use words::Words;

use super::caller::Caller;
use super::problem::{Kind, Problem};
use super::{Portal, etag, reader};
use crate::views;

/// How often a write that names no version is tried again when somebody else was faster.
const TRIES: u32 = 100;

/// Somebody who may write.
#[derive(Clone, Debug)]
pub(super) struct Writer(pub(super) Caller);

/// Somebody who may do everything.
#[derive(Clone, Debug)]
pub(super) struct Admin(pub(super) Caller);

impl FromRequestParts<Portal> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Writer, Problem> {
        let Ok(caller) = Caller::from_request_parts(parts, portal).await;
        caller.may(KeyScope::Write)?;
        Ok(Writer(caller))
    }
}

impl FromRequestParts<Portal> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Admin, Problem> {
        let Ok(caller) = Caller::from_request_parts(parts, portal).await;
        caller.may(KeyScope::Admin)?;
        Ok(Admin(caller))
    }
}

/// What is known of the entity that is about to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now<'n> {
    /// Everything.
    pub(super) catalog: &'n Catalog,
    /// What it is; [`None`] for what is not there.
    pub(super) entity: Option<&'n Entity>,
    /// What people say about it.
    pub(super) said: Option<&'n CuratedRecord>,
    /// Who changes it.
    pub(super) by: &'n Text,
    /// When.
    pub(super) at: jiff::Timestamp,
}

impl Now<'_> {
    /// What people say, to be changed.
    pub(super) fn curated(&self) -> Curated {
        self.said.map(|said| said.curated.clone()).unwrap_or_default()
    }
}

/// Changes what people say about an entity; gives back the picture in which it is so.
///
/// `change` says what is said from now on, and refuses what cannot be. It is asked again if somebody else was faster,
/// unless the writer named the version that it saw.
///
/// # Errors
/// Those of `change`; of the precondition; 503 if the store does not answer.
pub(super) async fn change(
    portal: &Portal,
    caller: &Caller,
    entity_ref: &Ref,
    precondition: &Precondition,
    change: impl Fn(&Now<'_>) -> Result<Option<Curated>, Problem>,
) -> Result<Arc<Catalog>, Problem> {
    for tried in 0..TRIES {
        // What the writer saw may have come from another server, which knows more than the picture here.
        let catalog = portal.refresh().await?;
        let entity = catalog.entity(entity_ref).ok();
        let said = catalog.curated(entity_ref);
        let by = &caller.name;
        let now = Now { catalog: &catalog, entity: entity.as_ref(), said, by, at: portal.store.now() };
        if entity.is_some() && *precondition == Precondition::Missing {
            precondition.check(said)?;
        }
        let curated = change(&now)?;
        precondition.check(said)?;
        let edit = Edit { entity: entity_ref.clone(), seen: said.map_or(0, |said| said.version), curated };
        match portal.store.edit(by, &[edit]).await {
            Ok(_) => return after(portal).await,
            Err(error) if error.kind() == ErrorKind::Conflict => {
                if precondition.names_a_version() {
                    return Err(precondition::stale(None));
                }
                // The faster ones are many: not all of the slower ones at once.
                tokio::time::sleep(Duration::from_micros(u64::from(tried) * 500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let detail = format!("{entity_ref} is changed by others all the time; nothing was changed, try again");
    Err(Problem::new(Kind::CONFLICT, detail).retry_after(1))
}

/// The picture in which a change is seen that was just made.
async fn after(portal: &Portal) -> Result<Arc<Catalog>, Problem> {
    portal.refresh().await.map_err(|error| {
        tracing::warn!(error = portal_core::error::chain(&error), "a change was made, and could not be read back");
        let detail =
            "the change was made, but the store stopped answering before it could be read back; look again soon";
        Problem::new(Kind::UNAVAILABLE, detail).retry_after(5)
    })
}

/// The answer to a write: the whole entity as it is now, with the tag for the next write.
pub(super) fn answer(status: StatusCode, catalog: &Catalog, entity_ref: &Ref) -> Result<Response, Problem> {
    let body = reader::bytes(&views::view(catalog, catalog.entry(entity_ref)?, true))?;
    let version = catalog.curated(entity_ref).map_or(0, |said| said.version);
    let tag = etag::of_entity(version, &body);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// 404 for what is not there.
pub(super) fn nothing(entity_ref: &Ref) -> Problem {
    Problem::new(Kind::NOT_FOUND, format!("there is no {entity_ref}"))
}

#[cfg(test)]
mod tests {
    use utoipa::{PartialSchema, ToSchema};

    use super::resource::{AssignmentBody, OpinionBody};
    use super::*;
    use crate::serve::body::Body as Reads;

    #[track_caller]
    fn check<B: Reads, D: ToSchema + PartialSchema>() {
        let schema = serde_json::to_value(<D as PartialSchema>::schema()).expect("JSON");
        let documented: Vec<&String> = schema["properties"].as_object().expect("properties").keys().collect();
        let mut read = B::NAMES.to_vec();
        read.sort_unstable();
        assert_eq!(documented, read);
    }

    #[test]
    fn the_document_names_the_fields_that_are_read() {
        check::<NewService, NewServiceBody>();
        check::<ServiceEdit, ServiceEditBody>();
        check::<ServiceWords, ServiceWordsBody>();
        check::<ResourceEdit, ResourceEditBody>();
        check::<Feedback, AssignmentBody>();
        check::<Feedback, OpinionBody>();
    }
}
