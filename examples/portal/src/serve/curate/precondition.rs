//! What a writer saw: a change is made to that, or not at all.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::header::IF_MATCH;
use http::request::Parts;
use portal_core::curated::CuratedRecord;

use crate::serve::problem::{Kind, Problem};
use crate::serve::{Portal, etag};

const NEEDED: Kind = Kind::of("precondition-required", StatusCode::PRECONDITION_REQUIRED, "Precondition required");
const STALE: Kind = Kind::of("stale", StatusCode::PRECONDITION_FAILED, "Somebody else changed it");

/// What has to hold for a change to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Precondition {
    /// Nothing has.
    Nothing,
    /// The header that says it was left out.
    Missing,
    /// It is there, whatever its version.
    There,
    /// Its version is that of one of these tags.
    OneOf(Vec<String>),
}

/// The header `If-Match`.
#[derive(Clone, Debug)]
pub(in crate::serve) struct IfMatch(pub(in crate::serve) Precondition);

impl FromRequestParts<Portal> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<IfMatch, Self::Rejection> {
        let lines: Vec<String> = parts
            .headers
            .get_all(IF_MATCH)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
            .collect();
        Ok(IfMatch(if lines.is_empty() { Precondition::Missing } else { Precondition::read(&lines.join(",")) }))
    }
}

impl Precondition {
    /// Reads `*`, or tags separated by commas. The portal's own tags hold none.
    pub(in crate::serve) fn read(text: &str) -> Precondition {
        match text.trim() {
            "*" => Precondition::There,
            tags => Precondition::OneOf(tags.split(',').map(|tag| tag.trim().to_owned()).collect()),
        }
    }

    /// Whether only a version that the writer saw may be changed.
    pub(super) fn names_a_version(&self) -> bool {
        matches!(self, Precondition::OneOf(_))
    }

    /// Compares it with what people say now about something that is there.
    ///
    /// # Errors
    /// 428 if the header is missing; 412 if the version is none of those that were named.
    pub(in crate::serve) fn check(&self, said: Option<&CuratedRecord>) -> Result<(), Problem> {
        match self {
            Precondition::Nothing | Precondition::There => Ok(()),
            Precondition::Missing => {
                let detail = "say which version you saw: send the `ETag` of your last read in the header `If-Match`, \
                    or `*` to change whatever is there";
                Err(Problem::new(NEEDED, detail).at("If-Match", "`If-Match` is needed"))
            }
            Precondition::OneOf(tags) => {
                let version = said.map_or(0, |said| said.version);
                let fits = tags.iter().any(|tag| etag::version(tag) == Some(version));
                if fits { Ok(()) } else { Err(stale(said)) }
            }
        }
    }
}

/// 412, with who was faster.
pub(super) fn stale(said: Option<&CuratedRecord>) -> Problem {
    let who = match said {
        Some(said) => format!("it was last changed by {} at {}", said.by, said.edited_at),
        None => "somebody else changed it at the same time, or nobody has changed it".to_owned(),
    };
    let detail = format!("this is not the version that you saw: {who}; nothing was changed, read it again");
    Problem::new(STALE, detail).at("If-Match", "names none of the versions that there are now")
}

#[cfg(test)]
mod tests {
    use portal_core::{Curated, Ref, Text};

    use super::*;

    fn said(version: u64) -> CuratedRecord {
        CuratedRecord {
            entity: Ref::service("shop", "cart"),
            curated: Curated::default(),
            version,
            by: Text::from("ana"),
            edited_at: jiff::Timestamp::UNIX_EPOCH,
            first_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_change_is_made_to_the_version_that_was_seen_or_not_at_all() {
        let tag = etag::of_entity(7, b"{}").to_str().expect("text").to_owned();
        let check = |text: &str, version| Precondition::read(text).check(Some(&said(version)));
        assert!(check(&tag, 7).is_ok() && check(&format!("\"x\", W/{tag}"), 7).is_ok() && check(" * ", 8).is_ok());
        let stale = check(&tag, 8).expect_err("it was changed since");
        assert_eq!(stale.kind().status, StatusCode::PRECONDITION_FAILED);
        assert!(stale.detail().contains("by ana"), "{}", stale.detail());
        for other in ["", "7", "\"e7\"", "*, *", "\"*\""] {
            assert!(check(other, 7).is_err(), "{other}");
        }
        let unsaid = etag::of_entity(0, b"{}").to_str().expect("text").to_owned();
        assert!(Precondition::read(&unsaid).check(None).is_ok());
        let missing = Precondition::Missing.check(None).expect_err("it is needed");
        assert_eq!(missing.kind().status, StatusCode::PRECONDITION_REQUIRED);
    }
}
