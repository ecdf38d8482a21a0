//! A small estate that changes at random, and always the same way for the same seed.
//!
//! Everything repeats in it: names over namespaces and accounts, keys of tags in other spellings, names of environments.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portal_core::curated::{Added, Curated, CuratedRecord, Hidden};
use portal_core::health::Checked;
use portal_core::model::{
    Entity, Environment, Evidence, Health, Live, Ownership, OwnershipState, Product, Relation, RelationType, Resource,
    Service, ServiceKind, ServiceType, Team, Workload,
};
use portal_core::part::Part;
use portal_core::store::{Delta, Head, Loaded, Record, RelationKey};
use portal_core::testing::estate;
use portal_core::{Ref, Text};

/// Chance that comes back.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    fn word(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        if self.once_in(3) { None } else { Some(value(self)) }
    }
}

const NAMES: [&str; 14] = [
    "orders",
    "Orders",
    "orders-api",
    "orders-12",
    "orders-123",
    "api",
    "cart",
    "Größe-log",
    "a",
    "cart=x",
    "x y",
    "web",
    "web-orders",
    "i-0abc12",
];
pub(crate) const TEAMS: [&str; 5] = ["payments", "search", "cart", "web", "ghost"];
pub(crate) const PRODUCTS: [&str; 3] = ["checkout", "catalogue", "lost"];
pub(crate) const ACCOUNTS: [&str; 4] = ["000000000042", "000000000043", "000000000044", "111122223333"];
pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "eu-west-2", "us-east-1"];
pub(crate) const TYPES: [&str; 4] = ["bucket", "table", "function", "ec2:vpc"];
const TAG_KEYS: [&str; 6] = ["team", "Team", "env", "a=b", "a", "Name"];
const TAG_VALUES: [&str; 6] = ["payments", "prod", "", "b", "b=c", "Orders"];

/// What a store would hold.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) entities: BTreeMap<Ref, Record>,
    pub(crate) relations: BTreeMap<RelationKey, Relation>,
    pub(crate) curated: BTreeMap<Ref, CuratedRecord>,
    parts: BTreeMap<Text, Part>,
    head: Head,
}

impl World {
    /// A world of about so many entities.
    pub(crate) fn new(size: usize, dice: &mut Dice) -> World {
        let mut world = World { head: Head { revision: 1, generation: 1, rules: None }, ..World::default() };
        for run in 1..4 {
            let part = estate::part(["s3", "deployments", "lambda"][run - 1], run as u64, 3);
            world.parts.insert(part.key.clone(), part);
        }
        for _ in 0..size {
            world.put_entity(dice);
            world.put_relation(dice);
        }
        for _ in 0..size / 6 {
            world.put_words(dice);
        }
        world
    }

    pub(crate) fn loaded(&self) -> Loaded {
        Loaded {
            head: self.head.clone(),
            revision: self.head.revision,
            revised_at: Some(estate::time(self.head.revision)),
            entities: self.entities.values().cloned().collect(),
            relations: self.relations.values().cloned().collect(),
            parts: self.parts.values().cloned().collect(),
            findings: Vec::new(),
            curated: self.curated.values().cloned().collect(),
        }
    }

    /// Only people say something.
    pub(crate) fn edited(&mut self, dice: &mut Dice) -> Delta {
        let before = self.clone();
        for _ in 0..=dice.below(3) {
            self.put_words(dice);
        }
        self.head.revision += 1;
        Delta { parts: None, live: Vec::new(), findings: None, ..self.since(&before) }
    }

    /// Everything may change.
    pub(crate) fn ingested(&mut self, changes: usize, dice: &mut Dice) -> Delta {
        let before = self.clone();
        for _ in 0..changes {
            match dice.below(8) {
                0 => self.lose_entity(dice),
                1 => self.lose_relation(dice),
                2 | 3 => self.put_relation(dice),
                4 => self.scale(dice),
                5 => self.put_words(dice),
                _ => self.put_entity(dice),
            }
        }
        self.head.revision += 1;
        self.head.generation += 1;
        self.since(&before)
    }

    fn since(&self, before: &World) -> Delta {
        let live = self.entities.iter().filter_map(|(entity, record)| match &record.entity {
            Entity::Workload(workload) => Some((entity.clone(), workload.live?)),
            _ => None,
        });
        let is_same = |record: &Record, other: &Record| {
            record.entity.without_live() == other.entity.without_live()
                && (record.first_seen, record.updated_at) == (other.first_seen, other.updated_at)
        };
        let new =
            |(entity, record): &(&Ref, &Record)| !before.entities.get(*entity).is_some_and(|it| is_same(it, record));
        Delta {
            head: self.head.clone(),
            revised_at: Some(estate::time(self.head.revision)),
            entities: self.entities.iter().filter(new).map(|(_, record)| record.clone()).collect(),
            gone: before.entities.keys().filter(|entity| !self.entities.contains_key(*entity)).cloned().collect(),
            relations: differing(&before.relations, &self.relations),
            gone_relations: before.relations.keys().filter(|key| !self.relations.contains_key(*key)).cloned().collect(),
            live: live.collect(),
            parts: Some(self.parts.values().cloned().collect()),
            findings: Some(Vec::new()),
            curated: differing(&before.curated, &self.curated),
            gone_curated: before.curated.keys().filter(|said| !self.curated.contains_key(*said)).cloned().collect(),
        }
    }

