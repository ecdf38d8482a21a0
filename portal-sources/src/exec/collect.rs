//! Protocol mode: what a program said of the world, until it is handed out scope by scope.

use std::collections::BTreeMap;

use portal_core::source::Unread;
use portal_core::{Coverage, ErrorKind, Outcome, Scope, Scopes, SnapshotWriter, SourceError, Text};
use serde_json::Value;
use serde_json::value::RawValue;

use super::config::Config;
use super::lines::{Line, Listener};
use super::message::{Message, VERSION, check_version};
use super::program::run;
use super::words::Notes;
use crate::foreign::{fits, misplaced};

/// What the program says while it runs: its objects as text, which is a small part of what they would be as values.
pub(super) struct World<'f> {
    folder: &'f str,
    is_greeted: bool,
    /// By path, so that two scopes never stand in one folder.
    scopes: BTreeMap<Vec<Text>, ScopeRead>,
    /// The path of the scope that the next lines are about.
    current: Vec<Text>,
    listed: Option<(Vec<Vec<Text>>, Vec<Unread>)>,
}

/// What was said, once the program has ended.
pub(super) struct Told {
    scopes: BTreeMap<Vec<Text>, ScopeRead>,
    listed: Option<(Vec<Vec<Text>>, Vec<Unread>)>,
    /// Why the program did not come to a good end.
    failure: Option<String>,
}

struct ScopeRead {
    scope: Scope,
    kinds: BTreeMap<Text, KindRead>,
}

#[derive(Default)]
struct KindRead {
    objects: Vec<(Text, usize, Box<RawValue>)>,
    /// Where each name stands first.
    lines: BTreeMap<Text, usize>,
    unread: Notes,
    outcome: Option<Outcome>,
}

/// Runs the program and keeps what it says.
///
/// # Errors
/// If it said nothing of any scope: then nothing may change.
pub(super) async fn read(source: &str, config: &Config, folder: &str) -> Result<Told, SourceError> {
    let mut world = World { folder, is_greeted: false, scopes: BTreeMap::new(), current: Vec::new(), listed: None };
    let ran = run(source, config, &mut world).await;
    match ran {
        Err(error) if world.scopes.is_empty() => Err(error),
        Ok(()) if world.scopes.is_empty() && world.listed.is_none() => Err(SourceError::new(
            ErrorKind::Invalid,
            "the program ended well and named no scope, so nothing was changed; if there is none, let it say so with \
             `scopes`",
        )),
        ran => {
            let failure = ran.err().map(|error| portal_core::error::chain(&error));
            Ok(Told { scopes: world.scopes, listed: world.listed, failure })
        }
    }
}

impl Listener for World<'_> {
    fn line(&mut self, line: Line<'_>) -> Result<(), String> {
        self.take(&line).map_err(|problem| format!("{}: {problem}", line.place()))
    }
}

