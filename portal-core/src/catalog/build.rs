//! A picture from nothing: everything numbered, laid over each other, and indexed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Catalog;
use super::apply::Heard;
use super::fold::folded;
use super::grams::{Filling, Grams, Texts};
use super::items::{Item, Items, slot};
use super::layers::{self, TeamNames, Under};
use super::links::Links;
use super::marks::Index;
use super::order::Order;
use crate::curated::CuratedRecord;
use crate::id::{EntityType, Ref, Text};
use crate::model::Ownership;
use crate::store::{Loaded, Record};

/// From how many entities on a second thread is worth its start.
const MANY: usize = 20_000;

impl Catalog {
    /// The picture of what a store loaded.
    pub fn new(loaded: Loaded) -> Catalog {
        let Loaded { head, revision, revised_at, entities, relations, parts, findings, curated } = loaded;
        let curated = curated.into_iter().map(|record| (record.entity.clone(), Arc::new(record))).collect();
        let mut catalog = Catalog {
            head,
            revision,
            revised_at,
            parts: Arc::new(parts.into_iter().map(|part| (part.key.clone(), part)).collect()),
            findings: Arc::new(findings),
            curated: Arc::new(curated),
            checked: Arc::default(),
            items: Items::default(),
            under: Arc::default(),
            links: Links::default(),
            teams: Arc::default(),
            heard: Arc::default(),
            order: Order::default(),
            index: Index::default(),
            grams: Grams::default(),
            times: Arc::default(),
            cache: Arc::default(),
        };
        catalog.put_together(entities);
        catalog.links = Links::new(relations, &mut catalog.items);
        catalog.items.settle();
        catalog.index_all();
        catalog
    }

    /// The same picture with everything numbered anew: what came and went since the last time is in order again.
    pub(super) fn renumbered(&self) -> Catalog {
        let slots = 0..slot(self.items.len());
        let entities = slots.clone().filter_map(|slot| self.collected(slot)).collect();
        let relations = slots.flat_map(|from| {
            self.links.out(from).iter().map(move |link| crate::model::Relation {
                from: self.items.entity_ref(from),
                relation: link.relation,
                to: self.items.entity_ref(link.to),
                evidence: self.items.unpack(&link.evidence),
            })
        });
        let relations = relations.collect();
        let mut next = self.clone();
        next.put_together(entities);
        next.links = Links::new(relations, &mut next.items);
        next.items.settle();
        next.index_all();
        next
    }

    /// Lays what people say over what was collected, and numbers it in the order of lists.
    fn put_together(&mut self, collected: Vec<Record>) {
        let records = by_ref(collected);
        let teams = TeamNames::of(records.iter().map(|(_, record)| &record.entity));
        let (mut laid, heard) = lay_over(&records, &self.curated, &teams);
        let mut under: HashMap<Ref, Option<Arc<Record>>> = HashMap::new();
        let mut items = Vec::with_capacity(records.len());
        for (entity_ref, record) in records {
            let record = match laid.remove(&entity_ref) {
                Some(shown) => {
                    under.insert(entity_ref.clone(), Some(Arc::new(record)));
                    shown
                }
                None => record,
            };
            let item = self.item(&entity_ref, record);
            items.push((entity_ref, item));
        }
        for (entity_ref, record) in laid {
            under.insert(entity_ref.clone(), None);
            let item = self.item(&entity_ref, record);
            items.push((entity_ref, item));
        }
        // Places are sorted and not entities: these are large.
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|a, b| {
            let key = |(entity_ref, item): &'_ (Ref, Item)| (entity_ref.entity_type(), item.shown.clone());
            let (a, b) = (&items[*a], &items[*b]);
            key(a).cmp(&key(b)).then_with(|| a.0.cmp(&b.0))
        });
        let mut items: Vec<Option<(Ref, Item)>> = items.into_iter().map(Some).collect();
        let ordered = order.into_iter().map(|at| items[at].take().expect("each place is there once"));
        self.items = Items::new(ordered);
        let slot = |entity: &Ref| self.items.slot(entity).expect("all of them were numbered");
        self.under = Arc::new(under.into_iter().map(|(entity, record)| (slot(&entity), record)).collect::<Under>());
        let heard = heard.into_iter().map(|(service, by)| (service, by.iter().map(slot).collect::<BTreeSet<_>>()));
        self.heard = Arc::new(heard.collect::<Heard>());
        self.teams = Arc::new(teams);
        self.order = Order::new(&self.items);
    }

    /// Fills the indexes; all else has to be there.
    fn index_all(&mut self) {
        self.index = Index::default();
        self.times = Arc::default();
        self.cache = Arc::default();
        let this = &*self;
        let all = move || (0..slot(this.items.len())).filter_map(move |slot| Some((slot, this.items.get(slot)?)));
        let marks = || {
            let mut index = Index::default();
            all().for_each(|(slot, item)| index.push(slot, &this.marks_of(slot, &item)));
            index.settle();
            index
        };
        let grams = || {
            let mut filling = Filling::new();
            all().for_each(|(slot, item)| filling.push(slot, &this.texts_of(&item)));
            filling.finish()
        };
        let (index, grams) = if this.items.len() < MANY {
            (marks(), grams())
        } else {
            std::thread::scope(|scope| {
                let grams = scope.spawn(grams);
                (marks(), grams.join().expect("filling an index does not panic"))
            })
        };
        (self.index, self.grams) = (index, grams);
    }

    /// An entity as the picture keeps it.
    pub(super) fn item(&self, entity_ref: &Ref, record: Record) -> Item {
        let Record { entity, first_seen, updated_at } = record;
        let said = self.curated(entity_ref).and_then(|said| said.curated.display_name.as_deref());
        let shown = Text::from(folded(said.unwrap_or(entity.name())));
        Item { entity, first_seen, updated_at, shown }
    }

    pub(super) fn texts_of(&self, item: &Item) -> Texts {
        let entity_ref = item.entity.entity_ref();
        Texts::of(item, &entity_ref, self.curated(&entity_ref).map(|said| &said.curated))
    }

    /// Whether a person named the owner of a service, so that what it uses hears of that.
    pub(super) fn is_overridden(&self, raw: &str) -> bool {
        is_overridden(&self.curated, raw)
    }
}

