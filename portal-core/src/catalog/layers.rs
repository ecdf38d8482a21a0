//! What people say, laid over what was collected.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::set::Slot;
use crate::curated::{Curated, CuratedRecord};
use crate::id::{EntityType, Ref, Text, slug};
use crate::model::{Entity, Evidence, Ownership, OwnershipState, Pairs, Service, ServiceType};
use crate::store::Record;

/// What was collected of the entities that are not shown as they were collected; of some nothing was.
pub(super) type Under = HashMap<Slot, Option<Arc<Record>>>;

/// Which teams a name means, and what they work on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TeamNames {
    /// From the slug of any name to the slugs of the teams that go by it.
    names: HashMap<Text, BTreeSet<Text>>,
    products: HashMap<Text, Text>,
}

impl TeamNames {
    pub(super) fn of<'e>(entities: impl Iterator<Item = &'e Entity>) -> TeamNames {
        let mut all = TeamNames::default();
        let mut own: Vec<&Text> = Vec::new();
        for entity in entities {
            let Entity::Team(team) = entity else { continue };
            own.push(&team.name);
            for other in team.aliases.iter().chain(&team.old_names) {
                all.names.entry(slug(other)).or_default().insert(team.name.clone());
            }
            if let Some(product) = &team.product {
                all.products.insert(team.name.clone(), product.clone());
            }
        }
        // A team's own name wins over another one's alias.
        all.names.extend(own.into_iter().map(|name| (name.clone(), BTreeSet::from([name.clone()]))));
        all
    }

    /// The teams that a name means, as written: several for an ambiguous one.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Text> {
        self.names.get(&slug(name)).into_iter().flatten()
    }

    fn product(&self, team: Option<&Text>) -> Option<&Text> {
        self.products.get(team?)
    }
}

/// Who owns a service now.
pub(super) type OwnerOf<'o> = dyn Fn(&str) -> Option<Ownership> + 'o;

/// An entity as it is shown, from what was collected of it and what people say.
///
/// `hear` says who owns a service now, for what has to hear its users again.
pub(super) fn shown(
    collected: Option<Record>,
    said: Option<&CuratedRecord>,
    teams: &TeamNames,
    hear: Option<&OwnerOf<'_>>,
) -> Option<Record> {
    let mut record = match (collected, said.and_then(|said| Some((said, added(said)?)))) {
        (Some(mut known), Some((said, _))) => {
            known.first_seen = known.first_seen.min(said.first_at);
            known
        }
        (Some(known), None) => known,
        (None, Some((_, added))) => added,
        (None, None) => return None,
    };
    if let Some(owner_of) = hear {
        hear_users(&mut record.entity, teams, owner_of);
    }
    if let Some(said) = said {
        lay_over(&mut record.entity, said, teams);
        record.updated_at = record.updated_at.max(said.edited_at);
    }
    Some(record)
}

/// The service that a person added, as a store would hold it.
fn added(record: &CuratedRecord) -> Option<Record> {
    let added = record.curated.added.as_ref()?;
    if record.entity.entity_type() != EntityType::Service {
        return None;
    }
    let (namespace, name) = record.entity.local().split_once('/')?;
    let entity = Entity::Service(Service {
        namespace: Text::from(namespace),
        name: Text::from(name),
        service_type: ServiceType::Other,
        kind: added.kind,
        product: added.product.clone(),
        tags: Pairs::new(),
        ownership: Ownership { state: OwnershipState::Unowned, ..Ownership::default() },
        parts: Vec::new(),
    });
    Some(Record { entity, first_seen: record.first_at, updated_at: record.edited_at })
}

/// Lays what was said about an entity over it.
fn lay_over(entity: &mut Entity, said: &CuratedRecord, teams: &TeamNames) {
    let curated = &said.curated;
    let (tags, ownership, product) = match entity {
        Entity::Service(service) => (&mut service.tags, &mut service.ownership, &mut service.product),
        Entity::Resource(resource) => (&mut resource.tags, &mut resource.ownership, &mut resource.product),
        Entity::Product(_) | Entity::Team(_) | Entity::Workload(_) | Entity::Environment(_) => return,
    };
    let before = ownership.team.clone();
    if decide(ownership, said, teams) {
        follow(product, tags, before.as_ref(), ownership.team.as_ref(), teams);
    }
    if let Some(said) = &curated.tags {
        *tags = pairs(said);
    }
}

