//! Plain mode: every line is an object, and the configuration says of what kind and scope.

use std::collections::BTreeMap;

use portal_core::{Coverage, Outcome, Scope, SnapshotWriter, SourceError, Text};
use serde_json::Value;

use super::config::Config;
use super::lines::{Line, Listener};
use super::message::{VERSION, is_greeting, not_json};
use super::program::run;
use super::words::Notes;
use crate::foreign::{misplaced, object_name};

/// How many problems a reason names; a person mends one after the other.
const NAMED: usize = 3;

/// Runs the program and writes each of its lines.
pub(super) async fn read(source: &str, config: &Config, kind: &str, scope: &Scope, out: &SnapshotWriter) {
    out.expect([kind]);
    let mut plain =
        Plain { kind, scope, out, lines: BTreeMap::new(), twice: Notes::default(), problems: Vec::new(), count: 0 };
    let ran = run(source, config, &mut plain).await;
    out.finish(kind, plain.outcome(ran));
    for note in plain.twice.into_texts() {
        out.unread(kind, note);
    }
}

struct Plain<'o> {
    kind: &'o str,
    scope: &'o Scope,
    out: &'o SnapshotWriter,
    /// Where each name stands first.
    lines: BTreeMap<Text, usize>,
    /// Lines that say what another one said.
    twice: Notes,
    /// The first lines that could not be read.
    problems: Vec<String>,
    /// How many could not.
    count: usize,
}

impl Listener for Plain<'_> {
    fn line(&mut self, line: Line<'_>) -> Result<(), String> {
        let object: Value = match serde_json::from_slice(line.bytes) {
            Ok(object) => object,
            Err(error) => return self.set_aside(&line, &not_json(line.bytes, &error)),
        };
        if is_greeting(&object) {
            return Err(format!(
                "{}: the program speaks `{VERSION}`, and names kinds and scopes by itself; take `kind` and `scope` out \
                 of its table",
                line.place()
            ));
        }
        if !object.is_object() {
            return self.set_aside(&line, "it is no JSON object");
        }
        if let Some(problem) = misplaced(self.scope, &object) {
            return self.set_aside(&line, problem);
        }
        let name = match object_name(self.scope, &object) {
            Some(name) => name,
            None => return self.set_aside(&line, "it has no name in `metadata`"),
        };
        if let Some(first) = self.lines.get(&name) {
            let place = line.place();
            self.twice.add(|| format!("{place}: the object of line {first} once more; the first one counts"));
            return Ok(());
        }
        self.lines.insert(name.clone(), line.number);
        self.out.object(self.kind, name, object);
        Ok(())
    }
}

impl Plain<'_> {
    /// Each line stands for itself, and so a bad one takes no other with it.
    fn set_aside(&mut self, line: &Line<'_>, problem: &str) -> Result<(), String> {
        self.count += 1;
        if self.problems.len() < NAMED {
            self.problems.push(format!("{}: {problem}", line.place()));
        }
        Ok(())
    }

    fn outcome(&self, ran: Result<(), SourceError>) -> Outcome {
        let coverage = if self.lines.is_empty() { Coverage::Failed } else { Coverage::Partial };
        let more = match self.count - self.problems.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let problems = format!("{}{more}", self.problems.join(", "));
        match ran {
            Ok(()) if self.count == 0 => Outcome::complete(),
            Ok(()) => Outcome::not(coverage, format!("not all that was printed is an object: {problems}")),
            Err(error) if self.count == 0 => Outcome::not(coverage, portal_core::error::chain(&error)),
            Err(error) => Outcome::not(coverage, format!("{}; {problems}", portal_core::error::chain(&error))),
        }
    }
}
