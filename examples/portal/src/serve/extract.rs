//! What a request says, read strictly: an unknown parameter or value is an error that names the nearest valid one.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::Portal;
use super::problem::{Kind, Pointed, Problem};

/// How many characters of words are looked for; the documents of the parameters say so, too. ARNs and refs fit.
const LONGEST_SOUGHT: usize = 1024;

/// The parameters that an endpoint takes.
pub trait Parameters: Sized {
    /// Every name that it knows.
    const NAMES: &'static [&'static str];

    /// Reads them. What is wrong is noted in the query, so that all of it is told at once.
    fn read(query: &mut Query<'_>) -> Self;
}

/// An endpoint without parameters.
impl Parameters for () {
    const NAMES: &'static [&'static str] = &[];

    fn read(_: &mut Query<'_>) {}
}

/// The parameters of a query, checked.
#[derive(Clone, Debug)]
pub struct Asked<P>(pub P);

impl<P: Parameters> FromRequestParts<Portal> for Asked<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<Asked<P>, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Asked)
    }
}

/// Reads a query.
///
/// # Errors
/// Of kind [`Kind::UNKNOWN_PARAMETER`] or [`Kind::INVALID_PARAMETER`], with every place that is wrong.
pub fn parse<P: Parameters>(query: &str) -> Result<P, Problem> {
    let mut query = Query { pairs: form_urlencoded::parse(query.as_bytes()).collect(), errors: Vec::new() };
    let mut unknown = Vec::new();
    for (name, value) in &query.pairs {
        if !P::NAMES.contains(&&**name) {
            let hint = nearest(name, P::NAMES.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
            let all = if P::NAMES.is_empty() {
                "this endpoint takes none".to_owned()
            } else {
                format!("there are {}", P::NAMES.join(", "))
            };
            let detail =
                format!("there is no parameter `{}`{}", short(name), hint.unwrap_or_else(|| format!("; {all}")));
            unknown.push(Pointed { pointer: format!("?{}", short(name)), detail });
        } else if value.contains('\0') {
            query
                .errors
                .push(Pointed { pointer: format!("?{name}"), detail: format!("`{name}` holds a NUL character") });
        }
    }
    let read = P::read(&mut query);
    if !unknown.is_empty() {
        unknown.append(&mut query.errors);
        return Err(Problem::of_errors(Kind::UNKNOWN_PARAMETER, unknown));
    }
    if query.errors.is_empty() { Ok(read) } else { Err(Problem::of_errors(Kind::INVALID_PARAMETER, query.errors)) }
}

/// The decoded pairs of a query, and what was found wrong with them.
#[derive(Debug)]
pub struct Query<'q> {
    pairs: Vec<(Cow<'q, str>, Cow<'q, str>)>,
    errors: Vec<Pointed>,
}

