//! Sources written in Python, as sources of the core: they run in the same pipeline as those written in Rust.
//!
//! A source's code runs on a thread of its own, which holds the interpreter only while it does; what it yields goes
//! through a short channel. Who drops the read closes the channel, and with it the generator.

mod read;
mod scope;
mod suite;
mod yields;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use portal_core::{
    Coverage, ErrorKind, Permission, Scope as CoreScope, Scopes, SnapshotWriter, Source, SourceError, Text,
};
use portal_sources::foreign;
use pyo3::prelude::*;
use tokio::sync::mpsc::channel;

use crate::error::invalid;
use read::{Broken, Said, list, on_a_thread, read};

pub(crate) use scope::Scope;
pub(crate) use suite::broken_clauses;
pub(crate) use yields::{Outcome, Unread};

/// How many objects may wait to be written before the source waits.
const WAITING: usize = 256;

/// A source whose methods are Python's.
pub(crate) struct PythonSource {
    object: Arc<Py<PyAny>>,
    name: String,
    folder: String,
    kinds: Vec<Text>,
    permissions: Vec<Permission>,
    lists_all_scopes: bool,
}

impl PythonSource {
    /// Reads what a source says of itself.
    ///
    /// # Errors
    /// `InvalidInput` that names the attribute.
    pub(crate) fn new(py: Python<'_>, object: Py<PyAny>) -> PyResult<PythonSource> {
        let source = object.bind(py);
        if source.is_instance_of::<pyo3::types::PyType>() {
            return Err(invalid(format!("{} is a class; give an object of it", source.repr()?)));
        }
        let class = source.get_type().name()?.to_string();
        let wrong = |attribute: &str, problem: &str| invalid(format!("source {class}: `{attribute}` {problem}"));
        for method in ["scopes", "collect"] {
            if !source.getattr(method).is_ok_and(|method| method.is_callable()) {
                return Err(wrong(method, "is missing; a source has the methods scopes() and collect(scope)"));
            }
        }
        let attribute = |name: &str| source.getattr_opt(name).map(|value| value.filter(|value| !value.is_none()));
        let name: String = match attribute("name")? {
            Some(name) => name.extract().map_err(|_| wrong("name", "has to be a text"))?,
            None => return Err(wrong("name", "is missing; it tells this source from others, and stays")),
        };
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong("name", "has to be a word without spaces"));
        }
        let folder = match attribute("folder")? {
            Some(folder) => folder.extract().map_err(|_| wrong("folder", "has to be a text"))?,
            None => foreign::folder_of_name(&name).unwrap_or_default(),
        };
        if !foreign::is_folder_word(&folder) {
            return Err(wrong("folder", "is the first word of the folder in the lake; use a-z, 0-9 and -"));
        }
        let kinds: Vec<String> = match attribute("kinds")? {
            Some(kinds) => kinds.extract().map_err(|_| wrong("kinds", "has to be a list or tuple of texts"))?,
            None => Vec::new(),
        };
        for kind in &kinds {
            foreign::check_kind(kind).map_err(|problem| wrong("kinds", &problem))?;
        }
        let permissions: Vec<(String, String, String)> = match attribute("permissions")? {
            Some(all) => {
                all.extract().map_err(|_| wrong("permissions", "has to be a list of (system, action, kind)"))?
            }
            None => Vec::new(),
        };
        let permission = |(system, action, kind): (String, String, String)| Permission {
            system: Text::from(system),
            action: Text::from(action),
            kind: Text::from(kind),
        };
        let lists_all_scopes = match attribute("lists_all_scopes")? {
            Some(all) => all.is_truthy()?,
            None => true,
        };
        Ok(PythonSource {
            object: Arc::new(object),
            name,
            folder,
            kinds: kinds.into_iter().map(Text::from).collect(),
            permissions: permissions.into_iter().map(permission).collect(),
            lists_all_scopes,
        })
    }

    /// The right that is missing, for a person who grants it.
    fn right(&self, kind: &str, named: Option<&String>) -> String {
        let declared = || self.permissions.iter().find(|permission| permission.kind == kind);
        let named = named.cloned().or_else(|| declared().map(|permission| permission.action.to_string()));
        named.unwrap_or_else(|| "not named by the source".to_owned())
    }
}

