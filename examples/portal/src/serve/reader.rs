//! Answers to reads: straight from the picture to bytes, or 304 for what the client knows already.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::response::Response;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri};
use portal_core::{Catalog, Ref};
use serde::Serialize;

use super::answers::FollowsFrom;
use super::cell::{Basis, Picture};
use super::problem::{Kind, Problem};
use super::{Portal, etag};

/// Who reads: the picture as it is now, and what the client knows of it.
#[derive(Debug)]
pub struct Reader {
    picture: Arc<Picture>,
    asked: Uri,
    if_none_match: Option<HeaderValue>,
}

impl FromRequestParts<Portal> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Reader, Problem> {
        let asked = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        Ok(Reader { picture: portal.picture()?, asked, if_none_match: parts.headers.get(IF_NONE_MATCH).cloned() })
    }
}

impl Reader {
    /// What is known now.
    pub fn catalog(&self) -> &Catalog {
        &self.picture.catalog
    }

    /// What stands behind the question mark.
    pub fn query(&self) -> Option<&str> {
        self.asked.query()
    }

    /// An answer that follows from the picture and the question. It is not made if the client has it.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn answer<T: Serialize>(&self, make: impl FnOnce(&Catalog) -> Result<T, Problem>) -> Result<Response, Problem> {
        self.answer_from(Basis::Everything, make)
    }

    /// [`Reader::answer`] from a part of the picture.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn answer_from<T: Serialize>(
        &self,
        basis: Basis,
        make: impl FnOnce(&Catalog) -> Result<T, Problem>,
    ) -> Result<Response, Problem> {
        let tag = etag::of_question(self.picture.state(basis), self.asked.path(), self.asked.query());
        if self.knows(&tag) {
            return Ok(unchanged(tag));
        }
        Ok(self.follows(basis, found(tag, bytes(&make(self.catalog())?)?)))
    }

    /// The answer about one entity, whose tag a write may name. The view follows from the picture and the question, too.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn entity<T: Serialize>(&self, entity: &Ref, view: &T) -> Result<Response, Problem> {
        let body = bytes(view)?;
        let version = self.catalog().curated(entity).map_or(0, |said| said.version);
        let tag = etag::of_entity(version, &body);
        if self.knows(&tag) {
            Ok(unchanged(tag))
        } else {
            Ok(self.follows(Basis::of(entity.entity_type()), found(tag, body)))
        }
    }

    /// An answer that does not follow from the picture; its tag is that of its bytes.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn answer_of<T: Serialize>(&self, view: &T) -> Result<Response, Problem> {
        let body = bytes(view)?;
        let tag = etag::of_bytes(&body);
        if self.knows(&tag) { Ok(unchanged(tag)) } else { Ok(found(tag, body)) }
    }

    fn follows(&self, basis: Basis, mut response: Response) -> Response {
        response.extensions_mut().insert(FollowsFrom(Arc::clone(&self.picture), basis));
        response
    }

    fn knows(&self, tag: &HeaderValue) -> bool {
        self.if_none_match.as_ref().is_some_and(|named| etag::is_named(named, tag))
    }
}

/// How much room an answer begins with: a page of rows fills it several times, a single entity leaves most of it.
const ROOM: usize = 16 * 1024;

/// A value as JSON.
pub(super) fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut body, value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::new(Kind::INTERNAL, "the answer could not be written")
    })?;
    Ok(body)
}

/// An answer to a write that is not about one entity.
pub(super) fn plain<T: Serialize>(status: StatusCode, view: &T) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(bytes(view)?));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn found(tag: HeaderValue, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(ETAG, tag);
    response
}

pub(super) fn unchanged(tag: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().insert(ETAG, tag);
    response
}
