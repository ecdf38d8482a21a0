//! The page: what `npm run build` put into `web/dist`, inside this binary (a debug build reads it from the disk).
//!
//! Files in `assets/` have a hash in their name, and are kept for ever. Every other path is one of the page's own views
//! and gets `index.html`, whose script reads the path. Paths of the API never do: a program that misspells one has to
//! see an error. Which headers keep the page safe is decided for all answers together, elsewhere.

use std::borrow::Cow;
use std::fmt::Write;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use rust_embed::RustEmbed;

use super::routes;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/dist"]
#[allow_missing = true]
struct Dist;

/// Everything below these belongs to programs.
const NOT_THE_PAGE: [&str; 6] = ["/api", "/openapi.json", "/docs", "/healthz", "/readyz", "/metrics"];

/// What the page says where it was not built.
const MISSING: &str = include_str!("page_missing.html");

/// Answers what no route answers: with the page, or with the problem that there is nothing.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match answer(&Dist::get, &method, uri.path(), &headers) {
        Some(response) => response,
        None => routes::nothing_here().await.into_response(),
    }
}

type Files<'f> = &'f dyn Fn(&str) -> Option<rust_embed::EmbeddedFile>;

/// Whether a path is none of the page's.
pub(super) fn is_for_programs(path: &str) -> bool {
    let below = |prefix: &&str| path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    NOT_THE_PAGE.iter().any(below)
}

fn answer(files: Files, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) || is_for_programs(path) {
        return None;
    }
    let name = path.trim_start_matches('/');
    if !name.is_empty() && files(name).is_some() {
        return Some(file(files, name, headers));
    }
    // A script of an older build that is asked for again is gone; the page would not parse as one.
    let wants_page = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|w| w == b"text/html"));
    if name.starts_with("assets/") || !(name.is_empty() || wants_page) {
        return None;
    }
    if files("index.html").is_none() {
        let mut missing =
            (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, "text/html; charset=utf-8")], MISSING).into_response();
        // It says itself what to do: no problem details in its place.
        missing.extensions_mut().insert(super::frame::AsItIs);
        return Some(missing);
    }
    Some(file(files, "index.html", headers))
}

/// A file that is there, packed as the client likes it best.
fn file(files: Files, name: &str, headers: &HeaderMap) -> Response {
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(coding, ending)| {
        let found = accepts(headers, coding).then(|| files(&format!("{name}{ending}"))).flatten();
        found.map(|file| (Some(coding), file))
    });
    let Some((coding, found)) = packed.or_else(|| Some((None, files(name)?))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = etag(&found.metadata.sha256_hash());
    let known = headers.get(IF_NONE_MATCH).is_some_and(|seen| seen.to_str().is_ok_and(|seen| seen.contains(&etag)));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(bytes(found.data)).into_response() };
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(ETAG, HeaderValue::try_from(etag).expect("quotes and hexadecimal digits"));
    if let Some(coding) = coding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn bytes(data: Cow<'static, [u8]>) -> bytes::Bytes {
    match data {
        Cow::Borrowed(data) => bytes::Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}

/// Of the packed file, so that each coding has a tag of its own.
fn etag(hash: &[u8]) -> String {
    let mut etag = String::from("\"");
    for byte in &hash[..16] {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// Whether `Accept-Encoding` names a coding, other than to refuse it.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let listed = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    listed.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case(coding) && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Of what a build makes; nothing else is there.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(name: &str) -> Option<rust_embed::EmbeddedFile> {
        let there =
            ["index.html", "theme.js", "assets/index-1a2b.js", "assets/index-1a2b.js.br", "assets/index-1a2b.js.gz"];
        there.contains(&name).then(|| rust_embed::EmbeddedFile {
            data: Cow::Owned(name.into()),
            metadata: rust_embed::Metadata::__rust_embed_new([name.len() as u8; 32], None, None),
        })
    }

    fn get(files: Files, path: &str, headers: &[(http::HeaderName, &'static str)]) -> Option<Response> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        answer(files, &Method::GET, path, &headers)
    }

    const BROWSER: (http::HeaderName, &str) = (ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");

    fn header<'r>(response: &'r Response, name: &http::HeaderName) -> &'r str {
        response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
    }

    #[test]
    fn every_view_is_the_page() {
        for path in ["/", "/services", "/resources/arn%3Aaws%3As3%3A%3A%3Ainvoices.example", "/apis"] {
            let response = get(&built, path, &[BROWSER]).expect(path);
            assert_eq!(header(&response, &CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
            assert_eq!(header(&response, &CACHE_CONTROL), "no-cache", "{path}");
        }
    }

    #[test]
    fn the_api_never_falls_back_to_the_page() {
        for path in ["/api", "/api/v1alpha/servces", "/openapi.json", "/docs/x", "/metrics", "/assets/index-old.js"] {
            assert!(get(&built, path, &[BROWSER]).is_none(), "{path}");
        }
        assert!(get(&built, "/servces", &[(ACCEPT, "application/json")]).is_none());
        assert!(answer(&built, &Method::POST, "/", &HeaderMap::new()).is_none());
    }

    #[test]
    fn a_file_with_a_hash_is_kept_for_ever_and_comes_packed() {
        let response = get(&built, "/assets/index-1a2b.js", &[(ACCEPT_ENCODING, "gzip, deflate, br")]).expect("there");
        assert_eq!(header(&response, &CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(header(&response, &CONTENT_ENCODING), "br");
        assert_eq!(header(&response, &CONTENT_TYPE), "text/javascript; charset=utf-8");
        let response = get(&built, "/assets/index-1a2b.js", &[(ACCEPT_ENCODING, "br;q=0, gzip")]).expect("there");
        assert_eq!(header(&response, &CONTENT_ENCODING), "gzip");
        let response = get(&built, "/assets/index-1a2b.js", &[]).expect("there");
        assert_eq!(header(&response, &CONTENT_ENCODING), "");
    }

    #[test]
    fn a_file_that_the_browser_has_is_not_sent_again() {
        let first = get(&built, "/theme.js", &[]).expect("there");
        let etag: &'static str = header(&first, &ETAG).to_owned().leak();
        let second = get(&built, "/theme.js", &[(IF_NONE_MATCH, etag)]).expect("there");
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn without_node_the_page_says_what_is_missing() {
        let response = get(&|_| None, "/services", &[BROWSER]).expect("a page all the same");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(MISSING.contains("make page"));
    }
}
