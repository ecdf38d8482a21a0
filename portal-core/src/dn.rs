//! Distinguished names, compared as a directory compares them.
//!
//! A directory shows one name in many spellings: other letters, other escapes, other spaces. Two names are the same if
//! their [`key`]s are equal.

use unicode_normalization::UnicodeNormalization;

use crate::id::Text;

/// What a name is compared by. A text that is no name is compared without case.
///
/// ```
/// use portal_core::dn;
///
/// assert_eq!(dn::key(r"CN=Doe\, Jane , OU=Staff,DC=corp"), dn::key(r"cn=doe\2C  jane,ou=STAFF,dc=corp"));
/// assert_ne!(dn::key(r"CN=Doe\,Jane,OU=Staff"), dn::key("CN=Doe,OU=Jane,OU=Staff"));
/// ```
pub fn key(dn: &str) -> String {
    match parse(dn) {
        Some(rdns) => rdns.iter().map(rdn_key).collect::<Vec<_>>().join(","),
        None => folded(dn),
    }
}

/// Whether a text is a name of an entry; the empty name is none.
pub fn is_dn(text: &str) -> bool {
    parse(text).is_some_and(|rdns| !rdns.is_empty())
}

/// The domain that the `DC` parts at the end of a name spell, such as `corp.example`.
pub fn domain(dn: &str) -> Option<String> {
    let rdns = parse(dn)?;
    let parts: Vec<String> = rdns
        .iter()
        .rev()
        .map_while(|rdn| match rdn.as_slice() {
            [(kind, value)] if kind == "dc" => Some(folded(value)),
            _ => None,
        })
        .collect();
    let domain = parts.into_iter().rev().collect::<Vec<_>>().join(".");
    Some(domain).filter(|domain| !domain.is_empty())
}

/// Whether a value is the one that a name begins with: `Payments` in `CN=Payments,OU=Teams`.
pub fn begins_with(dn: &str, value: &str) -> bool {
    let rdns = parse(dn).unwrap_or_default();
    let wanted = folded(value);
    rdns.first().is_some_and(|rdn| rdn.iter().any(|(_, found)| folded(found) == wanted))
}

/// The value that a name begins with, as people read it: `Doe, Jane` of `CN=Doe\, Jane,OU=Staff`.
pub fn first_value(dn: &str) -> Text {
    let first = parse(dn).and_then(|rdns| rdns.into_iter().next()).and_then(|rdn| rdn.into_iter().next());
    first.map_or_else(|| Text::from(dn), |(_, value)| Text::from(value.trim()))
}

/// One part of a name: its attributes with their values, unescaped.
type Rdn = Vec<(String, String)>;

fn rdn_key(rdn: &Rdn) -> String {
    let mut pairs: Vec<String> = rdn
        .iter()
        .map(|(kind, value)| {
            let mut pair = format!("{kind}=");
            for c in folded(value).chars() {
                if matches!(c, ',' | '+' | '=' | '\\') {
                    pair.push('\\');
                }
                pair.push(c);
            }
            pair
        })
        .collect();
    pairs.sort_unstable();
    pairs.join("+")
}

/// A value without what a comparison that ignores case overlooks (RFC 4518): case, composition, and how many spaces.
fn folded(value: &str) -> String {
    let lower: String = value.nfc().collect::<String>().to_lowercase().nfc().collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes a name apart (RFC 4514, and the quotes and semicolons of RFC 1779); `None` if it is none.
fn parse(text: &str) -> Option<Vec<Rdn>> {
    let mut rest = text.trim();
    let mut rdns: Vec<Rdn> = Vec::new();
    if rest.is_empty() {
        return Some(rdns);
    }
    let mut rdn = Rdn::new();
    loop {
        let (kind, after) = rest.split_once('=')?;
        rdn.push((canonical_type(kind.trim())?, String::new()));
        let (value, separator, after) = value(after.trim_start())?;
        rdn.last_mut()?.1 = value;
        rest = after;
        if separator != Some('+') {
            rdns.push(std::mem::take(&mut rdn));
        }
        if separator.is_none() {
            return Some(rdns);
        }
    }
}

/// Attribute types have several names; these are the ones that names of entries are made of.
fn canonical_type(kind: &str) -> Option<String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if kind.is_empty() || !kind.chars().all(fine) {
        return None;
    }
    let lower = kind.to_ascii_lowercase();
    let lower = lower.strip_prefix("oid.").unwrap_or(&lower);
    Some(
        match lower {
            "2.5.4.3" | "commonname" => "cn",
            "2.5.4.7" | "localityname" => "l",
            "2.5.4.10" | "organizationname" => "o",
            "2.5.4.11" | "organizationalunitname" => "ou",
            "0.9.2342.19200300.100.1.1" | "userid" => "uid",
            "0.9.2342.19200300.100.1.25" | "domaincomponent" => "dc",
            other => other,
        }
        .to_owned(),
    )
}

