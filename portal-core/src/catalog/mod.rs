//! The read model: an immutable picture of one revision that answers from memory.
//!
//! Knows nothing of HTTP, tables or terminals; those turn its answers into their own forms.

mod answer;
mod explain;
mod filter;
mod freshness;

use std::collections::HashMap;

use jiff::Timestamp;

pub use answer::{EvidenceAnswer, Explanation, Linked, Owner};
pub use filter::{Filter, Page, TagFilter};
pub use freshness::Freshness;

use crate::error::StoreError;
use crate::graph::OwnershipGraph;
use crate::id::{EntityType, Ref, Text, slug};
use crate::model::{Entity, Relation, RelationType};
use crate::part::Part;
use crate::resolve::Finding;
use crate::store::{Loaded, Store};

/// One revision of everything, in memory. Cheap to share, and never changed.
#[derive(Debug)]
pub struct Catalog {
    revision: u64,
    revised_at: Option<Timestamp>,
    graph: OwnershipGraph,
    times: HashMap<Ref, (Timestamp, Timestamp)>,
    parts: HashMap<Text, Part>,
    findings: Vec<Finding>,
}

/// A question that has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// Nothing is there under this ref.
    #[error("there is no {0}")]
    NotFound(Ref),
    /// It is of a type that nobody owns.
    #[error("{0} has no owner: services, workloads and resources have one")]
    NotOwned(Ref),
}

impl Catalog {
    /// Loads the newest revision.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn load<S: Store + ?Sized>(store: &S) -> Result<Catalog, StoreError> {
        store.load(None).await.map(Catalog::new)
    }

    /// Loads only what is needed to answer about some refs: much faster, and the answers are the same.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn around<S: Store + ?Sized>(store: &S, refs: &[Ref]) -> Result<Catalog, StoreError> {
        let mut asked = refs.to_vec();
        let mut loaded = store.around(&asked).await?;
        // A workload's owner is that of its service.
        let workloads = |relation: &&Relation| relation.relation == RelationType::RunsAs && refs.contains(&relation.to);
        let services: Vec<Ref> = loaded.relations.iter().filter(workloads).map(|r| r.from.clone()).collect();
        if !services.is_empty() {
            asked.extend(services);
            loaded = store.around(&asked).await?;
        }
        Ok(Catalog::new(loaded))
    }

    /// The picture of what a store loaded.
    pub fn new(loaded: Loaded) -> Catalog {
        let mut times = HashMap::with_capacity(loaded.entities.len());
        let mut entities = Vec::with_capacity(loaded.entities.len());
        for record in loaded.entities {
            times.insert(record.entity.entity_ref(), (record.first_seen, record.updated_at));
            entities.push(record.entity);
        }
        Catalog {
            revision: loaded.revision,
            revised_at: loaded.revised_at,
            graph: OwnershipGraph::new(entities, loaded.relations),
            times,
            parts: loaded.parts.into_iter().map(|part| (part.key.clone(), part)).collect(),
            findings: loaded.findings,
        }
    }

    /// The revision that this is a picture of.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When that revision was made; `None` for an empty store.
    pub fn revised_at(&self) -> Option<Timestamp> {
        self.revised_at
    }

    /// Entities and relations.
    pub fn graph(&self) -> &OwnershipGraph {
        &self.graph
    }

    /// What a person should look at.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// One entity.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`].
    pub fn entity(&self, entity: &Ref) -> Result<&Entity, CatalogError> {
        self.graph.entity(entity).ok_or_else(|| CatalogError::NotFound(entity.clone()))
    }

    /// The name that people use for an account; the id where there is none.
    pub fn environment_name<'c>(&'c self, account: &'c str) -> &'c str {
        match self.graph.entity(&Ref::environment(account)) {
            Some(Entity::Environment(environment)) => &environment.name,
            _ => account,
        }
    }

    /// Slugs of the teams that a name stands for: its own name, an alias or an old name.
    pub fn teams_named(&self, name: &str) -> Vec<Text> {
        let wanted = slug(name);
        if self.graph.entity(&Ref::team(&wanted)).is_some() {
            return vec![wanted];
        }
        let goes_by = |entity: &Entity| match entity {
            Entity::Team(team) => {
                team.aliases.iter().chain(&team.old_names).any(|other| slug(other) == wanted).then(|| team.name.clone())
            }
            _ => None,
        };
        self.graph.entities().filter_map(goes_by).collect()
    }

    /// What a ref leads to now: a team that was renamed is found under its old name and its other ones, too.
    pub fn current(&self, entity: &Ref) -> Option<Ref> {
        if self.graph.entity(entity).is_some() {
            return Some(entity.clone());
        }
        if entity.entity_type() != EntityType::Team {
            return None;
        }
        match self.teams_named(entity.local()).as_slice() {
            [team] => Some(Ref::team(team)),
            _ => None,
        }
    }

    /// Everything of a name, compared without case. Workloads are left out where something else has the name too:
    /// they go by the name of their service.
    pub fn named(&self, name: &str) -> Vec<Ref> {
        let same = |entity: &&Entity| entity.name().eq_ignore_ascii_case(name);
        prefer(self.graph.entities().filter(same).map(Entity::entity_ref).collect())
    }
}

/// Of several refs with one name those that a person most likely means.
pub fn prefer(mut refs: Vec<Ref>) -> Vec<Ref> {
    if refs.iter().any(|found| found.entity_type() != EntityType::Workload) {
        refs.retain(|found| found.entity_type() != EntityType::Workload);
    }
    refs.sort();
    refs
}
