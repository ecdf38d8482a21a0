//! Answers that are kept: the same question about the same picture has the same answer.
//!
//! People look at the same few lists all day, and a picture stays until something changes. What follows from a picture
//! and a question alone is kept with the picture, as it was sent (compressed where the client takes it), and goes with
//! it. So nothing here is ever out of date, and there is nothing to invalidate. What no health check changes is handed on
//! to the next picture if nothing else changed. What was asked longest ago makes room.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, Method};
use lru::LruCache;

use super::cell::{Basis, Picture};
use super::problem::{Kind, Problem};
use super::{Portal, etag, reader};

/// What the answers of one picture and basis may take together.
const ROOM: usize = 8 * 1024 * 1024;
/// What a single one may take: more would push out too many others.
const LARGEST: usize = ROOM / 8;
/// What the lists and headers around an answer take, about.
const AROUND: usize = 512;

/// The answers of one picture and basis.
pub(super) struct Answers(Mutex<Kept>);

struct Kept {
    answers: LruCache<Box<str>, Answer>,
    bytes: usize,
}

#[derive(Clone)]
struct Answer {
    /// Those of the answer itself; all others are put around it anew.
    headers: HeaderMap,
    body: Bytes,
}

/// Marks an answer that follows from a picture, or a part of it, and the question alone.
#[derive(Clone, Debug)]
pub(super) struct FollowsFrom(pub(super) Arc<Picture>, pub(super) Basis);

impl Default for Answers {
    fn default() -> Answers {
        Answers(Mutex::new(Kept { answers: LruCache::unbounded(), bytes: 0 }))
    }
}

impl Answers {
    /// How many there are, and what they take.
    pub(super) fn count_and_bytes(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.answers.len(), kept.bytes)
    }

    fn get(&self, question: &str) -> Option<Answer> {
        self.kept().answers.get(question).cloned()
    }

    fn put(&self, question: &str, answer: Answer) {
        let takes = |question: &str, answer: &Answer| AROUND + question.len() + answer.body.len();
        let bytes = takes(question, &answer);
        if bytes > LARGEST {
            return;
        }
        let mut kept = self.kept();
        kept.bytes += bytes;
        if let Some((question, old)) = kept.answers.push(question.into(), answer) {
            kept.bytes -= takes(&question, &old);
        }
        while kept.bytes > ROOM
            && let Some((question, old)) = kept.answers.pop_lru()
        {
            kept.bytes -= takes(&question, &old);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, bytes) = self.count_and_bytes();
        write!(f, "{count} answers of {bytes} bytes")
    }
}

/// The layer: inside of what decides who may ask, outside of compression.
pub(super) async fn answers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let question = question(&request);
    let known = |picture: Arc<Picture>| Basis::ALL.into_iter().find_map(|basis| picture.answers(basis).get(&question));
    if let Some(answer) = portal.cell.picture().and_then(known) {
        portal.metrics.count_kept();
        return answer.to(request.headers());
    }
    let mut response = next.run(request).await;
    let Some(FollowsFrom(picture, basis)) = response.extensions_mut().remove() else { return response };
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Problem::new(Kind::INTERNAL, "the answer could not be compressed").into_response();
    };
    picture.answers(basis).put(&question, Answer { headers: parts.headers.clone(), body: body.clone() });
    Response::from_parts(parts, Body::from(body))
}

impl Answer {
    /// The answer to somebody who may know it already.
    fn to(self, headers: &HeaderMap) -> Response {
        let Answer { headers: own, body } = self;
        if let (Some(named), Some(tag)) = (headers.get(IF_NONE_MATCH), own.get(ETAG))
            && etag::is_named(named, tag)
        {
            return reader::unchanged(tag.clone());
        }
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = own;
        response
    }
}

/// All of a request that an answer depends on.
fn question(request: &Request) -> String {
    let asked = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri(), |uri| &uri.0);
    let mut question = asked.path_and_query().map_or("", |asked| asked.as_str()).to_owned();
    for codings in request.headers().get_all(ACCEPT_ENCODING) {
        // In no address and no header.
        question.push('\n');
        question.push_str(codings.to_str().unwrap_or("?"));
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(bytes: usize) -> Answer {
        Answer { headers: HeaderMap::new(), body: vec![b'x'; bytes].into() }
    }

    #[test]
    fn what_was_asked_longest_ago_makes_room() {
        let answers = Answers::default();
        let size = LARGEST / 2;
        let fit = ROOM / (size + AROUND + 2);
        for at in 0..fit {
            answers.put(&format!("{at:02}"), answer(size));
        }
        assert!(answers.get("00").is_some());
        answers.put("xx", answer(size));
        assert!(answers.get("01").is_none(), "nobody asked for it since");
        assert!(answers.get("00").is_some() && answers.get("xx").is_some());
        let (count, bytes) = answers.count_and_bytes();
        assert_eq!((count, bytes), (fit, fit * (size + AROUND + 2)));
    }

    #[test]
    fn one_that_is_put_twice_counts_once() {
        let answers = Answers::default();
        answers.put("a", answer(1000));
        answers.put("a", answer(10));
        assert_eq!(answers.count_and_bytes(), (1, 10 + AROUND + 1));
    }

    #[test]
    fn a_huge_one_pushes_nothing_out() {
        let answers = Answers::default();
        answers.put("a", answer(10));
        answers.put("huge", answer(LARGEST));
        assert!(answers.get("huge").is_none() && answers.get("a").is_some());
    }
}
