//! From a path to the objects of each namespace, with what could not be read.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use portal_core::source::{Object, Unread};
use portal_core::{Coverage, ErrorKind, Outcome, Scope, Scopes, SnapshotWriter, SourceError, Text};

use super::config::Config;
use super::documents::documents;
use super::files::each_file;
use super::objects::{Found, each_object, kinds};

/// How many problems a reason names; a person mends one after the other.
const NAMED: usize = 3;

/// What the files say, until it is collected.
#[derive(Default)]
pub(super) struct World {
    namespaces: BTreeMap<Text, Namespace>,
    /// Files and documents that could not be read. What was in them nobody knows.
    problems: Vec<String>,
}

/// The objects of one namespace.
#[derive(Default)]
struct Namespace {
    objects: Vec<(&'static str, Object)>,
    /// Where the object of each kind and name stands.
    places: BTreeMap<(&'static str, Text), String>,
    /// Objects that were left out.
    left_out: Vec<(&'static str, String)>,
}

impl World {
    /// Reads all files. Blocks.
    ///
    /// # Errors
    /// If the path cannot be read, or holds no object at all.
    pub(super) fn read(config: &Config) -> Result<World, SourceError> {
        let mut world = World::default();
        let mut unread = Vec::new();
        let count = each_file(
            &config.path,
            |path, bytes| world.add_file(path, bytes, &config.namespace),
            |problem| unread.push(problem),
        )
        .map_err(|error| unreadable(&config.path, error))?;
        world.problems.extend(unread);
        for problem in &world.problems {
            tracing::warn!("{problem}");
        }
        if world.namespaces.is_empty() {
            // An empty checkout looks like a cluster from which everything was deleted.
            let why = match world.problems.first() {
                Some(first) => format!("; the first thing that could not be read: {first}"),
                None => String::new(),
            };
            let path = config.path.display();
            return Err(SourceError::new(
                ErrorKind::Invalid,
                format!(
                    "{path} holds no Kubernetes object that the portal reads ({count} files looked at), so nothing was \
                     changed{why}; is `path` right, and is the repository checked out?"
                ),
            ));
        }
        Ok(world)
    }

    /// The plan of a run.
    pub(super) fn plan(&self, config: &Config) -> Scopes {
        let below: Vec<Text> = scope(config, Text::default()).path().into_iter().take(3).collect();
        let mut plan = Scopes {
            scopes: self.namespaces.keys().map(|name| scope(config, name.clone())).collect(),
            ..Scopes::default()
        };
        match self.doubt() {
            None => plan.whole_below.push(below),
            // A namespace that is not here now may stand in what could not be read.
            Some(reason) => plan.unread.push(Unread { below, outcome: Outcome::not(Coverage::Failed, reason) }),
        }
        plan
    }

    /// Takes a namespace out and writes it; says whether it was here.
    pub(super) fn hand_out(&mut self, namespace: &str, out: &SnapshotWriter) -> bool {
        let Some(found) = self.namespaces.remove(namespace) else { return false };
        out.expect(kinds());
        for (kind, object) in found.objects {
            out.object(kind, object.name, object.value);
        }
        for (kind, reason) in found.left_out {
            out.unread(kind, reason);
        }
        // A broken document may have been of any kind, and so no kind is whole.
        let outcome = match self.doubt() {
            None => Outcome::complete(),
            Some(reason) => Outcome::not(Coverage::Partial, reason),
        };
        for kind in kinds() {
            out.finish(kind, outcome.clone());
        }
        true
    }

    /// Says of a namespace that nothing of it is in the files.
    pub(super) fn hand_out_nothing(&self, out: &SnapshotWriter) {
        let outcome = match self.doubt() {
            None => Outcome::not(Coverage::Absent, "no manifest names this namespace any more"),
            Some(reason) => Outcome::not(Coverage::Failed, reason),
        };
        out.expect(kinds());
        for kind in kinds() {
            out.finish(kind, outcome.clone());
        }
    }

    fn add_file(&mut self, path: &Path, bytes: &[u8], default_namespace: &str) {
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        for document in documents(bytes, is_json) {
            let place = |line: usize| format!("{}, document {}, line {line}", path.display(), document.number);
            let value = match document.content {
                Ok(value) => value,
                Err(malformed) => {
                    self.problems.push(format!("{}: {}", place(malformed.line), malformed.problem));
                    continue;
                }
            };
            let place = place(document.line);
            let mut odd = Vec::new();
            let namespaces = &mut self.namespaces;
            let mut found = |object: Found| {
                namespaces.entry(Text::from(object.namespace.as_str())).or_default().add(object, &place);
            };
            each_object(value, default_namespace, &mut found, &mut |problem| odd.push(format!("{place}: {problem}")));
            self.problems.extend(odd);
        }
    }

    /// Why the files may hold more than was understood.
    fn doubt(&self) -> Option<String> {
        if self.problems.is_empty() {
            return None;
        }
        let named = self.problems.iter().take(NAMED).enumerate();
        let named: Vec<String> = named.map(|(at, problem)| format!("({}) {problem}", at + 1)).collect();
        let more = match self.problems.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("not all could be read, so nothing is taken for gone: {}{more}", named.join(" ")))
    }
}

impl Namespace {
    fn add(&mut self, found: Found, place: &str) {
        let kind = found.kind;
        let name = match found.name {
            Ok(name) => Text::from(name),
            Err(problem) => return self.left_out.push((kind, format!("{place}: left out, because {problem}"))),
        };
        match self.places.get(&(kind, name.clone())) {
            Some(first) => self.left_out.push((
                kind,
                format!(
                    "{place}: `{}` stands already in {first}; that one counts, this one was left out",
                    name.escape_debug()
                ),
            )),
            None => {
                self.places.insert((kind, name.clone()), place.to_owned());
                self.objects.push((kind, Object { name, value: found.value }));
            }
        }
    }
}

/// The scope of a namespace.
fn scope(config: &Config, namespace: Text) -> Scope {
    let text = |value: &Option<String>| value.as_deref().map(Text::from);
    Scope::Kubernetes {
        account: text(&config.account),
        region: text(&config.region),
        cluster: Text::from(config.cluster.as_str()),
        namespace,
    }
}

/// Not `NotFound`, even if nothing is there: a missing checkout does not say that a cluster is empty.
fn unreadable(path: &Path, error: io::Error) -> SourceError {
    let shown = path.display();
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound => {
            (ErrorKind::Invalid, format!("there is no {shown}; correct `path`, or check the repository out first"))
        }
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Denied, format!("{shown} may not be read; give this user the right to read it"))
        }
        _ => (ErrorKind::Invalid, format!("cannot read {shown}; correct `path`, or mend what stands there")),
    };
    SourceError::new(kind, message).caused_by(error)
}