    fn put_entity(&mut self, dice: &mut Dice) {
        let entity = match dice.below(16) {
            0 => team(dice),
            1 => estate::product(dice.word(&PRODUCTS)),
            2 => Entity::Product(Product { name: "checkout".into(), display_name: "The Checkout".into() }),
            3 => environment(dice),
            4..=6 => service(dice),
            7..=9 => workload(dice),
            _ => resource(dice),
        };
        let entity_ref = entity.entity_ref();
        let updated_at = time(dice);
        let first_seen = self.entities.get(&entity_ref).map_or_else(|| time(dice), |known| known.first_seen);
        self.entities.insert(entity_ref, Record { entity, first_seen, updated_at });
    }

    fn lose_entity(&mut self, dice: &mut Dice) {
        let all: Vec<Ref> = self.entities.keys().cloned().collect();
        if !all.is_empty() {
            self.entities.remove(dice.one(&all));
        }
    }

    fn scale(&mut self, dice: &mut Dice) {
        let mut workloads: Vec<&mut Record> =
            self.entities.values_mut().filter(|record| matches!(record.entity, Entity::Workload(_))).collect();
        if workloads.is_empty() {
            return;
        }
        let at = dice.below(workloads.len());
        if let Entity::Workload(workload) = &mut workloads[at].entity {
            workload.live = live(dice);
        }
    }

    fn put_relation(&mut self, dice: &mut Dice) {
        let (from, to) = match dice.below(5) {
            0 | 1 => (service(dice), workload(dice)),
            2 => (service(dice), service(dice)),
            3 => (service(dice), resource(dice)),
            _ => (resource(dice), resource(dice)),
        };
        let kind = match (&from, &to) {
            (_, Entity::Workload(_)) => RelationType::RunsAs,
            (_, Entity::Service(_)) => RelationType::DependsOn,
            (Entity::Service(_), _) => RelationType::Uses,
            _ => RelationType::CreatedBy,
        };
        let mut relation = estate::relation(&from, kind, &to);
        relation.evidence[0].raw = (*dice.one(&NAMES)).into();
        self.relations.insert((relation.from.clone(), kind, relation.to.clone()), relation);
    }

    fn lose_relation(&mut self, dice: &mut Dice) {
        let all: Vec<RelationKey> = self.relations.keys().cloned().collect();
        if !all.is_empty() {
            self.relations.remove(dice.one(&all));
        }
    }

    fn put_words(&mut self, dice: &mut Dice) {
        let about = match dice.below(10) {
            0..=3 => service(dice),
            4 => workload(dice),
            5 => team(dice),
            _ => resource(dice),
        };
        let entity = about.entity_ref();
        if dice.once_in(3) {
            self.curated.remove(&entity);
            return;
        }
        let curated = Curated {
            added: dice.once_in(3).then(|| Added { kind: ServiceKind::HttpService, product: Some("checkout".into()) }),
            display_name: dice.once_in(2).then(|| (*dice.one(&NAMES)).into()),
            description: dice.once_in(3).then(|| "Where Orders go to rest".into()),
            status_url: dice.once_in(2).then(|| (*dice.one(&["https://a.example", "https://b.example"])).into()),
            tags: dice.once_in(4).then(|| vec!["critical".into(), "a=b".into()]),
            owner: dice.once_in(2).then(|| (*dice.one(&["Payments", "search", "old-web", "nobody", " "])).into()),
            hidden: dice.once_in(5).then(|| Hidden { by: "ann".into(), at: time(dice), why: None }),
            rejected: if dice.once_in(5) { vec!["payments".into()] } else { Vec::new() },
            ..Curated::default()
        };
        let first_at = self.curated.get(&entity).map_or_else(|| time(dice), |said| said.first_at);
        let version = self.head.revision + 1;
        let record = CuratedRecord {
            entity: entity.clone(),
            curated,
            version,
            by: "ann".into(),
            edited_at: time(dice),
            first_at,
        };
        self.curated.insert(entity, record);
    }
}

/// Results of health checks.
pub(crate) fn checked(dice: &mut Dice) -> Vec<Checked> {
    (0..8)
        .map(|_| {
            let status = *dice.one(&Health::ALL);
            Checked {
                service: service(dice).entity_ref(),
                url: (*dice.one(&["https://a.example", "https://b.example"])).into(),
                status,
                newest: status,
                detail: "200 in 1 ms".into(),
                recent: vec![status],
                checked_at: time(dice),
                since: time(dice),
            }
        })
        .collect()
}

