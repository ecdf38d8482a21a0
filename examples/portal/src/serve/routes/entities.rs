//! What all single entities have in common.

use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portal_core::Ref;

use crate::serve::reader::Reader;
use crate::serve::{Kind, Problem};
use crate::views::{self, View};

/// What stands as it is in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One entity with all that leads to and from it, or where it is by now.
pub(super) fn one(reader: &Reader, asked: &Ref) -> Result<Response, Problem> {
    one_and(reader, asked, |view| view)
}

/// The same with something added.
pub(super) fn one_and(reader: &Reader, asked: &Ref, add: impl FnOnce(View) -> View) -> Result<Response, Problem> {
    match reader.catalog().entry(asked) {
        Ok(entry) => reader.entity(asked, &add(views::view(reader.catalog(), entry, true))),
        // A team that was renamed is found under its old name.
        Err(error) => match reader.catalog().current(asked) {
            Some(current) => Ok(moved(&current, reader.query())),
            None => Err(Problem::new(Kind::NOT_FOUND, error.to_string())),
        },
    }
}

/// A text as a part of a path.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Leads to the same endpoint under another name, with the same question: clients take nothing over from the old address.
fn moved(to: &Ref, query: Option<&str>) -> Response {
    let mut place = part(to.local());
    if let Some(query) = query {
        place.push('?');
        place.push_str(query);
    }
    let place = HeaderValue::try_from(place).expect("percent-encoded");
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, place)]).into_response()
}
