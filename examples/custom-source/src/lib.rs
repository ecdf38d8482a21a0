#![doc = include_str!("../README.md")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use async_trait::async_trait;
use portal_core::{Coverage, ErrorKind, Outcome, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError, Text};
use serde_json::{Value, json};

/// The columns of the file, as its first line names them.
const COLUMNS: &str = "name,host,engine,team";

/// The one kind that is read; also the name of its file in the lake.
const KIND: &str = "databases";

/// The databases of a data centre, from a list that people keep as a CSV file.
pub struct Inventory {
    name: String,
    site: Text,
    path: PathBuf,
}

impl Inventory {
    /// Makes the source. Touches nothing outside.
    pub fn new(name: &str, site: &str, path: impl Into<PathBuf>) -> Inventory {
        Inventory { name: name.to_owned(), site: Text::from(site), path: path.into() }
    }

    fn scope(&self) -> Scope {
        Scope::Other { path: vec![self.site.clone()] }
    }

    /// A line in the portal's own shape for things of no known provider.
    fn database(&self, line: &str) -> Option<(String, Value)> {
        let columns: Vec<&str> = line.split(',').map(str::trim).collect();
        let [name, host, engine, team] = columns[..] else { return None };
        // An empty column says that there is no team. Without `tags` the portal would take it for not read.
        let tags = if team.is_empty() { json!({}) } else { json!({ "team": team }) };
        let object = json!({
            "id": format!("{}/{name}", self.site), "type": "database", "name": name,
            "tags": tags, "attributes": { "engine": engine }, "hosts": [host],
        });
        (!name.is_empty()).then(|| (name.to_owned(), object))
    }
}

#[async_trait]
impl Source for Inventory {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        "inventory"
    }

    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        Ok(Scopes { scopes: vec![self.scope()], ..Scopes::default() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        if *scope != self.scope() {
            return Err(SourceError::new(ErrorKind::Invalid, format!("{scope} is not the site of this inventory")));
        }
        out.expect([KIND]);
        let text = std::fs::read_to_string(&self.path).map_err(|error| {
            // Never `NotFound`: a file that is not there does not say that there are no databases.
            let message = format!("cannot read {}; is the share mounted?", self.path.display());
            SourceError::new(ErrorKind::Unavailable, message).caused_by(error)
        })?;
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        if lines.next().is_none_or(|(first, _)| first.trim() != COLUMNS) {
            out.finish(KIND, Outcome::not(Coverage::Failed, format!("the first line is not `{COLUMNS}`")));
            return Ok(());
        }
        let (mut names, mut broken) = (BTreeSet::new(), None);
        for (line, number) in lines {
            match self.database(line) {
                Some((name, object)) if names.insert(name.clone()) => out.object(KIND, name, object),
                Some((name, _)) => out.unread(KIND, format!("line {number}: `{name}` stands there already")),
                None => broken = broken.or(Some(number)),
            }
        }
        out.finish(
            KIND,
            match broken {
                None => Outcome::complete(),
                // It may be any of the known ones, and so none of them is gone.
                Some(number) => Outcome::not(Coverage::Partial, format!("line {number} has not the columns {COLUMNS}")),
            },
        );
        Ok(())
    }
}
