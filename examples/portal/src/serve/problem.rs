//! Errors as clients read them: problem details by RFC 9457.
//!
//! A handler says what is wrong. The frame around all routes adds where, and writes the body; so does it for what axum
//! itself refuses. Nothing of a stack trace, a database or a file's place may stand in one.

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use portal_core::error::{ErrorKind, chain};
use portal_core::{CatalogError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, in one word that clients can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The last part of the problem's `type`.
    pub slug: &'static str,
    /// The status.
    pub status: StatusCode,
    /// The same for every problem of the kind.
    pub title: &'static str,
}

impl Kind {
    /// A parameter of the query that the endpoint does not have.
    pub const UNKNOWN_PARAMETER: Kind = Kind::of("unknown-parameter", StatusCode::BAD_REQUEST, "Unknown parameter");
    /// A parameter of the query whose value means nothing.
    pub const INVALID_PARAMETER: Kind = Kind::of("invalid-parameter", StatusCode::BAD_REQUEST, "Invalid parameter");
    /// A request that cannot be understood.
    pub const BAD_REQUEST: Kind = Kind::of("bad-request", StatusCode::BAD_REQUEST, "Bad request");
    /// No entity, hold or key of that name.
    pub const NOT_FOUND: Kind = Kind::of("not-found", StatusCode::NOT_FOUND, "Not found");
    /// No endpoint at that path.
    pub const UNKNOWN_PATH: Kind = Kind::of("unknown-path", StatusCode::NOT_FOUND, "Unknown path");
    /// The path is there, for other methods.
    pub const METHOD_NOT_ALLOWED: Kind =
        Kind::of("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    /// The body did not come in time.
    pub const SLOW_REQUEST: Kind = Kind::of("slow-request", StatusCode::REQUEST_TIMEOUT, "The request took too long");
    /// Somebody else was faster, or a name is taken.
    pub const CONFLICT: Kind = Kind::of("conflict", StatusCode::CONFLICT, "Conflict");
    /// The body is larger than the limit.
    pub const TOO_LARGE: Kind = Kind::of("too-large", StatusCode::PAYLOAD_TOO_LARGE, "Body too large");
    /// The body is no JSON.
    pub const UNSUPPORTED_TYPE: Kind =
        Kind::of("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type");
    /// The body is JSON, but not what the endpoint takes.
    pub const INVALID_BODY: Kind = Kind::of("invalid-body", StatusCode::UNPROCESSABLE_ENTITY, "Invalid body");
    /// A defect of the portal.
    pub const INTERNAL: Kind = Kind::of("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error");
    /// Something outside that is needed does not answer.
    pub const UNAVAILABLE: Kind = Kind::of("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Unavailable");
    /// The answer was not ready in time.
    pub const TIMEOUT: Kind = Kind::of("timeout", StatusCode::SERVICE_UNAVAILABLE, "The answer took too long");

    /// A kind.
    pub const fn of(slug: &'static str, status: StatusCode, title: &'static str) -> Kind {
        Kind { slug, status, title }
    }

    /// For a status that axum or hyper chose.
    fn of_status(status: StatusCode) -> Kind {
        match status {
            StatusCode::NOT_FOUND => Kind::UNKNOWN_PATH,
            StatusCode::METHOD_NOT_ALLOWED => Kind::METHOD_NOT_ALLOWED,
            StatusCode::REQUEST_TIMEOUT => Kind::SLOW_REQUEST,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UNSUPPORTED_TYPE,
            StatusCode::UNPROCESSABLE_ENTITY => Kind::INVALID_BODY,
            StatusCode::SERVICE_UNAVAILABLE => Kind::UNAVAILABLE,
            status if status.is_client_error() => Kind { status, ..Kind::BAD_REQUEST },
            _ => Kind::INTERNAL,
        }
    }
}

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    detail: String,
    errors: Vec<Pointed>,
    headers: HeaderMap,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pointed {
    /// `#/links/0/url` in the body (RFC 6901), `?limit` in the query, `If-Match` among the headers.
    pub pointer: String,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView<'p> {
    /// A URN that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:portal:problem:not-found")]
    pub problem_type: String,
    /// The kind in words.
    pub title: &'p str,
    /// The status.
    pub status: u16,
    /// What happened, to what, and what to do next.
    pub detail: &'p str,
    /// The path that was asked.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub instance: &'p str,
    /// The request's id, as in `X-Request-Id` and the log.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub request_id: &'p str,
    /// Each thing that is wrong with the request.
    #[serde(skip_serializing_if = "<[Pointed]>::is_empty")]
    #[schema(required = false)]
    pub errors: &'p [Pointed],
}

impl Problem {
    /// A problem of a kind; `detail` says what happened, to what, and what to do next.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Inner { kind, detail: detail.into(), errors: Vec::new(), headers: HeaderMap::new() }))
    }

