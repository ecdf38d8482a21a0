//! A picture from the one before: only what is different is made anew, all else is shared.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::Catalog;
use super::cache::Cache;
use super::filter::Filter;
use super::items::{Item, Items};
use super::layers::{self, TeamNames};
use super::set::Slot;
use crate::health::Checked;
use crate::id::{EntityType, Ref};
use crate::model::{Entity, Live, Ownership, RelationType};
use crate::store::{Delta, Record};

/// By service the resources whose owner it is heard about.
pub(super) type Heard = HashMap<Ref, BTreeSet<Slot>>;

/// What was collected of slots that may be shown in another way now.
type Touched = BTreeMap<Slot, Option<Record>>;

impl Catalog {
    /// A new picture with what is different now; it shares what did not change.
    pub fn apply(&self, delta: &Delta) -> Catalog {
        let mut next = self.clone();
        next.head = delta.head.clone();
        if delta.head.revision != self.revision {
            next.revision = delta.head.revision;
            next.revised_at = delta.revised_at.or(self.revised_at);
        }
        if let Some(findings) = &delta.findings {
            next.findings = Arc::new(findings.clone());
        }
        if let Some(parts) = &delta.parts {
            next.parts = Arc::new(parts.iter().map(|part| (part.key.clone(), part.clone())).collect());
        }
        let mut touched = next.take_collected(self, delta);
        next.take_words(self, delta, &mut touched);
        next.take_teams(self, &mut touched);
        let mut affected = next.take_relations(delta);
        let changed = next.show(self, touched);
        for slot in &changed {
            affected.insert(slot);
            // A service is where its workloads are, and works as they do.
            for links in [&self.links, &next.links] {
                let runs = links.back(slot).iter().filter(|back| back.relation == RelationType::RunsAs);
                affected.extend(runs.map(|back| back.from));
            }
        }
        next.index_again(self, &affected, &changed);
        if next.order.is_worn() || next.items.is_worn() || next.links.is_worn() {
            return next.renumbered();
        }
        next
    }

    /// The same picture with what health checks found: results take the place of older ones about the same service.
    pub fn with_health(&self, checked: &[Checked]) -> Catalog {
        let mut next = self.clone();
        let known = Arc::make_mut(&mut next.checked);
        for result in checked {
            match known.get(&result.service) {
                Some(newer) if newer.checked_at > result.checked_at => {}
                _ => {
                    known.insert(result.service.clone(), Arc::new(result.clone()));
                }
            }
        }
        let services: BTreeSet<Slot> = checked.iter().filter_map(|result| self.items.living(&result.service)).collect();
        for slot in services {
            let Some(item) = self.items.get(slot) else { continue };
            let (before, after) = (self.status_of(slot, &item.entity), next.status_of(slot, &item.entity));
            if let (Some(before), Some(after)) = (before, after)
                && before != after
            {
                next.index.statuses[before as usize].remove(slot);
                next.index.statuses[after as usize].insert(slot);
                // Who counts statuses counts anew.
                next.cache = Arc::default();
            }
        }
        next
    }

    /// What was collected of what is in a slot.
    pub(super) fn collected(&self, slot: Slot) -> Option<Record> {
        match self.under.get(&slot) {
            Some(under) => under.as_deref().cloned(),
            None => self.items.get(slot).map(|item| Record {
                entity: item.entity,
                first_seen: item.first_seen,
                updated_at: item.updated_at,
            }),
        }
    }

