//! Entity tags: what a client knows already is not sent again, and what it edits is what it saw.
//!
//! A list's tag follows from the state of the picture and the question: nothing is read to find that it is known. A
//! single entity's is `"e<version>.<digest>"`: the version of what people say, which writes compare, and the content.

use std::hash::{DefaultHasher, Hash, Hasher};

use http::HeaderValue;

/// The tag of one entity, by the version of what people say about it and its bytes.
pub fn of_entity(version: u64, body: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    header(format!("\"e{version}.{:016x}\"", hasher.finish()))
}

/// The tag of an answer that is neither: by its bytes.
pub fn of_bytes(body: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    header(format!("\"b{:016x}\"", hasher.finish()))
}

/// The tag of an answer that follows from the state of the picture and the question.
pub fn of_question(state: u64, path: &str, query: Option<&str>) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    (state, path, query).hash(&mut hasher);
    header(format!("W/\"s{:016x}\"", hasher.finish()))
}

/// Whether `If-None-Match` names a tag, or everything.
pub fn is_named(if_none_match: &HeaderValue, tag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(named), Ok(tag)) = (if_none_match.to_str(), tag.to_str()) else { return false };
    let tag = bare(tag);
    named.trim() == "*" || named.split(',').any(|one| bare(one) == tag)
}

/// The version in the tag of one entity; [`None`] for any other text. A tag that compression made weak counts, too.
pub fn version(tag: &str) -> Option<u64> {
    let inner = tag.trim().trim_start_matches("W/").strip_prefix("\"e")?.strip_suffix('"')?;
    let (version, digest) = inner.split_once('.')?;
    let is_digest = digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    version.parse().ok().filter(|_| is_digest)
}

/// The same tag for bytes that were compressed on the way: they are no longer the same bytes.
pub(super) fn weak(tag: &HeaderValue) -> Option<HeaderValue> {
    let text = tag.to_str().ok().filter(|text| text.starts_with('"'))?;
    HeaderValue::try_from(format!("W/{text}")).ok()
}

fn header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("letters and digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_an_entity_is_read_back_and_nothing_else_is_one() {
        let tag = of_entity(17, b"{}");
        let text = tag.to_str().expect("text");
        assert_eq!(version(text), Some(17));
        assert_eq!(version(&format!("W/{text}")), Some(17));
        let list = of_question(1, "/x", None);
        for other in ["*", "\"17\"", "\"e17\"", "e17.0", "", "\"e.0123456789abcdef\"", list.to_str().expect("text")] {
            assert_eq!(version(other), None, "{other}");
        }
    }

    #[test]
    fn a_tag_is_found_in_a_list_of_tags_weak_or_strong() {
        let tag = of_entity(0, b"{}");
        let text = tag.to_str().expect("text");
        let named = |header: &str| is_named(&HeaderValue::from_str(header).expect("a header"), &tag);
        assert!(named(text) && named(&format!("W/{text}")) && named(&format!("\"x\", {text}")) && named("*"));
        assert!(!named("\"x\"") && !named(""));
    }

    #[test]
    fn another_question_or_state_has_another_tag() {
        let tags = [
            of_question(1, "/a", None),
            of_question(1, "/a", Some("")),
            of_question(1, "/b", None),
            of_question(2, "/a", None),
        ];
        for (at, tag) in tags.iter().enumerate() {
            assert!(!tags[..at].contains(tag));
        }
    }
}
