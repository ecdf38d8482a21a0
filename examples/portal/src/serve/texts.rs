//! What may stand in the texts that people write, said once: the check and the API's document come from the same words.
//!
//! Texts come back to other people's browsers, terminals and logs. So nothing that is not seen may stand in them: no
//! control characters, and none that turn the direction of what follows.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::OnceLock;

use regex_lite::Regex;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{RefOr, Type};
use utoipa::{PartialSchema, ToSchema};

/// What may stand in a text.
pub struct TextRule {
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    /// The most characters.
    pub most: usize,
    /// A regular expression that means the same in ECMA-262, Python and here: no classes, no looking around.
    pattern: &'static str,
    /// What is wrong with a text that does not match; goes on after its place.
    wrong: &'static str,
    compiled: OnceLock<Regex>,
}

impl TextRule {
    /// The text as it is kept: without blanks around it.
    ///
    /// # Errors
    /// What is wrong; goes on after the text's place.
    pub fn read<'t>(&self, text: &'t str) -> Result<&'t str, Cow<'static, str>> {
        if text.chars().count() > self.most {
            return Err(Cow::Owned(format!("is longer than {} characters", self.most)));
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Cow::Borrowed("is empty"));
        }
        if self.compiled().is_match(text) { Ok(trimmed) } else { Err(Cow::Borrowed(self.wrong)) }
    }

    fn compiled(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(self.pattern).expect("a test compiles it"))
    }

    fn schema(&self) -> Schema {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(self.doc))
            .max_length(Some(self.most))
            .pattern(Some(self.pattern))
            .examples([self.example])
            .into()
    }
}

// Control characters, line separators, and what turns the direction of text or is not seen.
macro_rules! unseen {
    () => {
        r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2060-\u2069\ufeff"
    };
}
// The same, but for tabs and ends of lines.
macro_rules! unseen_in_lines {
    () => {
        r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2060-\u2069\ufeff"
    };
}
// Blanks, and marks that show nothing by themselves.
macro_rules! blank {
    () => {
        r" \u00a0\u1680\u180e\u2000-\u200f\u202f\u205f\u3000"
    };
}
// Letters and digits of the scripts that most names are written in.
macro_rules! letter {
    () => {
        concat!(
            r"0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02c1\u0388-\u038a\u038e-\u03a1\u03a3-\u03f5\u0400-\u0481",
            r"\u048a-\u052f\u0531-\u0556\u0561-\u0586\u05d0-\u05ea\u0620-\u064a\u0904-\u0939\u0e01-\u0e30\u10d0-\u10fa",
            r"\u1e00-\u1f15\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
        )
    };
}

macro_rules! octet {
    () => {
        "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    };
}
macro_rules! group {
    () => {
        "[0-9a-fA-F]{1,4}"
    };
}
macro_rules! ipv6 {
    () => {
        concat!(
            "((",
            group!(),
            ":){7}",
            group!(),
            "|(",
            group!(),
            ":){1,7}:|(",
            group!(),
            ":){1,6}:",
            group!(),
            "|(",
            group!(),
            ":){1,5}(:",
            group!(),
            "){1,2}|(",
            group!(),
            ":){1,4}(:",
            group!(),
            "){1,3}",
            "|(",
            group!(),
            ":){1,3}(:",
            group!(),
            "){1,4}|(",
            group!(),
            ":){1,2}(:",
            group!(),
            "){1,5}",
            "|",
            group!(),
            ":(:",
            group!(),
            "){1,6}|:(:",
            group!(),
            "){1,7}|::)"
        )
    };
}
macro_rules! port {
    () => {
        "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
    };
}

macro_rules! text_rules {
    ($($(#[doc = $doc:literal])+ $type:ident $rule:ident, at most $most:literal, like $example:literal,
        $pattern:expr, or else it $wrong:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug)]
            pub enum $type {}

            $(#[doc = $doc])+
            pub static $rule: TextRule = TextRule {
                name: stringify!($type),
                doc: concat!($($doc, "\n"),+).trim_ascii(),
                example: $example,
                most: $most,
                pattern: $pattern,
                wrong: $wrong,
                compiled: OnceLock::new(),
            };

            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    RefOr::T($rule.schema())
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($rule.name)
                }
            }
        )+

        /// Every rule.
        #[cfg(test)]
        static ALL: &[&TextRule] = &[$(&$rule),+];
    };
}