    /// Entities that came, changed or went, and counts of running copies.
    fn take_collected(&mut self, old: &Catalog, delta: &Delta) -> Touched {
        let mut touched = Touched::new();
        for gone in &delta.gone {
            touched.extend(self.items.slot(gone).map(|slot| (slot, None)));
        }
        for record in &delta.entities {
            let slot = self.items.slot_or_new(&record.entity.entity_ref());
            touched.insert(slot, Some(record.clone()));
        }
        if delta.parts.is_none() {
            return touched;
        }
        let live: HashMap<Slot, Live> =
            delta.live.iter().filter_map(|(workload, live)| Some((self.items.slot(workload)?, *live))).collect();
        for slot in old.index.entity_types[EntityType::Workload as usize].bitmap().iter() {
            if let Some(Entity::Workload(workload)) = old.items.get(slot).map(|item| item.entity)
                && workload.live != live.get(&slot).copied()
            {
                touched.entry(slot).or_insert_with(|| old.collected(slot));
            }
        }
        for (slot, record) in &mut touched {
            if let Some(Entity::Workload(workload)) = record.as_mut().map(|record| &mut record.entity) {
                workload.live = live.get(slot).copied();
            }
        }
        touched
    }

    /// What people say anew, or no more.
    fn take_words(&mut self, old: &Catalog, delta: &Delta, touched: &mut Touched) {
        if delta.curated.is_empty() && delta.gone_curated.is_empty() {
            return;
        }
        let curated = Arc::make_mut(&mut self.curated);
        for gone in &delta.gone_curated {
            curated.remove(gone);
        }
        curated.extend(delta.curated.iter().map(|record| (record.entity.clone(), Arc::new(record.clone()))));
        for entity in delta.curated.iter().map(|record| &record.entity).chain(&delta.gone_curated) {
            let slot = self.items.slot_or_new(entity);
            touched.entry(slot).or_insert_with(|| old.collected(slot));
        }
    }

    /// A team that came, went or got another name changes what people's words mean.
    fn take_teams(&mut self, old: &Catalog, touched: &mut Touched) {
        let is_team = |items: &Items, slot: &Slot| items.entity_ref(*slot).entity_type() == EntityType::Team;
        if !touched.keys().any(|slot| is_team(&self.items, slot)) {
            return;
        }
        let old_teams = old.index.entity_types[EntityType::Team as usize].bitmap();
        let stay = old_teams.iter().filter(|slot| !touched.contains_key(slot));
        let stay: Vec<Entity> = stay.filter_map(|slot| old.items.get(slot)).map(|item| item.entity).collect();
        let come = touched.values().flatten().map(|record| &record.entity);
        let teams = TeamNames::of(stay.iter().chain(come));
        if teams == *self.teams {
            return;
        }
        self.teams = Arc::new(teams);
        let said: Vec<Slot> = self.curated.keys().filter_map(|entity| self.items.slot(entity)).collect();
        for slot in said.into_iter().chain(old.heard.values().flatten().copied()) {
            touched.entry(slot).or_insert_with(|| old.collected(slot));
        }
    }

    /// Relations that came, changed or went; gives back the services that run as something else now.
    fn take_relations(&mut self, delta: &Delta) -> RoaringBitmap {
        let mut affected = RoaringBitmap::new();
        for (from, relation, to) in &delta.gone_relations {
            if let (Some(from), Some(to)) = (self.items.slot(from), self.items.slot(to)) {
                self.links.remove(from, *relation, to);
                affected.insert(from);
            }
        }
        for relation in &delta.relations {
            let (from, _) = self.links.put(relation, &mut self.items);
            if relation.relation == RelationType::RunsAs {
                affected.insert(from);
            }
        }
        affected
    }

