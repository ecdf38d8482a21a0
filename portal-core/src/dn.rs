//! Distinguished names, which directories compare without case, and may write in more than one way.

use unicode_normalization::UnicodeNormalization;

use crate::id::Text;

/// The form under which equal names are equal: `CN=Doe\, Jane , OU=Staff` and `cn=Doe\2C Jane,ou=staff` are one.
///
/// Attribute types and values lose their case, escapes are resolved (RFC 4514), spaces around separators go and runs of
/// them become one. A text that is no distinguished name is folded all the same, and equals only what looks like it.
///
/// ```
/// use portal_core::dn::folded;
///
/// assert_eq!(folded(r"CN=Doe\, Jane , OU=Staff,DC=corp"), folded(r"cn=doe\2C  jane,ou=STAFF,dc=corp"));
/// assert_ne!(folded(r"CN=Doe\,Jane,OU=Staff"), folded("CN=Doe,OU=Jane,OU=Staff"));
/// ```
pub fn folded(name: &str) -> Text {
    let folded: Vec<String> = parts(name).map(|(attribute, value)| format!("{attribute}={value}")).collect();
    Text::from(folded.join("\u{1f}"))
}

/// The first value: `Doe, Jane` of `CN=Doe\, Jane,OU=Staff`.
pub fn first_value(name: &str) -> Text {
    let rdn = split(name, ',').next().unwrap_or(name);
    let value = rdn.split_once('=').map_or(rdn, |(_, value)| value);
    Text::from(unescaped(value.trim_matches(' ')))
}

/// Attribute and value of each part, folded.
fn parts(name: &str) -> impl Iterator<Item = (String, String)> + '_ {
    split(name, ',').flat_map(|rdn| split(rdn, '+')).map(|part| {
        let (attribute, value) = part.split_once('=').unwrap_or(("", part));
        let mut value = unescaped(trimmed(value));
        if value.contains("  ") {
            value = value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        }
        (attribute.trim().to_lowercase(), value.nfc().flat_map(char::to_lowercase).collect())
    })
}

/// Spaces around a value, but not the last one of `\ `, which belongs to it.
fn trimmed(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let trimmed = value.trim_end_matches(' ');
    let escaped = trimmed.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    if escaped && trimmed.len() < value.len() { &value[..=trimmed.len()] } else { trimmed }
}

/// Cuts at a separator that is not escaped.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |c: char| {
        let cuts = c == separator && !escaped;
        escaped = c == '\\' && !escaped;
        cuts
    })
}

/// `\,` and `\2C` as what they stand for.
fn unescaped(value: &str) -> String {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let pair = rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        // `from_str_radix` would take a sign for a digit.
        let hex = pair.filter(|pair| !pair.starts_with('+')).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let taken = if hex.is_some() { 2 } else { 1.min(rest.len()) };
        match hex {
            Some(escaped) => out.push(escaped),
            None => out.extend(&rest[..taken]),
        }
        rest = &rest[taken..];
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_several_writings_is_one() {
        for (a, b) in [
            ("CN=Ä,OU=x", "cn=a\u{308},ou=X"),
            (r"CN=a\+b,DC=c", r"CN=a\2Bb,DC=c"),
            ("CN=a , OU=b", "CN=a,OU=b"),
            (r"CN=\C3\A4,OU=x", "CN=Ä,OU=x"),
            (r#"CN=say \"hi\",OU=x"#, r"CN=say \22hi\22,OU=x"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} and {b}");
        }
        assert_ne!(folded("CN=a,OU=b"), folded("CN=a,OU=c"));
        assert_ne!(folded(r"CN=a\\,OU=b"), folded(r"CN=a\,OU=b"));
    }

    #[test]
    fn the_first_value_is_what_people_read() {
        assert_eq!(first_value(r"CN=Doe\, Jane,OU=Staff"), "Doe, Jane");
        assert_eq!(first_value("no name"), "no name");
        assert_eq!(first_value(""), "");
    }
}