impl Query<'_> {
    /// Every value of a parameter; an empty one is wrong.
    pub fn many(&mut self, name: &str) -> Vec<String> {
        let values: Vec<String> =
            self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.to_string()).collect();
        if values.iter().any(String::is_empty) {
            self.wrong(name, "is empty; leave it out, or give it a value");
        }
        values
    }

    /// The value of a parameter that may stand once.
    pub fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.many(name);
        if values.len() > 1 {
            self.wrong(name, "stands more than once; it takes one value");
        }
        values.pop()
    }

    /// Words to look for. What a search costs grows with them, so there is an end to it.
    pub fn sought(&mut self, name: &str) -> Option<String> {
        let value = self.one(name)?;
        let length = value.chars().count();
        if length > LONGEST_SOUGHT {
            self.wrong(name, &format!("has {length} characters; it takes {LONGEST_SOUGHT}"));
        }
        Some(value)
    }

    /// The value of a parameter that has to stand once.
    pub fn needed(&mut self, name: &str) -> String {
        let value = self.one(name);
        self.there(name, value)
    }

    /// Words to look for that have to be there.
    pub fn sought_needed(&mut self, name: &str) -> String {
        let value = self.sought(name);
        self.there(name, value)
    }

    fn there(&mut self, name: &str, value: Option<String>) -> String {
        if value.is_none() {
            self.wrong(name, "is needed");
        }
        value.unwrap_or_default()
    }

    /// Any of a few words, repeated or separated by commas.
    pub fn words<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Vec<T> {
        let values = self.many(name);
        let words = values.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty());
        words.filter_map(|word| self.word(name, word, choices)).collect()
    }

    /// A number within bounds.
    pub fn number(&mut self, name: &str, bounds: RangeInclusive<usize>) -> Option<usize> {
        let text = self.one(name).filter(|text| !text.is_empty())?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let wanted = format!("is no number from {} to {}", bounds.start(), bounds.end());
            self.wrong(name, &wanted);
        }
        number
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> bool {
        self.choice(name, &[("true", true), ("false", false)]).unwrap_or_default()
    }

    /// One word of a few.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.one(name).filter(|word| !word.is_empty())?;
        self.word(name, &word, choices)
    }

    /// Any of a few words.
    pub fn choices<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Vec<T> {
        let words = self.many(name);
        words.iter().filter(|word| !word.is_empty()).filter_map(|word| self.word(name, word, choices)).collect()
    }

    /// Notes that the value of a parameter is wrong; `what` goes on after its name.
    pub fn wrong(&mut self, name: &str, what: &str) {
        self.errors.push(Pointed { pointer: format!("?{name}"), detail: format!("`{name}` {what}") });
    }

    fn word<T: Copy>(&mut self, name: &str, word: &str, choices: &[(&str, T)]) -> Option<T> {
        let found = choices.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
        if found.is_none() {
            let what = not_among(word, choices.iter().map(|(known, _)| *known));
            self.wrong(name, &what);
        }
        found
    }
}

/// A wrong value of a parameter, found when the catalog was asked; `what` goes on after its name.
pub fn wrong(name: &str, what: &str) -> Problem {
    let detail = format!("`{name}` {what}");
    Problem::of_errors(Kind::INVALID_PARAMETER, vec![Pointed { pointer: format!("?{name}"), detail }])
}

/// `knows no `x`; did you mean `y`?`, or all that there are where they are few and none is near.
pub fn not_among<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let word = short(word);
    let known: Vec<&str> = known.collect();
    match nearest(&word, known.iter().copied()) {
        Some(near) => format!("knows no `{word}`; did you mean `{near}`?"),
        None if known.is_empty() || known.len() > 12 => format!("knows no `{word}`"),
        None => format!("knows no `{word}`; there are {}", known.join(", ")),
    }
}

/// The word that was most likely meant.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // Comparing takes time with the square of the length, and nobody mistypes a word of a thousand letters.
    if word.len() > 128 {
        return None;
    }
    let word = word.to_lowercase();
    let scored = known.map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_lowercase()), candidate));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

/// What a client wrote, short enough to be repeated to it.
fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The decoded parts of a path; `/` inside of a part is written `%2F`.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Portal> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Path<T>, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, portal).await {
            Ok(axum::extract::Path(inner)) => Ok(Path(inner)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                Err(Problem::new(Kind::BAD_REQUEST, "a part of the path is no UTF-8 text when it is decoded"))
            }
            Err(_) => Err(Problem::new(Kind::INTERNAL, "the path could not be read")),
        }
    }
}