#[async_trait]
impl Source for PythonSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        &self.folder
    }

    fn permissions(&self) -> Vec<Permission> {
        self.permissions.clone()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        let (object, name) = (Arc::clone(&self.object), self.name.clone());
        let listed =
            on_a_thread(move |py| list(object.bind(py)).map_err(|error| Broken::of(py, &error, &name, "scopes")));
        let scopes = listed.await.unwrap_or_else(Err).map_err(Broken::into_error)?;
        if let Some(other) = scopes.iter().find(|scope| !foreign::fits(&self.folder, scope)) {
            let message = format!(
                "the lake folder `{}` is for scopes of another form than {other}; set another `folder`",
                self.folder
            );
            return Err(SourceError::new(ErrorKind::Invalid, message));
        }
        let whole_below = if self.lists_all_scopes { vec![Vec::new()] } else { Vec::new() };
        Ok(Scopes { scopes, whole_below, unread: Vec::new() })
    }

    async fn collect(&self, scope: &CoreScope, out: &SnapshotWriter) -> Result<(), SourceError> {
        out.expect(self.kinds.iter().map(Text::as_str));
        let (sender, mut receiver) = channel(WAITING);
        let (object, name, scope) = (Arc::clone(&self.object), self.name.clone(), scope.clone());
        let thread = on_a_thread(move |py| read(object.bind(py), &name, &scope, &sender));
        let mut kinds: BTreeMap<Text, KindRead> =
            self.kinds.iter().map(|kind| (kind.clone(), KindRead::default())).collect();
        let mut broken = None;
        while let Some(said) = receiver.recv().await {
            let taken = match said {
                Said::Broken(why) => Err(why),
                said => take(said, &mut kinds, !self.kinds.is_empty(), out),
            };
            if let Err(why) = taken {
                broken = Some(why);
                // Whatever the source would still say is of no use: the thread ends with the channel.
                break;
            }
        }
        drop(receiver);
        broken = thread.await.err().or(broken);
        for (kind, read) in kinds.into_iter().filter(|(_, read)| !read.ended) {
            let outcome = match &broken {
                None => portal_core::Outcome::complete(),
                Some(why) if !read.names.is_empty() => portal_core::Outcome::not(Coverage::Partial, &why.reason),
                Some(why) if why.denied => {
                    portal_core::Outcome::denied(self.right(&kind, why.permission.as_ref()), &why.reason)
                }
                Some(why) => portal_core::Outcome::not(Coverage::Failed, &why.reason),
            };
            out.finish(&kind, outcome);
        }
        // Where no kind is known, the scope itself could not be read.
        broken.map_or(Ok(()), |why| Err(why.into_error()))
    }
}

/// What was yielded of one kind.
#[derive(Default)]
struct KindRead {
    names: BTreeSet<Text>,
    ended: bool,
}

/// Writes what was said.
fn take(
    said: Said,
    kinds: &mut BTreeMap<Text, KindRead>,
    are_declared: bool,
    out: &SnapshotWriter,
) -> Result<(), Broken> {
    let (Said::Object { kind, .. } | Said::Unread { kind, .. } | Said::End { kind, .. }) = &said else { return Ok(()) };
    if are_declared && !kinds.contains_key(kind) {
        return Err(Broken::failed(format!("`{kind}` was yielded, which is not among the `kinds` of the source")));
    }
    let read = kinds.entry(kind.clone()).or_default();
    if read.ended {
        return Err(Broken::failed(format!("`{kind}` was yielded after its end")));
    }
    match said {
        Said::Object { kind, name, value } => {
            if read.names.insert(name.clone()) {
                out.object(&kind, name, value);
            } else {
                out.unread(&kind, format!("`{name}` was yielded twice; the first one counts"));
            }
        }
        Said::Unread { kind, reason } => out.unread(&kind, reason),
        Said::End { kind, outcome } => {
            read.ended = true;
            out.finish(&kind, outcome);
        }
        Said::Broken(why) => return Err(why),
    }
    Ok(())
}
