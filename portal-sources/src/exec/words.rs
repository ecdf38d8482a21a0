//! Text about a program, made fit for people: in one line, bounded, without what steers a terminal.

use std::cmp::Ordering;
use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

/// How many characters of a text are kept.
const LONGEST: usize = 500;

/// How many lines of stderr are kept, and how much of each.
const LAST_LINES: usize = 4;
const LONGEST_LINE: usize = 200;

/// How many bytes of one line of stderr are looked at.
const LINE_BYTES: usize = 4096;

/// How many lines of stderr go to the log.
const MOST_LOGGED: usize = 1000;

/// How many notes are kept of one kind.
const MOST_NOTES: usize = 1000;

/// A text in one line, with its beginning only if it is long.
pub(super) fn clean(text: &str) -> String {
    cut(text, LONGEST)
}

fn cut(text: &str, longest: usize) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    // Marks that turn the direction of writing make a line look like another one.
    let fine = |c: &char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut kept = spaced.filter(fine);
    let start: String = kept.by_ref().take(longest).collect();
    if kept.next().is_some() { format!("{}…", start.trim()) } else { start.trim().to_owned() }
}

/// Notes on single things, as many as somebody may want to read.
#[derive(Default)]
pub(super) struct Notes {
    first: Vec<String>,
    more: usize,
}

impl Notes {
    /// Adds a note.
    pub(super) fn add(&mut self, note: impl FnOnce() -> String) {
        if self.first.len() < MOST_NOTES {
            self.first.push(note());
        } else {
            self.more += 1;
        }
    }

    /// The notes, and how many more there were.
    pub(super) fn into_texts(mut self) -> Vec<String> {
        if self.more > 0 {
            self.first.push(format!("and {} more", self.more));
        }
        self.first
    }
}

/// The last lines that a program printed on stderr.
#[derive(Default)]
pub(super) struct LastWords {
    lines: VecDeque<String>,
    open: Vec<u8>,
    logged: usize,
}

impl LastWords {
    /// Reads until nothing comes any more; each line goes to the log.
    pub(super) async fn listen(last: &std::sync::Mutex<LastWords>, source: &str, mut from: impl AsyncRead + Unpin) {
        let mut chunk = vec![0; 8192];
        while let Ok(length @ 1..) = from.read(&mut chunk).await {
            last.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(source, &chunk[..length]);
        }
    }

    /// What was said last, for the end of a reason; empty if nothing was.
    pub(super) fn told(&mut self, source: &str) -> String {
        self.end_line(source);
        if self.lines.is_empty() {
            return String::new();
        }
        format!("; it said last: {}", self.lines.make_contiguous().join(" / "))
    }

    fn add(&mut self, source: &str, bytes: &[u8]) {
        for (at, part) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if at > 0 {
                self.end_line(source);
            }
            let room = LINE_BYTES.saturating_sub(self.open.len());
            self.open.extend_from_slice(&part[..part.len().min(room)]);
        }
    }

    fn end_line(&mut self, source: &str) {
        let line = cut(&String::from_utf8_lossy(&std::mem::take(&mut self.open)), LONGEST_LINE);
        if line.is_empty() {
            return;
        }
        self.logged += 1;
        match self.logged.cmp(&MOST_LOGGED) {
            Ordering::Less => tracing::info!(source, "{line}"),
            Ordering::Equal => tracing::info!(source, "{line} (what comes after this line is not logged)"),
            Ordering::Greater => {}
        }
        if self.lines.len() == LAST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_becomes_one_harmless_line() {
        assert_eq!(clean("a\n\u{1b}[31mred\u{7}\tb\u{202e}"), "a [31mred b");
        assert_eq!(clean(&"x".repeat(9999)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn notes_without_end_are_counted() {
        let mut notes = Notes::default();
        for note in 0..MOST_NOTES + 5 {
            notes.add(|| note.to_string());
        }
        let texts = notes.into_texts();
        assert_eq!((texts.len(), texts.last().map(String::as_str)), (MOST_NOTES + 1, Some("and 5 more")));
    }

    #[test]
    fn the_last_lines_are_kept_and_no_line_grows_without_end() {
        let mut last = LastWords::default();
        for line in 0..100 {
            last.add("s", format!("line {line}\n\n").as_bytes());
        }
        for _ in 0..1000 {
            last.add("s", &[b'x'; 1000]);
        }
        assert!(last.open.len() <= LINE_BYTES);
        let told = last.told("s");
        assert!(told.starts_with("; it said last: line 97 / line 98 / line 99 / xxx"), "{told}");
        assert!(told.len() < 300, "{told}");
    }
}
