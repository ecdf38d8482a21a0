//! What every answer tells browsers: run nothing but the page's own files, let no other site hold or read this.
//!
//! TLS is the business of whoever ends it: `Strict-Transport-Security` is set there.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The page and `/docs`: scripts, styles, pictures and requests of this portal alone, and nothing inline.
const FOR_PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Everything else is no page, also if a browser is made to show it as one.
const FOR_DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const NOT_NEEDED: HeaderValue =
    HeaderValue::from_static("camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// Adds what is not there already.
pub(super) fn put(headers: &mut HeaderMap, status: StatusCode) {
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|content| content.as_bytes().starts_with(b"text/html"));
    let mut put = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    put(CONTENT_SECURITY_POLICY, if is_page { FOR_PAGES } else { FOR_DATA });
    put(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // For browsers that do not know `frame-ancestors`.
    put(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Addresses hold names and ARNs that are no other site's business.
    put(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    put(COOP, SAME_ORIGIN);
    put(CORP, SAME_ORIGIN);
    if is_page {
        put(PERMISSIONS, NOT_NEEDED);
    }
    let may_be_kept = status.is_success() || status == StatusCode::NOT_MODIFIED;
    // No proxy keeps what one key may see; a browser asks each time whether it is still so.
    let cached = match headers.contains_key(ETAG) && may_be_kept {
        true => "private, no-cache",
        false => "no-store",
    };
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(cached));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(headers: &[(HeaderName, &'static str)], status: StatusCode, name: &HeaderName) -> String {
        let mut map: HeaderMap =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        put(&mut map, status);
        map.get(name).expect("it is there").to_str().expect("text").to_owned()
    }

    #[test]
    fn a_page_runs_its_own_files_and_nothing_inline() {
        let policy = after(&[(CONTENT_TYPE, "text/html; charset=utf-8")], StatusCode::OK, &CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("data:") && !policy.contains('*'), "{policy}");
        let data = after(&[(CONTENT_TYPE, "application/json")], StatusCode::OK, &CONTENT_SECURITY_POLICY);
        assert!(!data.contains("script-src"), "{data}");
    }

    #[test]
    fn an_answer_with_a_tag_is_asked_for_again_and_one_without_is_not_kept() {
        let tagged = [(ETAG, "\"x\"")];
        assert_eq!(after(&tagged, StatusCode::OK, &CACHE_CONTROL), "private, no-cache");
        assert_eq!(after(&tagged, StatusCode::NOT_MODIFIED, &CACHE_CONTROL), "private, no-cache");
        assert_eq!(after(&tagged, StatusCode::PRECONDITION_FAILED, &CACHE_CONTROL), "no-store");
        assert_eq!(after(&[], StatusCode::OK, &CACHE_CONTROL), "no-store");
        let asset = [(CACHE_CONTROL, "public, max-age=31536000, immutable"), (ETAG, "\"x\"")];
        assert_eq!(after(&asset, StatusCode::OK, &CACHE_CONTROL), asset[0].1);
    }
}
