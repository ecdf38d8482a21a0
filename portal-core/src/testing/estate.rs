//! Entities, relations, parts and changes for tests: small ones by hand, large ones by number, always the same.

use jiff::Timestamp;

use crate::digest::Digest;

use crate::id::{Ref, Text};
use crate::model::{
    Entity, Environment, Evidence, Live, Ownership, OwnershipState, Product, Relation, RelationType, Resource, Service,
    ServiceKind, ServiceType, Team, Workload,
};
use crate::observe::{Observation, ResourceSeen, Tags};
use crate::part::{Known, Part};
use crate::source::{Outcome, Scope};
use crate::store::{Change, ScopeState};

/// The account of everything here, with leading zeros.
pub const ACCOUNT: &str = "000000000042";

/// The region of everything here.
pub const REGION: &str = "eu-west-1";

/// A change that puts entities and relations, with the digests that an ingest would give them.
pub fn change(entities: impl IntoIterator<Item = Entity>, relations: impl IntoIterator<Item = Relation>) -> Change {
    Change {
        cause: Text::new_static("test"),
        rules: Text::new_static("rules"),
        put_entities: entities.into_iter().map(|entity| (entity.clone(), digest(&entity))).collect(),
        put_relations: relations
            .into_iter()
            .map(|relation| (relation.clone(), Digest::of(&relation.evidence)))
            .collect(),
        ..Change::default()
    }
}

/// The digest of an entity, without its counts of running copies.
pub fn digest(entity: &Entity) -> Digest {
    Digest::of(entity.without_live().as_ref())
}

/// A team.
pub fn team(name: &str) -> Entity {
    Entity::Team(Team { name: name.into(), display_name: name.into(), source: "test".into(), ..Team::default() })
}

/// A product.
pub fn product(name: &str) -> Entity {
    Entity::Product(Product { name: name.into(), display_name: name.into() })
}

/// The environment of [`ACCOUNT`].
pub fn environment() -> Entity {
    Entity::Environment(Environment { account: ACCOUNT.into(), name: "production".into(), state: None })
}

/// A bucket without an owner.
pub fn bucket(name: &str) -> Entity {
    Entity::Resource(bucket_of(name, Ownership { state: OwnershipState::Unowned, ..Ownership::default() }))
}

/// A bucket that a team owns.
pub fn owned_bucket(name: &str, team: &str) -> Entity {
    Entity::Resource(bucket_of(name, owned_by(team)))
}

/// A bucket, for a test that changes something about it.
pub fn bucket_of(name: &str, ownership: Ownership) -> Resource {
    Resource {
        id: format!("arn:aws:s3:::{name}").into(),
        resource_type: "bucket".into(),
        name: name.into(),
        account: Some(ACCOUNT.into()),
        region: Some(REGION.into()),
        product: None,
        tags: Vec::new(),
        tags_unread: None,
        attributes: [("versioning".into(), "on".into())].into(),
        created_at: None,
        ownership,
        stale_since: None,
        parts: vec![part_key("s3")],
    }
}

/// A service that a team owns.
pub fn service(namespace: &str, name: &str, team: &str) -> Entity {
    Entity::Service(Service {
        namespace: namespace.into(),
        name: name.into(),
        service_type: ServiceType::Kubernetes,
        kind: ServiceKind::HttpService,
        product: None,
        tags: vec![("team".into(), team.into())],
        ownership: owned_by(team),
        parts: vec![part_key("deployments")],
    })
}

/// A deployment with its counts.
pub fn workload(namespace: &str, name: &str, live: Option<Live>) -> Entity {
    Entity::Workload(Workload {
        kind: "deployment".into(),
        arn: None,
        cluster: Some("prod".into()),
        namespace: namespace.into(),
        name: name.into(),
        account: Some(ACCOUNT.into()),
        region: Some(REGION.into()),
        images: vec![format!("registry.example/{name}:1").into()],
        schedule: None,
        created_at: None,
        live,
        stale_since: None,
        parts: vec![part_key("deployments")],
    })
}

/// The ownership of what a tag says is a team's.
pub fn owned_by(team: &str) -> Ownership {
    let evidence = Evidence { team: Some(team.into()), ..evidence("tag", "tag team", team) };
    Ownership {
        state: OwnershipState::Owned,
        team: Some(team.into()),
        rule: Some("tag".into()),
        evidence: vec![evidence],
    }
}

/// A claim that won.
pub fn evidence(rule: &str, field: &str, raw: &str) -> Evidence {
    Evidence {
        rule: rule.into(),
        field: field.into(),
        raw: raw.into(),
        team: None,
        won: true,
        found_on: None,
        source: "test".into(),
        part: part_key("s3"),
        read_at: None,
    }
}

