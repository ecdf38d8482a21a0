//! The form in which texts are compared without case.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Composed, in lower case, with one form of sigma: the case of a letter, and how it was typed, make no difference.
pub(super) fn fold(text: &str) -> String {
    folded(text).into_owned()
}

/// [`fold`] without a copy where nothing changes.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let lower = text.nfc().flat_map(char::to_lowercase).nfc();
    Cow::Owned(lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect())
}

/// Whether a word begins at a place in a folded text.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

/// Whether a folded text holds a word at one of its beginnings, or inside, or not.
pub(super) fn place_of(text: &str, word: &str) -> Option<bool> {
    let mut inside = None;
    for (at, _) in text.match_indices(word) {
        if begins_word(text, at) {
            return Some(true);
        }
        inside = Some(false);
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_the_way_of_typing_make_no_difference() {
        assert_eq!(fold("Orders-API"), "orders-api");
        assert_eq!(fold("Zahlungen O\u{308}ST"), fold("ZAHLUNGEN öst"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
    }

    #[test]
    fn a_word_begins_after_what_is_no_letter() {
        assert_eq!(place_of("orders-api", "api"), Some(true));
        assert_eq!(place_of("ordersapi", "api"), Some(false));
        assert_eq!(place_of("capi-api", "api"), Some(true));
        assert_eq!(place_of("orders", "api"), None);
    }
}
