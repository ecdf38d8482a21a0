//! The outermost layer of every request: its id, its deadline, its line in the log, and the form of its errors.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{AGE, CONNECTION, CONTENT_ENCODING, ETAG, WARNING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::problem::{Kind, Problem};
use super::{Portal, etag, guard};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request goes by in the log: the client's `X-Request-Id` if it is usable, else one of our own.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

/// Marks an answer with the status of an error that has a body of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsItIs;

pub(super) async fn frame(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    // Where the API is nested, the router below sees less of the path than the client wrote.
    let inner = request.uri().clone();
    let asked = request.extensions().get::<OriginalUri>().map_or_else(|| inner.clone(), |original| original.0.clone());
    request.extensions_mut().insert(id.clone());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(portal.options().deadline, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(id = id.as_str(), %method, path = asked.path(), "a handler panicked");
            let detail = "something went wrong in the portal; its log says more under this request's id";
            Problem::new(Kind::INTERNAL, detail).into_response()
        }
        Err(_) => {
            Problem::new(Kind::TIMEOUT, "the answer was not ready in time; try again").retry_after(5).into_response()
        }
    };
    let mut note = response.extensions_mut().remove::<guard::Note>().unwrap_or_default();
    if response.extensions().get::<AsItIs>().is_none()
        && let Some(problem) = Problem::of_response(&mut response)
    {
        response = problem.into_answer(asked.path(), id.as_str(), is_legacy(&inner));
    }
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.0.clone());
    if headers.contains_key(CONTENT_ENCODING)
        && let Some(weak) = headers.get(ETAG).and_then(etag::weak)
    {
        headers.insert(ETAG, weak);
    }
    if portal.is_stopping() {
        // Whoever keeps the connection for its next request finds another server in time.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(lost) = portal.cell.lost_for().filter(|_| is_read(&method, status) && inner.path().starts_with("/api/"))
    {
        headers.insert(AGE, HeaderValue::from(lost.as_secs()));
        headers
            .insert(WARNING, HeaderValue::from_static("110 portal \"the store does not answer; this is from memory\""));
    }
    note.say(headers, status);
    let took = started.elapsed();
    let route = route.as_ref().map(MatchedPath::as_str);
    portal.metrics.count(route, &method, status.as_u16(), took);
    // The route and not the path: what people look for stays out of the log, and a query with what is in it too.
    tracing::info!(
        target: "portal::request",
        id = id.as_str(),
        method = method.as_str(),
        route = route.unwrap_or("-"),
        status = status.as_u16(),
        key = note.key.as_deref(),
        refused = note.refused,
        from = note.from.map(tracing::field::display),
        ms = took.as_micros() as f64 / 1000.0,
    );
    response
}

fn is_read(method: &Method, status: StatusCode) -> bool {
    method.is_safe() && (status.is_success() || status == StatusCode::NOT_MODIFIED)
}

/// The catalogue of the second article has errors of a form of its own.
fn is_legacy(path: &Uri) -> bool {
    path.path().starts_with("/api/") && !path.path().starts_with("/api/v1")
}

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    fn of(headers: &HeaderMap) -> RequestId {
        let usable = |value: &&HeaderValue| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
            (1..=128).contains(&value.len()) && value.as_bytes().iter().all(plain)
        };
        headers.get(REQUEST_ID).filter(usable).cloned().map_or_else(RequestId::own, RequestId)
    }

    /// No two of a process are equal, and those of two processes are very unlikely to be.
    fn own() -> RequestId {
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:016x}", SEED.hash_one(count));
        RequestId(HeaderValue::try_from(text).expect("sixteen letters and digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_id_is_taken_over() {
        let of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).expect("a header"));
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(of(b"01J-x_y.z"), "01J-x_y.z");
        for bad in [&b""[..], b"a b", b"a\xff", &[b'x'; 129]] {
            assert_eq!(of(bad).len(), 16, "{bad:?}");
        }
        assert_ne!(of(b""), of(b""));
    }
}