text_rules! {
    /// A part of a ref: one line without a slash, and more than dots.
    Name NAME, at most 200, like "orders-api",
        concat!("^[^/", unseen!(), "]*[^/.", unseen!(), blank!(), "][^/", unseen!(), "]*$"),
        or else it "has a slash, a character that cannot be seen, or only dots; write a name on one line";
    /// One line.
    Line LINE, at most 200, like "Orders API",
        concat!("^[^", unseen!(), "]*[^", unseen!(), blank!(), "][^", unseen!(), "]*$"),
        or else it "has a character that cannot be seen; write one line of text";
    /// A few sentences.
    Paragraph PARAGRAPH, at most 4000, like "Takes orders, and tells the warehouse.",
        concat!(
            "^[^", unseen_in_lines!(), "]*[^", unseen!(), blank!(), "][^", unseen_in_lines!(), "]*$"
        ),
        or else it "has a character that cannot be seen; write text";
    /// The name of a team or product as people write it: one line with a letter or digit in it.
    Written WRITTEN, at most 200, like "Payments Squad",
        concat!("^[^", unseen!(), "]*[", letter!(), "][^", unseen!(), "]*$"),
        or else it "has no letter or digit, or a character that cannot be seen; write a name on one line";
    /// `key=value`, or a single word.
    Tag TAG, at most 500, like "tier=1",
        concat!("^[^=", unseen!(), blank!(), "][^", unseen!(), "]*$"),
        or else it "has no key, or a character that cannot be seen; write `key=value`, or a single word";
    /// An address that a browser may follow: `http` or `https`, a host, no user or password; in ASCII, as RFC 3986 says.
    HttpUrl HTTP_URL, at most 2000, like "https://wiki.example.com/orders?view=all#start",
        concat!(
            "^[hH][tT][tT][pP][sS]?://",
            "(([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\\.)*[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9_])?\\.?",
            "|", octet!(), "(\\.", octet!(), "){3}|\\[", ipv6!(), "\\])(:", port!(), ")?",
            "([/?#][A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]*)?$"
        ),
        or else it "is no address that can be followed; write `https://HOST/…` or `http://HOST/…`, without user and password, and \
            percent-encode what is not ASCII";
}

/// A text by a rule, or an empty one: to clients of the second article's catalogue that says nothing.
#[derive(Debug)]
pub struct OrEmpty<T>(PhantomData<T>);

/// [`Paragraph`], or nothing.
pub type ParagraphOrEmpty = OrEmpty<Paragraph>;
/// [`Written`], or nothing.
pub type WrittenOrEmpty = OrEmpty<Written>;
/// [`HttpUrl`], or nothing.
pub type HttpUrlOrEmpty = OrEmpty<HttpUrl>;

impl<T: ToSchema> PartialSchema for OrEmpty<T> {
    fn schema() -> RefOr<Schema> {
        let mut schema = T::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.pattern = object.pattern.take().map(|pattern| format!("^$|{pattern}"));
        }
        schema
    }
}

impl<T: ToSchema> ToSchema for OrEmpty<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}OrEmpty", T::name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_its_example_fits() {
        for rule in ALL {
            assert_eq!(rule.read(rule.example), Ok(rule.example), "{}", rule.name);
            assert!(rule.read("").is_err() && rule.read(" \u{200b} ").is_err(), "{}", rule.name);
            assert!(rule.read(&"x".repeat(rule.most + 1)).is_err(), "{}", rule.name);
            for hostile in ["a\0b", "a\u{202e}b", "a\u{7f}b", "a\u{85}b", "\u{feff}ab", "a\u{2066}b"] {
                assert!(rule.read(hostile).is_err(), "{} {hostile:?}", rule.name);
            }
        }
    }

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        for good in ["orders-api", "Orders API", "größe", "決済", "a.b", "...a", "<b>", "a?b#c%2F"] {
            assert_eq!(NAME.read(good), Ok(good));
        }
        for bad in [".", "..", ". .", "a/b", "/", "a\nb"] {
            assert!(NAME.read(bad).is_err(), "{bad:?}");
        }
        assert_eq!(NAME.read("  orders "), Ok("orders"));
    }

    #[test]
    fn only_a_paragraph_has_several_lines() {
        assert_eq!(PARAGRAPH.read("one\r\n\ttwo"), Ok("one\r\n\ttwo"));
        assert!(LINE.read("one\ntwo").is_err() && PARAGRAPH.read("\n\t\n").is_err());
    }

    #[test]
    fn only_addresses_of_the_web_are_followed() {
        for good in [
            "http://a",
            "HTTPS://Example.COM./x",
            "https://a_b.example:8443/x?y=z#t",
            "http://10.0.0.1",
            "http://[::1]:80/",
            "http://[2001:db8:0:1::5]/",
            "http://[1:2:3:4:5:6:7:8]",
            "https://github.com/@user",
        ] {
            assert_eq!(HTTP_URL.read(good), Ok(good));
            assert!(url::Url::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "ftp://a/",
            "//a/b",
            "http:/a",
            "http:a",
            "http://",
            "http:///a",
            "http://user:secret@a/",
            "http://user@a/",
            "http://a\\@b/",
            "http://a:0/",
            "http://a:65536/",
            "http://1.2.3.4.5/",
            "http://256.1.1.1/",
            "http://[::1",
            "http://[1::2::3]/",
            "http://größe.example/",
            "https://a/ b",
            "https://a/<script>",
            "https://a/\"x",
        ] {
            assert!(HTTP_URL.read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_the_owner_rule_takes_for_a_letter_is_one_to_the_model() {
        let class = Regex::new(concat!("^[", letter!(), "]$")).expect("a class");
        let mut buffer = [0; 4];
        let letters = ('\0'..=char::MAX).filter(|c| class.is_match(c.encode_utf8(&mut buffer)));
        let wrong: Vec<char> = letters.filter(|c| portal_core::slug(&c.to_string()).is_empty()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        for good in ["Payments Squad", "決済", "Équipe", "платежи", "a!"] {
            assert_eq!(WRITTEN.read(good), Ok(good));
        }
        assert!(WRITTEN.read("--").is_err() && WRITTEN.read("!").is_err());
    }

    #[test]
    fn a_tag_has_a_key() {
        assert!(TAG.read("critical").is_ok() && TAG.read("tier=1").is_ok() && TAG.read("a=b=c").is_ok());
        assert!(TAG.read("=1").is_err() && TAG.read(" =1").is_err());
    }
}
