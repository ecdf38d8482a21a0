//! Bodies in JSON, read strictly: everything that is wrong is told at once, each with a pointer to its place.

use axum::extract::{FromRequest, Request};
use portal_core::Text;
use serde_json::{Map, Value};

use super::Portal;
use super::extract::{Json, nearest, not_among};
use super::problem::{Kind, Pointed, Problem};
use super::texts::TextRule;

/// What a body says.
pub trait Body: Sized {
    /// Every name that it knows.
    const NAMES: &'static [&'static str];

    /// Reads it. What is wrong is noted in the fields, so that all of it is told at once.
    fn read(fields: &mut Fields) -> Self;
}

/// A body, checked.
#[derive(Clone, Debug)]
pub struct Sent<B>(pub B);

impl<B: Body> FromRequest<Portal> for Sent<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, portal: &Portal) -> Result<Sent<B>, Problem> {
        let Json(map) = Json::<Map<String, Value>>::from_request(request, portal).await?;
        read(map).map(Sent)
    }
}

/// Reads an object.
///
/// # Errors
/// Of kind [`Kind::INVALID_BODY`], with every place that is wrong.
pub fn read<B: Body>(map: Map<String, Value>) -> Result<B, Problem> {
    let mut fields = Fields { map, at: "#".to_owned(), errors: Vec::new() };
    let read = B::read(&mut fields);
    fields.refuse_others(B::NAMES);
    if fields.errors.is_empty() { Ok(read) } else { Err(Problem::of_errors(Kind::INVALID_BODY, fields.errors)) }
}

/// What a body says about one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// `null`: what was said is taken back.
    TakeBack,
    /// This.
    Say(T),
}

impl<T: Clone> Change<T> {
    /// Does it to a field.
    pub fn apply(&self, field: &mut Option<T>) {
        match self {
            Change::Keep => {}
            Change::TakeBack => *field = None,
            Change::Say(said) => *field = Some(said.clone()),
        }
    }

    /// The same of a body that says everything: what it leaves out is not said any more.
    #[must_use]
    pub fn or_take_back(self) -> Change<T> {
        if matches!(self, Change::Keep) { Change::TakeBack } else { self }
    }

    /// What is said, if something is.
    pub fn said(&self) -> Option<&T> {
        if let Change::Say(said) = self { Some(said) } else { None }
    }
}

/// The fields of an object that were not read yet, and what was found wrong with the others.
#[derive(Debug)]
pub struct Fields {
    map: Map<String, Value>,
    at: String,
    errors: Vec<Pointed>,
}

impl Fields {
    /// A field, read by a function that gives back what is wrong; that goes on after the field's name.
    pub fn value<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields, &str, Value) -> Option<T>) -> Change<T> {
        match self.map.remove(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::TakeBack,
            Some(value) => {
                let at = format!("{}/{}", self.at, escaped(name));
                read(self, &at, value).map_or(Change::Keep, Change::Say)
            }
        }
    }

    /// A text.
    pub fn text(&mut self, name: &str, rule: &TextRule) -> Change<Text> {
        self.value(name, |fields, at, value| fields.as_text(at, &value, rule))
    }

    /// A text that has to be there.
    pub fn needed_text(&mut self, name: &str, rule: &TextRule) -> Text {
        self.needed(name, |fields| fields.text(name, rule)).unwrap_or_default()
    }

    /// One word of a few that has to be there.
    pub fn needed_choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.needed(name, |fields| fields.choice(name, choices))
    }

    fn needed<T: Clone>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> Change<T>) -> Option<T> {
        let before = self.errors.len();
        let read = read(self);
        if read.said().is_none() && self.errors.len() == before {
            let at = format!("{}/{}", self.at, escaped(name));
            self.wrong(&at, "is needed");
        }
        read.said().cloned()
    }

    /// One word of a few.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Change<T> {
        self.value(name, |fields, at, value| {
            let word = value.as_str();
            let found = choices.iter().find(|(known, _)| Some(*known) == word).map(|(_, value)| *value);
            if found.is_none() {
                let words: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
                let what = match word {
                    Some(word) => not_among(word, words.into_iter()),
                    None => format!("is no text; there are {}", words.join(", ")),
                };
                fields.wrong(at, &what);
            }
            found
        })
    }

    /// A list.
    pub fn list<T>(
        &mut self,
        name: &str,
        most: usize,
        mut each: impl FnMut(&mut Fields, &str, Value) -> Option<T>,
    ) -> Change<Vec<T>> {
        self.value(name, |fields, at, value| {
            let Value::Array(values) = value else {
                fields.wrong(at, "is no list");
                return None;
            };
            if values.len() > most {
                fields.wrong(at, &format!("has more than {most} items"));
                return None;
            }
            let read = values.into_iter().enumerate();
            let all: Vec<Option<T>> =
                read.map(|(index, value)| each(fields, &format!("{at}/{index}"), value)).collect();
            all.into_iter().collect()
        })
    }

    /// A value as an object with fields of its own.
    pub fn object<T>(
        &mut self,
        at: &str,
        value: Value,
        names: &[&str],
        read: impl FnOnce(&mut Fields) -> T,
    ) -> Option<T> {
        let Value::Object(map) = value else {
            self.wrong(at, "is no object");
            return None;
        };
        let mut inner = Fields { map, at: at.to_owned(), errors: Vec::new() };
        let read = read(&mut inner);
        inner.refuse_others(names);
        let good = inner.errors.is_empty();
        self.errors.append(&mut inner.errors);
        good.then_some(read)
    }

    /// A value as a text.
    pub fn as_text(&mut self, at: &str, value: &Value, rule: &TextRule) -> Option<Text> {
        let Some(text) = value.as_str() else {
            self.wrong(at, "is no text");
            return None;
        };
        match rule.read(text) {
            Ok(text) => Some(Text::from(text)),
            Err(wrong) => {
                self.wrong(at, &wrong);
                None
            }
        }
    }

    /// Lets fields pass that nobody knows.
    pub fn ignore_others(&mut self) {
        self.map.clear();
    }

    /// Notes that `null` is no value of a field.
    pub fn not_null<T>(&mut self, name: &str, change: &Change<T>) {
        if matches!(change, Change::TakeBack) {
            let at = format!("{}/{}", self.at, escaped(name));
            self.wrong(&at, "cannot be null");
        }
    }

    /// Notes what is wrong at a place; `what` goes on after its name.
    pub fn wrong(&mut self, at: &str, what: &str) {
        self.errors.push(wrong(at, what));
    }

    fn refuse_others(&mut self, names: &[&str]) {
        for name in std::mem::take(&mut self.map).keys() {
            let short: String = name.chars().take(100).collect();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names.join(", ")),
            };
            let detail = format!("there is no field `{short}`; {hint}");
            self.errors.push(Pointed { pointer: format!("{}/{}", self.at, escaped(&short)), detail });
        }
    }
}