impl World<'_> {
    fn take(&mut self, line: &Line<'_>) -> Result<(), String> {
        let message = Message::read(line.bytes);
        if !self.is_greeted {
            return match message {
                Ok(Message::Greeting { version }) => {
                    self.is_greeted = true;
                    check_version(&version)
                }
                _ => Err(format!(
                    "the first line has to be {{\"portal\": \"{VERSION}\"}}; for a program that prints nothing but \
                     objects, write `kind` and `scope` into its table"
                )),
            };
        }
        match message? {
            Message::Greeting { .. } => Err("the greeting comes a second time".to_owned()),
            Message::Scope { scope, kinds } => self.enter(&scope, kinds),
            Message::Object { kind, name, object } => {
                let read = self.open(&kind)?;
                if let Some(first) = read.lines.get(&name) {
                    let (place, name) = (line.place(), name.escape_debug());
                    read.unread
                        .add(|| format!("{place}: `{name}` stands already in line {first}; the first one counts"));
                    return Ok(());
                }
                read.lines.insert(name.clone(), line.number);
                read.objects.push((name, line.number, object.to_owned()));
                Ok(())
            }
            Message::Unread { kind, reason } => {
                self.open(&kind)?.unread.add(|| reason);
                Ok(())
            }
            Message::End { kind, outcome } => {
                self.open(&kind)?.outcome = Some(outcome);
                Ok(())
            }
            Message::Scopes { .. } if self.listed.is_some() => Err("`scopes` comes a second time".to_owned()),
            Message::Scopes { whole_below, unread } => {
                self.listed = Some((whole_below, unread));
                Ok(())
            }
        }
    }

    /// Begins with a scope, or goes on with it.
    fn enter(&mut self, scope: &Scope, kinds: Vec<Text>) -> Result<(), String> {
        if !fits(self.folder, scope) {
            return Err(format!(
                "the lake folder `{}` is for scopes of another form than {scope}; set `folder`",
                self.folder
            ));
        }
        let path = scope.path();
        if !self.scopes.contains_key(&path) {
            let above = (1..path.len()).find_map(|parts| self.scopes.get(&path[..parts]));
            let below = self.scopes.range(path.clone()..).next().filter(|(other, _)| other.starts_with(&path));
            if let Some(other) = above.or(below.map(|(_, read)| read)) {
                return Err(format!("scope {scope} and scope {} would stand one inside the other", other.scope));
            }
        }
        let read = self
            .scopes
            .entry(path.clone())
            .or_insert_with(|| ScopeRead { scope: scope.clone(), kinds: BTreeMap::new() });
        if read.scope != *scope {
            return Err(format!("scope {scope} has the path of another scope"));
        }
        for kind in kinds {
            read.kinds.entry(kind).or_default();
        }
        self.current = path;
        Ok(())
    }

    /// A kind of the current scope that has not ended.
    fn open(&mut self, kind: &str) -> Result<&mut KindRead, String> {
        let Some(read) = self.scopes.get_mut(&self.current) else {
            return Err("no `scope` was named before it".to_owned());
        };
        let Some(kind_read) = read.kinds.get_mut(kind) else {
            return Err(format!("`{}` is none of the kinds of scope {}", kind.escape_debug(), read.scope));
        };
        // Whoever goes on after the end did not know that it was the end.
        if kind_read.outcome.take().is_some() {
            return Err(format!("`{kind}` of scope {} has ended already", read.scope));
        }
        Ok(kind_read)
    }
}

impl Told {
    /// The plan of a run.
    pub(super) fn plan(&self) -> Scopes {
        let (mut whole_below, mut unread) = self.listed.clone().unwrap_or_default();
        if let Some(failure) = &self.failure {
            // It may have had more to say.
            whole_below.clear();
            unread.push(Unread { below: Vec::new(), outcome: Outcome::not(Coverage::Failed, failure.as_str()) });
        }
        Scopes { scopes: self.scopes.values().map(|read| read.scope.clone()).collect(), whole_below, unread }
    }

    /// Takes a scope out and writes it; says whether it was here.
    pub(super) fn hand_out(&mut self, scope: &Scope, out: &SnapshotWriter) -> bool {
        let path = scope.path();
        if self.scopes.get(&path).is_none_or(|read| read.scope != *scope) {
            return false;
        }
        let Some(read) = self.scopes.remove(&path) else { return false };
        out.expect(read.kinds.keys().map(Text::as_str));
        for (kind, read) in read.kinds {
            let mut doubt = None;
            for (name, line, text) in read.objects {
                let problem = match serde_json::from_str::<Value>(text.get()) {
                    Ok(object) => match misplaced(scope, &object) {
                        None => {
                            out.object(&kind, name, object);
                            continue;
                        }
                        Some(problem) => problem.to_owned(),
                    },
                    Err(error) => error.to_string(),
                };
                doubt.get_or_insert_with(|| format!("line {line}: `{}` was left out: {problem}", name.escape_debug()));
            }
            for reason in read.unread.into_texts() {
                out.unread(&kind, reason);
            }
            let outcome = read.outcome.unwrap_or_else(|| self.never_ended(&kind));
            out.finish(
                &kind,
                match doubt {
                    Some(doubt) if outcome.coverage == Coverage::Complete => Outcome::not(Coverage::Partial, doubt),
                    _ => outcome,
                },
            );
        }
        true
    }

    /// Why a scope that was read in an earlier run was not read in this one.
    pub(super) fn not_told(&self, scope: &Scope) -> SourceError {
        let why = self.failure.clone().unwrap_or_else(|| format!("the program says nothing of scope {scope} any more"));
        SourceError::new(ErrorKind::Unavailable, why)
    }

    fn never_ended(&self, kind: &str) -> Outcome {
        let why = match &self.failure {
            Some(failure) => failure.clone(),
            None => format!("the program ended without saying how the read of {kind} ended; let it print `coverage`"),
        };
        Outcome::not(Coverage::Failed, why)
    }
}