/// Tags as pairs: one that is a single word has no value.
fn pairs(tags: &[Text]) -> Pairs {
    let split = |tag: &Text| match tag.split_once('=') {
        Some((key, value)) => (Text::from(key), Text::from(value)),
        None => (tag.clone(), Text::default()),
    };
    let mut pairs: Pairs = tags.iter().map(split).collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

/// The owner that a person named decides; returns whether there is one.
fn decide(ownership: &mut Ownership, said: &CuratedRecord, teams: &TeamNames) -> bool {
    let Some(owner) = said.curated.owner.as_ref().filter(|owner| !slug(owner).is_empty()) else { return false };
    let named: Vec<&Text> = teams.named(owner).collect();
    let (state, team) = match named.as_slice() {
        [] => (OwnershipState::Unregistered, None),
        [one] => (OwnershipState::Owned, Some((*one).clone())),
        _ => (OwnershipState::Conflict, None),
    };
    for evidence in &mut ownership.evidence {
        evidence.won = false;
    }
    let claim = |team: Option<Text>| Evidence {
        rule: Text::new_static(Curated::OVERRIDE),
        field: Text::from(format!("owner set by {}", said.by)),
        raw: owner.clone(),
        team,
        won: state != OwnershipState::Conflict,
        found_on: None,
        source: Text::new_static("portal"),
        part: Text::default(),
        read_at: Some(said.edited_at),
    };
    let claims: Vec<Evidence> = match named.as_slice() {
        [] => vec![claim(None)],
        several => several.iter().map(|team| claim(Some((*team).clone()))).collect(),
    };
    ownership.evidence.splice(0..0, claims);
    ownership.state = state;
    ownership.team = team;
    ownership.rule = Some(Text::new_static(Curated::OVERRIDE));
    true
}

/// A product that came with the old owner goes, and that of the new one comes; one of its own stays.
fn follow(product: &mut Option<Text>, tags: &Pairs, before: Option<&Text>, after: Option<&Text>, teams: &TeamNames) {
    let own = |product: &Text| tags.iter().any(|(_, value)| slug(value) == *product);
    let inherited = match product.as_ref() {
        None => true,
        Some(product) => teams.product(before) == Some(product) && !own(product),
    };
    if inherited {
        *product = teams.product(after).cloned();
    }
}

/// The field of the evidence that a service which uses a resource gives about its owner.
const USED_BY: &str = "used by";

/// The services that were heard about a resource's owner.
pub(super) fn users(ownership: &Ownership) -> impl Iterator<Item = &Text> {
    ownership.evidence.iter().filter(|evidence| evidence.field == USED_BY).map(|evidence| &evidence.raw)
}

/// Hears the services that use a resource again, whose owners people have changed.
///
/// `owner_of` is the owner that a service has now.
fn hear_users(entity: &mut Entity, teams: &TeamNames, owner_of: impl Fn(&str) -> Option<Ownership>) {
    let Entity::Resource(resource) = entity else { return };
    let ownership = &mut resource.ownership;
    let mut agreed: BTreeSet<Option<Text>> = BTreeSet::new();
    let mut rule = None;
    for evidence in ownership.evidence.iter_mut().filter(|evidence| evidence.field == USED_BY) {
        let owner = owner_of(&evidence.raw).unwrap_or_default();
        agreed.insert(owner.team.clone().filter(|_| owner.state == OwnershipState::Owned));
        evidence.team = owner.team;
        rule = Some(evidence.rule.clone());
    }
    let decides = ownership.state == OwnershipState::Unowned
        || ownership.state == OwnershipState::Owned && ownership.rule == rule;
    if rule.is_none() || !decides {
        return;
    }
    let team = if agreed.len() == 1 { agreed.into_iter().next().flatten() } else { None };
    for evidence in ownership.evidence.iter_mut().filter(|evidence| evidence.field == USED_BY) {
        evidence.won = team.is_some();
    }
    follow(&mut resource.product, &resource.tags, ownership.team.clone().as_ref(), team.as_ref(), teams);
    ownership.state = if team.is_some() { OwnershipState::Owned } else { OwnershipState::Unowned };
    ownership.rule = rule.filter(|_| team.is_some());
    ownership.team = team;
}

/// The ref of a service from evidence.
pub(super) fn service_ref(raw: &str) -> Option<Ref> {
    raw.parse().ok()
}