/// What is wrong at a place of the body; `what` goes on after its name.
pub fn wrong(at: &str, what: &str) -> Pointed {
    Pointed { pointer: at.to_owned(), detail: format!("`{}` {what}", at.trim_start_matches("#/")) }
}

/// A name as a part of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::texts::{LINE, NAME};

    #[derive(Debug)]
    struct Few {
        name: Text,
        title: Change<Text>,
        list: Change<Vec<Text>>,
        kind: Change<u8>,
    }

    impl Body for Few {
        const NAMES: &'static [&'static str] = &["name", "title", "list", "kind"];

        fn read(fields: &mut Fields) -> Few {
            Few {
                name: fields.needed_text("name", &NAME),
                title: fields.text("title", &LINE),
                list: fields.list("list", 2, |fields, at, value| fields.as_text(at, &value, &LINE)),
                kind: fields.choice("kind", &[("one", 1), ("two", 2)]),
            }
        }
    }

    fn few(json: &str) -> Result<Few, Problem> {
        read(serde_json::from_str(json).expect("an object"))
    }

    #[track_caller]
    fn refused(json: &str) -> Vec<(String, String)> {
        let problem = few(json).expect_err("something is wrong");
        assert_eq!(problem.kind(), Kind::INVALID_BODY);
        problem.errors().iter().map(|error| (error.pointer.clone(), error.detail.clone())).collect()
    }

    #[test]
    fn what_is_left_out_stays_and_null_takes_back() {
        let few = few(r#"{"name": " a ", "title": null, "list": ["x"]}"#).expect("all is right");
        assert_eq!((few.name.as_str(), few.title, few.kind), ("a", Change::TakeBack, Change::Keep));
        assert_eq!(few.list, Change::Say(vec![Text::from("x")]));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let told = refused(r#"{"title": 5, "list": ["x", "\u0000"], "kind": "onw", "nmae": 1, "a/~b": null}"#);
        let pointers: Vec<&str> = told.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["#/name", "#/title", "#/list/1", "#/kind", "#/a~1~0b", "#/nmae"]);
        assert!(told[3].1.contains("did you mean `one`?") && told[5].1.contains("did you mean `name`?"), "{told:?}");
        assert_eq!(refused(r#"{"name": null}"#), [("#/name".to_owned(), "`name` is needed".to_owned())]);
        assert_eq!(refused(r#"{"name": "a", "list": ["", "", ""]}"#)[0].1, "`list` has more than 2 items");
    }

    #[test]
    fn changes_are_done_to_fields() {
        let mut field = Some(1);
        Change::Keep.apply(&mut field);
        assert_eq!(field, Some(1));
        Change::Say(2).apply(&mut field);
        assert_eq!(field, Some(2));
        Change::Keep.or_take_back().apply(&mut field);
        assert_eq!(field, None);
    }
}