/// A value, the separator behind it, and what follows.
fn value(text: &str) -> Option<(String, Option<char>, &str)> {
    let mut bytes = Vec::new();
    let mut quoted = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let (_, first) = chars.next()?;
                match (first.to_digit(16), chars.as_str().chars().next().and_then(|second| second.to_digit(16))) {
                    (Some(high), Some(low)) => {
                        chars.next();
                        bytes.push(u8::try_from(high * 16 + low).ok()?);
                    }
                    _ => push(&mut bytes, first),
                }
            }
            '"' => quoted = !quoted,
            ',' | ';' | '+' if !quoted => return Some((text_of(bytes), Some(c), &text[at + 1..])),
            _ => push(&mut bytes, c),
        }
    }
    (!quoted).then(|| (text_of(bytes), None, ""))
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Bytes that are no text stay apart from all texts: no text has a NUL in front.
fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let hex: String = error.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("\0{hex}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(one: &str, other: &str) {
        assert_eq!(key(one), key(other), "{one} and {other}");
    }

    #[test]
    fn case_spaces_and_names_of_types_do_not_matter() {
        same("CN=Ann Lee,OU=Staff,DC=corp,DC=example", "cn=ann  lee, ou = STAFF ,dc=Corp,Dc=EXAMPLE");
        same("2.5.4.3=a,OID.2.5.4.11=b", "cn=A;ou=B");
        same("cn=a+uid=1,dc=x", "UID=1 + CN=A,DC=x");
        same("", "  ");
    }

    #[test]
    fn escapes_are_seen_through() {
        same(r"CN=Müller\, Jürgen,DC=x", r"cn=M\C3\BCller\2C J\c3\bcrgen,dc=X");
        same(r#"CN="Müller, Jürgen",DC=x"#, r"CN=Müller\2c Jürgen,DC=x");
        same(r#"CN=Anna \"Nan\" Lee"#, r"cn=anna \22nan\22 lee");
        same(r"CN=\#hash\+x\=y", r"cn=\23hash\2bx=y");
        same(r"CN=back\\slash", r"cn=back\5cslash");
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        same("CN=Gr\u{f6}\u{df}e", "cn=GRO\u{308}\u{df}e");
        same("CN=\u{130}x", "CN=\u{130}X");
    }

    #[test]
    fn what_differs_stays_different() {
        assert_ne!(key(r"CN=a\,OU=b"), key("CN=a,OU=b"));
        assert_ne!(key(r"CN=a\+UID=b"), key("CN=a+UID=b"));
        assert_ne!(key("CN=a,DC=x"), key("OU=a,DC=x"));
        assert_ne!(key(r"CN=\ff"), key(r"CN=\fe"));
        assert_ne!(key("CN=Muller"), key("CN=Müller"));
    }

    #[test]
    fn what_is_no_name_is_told() {
        for text in ["corp.example", "=x", "CN=a,", r"CN=a\", "C N=a", "CN=\"a", "svc@corp.example", ""] {
            assert!(!is_dn(text), "{text}");
        }
        assert!(is_dn("DC=corp") && is_dn("CN=,DC=corp"));
        assert_eq!(key("No Name"), key("no name"));
    }

    #[test]
    fn a_domain_is_read_from_its_parts() {
        assert_eq!(domain("OU=Teams,DC=Corp,dc=Example").as_deref(), Some("corp.example"));
        assert_eq!(domain("O=corp"), None);
        assert_eq!(domain("DC=a,O=x,DC=b").as_deref(), Some("b"));
    }

    #[test]
    fn the_first_value_is_known_again() {
        assert!(begins_with(r"CN=Kfz\, Größe,DC=x", "KFZ, GRÖßE"));
        assert!(!begins_with("CN=a,DC=x", "x"));
        assert_eq!(first_value(r"CN=Doe\, Jane,OU=Staff"), "Doe, Jane");
        assert_eq!(first_value("no name"), "no name");
    }
}
