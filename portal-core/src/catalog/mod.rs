//! The read model: an immutable picture of one revision that answers from memory.
//!
//! Two layers are put together here: what was collected, and what people say. Knows nothing of HTTP, tables or terminals;
//! those turn its answers into their own forms.

mod answer;
mod apply;
mod build;
mod cache;
mod explain;
mod facets;
mod filter;
mod fold;
mod freshness;
mod grams;
mod items;
mod layers;
mod links;
mod list;
mod marks;
mod meant;
mod near;
mod order;
mod page;
mod relations;
mod search;
mod set;
mod status;
mod suggestion;
mod times;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use roaring::RoaringBitmap;

pub use answer::{EvidenceAnswer, Explanation, Linked, Owner};
pub use facets::{Count, Counts, Facets};
pub use filter::{Filter, Hidden, TagFilter};
pub use freshness::Freshness;
pub use meant::Meant;
pub use near::{Edge, Neighbourhood, Node};
pub use page::{Entry, Page, Paging, Sort};
pub use search::{Hit, Matched};
pub use suggestion::Suggestion;

use crate::curated::CuratedRecord;
use crate::error::StoreError;
use crate::health::Checked;
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Relation, RelationType};
use crate::part::{Hold, Part};
use crate::resolve::Finding;
use crate::store::{Head, Store};
use apply::Heard;
use cache::Cache;
use fold::{fold, folded};
use grams::Grams;
use items::Items;
use layers::{TeamNames, Under};
use links::Links;
use marks::Index;
use order::Order;
use times::Times;

/// One revision of everything, in memory. Cheap to share, and never changed.
#[derive(Clone, Debug)]
pub struct Catalog {
    head: Head,
    revision: u64,
    revised_at: Option<Timestamp>,
    parts: Arc<HashMap<Text, Part>>,
    findings: Arc<Vec<Finding>>,
    curated: Arc<BTreeMap<Ref, Arc<CuratedRecord>>>,
    checked: Arc<HashMap<Ref, Arc<Checked>>>,
    /// What was collected, with what people say laid over it.
    items: Items,
    /// What was collected of those that people say something about.
    under: Arc<Under>,
    links: Links,
    // What follows from all that.
    teams: Arc<TeamNames>,
    heard: Arc<Heard>,
    order: Order,
    index: Index,
    grams: Grams,
    times: Arc<Times>,
    cache: Arc<Cache>,
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
        list::count(self.index.entity_types.iter().map(set::Set::len).sum())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entities, sorted by ref.
    pub fn entities(&self) -> impl Iterator<Item = Entity> + '_ {
        let mut all: Vec<set::Slot> = self.living().into_iter().collect();
        all.sort_by_cached_key(|slot| self.items.entity_ref(*slot));
        all.into_iter().filter_map(|slot| self.items.get(slot)).map(|item| item.entity)
    }

    /// The slots of all entities.
    fn living(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        self.index.entity_types.iter().for_each(|set| set.add_to(&mut all));
        all
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
        self.items.living(entity).is_some()
    }

    /// One entity: what was collected, with what people say laid over it.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`].
    pub fn entity(&self, entity: &Ref) -> Result<Entity, CatalogError> {
        let item = self.items.find(entity).ok_or_else(|| CatalogError::NotFound(entity.clone()))?;
        Ok(item.entity)
    }

    /// What people say about an entity.
    pub fn curated(&self, entity: &Ref) -> Option<&CuratedRecord> {
        self.curated.get(entity).map(|said| &**said)
    }

    /// All that people say, sorted by ref.
    pub fn all_curated(&self) -> impl Iterator<Item = &CuratedRecord> {
        self.curated.values().map(|said| &**said)
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
        match self.items.find(entity).map(|item| item.entity) {
            Some(Entity::Team(team)) => team.display_name,
            Some(Entity::Product(product)) => product.display_name,
            Some(other) => Text::from(other.name()),
            None => Text::from(entity.local()),
        }
    }

    /// The name that people use for an account; the id where there is none.
    pub fn environment_name(&self, account: &str) -> Text {
        let named = self.cache.environments.get_or_init(|| {
            let environments = self.index.entity_types[EntityType::Environment as usize].bitmap();
            let all = environments.iter().filter_map(|slot| match self.items.get(slot)?.entity {
                Entity::Environment(environment) => Some((environment.account, environment.name)),
                _ => None,
            });
            all.collect()
        });
        named.get(account).cloned().unwrap_or_else(|| Text::from(account))
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
        let is_it = |item: &items::Item| *item.shown == *wanted || *folded(item.entity.name()) == *wanted;
        let found = self.names_like(&wanted, true);
        let named = found.into_iter().filter_map(|slot| self.items.get(slot)).filter(is_it);
        prefer(named.map(|item| item.entity.entity_ref()).collect())
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
