//! A picture from nothing: everything numbered, laid over each other, and indexed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Catalog;
use super::apply::Heard;
use super::fold::folded;
use super::grams::{Filling, Grams, Texts};
use super::items::{Item, Items, Numbering, slot};
use super::layers::{self, TeamNames, Under};
use super::links::Links;
use super::marks::Index;
use super::order::Order;
use crate::curated::CuratedRecord;
use crate::id::{EntityType, Ref, Text};
use crate::model::Ownership;
use crate::store::{Loaded, Record, Records};

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
    fn put_together(&mut self, collected: Records) {
        let records = collected.by_ref();
        let teams = TeamNames::of(records.iter_of(EntityType::Team).collect::<Vec<_>>().iter());
        // Who gave something another name has said something about it, so that it is laid.
        let names = || records.iter_in_short().map(|entity| Text::from(folded(entity.name()))).collect();
        let (names, (laid, heard)): (Vec<Text>, _) =
            both(records.len(), names, || lay_over(&records, &self.curated, &teams));
        let mut under: Vec<(Ref, Option<Arc<Record>>)> = Vec::with_capacity(laid.len());
        let mut places: Vec<(Beginning, Place)> = Vec::with_capacity(records.len() + laid.len());
        let mut covered = HashSet::new();
        for (entity_ref, record) in laid {
            let known = records.find(&entity_ref);
            covered.extend(known);
            let item = self.item(&entity_ref, record);
            places.push((beginning(item.entity.entity_type(), &item.shown), Place::Laid(Box::new(item))));
            under.push((entity_ref, known.map(|at| Arc::new(records.get(at)))));
        }
        let collected = (0..records.len()).filter(|at| !covered.contains(at));
        places.extend(collected.map(|at| (beginning(records.entity_type(at), &names[at]), Place::Collected(at))));
        let entity_ref = |place: &Place| match place {
            Place::Collected(at) => records.entity_ref(*at),
            Place::Laid(item) => item.entity.entity_ref(),
        };
        places.sort_unstable_by(|(a, one), (b, other)| {
            let by_name = || one.shown(&names).cmp(other.shown(&names));
            a.cmp(b).then_with(by_name).then_with(|| entity_ref(one).cmp(&entity_ref(other)))
        });
        let (rows, texts) = records.into_parts();
        let mut numbering = Numbering::new(texts);
        for (_, place) in places {
            match place {
                Place::Collected(at) => numbering.push_row(rows.get(at), &names[at]),
                Place::Laid(item) => numbering.push(&item),
            }
        }
        self.items = numbering.finish();
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
        let all =
            move || (0..slot(this.items.len())).filter_map(move |slot| Some((slot, this.items.get_in_short(slot)?)));
        let marks = || {
            let mut index = Index::default();
            all().for_each(|(slot, item)| index.change(slot, None, Some(&this.marks_of(slot, &item))));
            index.settle();
            index
        };
        let grams = || {
            let mut filling = Filling::new();
            all().for_each(|(slot, item)| filling.push(slot, &this.texts_of(&item)));
            filling.finish()
        };
        let (index, grams) = both(this.items.len(), marks, grams);
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

/// Does two things at once where it is about so many that this is worth a thread.
fn both<A, B: Send>(many: usize, one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if many < MANY {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        (one(), other.join().expect("neither of them panics"))
    })
}

fn is_overridden(curated: &BTreeMap<Ref, Arc<CuratedRecord>>, raw: &str) -> bool {
    let service = layers::service_ref(raw);
    service.is_some_and(|service| curated.get(&service).is_some_and(|said| said.curated.owner.is_some()))
}

/// Where an item comes from.
enum Place {
    /// From a record, by its number: it is shown as it was collected.
    Collected(usize),
    Laid(Box<Item>),
}

impl Place {
    /// The name that lists are sorted by; `names` are those of the records.
    fn shown<'n>(&'n self, names: &'n [Text]) -> &'n str {
        match self {
            Place::Collected(at) => &names[*at],
            Place::Laid(item) => &item.shown,
        }
    }
}

/// A type and how a name begins: most comparisons of a sort need no look at the name itself.
type Beginning = u128;

fn beginning(of: EntityType, name: &str) -> Beginning {
    let mut bytes = [0; size_of::<Beginning>()];
    bytes[0] = of as u8;
    let length = name.len().min(bytes.len() - 1);
    bytes[1..=length].copy_from_slice(&name.as_bytes()[..length]);
    Beginning::from_be_bytes(bytes)
}

type Shown = BTreeMap<Ref, Record>;
type HeardRefs = HashMap<Ref, Vec<Ref>>;

/// What is shown in another way than it was collected, and who is heard about whose owner.
fn lay_over(records: &Records, curated: &BTreeMap<Ref, Arc<CuratedRecord>>, teams: &TeamNames) -> (Shown, HeardRefs) {
    let collected = |entity: &Ref| records.find(entity).map(|at| records.get(at));
    let mut laid = Shown::new();
    let (services, others): (Vec<_>, Vec<_>) =
        curated.iter().partition(|(entity, _)| entity.entity_type() == EntityType::Service);
    for (entity, said) in services {
        let shown = layers::shown(collected(entity), Some(said), teams, None);
        laid.extend(shown.map(|shown| (entity.clone(), shown)));
    }
    let mut heard = HeardRefs::new();
    let mut hears: BTreeSet<Ref> = BTreeSet::new();
    for entity in records.iter_of(EntityType::Resource) {
        for raw in entity.ownership().into_iter().flat_map(layers::users) {
            if let Some(service) = layers::service_ref(raw) {
                heard.entry(service).or_default().push(entity.entity_ref());
                if is_overridden(curated, raw) {
                    hears.insert(entity.entity_ref());
                }
            }
        }
    }
    let mut again: Vec<(Ref, Record)> = Vec::new();
    let owner_of = |raw: &str| -> Option<Ownership> {
        let service = layers::service_ref(raw)?;
        let ownership = |record: &Record| record.entity.ownership().cloned();
        laid.get(&service).map_or_else(|| ownership(&collected(&service)?), ownership)
    };
    let asked: BTreeSet<&Ref> = others.into_iter().map(|(entity, _)| entity).chain(&hears).collect();
    for entity in asked {
        let hear: Option<&layers::OwnerOf<'_>> = if hears.contains(entity) { Some(&owner_of) } else { None };
        let said = curated.get(entity).map(|said| &**said);
        let shown = layers::shown(collected(entity), said, teams, hear);
        again.extend(shown.map(|shown| (entity.clone(), shown)));
    }
    laid.extend(again);
    (laid, heard)
}
