//! The read model: an immutable picture of one revision that answers from memory.
//!
//! Two layers are put together here: what was collected, and what people say. Knows nothing of HTTP, tables or terminals;
//! those turn its answers into their own forms.

mod answer;
mod explain;
mod facets;
mod filter;
mod fold;
mod freshness;
mod layers;
mod list;
mod meant;
mod near;
mod page;
mod search;
mod status;
mod suggestion;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

pub use answer::{EvidenceAnswer, Explanation, Linked, Owner};
pub use facets::{Count, Counts, Facets};
pub use filter::{Filter, Hidden, TagFilter};
pub use freshness::Freshness;
pub use meant::Meant;
pub use near::{Edge, Neighbourhood, Node};
pub use page::{Page, Paging, Sort};
pub use search::{Hit, Matched};
pub use suggestion::Suggestion;

use crate::curated::CuratedRecord;
use crate::error::StoreError;
use crate::graph::{Dependent, OwnershipGraph};
use crate::health::Checked;
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Ownership, Relation, RelationType};
use crate::part::{Hold, Part};
use crate::resolve::Finding;
use crate::store::{Delta, Head, Loaded, Record, RelationKey, Store};
use fold::fold;
use layers::TeamNames;

/// One revision of everything, in memory. Cheap to share, and never changed.
#[derive(Clone, Debug)]
pub struct Catalog {
    head: Head,
    revision: u64,
    revised_at: Option<Timestamp>,
    collected: Arc<BTreeMap<Ref, Record>>,
    relations: Arc<BTreeMap<RelationKey, Relation>>,
    parts: Arc<HashMap<Text, Part>>,
    findings: Arc<Vec<Finding>>,
    curated: Arc<BTreeMap<Ref, CuratedRecord>>,
    checked: Arc<HashMap<Ref, Checked>>,
    // What follows from all that.
    teams: Arc<TeamNames>,
    graph: Arc<OwnershipGraph>,
    times: Arc<HashMap<Ref, (Timestamp, Timestamp)>>,
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
    /// A cursor that leads nowhere in this list.
    #[error(
        "the cursor does not belong to this list; ask for the first page without one, with the same filters and sort"
    )]
    InvalidCursor,
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
        let key = |relation: &Relation| (relation.from.clone(), relation.relation, relation.to.clone());
        let catalog = Catalog {
            head: loaded.head,
            revision: loaded.revision,
            revised_at: loaded.revised_at,
            collected: Arc::new(loaded.entities.into_iter().map(|r| (r.entity.entity_ref(), r)).collect()),
            relations: Arc::new(loaded.relations.into_iter().map(|r| (key(&r), r)).collect()),
            parts: Arc::new(loaded.parts.into_iter().map(|part| (part.key.clone(), part)).collect()),
            findings: Arc::new(loaded.findings),
            curated: Arc::new(loaded.curated.into_iter().map(|record| (record.entity.clone(), record)).collect()),
            checked: Arc::default(),
            teams: Arc::default(),
            graph: Arc::default(),
            times: Arc::default(),
        };
        catalog.put_together()
    }

    /// A new picture with what is different now; it shares what did not change.
    pub fn apply(&self, delta: &Delta) -> Catalog {
        let mut next = self.clone();
        next.head = delta.head.clone();
        if delta.head.revision != self.revision {
            next.revision = delta.head.revision;
            next.revised_at = delta.revised_at.or(self.revised_at);
        }
        let collected = Arc::make_mut(&mut next.collected);
        for gone in &delta.gone {
            collected.remove(gone);
        }
        collected.extend(delta.entities.iter().map(|record| (record.entity.entity_ref(), record.clone())));
        let relations = Arc::make_mut(&mut next.relations);
        for gone in &delta.gone_relations {
            relations.remove(gone);
        }
        relations.extend(delta.relations.iter().map(|r| ((r.from.clone(), r.relation, r.to.clone()), r.clone())));
        if let Some(parts) = &delta.parts {
            next.parts = Arc::new(parts.iter().map(|part| (part.key.clone(), part.clone())).collect());
            let live: HashMap<&Ref, _> = delta.live.iter().map(|(entity, live)| (entity, *live)).collect();
            for (entity_ref, record) in collected.iter_mut() {
                if let Entity::Workload(workload) = &mut record.entity {
                    workload.live = live.get(entity_ref).copied();
                }
            }
        }
        if let Some(findings) = &delta.findings {
            next.findings = Arc::new(findings.clone());
        }
        let curated = Arc::make_mut(&mut next.curated);
        for gone in &delta.gone_curated {
            curated.remove(gone);
        }
        curated.extend(delta.curated.iter().map(|record| (record.entity.clone(), record.clone())));
        next.put_together()
    }

    /// The same picture with what health checks found: results take the place of older ones about the same service.
    pub fn with_health(&self, checked: &[Checked]) -> Catalog {
        let mut next = self.clone();
        let known = Arc::make_mut(&mut next.checked);
        for result in checked {
            match known.get(&result.service) {
                Some(newer) if newer.checked_at > result.checked_at => {}
                _ => {
                    known.insert(result.service.clone(), result.clone());
                }
            }
        }
        next
    }

    fn put_together(mut self) -> Catalog {
        let teams = TeamNames::of(self.collected.values().map(|record| &record.entity));
        let mut records = (*self.collected).clone();
        for said in self.curated.values() {
            if let Some(added) = layers::added(said) {
                let known = records.entry(said.entity.clone()).or_insert(added);
                known.first_seen = known.first_seen.min(said.first_at);
            }
        }
        let lay_over = |record: &mut Record, entity_ref: &Ref| {
            if let Some(said) = self.curated.get(entity_ref) {
                layers::lay_over(&mut record.entity, said, &teams);
                record.updated_at = record.updated_at.max(said.edited_at);
            }
        };
        let mut owners: HashMap<Ref, Ownership> = HashMap::new();
        for (entity_ref, record) in records.iter_mut().filter(|(r, _)| r.entity_type() == EntityType::Service) {
            lay_over(record, entity_ref);
            owners.extend(record.entity.ownership().cloned().map(|ownership| (entity_ref.clone(), ownership)));
        }
        let overridden = |raw: &Text| {
            let service = layers::service_ref(raw);
            service.is_some_and(|service| self.curated.get(&service).is_some_and(|said| said.curated.owner.is_some()))
        };
        for (entity_ref, record) in records.iter_mut().filter(|(r, _)| r.entity_type() != EntityType::Service) {
            if record.entity.ownership().is_some_and(|ownership| layers::users(ownership).any(overridden)) {
                let owner_of = |raw: &str| layers::service_ref(raw).and_then(|service| owners.get(&service).cloned());
                layers::hear_users(&mut record.entity, &teams, owner_of);
            }
            lay_over(record, entity_ref);
        }
        self.times =
            Arc::new(records.iter().map(|(r, record)| (r.clone(), (record.first_seen, record.updated_at))).collect());
        let entities = records.into_values().map(|record| record.entity).collect();
        self.graph = Arc::new(OwnershipGraph::new(entities, self.relations.values().cloned().collect()));
        self.teams = Arc::new(teams);
        self
    }

    /// The store's state that this is a picture of.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The revision that this is a picture of.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When that revision was made; `None` for an empty store.
    pub fn revised_at(&self) -> Option<Timestamp> {
        self.revised_at
    }

    /// How many entities there are, hidden ones too.
    pub fn len(&self) -> usize {
        self.graph.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entities, sorted by ref.
    pub fn entities(&self) -> impl Iterator<Item = Entity> + '_ {
        let mut all: Vec<&Entity> = self.graph.entities().collect();
        all.sort_by_cached_key(|entity| entity.entity_ref());
        all.into_iter().cloned()
    }

    /// What a person should look at.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is known of each part, sorted by key.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let mut parts: Vec<&Part> = self.parts.values().collect();
        parts.sort_by(|a, b| a.key.cmp(&b.key));
        parts.into_iter()
    }

    /// Mass deletes that wait for a person, with their parts, sorted by the parts' keys.
    pub fn holds(&self) -> impl Iterator<Item = (&Part, &Hold)> {
        self.parts().filter_map(|part| Some((part, part.hold.as_ref()?)))
    }

    /// Whether an entity is there.
    pub fn contains(&self, entity: &Ref) -> bool {
        self.graph.entity(entity).is_some()
    }

    /// One entity: what was collected, with what people say laid over it.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`].
    pub fn entity(&self, entity: &Ref) -> Result<Entity, CatalogError> {
        self.graph.entity(entity).cloned().ok_or_else(|| CatalogError::NotFound(entity.clone()))
    }

    /// What people say about an entity.
    pub fn curated(&self, entity: &Ref) -> Option<&CuratedRecord> {
        self.curated.get(entity)
    }

    /// All that people say, sorted by ref.
    pub fn all_curated(&self) -> impl Iterator<Item = &CuratedRecord> {
        self.curated.values()
    }

    /// Whether a person took it out of the lists.
    pub fn is_hidden(&self, entity: &Ref) -> bool {
        self.curated(entity).is_some_and(|said| said.curated.hidden.is_some())
    }

    /// The name to show: the one that a person gave, that of a team or product as it was written, else the name; of what
    /// is not there the local part of the ref.
    pub fn display_name(&self, entity: &Ref) -> Text {
        if let Some(name) = self.curated(entity).and_then(|said| said.curated.display_name.clone()) {
            return name;
        }
        match self.graph.entity(entity) {
            Some(Entity::Team(team)) => team.display_name.clone(),
            Some(Entity::Product(product)) => product.display_name.clone(),
            Some(other) => Text::from(other.name()),
            None => Text::from(entity.local()),
        }
    }

    /// The name that lists are sorted by: the one that a person gave, else the entity's own.
    fn shown_name(&self, entity: &Entity, entity_ref: &Ref) -> String {
        let said = self.curated(entity_ref).and_then(|said| said.curated.display_name.as_deref());
        said.unwrap_or(entity.name()).to_owned()
    }

    /// The name that people use for an account; the id where there is none.
    pub fn environment_name(&self, account: &str) -> Text {
        match self.graph.entity(&Ref::environment(account)) {
            Some(Entity::Environment(environment)) => environment.name.clone(),
            _ => Text::from(account),
        }
    }

    /// Slugs of the teams that a name stands for: its own name, an alias or an old name. Sorted.
    pub fn teams_named(&self, name: &str) -> Vec<Text> {
        self.teams.named(name).cloned().collect()
    }

    /// What a ref leads to now: a team that was renamed is found under its old name and its other ones, too.
    pub fn current(&self, entity: &Ref) -> Option<Ref> {
        if self.contains(entity) {
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

    /// Everything of a name, compared without case, hidden or not. Workloads are left out where something else has the
    /// name too: they go by the name of their service.
    pub fn named(&self, name: &str) -> Vec<Ref> {
        let wanted = fold(name);
        let same = |entity: &&Entity| {
            fold(entity.name()) == wanted || fold(&self.shown_name(entity, &entity.entity_ref())) == wanted
        };
        prefer(self.graph.entities().filter(same).map(Entity::entity_ref).collect())
    }

    /// Relations that lead away from an entity, sorted.
    pub fn relations_from(&self, entity: &Ref) -> Vec<Relation> {
        self.graph.relations_from(entity)
    }

    /// Relations that lead to an entity, sorted.
    pub fn relations_to(&self, entity: &Ref) -> Vec<Relation> {
        self.graph.relations_to(entity)
    }

    /// The refs at the other end of an entity's relations of a type, without their evidence, sorted.
    pub fn targets(&self, entity: &Ref, relation: RelationType) -> Vec<Ref> {
        self.relations_from(entity).into_iter().filter(|r| r.relation == relation).map(|r| r.to).collect()
    }

    /// The refs of what has a relation of a type to an entity, without the evidence, sorted.
    pub fn origins(&self, entity: &Ref, relation: RelationType) -> Vec<Ref> {
        self.relations_to(entity).into_iter().filter(|r| r.relation == relation).map(|r| r.from).collect()
    }

    /// The relations that do not follow from a single entity, sorted.
    pub fn found_relations(&self) -> impl Iterator<Item = Relation> + '_ {
        self.relations.values().filter(|r| self.contains(&r.from) && self.contains(&r.to)).cloned()
    }

    /// The blast radius: what uses or depends on an entity, directly or through others, nearest first.
    pub fn dependents(&self, entity: &Ref) -> Vec<Dependent> {
        self.graph.dependents(entity)
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