fn is_overridden(curated: &BTreeMap<Ref, Arc<CuratedRecord>>, raw: &str) -> bool {
    let service = layers::service_ref(raw);
    service.is_some_and(|service| curated.get(&service).is_some_and(|said| said.curated.owner.is_some()))
}

/// Records sorted by ref; of two of one ref the later one.
fn by_ref(records: Vec<Record>) -> Vec<(Ref, Record)> {
    let mut records: Vec<(Ref, Record)> = records.into_iter().map(|r| (r.entity.entity_ref(), r)).collect();
    if !records.is_sorted_by(|a, b| a.0 < b.0) {
        let sorted: BTreeMap<Ref, Record> = records.into_iter().collect();
        records = sorted.into_iter().collect();
    }
    records
}

type Shown = BTreeMap<Ref, Record>;
type HeardRefs = HashMap<Ref, Vec<Ref>>;

/// What is shown in another way than it was collected, and who is heard about whose owner.
fn lay_over(
    records: &[(Ref, Record)],
    curated: &BTreeMap<Ref, Arc<CuratedRecord>>,
    teams: &TeamNames,
) -> (Shown, HeardRefs) {
    let collected = |entity: &Ref| {
        let at = records.binary_search_by(|(known, _)| known.cmp(entity)).ok()?;
        Some(&records[at].1)
    };
    let mut laid = Shown::new();
    let (services, others): (Vec<_>, Vec<_>) =
        curated.iter().partition(|(entity, _)| entity.entity_type() == EntityType::Service);
    for (entity, said) in services {
        let shown = layers::shown(collected(entity).cloned(), Some(said), teams, None);
        laid.extend(shown.map(|shown| (entity.clone(), shown)));
    }
    let mut heard = HeardRefs::new();
    let mut hears: BTreeSet<&Ref> = BTreeSet::new();
    for (entity, record) in records {
        for raw in record.entity.ownership().into_iter().flat_map(layers::users) {
            if entity.entity_type() == EntityType::Resource
                && let Some(service) = layers::service_ref(raw)
            {
                heard.entry(service).or_default().push(entity.clone());
                if is_overridden(curated, raw) {
                    hears.insert(entity);
                }
            }
        }
    }
    let mut again: Vec<(Ref, Record)> = Vec::new();
    let owner_of = |raw: &str| -> Option<Ownership> {
        let service = layers::service_ref(raw)?;
        laid.get(&service).or_else(|| collected(&service))?.entity.ownership().cloned()
    };
    let asked: BTreeSet<&Ref> = others.into_iter().map(|(entity, _)| entity).chain(hears.iter().copied()).collect();
    for entity in asked {
        let hear: Option<&layers::OwnerOf<'_>> = if hears.contains(entity) { Some(&owner_of) } else { None };
        let said = curated.get(entity).map(|said| &**said);
        let shown = layers::shown(collected(entity).cloned(), said, teams, hear);
        again.extend(shown.map(|shown| (entity.clone(), shown)));
    }
    laid.extend(again);
    (laid, heard)
}