    /// Parameters of a query that are wrong, each with its place.
    pub fn of_errors(kind: Kind, errors: Vec<Pointed>) -> Problem {
        let detail: Vec<&str> = errors.iter().map(|error| error.detail.as_str()).collect();
        let mut problem = Problem::new(kind, detail.join("; "));
        problem.0.errors = errors;
        problem
    }

    /// Names a place that is wrong.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        self.0.errors.push(Pointed { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.headers.insert(name, value);
        self
    }

    /// Says after how many seconds it is worth to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Problem {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What happened.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Each place that is wrong.
    pub fn errors(&self) -> &[Pointed] {
        &self.0.errors
    }

    /// The problem that an answer is, its own or one that axum made.
    pub(super) fn of_response(response: &mut Response) -> Option<Problem> {
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            return Some(problem);
        }
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return None;
        }
        let kind = Kind::of_status(status);
        let detail = match kind.slug {
            "unknown-path" => "there is nothing at this path; `/openapi.json` names every path that there is",
            "method-not-allowed" => "this path takes other methods; the header `Allow` names them",
            "internal" => "something went wrong in the portal; its log says more under this request's id",
            "too-large" => "the body is larger than this endpoint takes",
            _ => kind.title,
        };
        let mut problem = Problem::new(kind, detail);
        if let Some(allow) = response.headers_mut().remove(ALLOW) {
            problem = problem.with_header(ALLOW, allow);
        }
        Some(problem)
    }

    /// The whole answer. `path` is what was asked; below `/api/` but outside of `/api/v1alpha` clients of the second
    /// article's catalogue expect `{"detail": …}` instead of problem details.
    pub(super) fn into_answer(self, path: &str, request_id: &str, legacy: bool) -> Response {
        let Inner { kind, detail, errors, headers } = *self.0;
        let body = if legacy {
            serde_json::to_vec(&serde_json::json!({ "detail": detail }))
        } else {
            serde_json::to_vec(&ProblemView {
                problem_type: format!("urn:portal:problem:{}", kind.slug),
                title: kind.title,
                status: kind.status.as_u16(),
                detail: &detail,
                instance: path,
                request_id,
                errors: &errors,
            })
        };
        let content_type = if legacy { "application/json" } else { "application/problem+json" };
        let mut response = Response::new(axum::body::Body::from(body.unwrap_or_default()));
        *response.status_mut() = kind.status;
        *response.headers_mut() = headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // The frame writes it anew, with the place and the id of the request; a service of somebody else's has none.
        let mut response = self.clone().into_answer("", "", false);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Problem {
        let detail = error.to_string();
        match error {
            CatalogError::NotFound(_) => Problem::new(Kind::NOT_FOUND, detail),
            CatalogError::NotOwned(_) => Problem::new(Kind::INVALID_PARAMETER, detail.clone()).at("?ref", detail),
            CatalogError::InvalidCursor => Problem::new(Kind::INVALID_PARAMETER, detail.clone()).at("?cursor", detail),
        }
    }
}

impl From<StoreError> for Problem {
    /// The store's own words stay in the log: they may name hosts, files and SQL.
    fn from(error: StoreError) -> Problem {
        match error.kind() {
            ErrorKind::Unavailable => {
                tracing::warn!(error = chain(&error), "the store does not answer");
                let detail = "the store does not answer at the moment; reads from memory go on, try this again soon";
                Problem::new(Kind::UNAVAILABLE, detail).retry_after(5)
            }
            ErrorKind::Storage => {
                tracing::error!(error = chain(&error), "the store takes no writes");
                let detail = "the store takes no writes at the moment: it has no space left, or may only be read";
                Problem::new(Kind::UNAVAILABLE, detail).retry_after(60)
            }
            ErrorKind::Conflict => Problem::new(Kind::CONFLICT, "somebody else changed it at the same time; try again"),
            _ => {
                tracing::error!(error = chain(&error), "the store could not be used");
                Problem::new(Kind::INTERNAL, "the store could not be used; the log says more under this request's id")
            }
        }
    }
}