/// A relation with one evidence.
pub fn relation(from: &Entity, relation: RelationType, to: &Entity) -> Relation {
    let (from, to) = (from.entity_ref(), to.entity_ref());
    let evidence = vec![evidence("reference", "env TARGET", to.local())];
    Relation { from, relation, to, evidence }
}

/// The key of a kind's part in the scope of [`ACCOUNT`] and [`REGION`].
pub fn part_key(kind: &str) -> Text {
    Part::key(&folder(), kind)
}

/// A part that was read whole in a run, a minute after the run before.
pub fn part(kind: &str, run: u64, items: u64) -> Part {
    Part {
        key: part_key(kind),
        source: "test".into(),
        scope: scope(),
        kind: kind.into(),
        run,
        outcome: Outcome::complete(),
        items,
        unread: Vec::new(),
        read_at: time(run),
        good_at: Some(time(run)),
        content: Some(format!("content of run {run}").into()),
        hold: None,
        set_aside: Vec::new(),
    }
}

/// What a run knows of the scope of [`ACCOUNT`] and [`REGION`].
pub fn scope_state(run: u64) -> ScopeState {
    ScopeState {
        folder: folder().into(),
        source: "test".into(),
        scope: scope(),
        run,
        manifest: format!("manifest of run {run}").into(),
        read_at: time(run),
    }
}

/// Observations of so many buckets.
pub fn observations(count: usize) -> Vec<Known> {
    (0..count)
        .map(|at| {
            Known::fresh(Observation::Resource(Box::new(ResourceSeen {
                id: format!("arn:aws:s3:::bucket-{at}").into(),
                resource_type: "bucket".into(),
                name: format!("bucket-{at}").into(),
                tags: Tags::read(vec![("team".into(), "payments".into())]),
                ..ResourceSeen::default()
            })))
        })
        .collect()
}

/// The end of a run.
pub fn time(run: u64) -> Timestamp {
    let minutes = i64::try_from(run).expect("runs of tests are few");
    Timestamp::from_second(1_700_000_000 + 60 * minutes).expect("a time of this century")
}

/// An estate of so many entities and relations, the same for the same numbers, sorted as a store gives them back.
///
/// A tenth are teams, two fifths services with a workload each, and the rest buckets.
///
/// # Panics
/// If there are fewer than 20 entities, or so many relations that two of them would be the same.
pub fn generate(entities: usize, relations: usize) -> (Vec<Entity>, Vec<Relation>) {
    assert!(entities >= 20, "too few to have some of each type");
    let teams: Vec<Entity> = (0..entities / 10).map(|at| team(&format!("team-{at}"))).collect();
    let team_name = |at: usize| format!("team-{}", at % teams.len());
    let pairs = entities * 2 / 5;
    let namespace = |at: usize| format!("namespace-{}", at % 10);
    let name = |at: usize| format!("service-{at}");
    let services: Vec<Entity> = (0..pairs).map(|at| service(&namespace(at), &name(at), &team_name(at))).collect();
    let workloads: Vec<Entity> = (0..pairs)
        .map(|at| workload(&namespace(at), &name(at), Some(Live { ready: u32::from(at % 7 != 0), desired: 1 })))
        .collect();
    let rest = entities - teams.len() - services.len() - workloads.len();
    let buckets: Vec<Entity> = (0..rest)
        .map(|at| {
            let name = format!("bucket-{at}");
            if at % 3 == 0 { bucket(&name) } else { owned_bucket(&name, &team_name(at)) }
        })
        .collect();
    let mut links: Vec<Relation> = (0..relations)
        .map(|at| {
            let (from, round) = (at % pairs, at / pairs);
            match round {
                0 => relation(&services[from], RelationType::RunsAs, &workloads[from]),
                1 => relation(&services[from], RelationType::DependsOn, &services[(from + 1) % pairs]),
                _ => {
                    assert!(round < rest, "more relations than there are different ones");
                    relation(&services[from], RelationType::Uses, &buckets[(from * 31 + round) % rest])
                }
            }
        })
        .collect();
    let mut all: Vec<Entity> = [teams, services, workloads, buckets].concat();
    all.sort_by_cached_key(Entity::entity_ref);
    links.sort_by_cached_key(|link| (link.from.clone(), link.relation, link.to.clone()));
    (all, links)
}

/// The ref of a bucket.
pub fn bucket_ref(name: &str) -> Ref {
    Ref::resource(&format!("arn:aws:s3:::{name}"))
}

fn scope() -> Scope {
    Scope::Aws { account: ACCOUNT.into(), region: REGION.into() }
}

fn folder() -> String {
    crate::snapshot::layout::scope_folder("aws", &scope()).to_string()
}