fn differing<K: Ord, V: Clone + PartialEq>(before: &BTreeMap<K, V>, after: &BTreeMap<K, V>) -> Vec<V> {
    let new = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    new.map(|(_, value)| value.clone()).collect()
}

fn time(dice: &mut Dice) -> Timestamp {
    estate::time(dice.below(6) as u64)
}

fn live(dice: &mut Dice) -> Option<Live> {
    dice.maybe(|dice| Live { ready: dice.below(3) as u32, desired: 2 })
}

fn team(dice: &mut Dice) -> Entity {
    let name = *dice.one(&TEAMS);
    Entity::Team(Team {
        name: name.into(),
        display_name: name.to_uppercase().into(),
        aliases: if dice.once_in(2) { vec![(*dice.one(&["Pay", "shop", "Old Web"])).into()] } else { Vec::new() },
        old_names: if dice.once_in(3) { vec!["old-web".into()] } else { Vec::new() },
        parents: if dice.once_in(3) { vec![(*dice.one(&TEAMS)).into()] } else { Vec::new() },
        product: dice.maybe(|dice| (*dice.one(&PRODUCTS)).into()),
        source: "test".into(),
        ..Team::default()
    })
}

fn environment(dice: &mut Dice) -> Entity {
    // Two accounts may go by one name.
    let (account, name) = (*dice.one(&ACCOUNTS), *dice.one(&["prod", "dev"]));
    Entity::Environment(Environment { account: account.into(), name: name.into(), state: None })
}

fn service(dice: &mut Dice) -> Entity {
    Entity::Service(Service {
        namespace: (*dice.one(&["shop", "data"])).into(),
        name: (*dice.one(&NAMES[..8])).into(),
        service_type: *dice.one(&[ServiceType::Kubernetes, ServiceType::Serverless]),
        kind: *dice.one(&[ServiceKind::HttpService, ServiceKind::Function]),
        product: dice.maybe(|dice| (*dice.one(&PRODUCTS)).into()),
        tags: tags(dice),
        ownership: ownership(dice),
        parts: vec![estate::part_key("deployments")],
    })
}

fn workload(dice: &mut Dice) -> Entity {
    Entity::Workload(Workload {
        kind: (*dice.one(&["deployment", "cronjob"])).into(),
        arn: None,
        cluster: Some("prod".into()),
        namespace: (*dice.one(&["shop", "data"])).into(),
        name: (*dice.one(&NAMES[..8])).into(),
        account: dice.maybe(|dice| (*dice.one(&ACCOUNTS)).into()),
        region: dice.maybe(|dice| (*dice.one(&REGIONS)).into()),
        images: Vec::new(),
        schedule: None,
        created_at: dice.maybe(time),
        live: live(dice),
        stale_since: None,
        parts: vec![estate::part_key("deployments")],
    })
}

fn resource(dice: &mut Dice) -> Entity {
    let name = *dice.one(&NAMES);
    let id = match dice.below(4) {
        0 => format!("arn:aws:ec2:eu-west-1:{}:instance/i-{}", dice.one(&ACCOUNTS), dice.below(9)),
        1 => format!("{name}-{}", dice.below(9)),
        _ => format!("arn:aws:s3:::{}{name}", dice.one(&["", "shop-"])),
    };
    Entity::Resource(Resource {
        id: id.into(),
        resource_type: (*dice.one(&TYPES)).into(),
        name: name.into(),
        account: dice.maybe(|dice| (*dice.one(&ACCOUNTS)).into()),
        region: dice.maybe(|dice| (*dice.one(&REGIONS)).into()),
        product: dice.maybe(|dice| (*dice.one(&PRODUCTS)).into()),
        tags: tags(dice),
        tags_unread: None,
        attributes: [("engine".into(), "x".into())].into(),
        created_at: dice.maybe(time),
        ownership: ownership(dice),
        stale_since: None,
        parts: vec![estate::part_key("s3")],
    })
}

fn tags(dice: &mut Dice) -> Vec<(Text, Text)> {
    let mut tags: Vec<(Text, Text)> =
        (0..dice.below(4)).map(|_| ((*dice.one(&TAG_KEYS)).into(), (*dice.one(&TAG_VALUES)).into())).collect();
    tags.sort();
    tags
}

fn ownership(dice: &mut Dice) -> Ownership {
    let state = *dice.one(&OwnershipState::ALL);
    let mut evidence = Vec::new();
    if dice.once_in(2) {
        evidence.push(estate::evidence("tag", "tag team", dice.word(&TEAMS)));
    }
    for _ in 0..dice.below(3) {
        let user = Ref::service(dice.word(&["shop", "data"]), dice.word(&NAMES[..8]));
        evidence.push(Evidence { won: false, ..estate::evidence("used-by", "used by", user.as_str()) });
    }
    let team = matches!(state, OwnershipState::Owned | OwnershipState::Unknown).then(|| (*dice.one(&TEAMS)).into());
    let rule = (state == OwnershipState::Owned).then(|| (*dice.one(&["tag", "used-by"])).into());
    Ownership { state, team, rule, evidence }
}
