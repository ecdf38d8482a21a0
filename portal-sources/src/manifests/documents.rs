//! From a file's bytes to its documents, each parsed by itself so that a broken one takes no other with it.
//!
//! Knows nothing of Kubernetes.

use std::borrow::Cow;

use serde_json::Value;

use super::unique::Unique;

/// How deep a document may be. The deepest schemas that people write are half of it.
const DEEPEST: usize = 128;

/// How much aliases may repeat in one document; more is a bomb.
const MOST_REPLAYED: usize = 200_000;

/// A document, or why it cannot be read, with its place in the file.
pub(super) struct Document {
    /// Counted from 1; documents with nothing in them do not count.
    pub(super) number: usize,
    /// The line where it begins, counted from 1.
    pub(super) line: usize,
    /// What it says.
    pub(super) content: Result<Value, Malformed>,
}

/// Why a document cannot be read.
pub(super) struct Malformed {
    /// The line in the file, counted from 1.
    pub(super) line: usize,
    /// What is wrong with it.
    pub(super) problem: String,
}

/// Reads the documents of a file.
pub(super) fn documents(bytes: &[u8], is_json: bool) -> Vec<Document> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json => json_documents(text),
        Ok(text) => yaml_documents(text),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            let problem = "it is no UTF-8 text; save it as UTF-8".to_owned();
            vec![Document { number: 1, line: 1, content: Err(Malformed { line, problem }) }]
        }
    }
}

fn yaml_documents(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    for (line, part) in parts(text) {
        if !is_blank(part) {
            let number = documents.len() + 1;
            documents.push(Document { number, line, content: yaml(part, line) });
        }
    }
    documents
}

/// Splits a YAML stream at its document markers, which by YAML's grammar can be nothing else at the start of a line.
/// A parser that is given the whole stream could not go on after the first error.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // Directives belong to the document whose marker follows them.
        if is_marker(line, "---") && !is_prologue(&text[start..at]) {
            parts.push((start_line, &text[start..at]));
            (start, start_line) = (at, index + 1);
        }
        at += line.len();
        if is_marker(line, "...") {
            parts.push((start_line, &text[start..at]));
            (start, start_line) = (at, index + 2);
        }
    }
    parts.push((start_line, &text[start..]));
    parts
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn is_prologue(part: &str) -> bool {
    part.lines().all(|line| line.trim().is_empty() || line.starts_with(['#', '%']))
        && part.lines().any(|l| l.starts_with('%'))
}

/// Whether a document says nothing: markers and comments only.
fn is_blank(part: &str) -> bool {
    part.lines().all(|line| {
        let content = if is_marker(line, "---") || is_marker(line, "...") { &line[3..] } else { line };
        let content = content.trim();
        content.is_empty() || content.starts_with('#')
    })
}

fn yaml(part: &str, first_line: usize) -> Result<Value, Malformed> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST, max_nodes: 2_000_000, max_events: 4_000_000 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_REPLAYED },
        // Odd values of other people's files are no reason to leave a file out.
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(part, options).map_err(|error| {
        let line = error.location().map_or(1, |place| usize::try_from(place.line()).unwrap_or(1));
        let template = part.contains("{{");
        let hint = if template { "; it looks like a template: render it first, as with `helm template`" } else { "" };
        Malformed {
            line: first_line + line.saturating_sub(1),
            problem: format!("{}{hint}", in_words(&error, first_line)),
        }
    })
}

fn in_words(error: &serde_saphyr::Error, first_line: usize) -> String {
    use serde_saphyr::Error::{
        AliasExpansionLimitExceeded, AliasReplayLimitExceeded, AliasReplayStackDepthExceeded, Budget,
        DuplicateMappingKey,
    };
    match error {
        Budget { breach: serde_saphyr::budget::BudgetBreach::Depth { .. }, .. } => {
            format!("it is nested deeper than {DEEPEST} levels")
        }
        Budget { .. } => "it is too large for one document; split it".to_owned(),
        AliasReplayLimitExceeded { .. } | AliasExpansionLimitExceeded { .. } | AliasReplayStackDepthExceeded { .. } => {
            "its aliases repeat too much; write it out".to_owned()
        }
        DuplicateMappingKey { key: Some(key), .. } => format!("the key `{}` stands twice", one_line(key)),
        other => {
            let words = serde_saphyr::UserMessageFormatter.with_localizer(&PlaceInFront);
            let words = serde_saphyr::render_options! { formatter: &words, line_offset: first_line as u64 - 1 };
            one_line(&other.render_with_options(words))
        }
    }
}

/// The place of an error stands in front of it, counted in the file and not in the document.
struct PlaceInFront;

impl serde_saphyr::Localizer for PlaceInFront {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: serde_saphyr::Location) -> Cow<'a, str> {
        base
    }
}

/// JSON has a parser of its own: YAML knows neither all of its escapes nor its numbers. Several values may follow each
/// other, as `kubectl` takes them too; after a broken one nobody knows where the next begins.
fn json_documents(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Unique>();
    let (mut at, mut line) = (0, 1);
    loop {
        let rest = &text[values.byte_offset()..];
        let begin = text.len() - rest.trim_start().len();
        line += text[at..begin].bytes().filter(|byte| *byte == b'\n').count();
        at = begin;
        let content = match values.next() {
            None => return documents,
            Some(Ok(value)) => Ok(value.0),
            Some(Err(error)) => {
                // Its place is said in front of it.
                let words = error.to_string();
                let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
                Err(Malformed { line: error.line().max(1), problem: one_line(words) })
            }
        };
        let broken = content.is_err();
        documents.push(Document { number: documents.len() + 1, line, content });
        if broken {
            return documents;
        }
    }
}

fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