    /// Makes anew what is shown of the touched ones, and of what hears of them; says which slots that were.
    fn show(&mut self, old: &Catalog, mut touched: Touched) -> RoaringBitmap {
        let mut changed = RoaringBitmap::new();
        let is_service = |slot: &&Slot| self.items.entity_ref(**slot).entity_type() == EntityType::Service;
        let services: Vec<Slot> = touched.keys().filter(is_service).copied().collect();
        for slot in services {
            let Some(record) = touched.remove(&slot) else { continue };
            let entity_ref = self.items.entity_ref(slot);
            let said = self.curated.get(&entity_ref).map(|said| &**said);
            let shown = layers::shown(record.clone(), said, &self.teams, None);
            let owner = shown.as_ref().and_then(|shown| shown.entity.ownership());
            let had = old.items.get(slot);
            let had = had.as_ref().and_then(|item| item.entity.ownership());
            let raw = entity_ref.as_str();
            if owner != had || old.is_overridden(raw) != self.is_overridden(raw) {
                for resource in old.heard.get(&entity_ref).into_iter().flatten() {
                    touched.entry(*resource).or_insert_with(|| old.collected(*resource));
                }
            }
            let is_laid = said.is_some();
            self.keep(slot, record, shown, is_laid);
            changed.insert(slot);
        }
        for (slot, record) in touched {
            let users = |record: Option<&Record>| -> BTreeSet<Ref> {
                let resource =
                    record.map(|record| &record.entity).filter(|it| it.entity_type() == EntityType::Resource);
                let users = resource.and_then(Entity::ownership).into_iter().flat_map(layers::users);
                users.filter_map(|raw| layers::service_ref(raw)).collect()
            };
            let (before, after) = (users(old.collected(slot).as_ref()), users(record.as_ref()));
            self.hear(slot, &before, &after);
            let this = &*self;
            let owner_of = |raw: &str| -> Option<Ownership> {
                this.items.find(&layers::service_ref(raw)?)?.entity.ownership().cloned()
            };
            let hears = after.iter().any(|service| self.is_overridden(service.as_str()));
            let hear: Option<&layers::OwnerOf<'_>> = if hears { Some(&owner_of) } else { None };
            let said = self.curated.get(&self.items.entity_ref(slot)).map(|said| &**said);
            let shown = layers::shown(record.clone(), said, &self.teams, hear);
            let is_laid = hears || said.is_some();
            self.keep(slot, record, shown, is_laid);
            changed.insert(slot);
        }
        changed
    }

    /// Notes whose words about its owner a resource hears.
    fn hear(&mut self, slot: Slot, before: &BTreeSet<Ref>, after: &BTreeSet<Ref>) {
        if before == after {
            return;
        }
        let heard = Arc::make_mut(&mut self.heard);
        for service in before.difference(after) {
            if let Some(by) = heard.get_mut(service) {
                by.remove(&slot);
                if by.is_empty() {
                    heard.remove(service);
                }
            }
        }
        for service in after.difference(before) {
            heard.entry(service.clone()).or_default().insert(slot);
        }
    }

    fn keep(&mut self, slot: Slot, collected: Option<Record>, shown: Option<Record>, is_laid: bool) {
        if is_laid {
            Arc::make_mut(&mut self.under).insert(slot, collected.map(Arc::new));
        } else if self.under.contains_key(&slot) {
            Arc::make_mut(&mut self.under).remove(&slot);
        }
        let item = shown.map(|shown| self.item(&self.items.entity_ref(slot), shown));
        self.items.put(slot, item.as_ref());
    }

    /// Brings the indexes to what is shown now. The affected ones have other marks, the changed ones other texts, too.
    fn index_again(&mut self, old: &Catalog, affected: &RoaringBitmap, changed: &RoaringBitmap) {
        let mut strays = BTreeSet::new();
        for slot in affected {
            let (before, after) = (old.marks(slot), self.marks(slot));
            if before != after {
                self.index.change(slot, before.as_ref(), after.as_ref());
            }
        }
        for slot in changed {
            let (before, after) = (old.items.get(slot), self.items.get(slot));
            let name = |item: &Item| (item.entity.entity_type(), item.shown.clone());
            if before.as_ref().map(name) != after.as_ref().map(name) {
                strays.insert(slot);
            }
            let (before, after) = (before.map(|item| old.texts_of(&item)), after.map(|item| self.texts_of(&item)));
            self.grams.change(slot, before.as_ref(), after.as_ref());
        }
        self.order.stray(&strays, &self.items);
        self.times = Arc::new(self.times_after(old, changed));
        let was = std::mem::replace(&mut self.cache, Arc::new(Cache::default()));
        // What the first page asks for is there before the first reader comes.
        for of in [EntityType::Service, EntityType::Resource] {
            let all = Filter::default();
            if was.facets.get(&format!("{of} {}", all.canonical())).is_some() {
                self.facets(of, &all);
            }
        }
    }
}