/// A body in JSON.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Portal> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, portal: &Portal) -> Result<Json<T>, Problem> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(is_json) {
            let detail = "send the body as JSON, with `Content-Type: application/json`";
            return Err(Problem::new(Kind::UNSUPPORTED_TYPE, detail).at("Content-Type", detail));
        }
        let limit = portal.options().body_limit;
        let body = Limited::new(request.into_body(), limit).collect();
        let body = match tokio::time::timeout(portal.options().body_timeout, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(Problem::new(Kind::TOO_LARGE, format!("the body is larger than {limit} bytes")));
            }
            Ok(Err(_)) => return Err(Problem::new(Kind::BAD_REQUEST, "the body ended before it was whole")),
            Err(_) => return Err(Problem::new(Kind::SLOW_REQUEST, "the body did not come in time")),
        };
        read_json(&body).map(Json)
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        (pointer, inner)
    });
    let read = read.and_then(|read| reader.end().map(|()| read).map_err(|error| ("#".to_owned(), error)));
    read.map_err(|(pointer, error)| {
        let text = error.to_string();
        if error.is_data() {
            Problem::new(Kind::INVALID_BODY, format!("the body is not what this endpoint takes: {text}"))
                .at(pointer, text)
        } else {
            Problem::new(Kind::BAD_REQUEST, format!("the body is no JSON: {text}")).at("#", text)
        }
    })
}

/// A path into the body as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = "#".to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Few {
        teams: Vec<String>,
        limit: Option<usize>,
        state: Option<u8>,
        q: Option<String>,
    }

    impl Parameters for Few {
        const NAMES: &'static [&'static str] = &["team", "limit", "state", "q"];

        fn read(query: &mut Query<'_>) -> Few {
            Few {
                teams: query.many("team"),
                limit: query.number("limit", 1..=500),
                state: query.choice("state", &[("owned", 1), ("unowned", 2)]),
                q: query.sought("q"),
            }
        }
    }

    #[track_caller]
    fn refused(query: &str) -> String {
        let problem = parse::<Few>(query).expect_err("something is wrong");
        problem.errors().iter().map(|error| format!("{} {}\n", error.pointer, error.detail)).collect()
    }

    #[test]
    fn a_query_is_decoded_and_repeated_values_are_kept() {
        let few: Few = parse("team=a%20b&team=c+d&limit=500&state=unowned").expect("all is right");
        assert_eq!((few.teams, few.limit, few.state), (vec!["a b".to_owned(), "c d".to_owned()], Some(500), Some(2)));
    }

    #[test]
    fn what_is_wrong_is_told_at_once_with_the_nearest_valid_word() {
        let told = refused("teem=x&limit=0&state=ownd&team=");
        for wanted in [
            "?teem there is no parameter `teem`; did you mean `team`?",
            "?limit `limit` is no number from 1 to 500",
            "?state `state` knows no `ownd`; did you mean `owned`?",
            "?team `team` is empty",
        ] {
            assert!(told.contains(wanted), "{wanted}\n{told}");
        }
        assert!(refused("limit=1&limit=2").contains("more than once"));
        assert!(refused("xyz=1").contains("there are team, limit, state, q"));
        assert!(refused("team=%00").contains("NUL"));
    }

    #[test]
    fn words_to_look_for_have_an_end() {
        let few: Few = parse(&format!("q={}", "%C3%BC".repeat(1024))).expect("that many are taken");
        assert_eq!(few.q, Some("ü".repeat(1024)));
        assert!(refused(&format!("q={}", "a".repeat(1025))).contains("?q `q` has 1025 characters; it takes 1024"));
    }

    #[test]
    fn a_word_without_end_is_neither_compared_nor_repeated_whole() {
        assert!(refused(&format!("{}=1", "x".repeat(100_000))).len() < 600);
    }

    #[test]
    fn a_wrong_body_is_pointed_at() {
        #[derive(Debug, serde::Deserialize)]
        struct Body {
            #[serde(rename = "a/b")]
            _list: Vec<u8>,
        }
        let problem = read_json::<Body>(br#"{"a/b": [1, "x"]}"#).expect_err("a text is no number");
        assert_eq!((problem.kind(), &*problem.errors()[0].pointer), (Kind::INVALID_BODY, "#/a~1b/1"));
        let problem = read_json::<Body>(br#"{"a/b": [1"#).expect_err("it is cut");
        assert_eq!(problem.kind(), Kind::BAD_REQUEST);
        let problem = read_json::<Body>(br#"{"a/b": []} x"#).expect_err("something follows");
        assert_eq!(problem.kind(), Kind::BAD_REQUEST);
    }
}
