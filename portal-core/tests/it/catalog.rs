//! What the catalog answers: as if it looked at every entity, and the same whether it was loaded or brought up to date.

use jiff::Timestamp;
use portal_core::catalog::{Entry, Filter, Hidden, Paging, Sort, TagFilter};
use portal_core::model::{
    Entity, Environment, Evidence, Health, Live, Member, Ownership, Product, Resource, Service, ServiceKind,
    ServiceType, Team, Workload,
};
use portal_core::store::{Delta, Head, Loaded, Record};
use portal_core::testing::estate;
use portal_core::{Catalog, Curated, CuratedRecord, EntityType, OwnershipState, RelationType, Text};

use crate::catalog_oracle::Oracle;
use crate::catalog_world::{ACCOUNTS, Dice, PRODUCTS, REGIONS, TEAMS, TYPES, World, checked};

const WORDS: [&str; 16] = [
    "o",
    "ap",
    "ord",
    "orders",
    "orders-1",
    "api",
    "rest",
    "s3:::",
    "::orders",
    "prod",
    "größe",
    "orders api",
    "a=b",
    "arn:aws",
    "nothing like it",
    "t e",
];

/// A filter that names some fields.
fn filter(dice: &mut Dice) -> Filter {
    let texts = |dice: &mut Dice, of: &[&str]| -> Vec<Text> {
        if dice.once_in(4) { (0..=dice.below(2)).map(|_| (*dice.one(of)).into()).collect() } else { Vec::new() }
    };
    Filter {
        teams: texts(dice, &TEAMS),
        products: texts(dice, &PRODUCTS),
        environments: texts(dice, &["prod", "dev", ACCOUNTS[0]]),
        accounts: texts(dice, &ACCOUNTS),
        types: texts(dice, &[&TYPES[..], &["kubernetes", "deployment"]].concat()),
        regions: texts(dice, &REGIONS),
        tags: texts(dice, &["TEAM=payments", "env=prod", "a=b", "critical"])
            .iter()
            .map(|t| TagFilter::parse(t))
            .collect(),
        ownership: if dice.once_in(4) { vec![*dice.one(&OwnershipState::ALL)] } else { Vec::new() },
        statuses: if dice.once_in(5) { vec![*dice.one(&Health::ALL)] } else { Vec::new() },
        hidden: *dice.one(&[Hidden::Without, Hidden::With, Hidden::Only, Hidden::Without]),
        text: dice.once_in(3).then(|| (*dice.one(&WORDS)).to_owned()),
    }
}

/// The whole of what stands in a list, which shows it in short.
fn whole(catalog: &Catalog, listed: &Entry) -> Entity {
    let whole = catalog.entry(&listed.entity_ref).expect("it is there");
    let Entry { entity_ref, mut entity, freshness, workloads, status } = whole.clone();
    let is_service = matches!(entity, Entity::Service(_));
    assert_eq!(workloads, if is_service { catalog.workloads(&entity) } else { Vec::new() });
    assert!(!is_service || status == Some(catalog.service_status(&entity_ref)));
    assert_eq!((entity.entity_ref(), catalog.freshness(&entity)), (entity_ref.clone(), freshness));
    match &mut entity {
        Entity::Resource(resource) => {
            resource.ownership.evidence.clear();
            resource.attributes.clear();
        }
        Entity::Service(service) => service.ownership.evidence.clear(),
        _ => {}
    }
    assert_eq!(Entry { entity_ref, entity, freshness, workloads, status }, *listed);
    whole.entity
}

/// Walks through all pages.
fn paged(catalog: &Catalog, of: EntityType, filter: &Filter, paging: Paging) -> Vec<Entity> {
    let mut paging = paging;
    let mut all = Vec::new();
    loop {
        let page = catalog.list(of, filter, &paging).expect("a page");
        assert!(page.items.len() <= paging.limit);
        all.extend(page.items.into_iter().map(|listed| whole(catalog, &listed)));
        match page.next_cursor {
            Some(next) => paging.cursor = Some(next),
            None => {
                assert_eq!(all.len(), page.total);
                return all;
            }
        }
    }
}

/// Compares a catalog with one that looks at everything.
fn assert_plain(catalog: &Catalog, dice: &mut Dice, rounds: usize) {
    let oracle = Oracle::of(catalog);
    for _ in 0..rounds {
        let of = *dice.one(&EntityType::ALL);
        let filter = if dice.once_in(6) { Filter::default() } else { filter(dice) };
        let (sort, descending) = (*dice.one(&Sort::ALL), dice.once_in(2));
        let expected = oracle.list(of, &filter, sort, descending);
        let paging = Paging { sort, descending, cursor: None, limit: 1 + dice.below(9) };
        assert_eq!(paged(catalog, of, &filter, paging), expected, "{of} {filter:?} by {sort:?}, {descending}");
        let mut refs: Vec<_> = expected.iter().map(Entity::entity_ref).collect();
        refs.sort();
        assert_eq!(catalog.refs(of, &filter), refs, "{of} {filter:?}");
        assert_eq!(catalog.facets(of, &filter), oracle.facets(of, &filter), "{of} {filter:?}");
        assert_eq!(catalog.counts(&filter), oracle.counts(&filter), "{filter:?}");
        let (text, limit) = (*dice.one(&WORDS), 1 + dice.below(12));
        let types: &[EntityType] = if dice.once_in(2) { &[] } else { &[EntityType::Service, EntityType::Resource] };
        assert_eq!(catalog.search(text, types, limit), oracle.search(text, types, limit), "{text} {types:?} {limit}");
        assert_eq!(catalog.named(text), oracle.named(text), "{text}");
    }
}

/// Compares everything that two catalogs say.
fn assert_same(one: &Catalog, two: &Catalog, dice: &mut Dice) {
    let (refs, others) = (Oracle::of(one).refs(), Oracle::of(two).refs());
    assert_eq!(refs, others);
    assert_eq!((one.head(), one.revision(), one.len()), (two.head(), two.revision(), two.len()));
    assert!(one.found_relations().eq(two.found_relations()), "relations");
    for entity in &refs {
        assert_eq!(one.entity(entity), two.entity(entity));
        assert_eq!(one.owner(entity), two.owner(entity));
        assert_eq!(one.why(entity), two.why(entity));
        assert_eq!(one.relations_from(entity), two.relations_from(entity));
        assert_eq!(one.relations_to(entity), two.relations_to(entity));
        assert_eq!(one.dependents(entity), two.dependents(entity), "{entity}");
        assert_eq!(one.neighbourhood(entity, 2, 20), two.neighbourhood(entity, 2, 20));
        assert_eq!(one.suggestion(entity), two.suggestion(entity));
        assert_eq!(one.service_status(entity), two.service_status(entity));
        let whole = one.entity(entity).expect("it is there");
        assert_eq!(one.freshness(&whole), two.freshness(&whole));
        assert_eq!(one.current(entity), two.current(entity));
    }
    for _ in 0..6 {
        let (of, filter) = (*dice.one(&EntityType::ALL), filter(dice));
        assert_eq!(one.facets(of, &filter), two.facets(of, &filter), "{of} {filter:?}");
        let text = *dice.one(&WORDS);
        assert_eq!(one.search(text, &[], 20), two.search(text, &[], 20), "{text}");
    }
}

#[test]
fn every_list_facet_and_search_is_that_of_looking_at_everything() {
    for seed in 0..5 {
        let mut dice = Dice::new(seed);
        let world = World::new(20 + 40 * usize::try_from(seed).expect("few"), &mut dice);
        let catalog = Catalog::new(world.loaded()).with_health(&checked(&mut dice));
        assert_plain(&catalog, &mut dice, 30);
    }
}

#[test]
fn a_catalog_that_was_brought_up_to_date_says_what_a_new_one_says() {
    for seed in 100..103 {
        let mut dice = Dice::new(seed);
        let mut world = World::new(100, &mut dice);
        let health = checked(&mut dice);
        let mut catalog = Catalog::new(world.loaded()).with_health(&health);
        // Lists by time that exist are kept up to date.
        for sort in Sort::ALL {
            for of in EntityType::ALL {
                let paging = Paging { sort, ..Paging::default() };
                catalog.list(of, &Filter::default(), &paging).expect("a page");
            }
        }
        for round in 0..6 {
            let delta =
                if dice.once_in(2) { world.edited(&mut dice) } else { world.ingested(1 + round * 3, &mut dice) };
            catalog = catalog.apply(&delta);
            let anew = Catalog::new(world.loaded()).with_health(&health);
            assert_same(&catalog, &anew, &mut dice);
            assert_plain(&catalog, &mut dice, 4);
        }
    }
}

#[test]
fn a_catalog_stays_what_it_was_when_another_is_made_from_it() {
    let mut dice = Dice::new(7);
    let mut world = World::new(120, &mut dice);
    let first = Catalog::new(world.loaded());
    let same = Catalog::new(world.loaded());
    let mut next = first.clone();
    for _ in 0..5 {
        next = next.apply(&world.ingested(10, &mut dice)).with_health(&checked(&mut dice));
    }
    assert_same(&first, &same, &mut dice);
}

#[test]
fn results_of_health_checks_change_what_lists_say_of_a_status() {
    for seed in 200..203 {
        let mut dice = Dice::new(seed);
        let world = World::new(150, &mut dice);
        let mut catalog = Catalog::new(world.loaded());
        for _ in 0..6 {
            catalog = catalog.with_health(&checked(&mut dice));
            let oracle = Oracle::of(&catalog);
            let filter = Filter { statuses: vec![Health::Down, Health::Degraded], ..Filter::default() };
            let list = paged(&catalog, EntityType::Service, &filter, Paging::default());
            assert_eq!(list, oracle.list(EntityType::Service, &filter, Sort::Name, false));
            let facets = catalog.facets(EntityType::Service, &Filter::default());
            assert_eq!(facets, oracle.facets(EntityType::Service, &Filter::default()));
        }
    }
}

#[test]
fn a_cursor_goes_on_at_its_place_when_entities_come_and_go() {
    for sort in Sort::ALL {
        for descending in [false, true] {
            let mut dice = Dice::new(31);
            let mut world = World::new(120, &mut dice);
            let mut catalog = Catalog::new(world.loaded());
            let of = EntityType::Resource;
            let mut paging = Paging { sort, descending, cursor: None, limit: 3 };
            let mut seen: Vec<Entity> = Vec::new();
            while let Some(next) = {
                let page = catalog.list(of, &Filter::default(), &paging).expect("a page");
                seen.extend(page.items.into_iter().map(|listed| whole(&catalog, &listed)));
                page.next_cursor
            } {
                paging.cursor = Some(next);
                catalog = catalog.apply(&world.ingested(2, &mut dice));
                let last = seen.last().expect("a page has something on it");
                let rest = Paging { limit: usize::MAX, ..paging.clone() };
                let rest = catalog.list(of, &Filter::default(), &rest).expect("a page").items;
                let rest: Vec<Entity> = rest.into_iter().map(|listed| whole(&catalog, &listed)).collect();
                let all = Oracle::of(&catalog).list(of, &Filter::default(), sort, descending);
                assert!(all.ends_with(&rest), "the rest is the end of the list");
                if let Some(at) = all.iter().position(|entity| entity == last) {
                    assert_eq!(rest.len(), all.len() - at - 1, "behind the last one that was seen, by {sort:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_found_in_a_large_estate_is_found_by_its_sets() {
    // Large enough that facets are counted by sets, and lists by time are kept.
    let (entities, relations) = estate::generate(6_000, 5_000);
    let mut world = World::default();
    for (at, entity) in entities.into_iter().enumerate() {
        let (first_seen, updated_at) = (estate::time(at as u64 % 7), estate::time(at as u64 % 11));
        world.entities.insert(entity.entity_ref(), Record { entity, first_seen, updated_at });
    }
    for relation in relations {
        world.relations.insert((relation.from.clone(), relation.relation, relation.to.clone()), relation);
    }
    let mut dice = Dice::new(5);
    let mut catalog = Catalog::new(world.loaded());
    for _ in 0..2 {
        assert_plain(&catalog, &mut dice, 2);
        let oracle = Oracle::of(&catalog);
        for of in [EntityType::Service, EntityType::Resource, EntityType::Workload] {
            assert_eq!(catalog.facets(of, &Filter::default()).teams, oracle.facets(of, &Filter::default()).teams);
        }
        for sort in [Sort::FirstSeen, Sort::UpdatedAt] {
            let paging = Paging { sort, descending: true, cursor: None, limit: 700 };
            let all = paged(&catalog, EntityType::Service, &Filter::default(), paging);
            assert_eq!(all, oracle.list(EntityType::Service, &Filter::default(), sort, true));
        }
        catalog = catalog.apply(&world.ingested(300, &mut dice));
    }
}

#[test]
fn an_owner_that_a_person_names_is_heard_by_what_the_service_uses() {
    let service = estate::service("shop", "cart", "web");
    let heard = Evidence { won: false, ..estate::evidence("used-by", "used by", service.entity_ref().as_str()) };
    let ownership = Ownership { state: OwnershipState::Unowned, evidence: vec![heard], ..Ownership::default() };
    let table = Entity::Resource(estate::bucket_of("data", ownership));
    let mut world = World::default();
    for entity in [estate::team("web"), estate::team("search"), service.clone(), table.clone()] {
        let (first_seen, updated_at) = (estate::time(1), estate::time(1));
        world.entities.insert(entity.entity_ref(), Record { entity, first_seen, updated_at });
    }
    let relation = estate::relation(&service, RelationType::Uses, &table);
    world.relations.insert((relation.from.clone(), relation.relation, relation.to.clone()), relation);
    let catalog = Catalog::new(world.loaded());
    assert_eq!(catalog.owner(&table.entity_ref()).expect("an owner").team, None);
    let said = CuratedRecord {
        entity: service.entity_ref(),
        curated: Curated { owner: Some("Search".into()), ..Curated::default() },
        version: 2,
        by: "ann".into(),
        edited_at: estate::time(2),
        first_at: estate::time(2),
    };
    let head = Head { revision: 2, ..catalog.head().clone() };
    let edit = Delta { head: head.clone(), curated: vec![said], ..Default::default() };
    let edited = catalog.apply(&edit);
    assert_eq!(edited.owner(&table.entity_ref()).expect("an owner").team.as_deref(), Some("search"));
    let owned = Filter { teams: vec!["search".into()], ..Filter::default() };
    assert_eq!(edited.refs(EntityType::Resource, &owned), [table.entity_ref()]);
    let back = Delta { head, gone_curated: vec![service.entity_ref()], ..Default::default() };
    let back = edited.apply(&back);
    assert_eq!(back.owner(&table.entity_ref()).expect("an owner").state, OwnershipState::Unowned);
    assert!(back.refs(EntityType::Resource, &owned).is_empty());
}

#[test]
fn neighbours_of_one_team_make_a_suggestion_by_the_names_that_they_came_with() {
    let orphan = estate::bucket_of("ledger-x", Ownership { state: OwnershipState::Unowned, ..Ownership::default() });
    let asked = Entity::Resource(orphan.clone()).entity_ref();
    let elsewhere =
        Resource { account: Some(ACCOUNTS[3].into()), ..estate::bucket_of("ledger-far", estate::owned_by("web")) };
    let mut world = World::default();
    let put = |world: &mut World, entity: Entity| {
        let (first_seen, updated_at) = (estate::time(1), estate::time(1));
        world.entities.insert(entity.entity_ref(), Record { entity, first_seen, updated_at });
    };
    for entity in [estate::team("payments"), estate::team("web"), Entity::Resource(orphan), Entity::Resource(elsewhere)]
    {
        put(&mut world, entity);
    }
    for name in ["ledger-a", "Ledger-b"] {
        put(&mut world, estate::owned_bucket(name, "payments"));
    }
    assert_eq!(Catalog::new(world.loaded()).suggestion(&asked), None, "two are too few");
    let (third, other) = (estate::owned_bucket("ledger-c", "payments"), estate::owned_bucket("photos", "web"));
    // One that people call otherwise is still a neighbour, and one that they only call so is none.
    for (entity, name) in [(&third, "Old books"), (&other, "ledger-photos")] {
        put(&mut world, entity.clone());
        let said = CuratedRecord {
            entity: entity.entity_ref(),
            curated: Curated { display_name: Some(name.into()), ..Curated::default() },
            version: 1,
            by: "ann".into(),
            edited_at: estate::time(2),
            first_at: estate::time(2),
        };
        world.curated.insert(entity.entity_ref(), said);
    }
    let found = Catalog::new(world.loaded()).suggestion(&asked).expect("three of one team");
    assert_eq!((found.team.as_str(), found.rule.as_str()), ("payments", "name"));
    assert!(
        found.reason.starts_with("3 resources of this account whose names begin with `ledger-`"),
        "{}",
        found.reason
    );
    put(&mut world, estate::owned_bucket("ledger-d", "web"));
    assert_eq!(Catalog::new(world.loaded()).suggestion(&asked), None, "two teams");
}

#[test]
fn an_entity_comes_back_as_it_was_loaded() {
    let texts: Vec<Text> = ["", "x", "Größe", "twenty-three bytes long", "twenty-four bytes long/x", "/"]
        .into_iter()
        .map(Text::from)
        .chain([Text::from("/".repeat(40)), Text::from("arn:aws:sqs:eu-west-1:000000000042:orders/".repeat(9) + "x")])
        .collect();
    let times: Vec<Timestamp> =
        ["1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z", "-009999-01-02T01:59:59.1Z", "9999-12-30T22:00:00Z"]
            .into_iter()
            .map(|time| time.parse().expect("a time"))
            .chain([Timestamp::MIN, Timestamp::MAX])
            .collect();
    let mut world = World::default();
    for (at, text) in texts.iter().enumerate() {
        let (other, time) = (&texts[(at + 3) % texts.len()], times[at % times.len()]);
        let id = |word: &str| Text::from(format!("{word}-{at}-{text}"));
        let evidence = Evidence {
            team: Some(other.clone()),
            found_on: Some(text.clone()),
            read_at: Some(time),
            ..estate::evidence(text, other, text)
        };
        let ownership = Ownership {
            state: OwnershipState::ALL[at % 5],
            team: Some(text.clone()),
            rule: Some(other.clone()),
            evidence: vec![evidence.clone(), Evidence { won: false, team: None, found_on: None, ..evidence }],
        };
        let member = Member { name: text.clone(), mail: Some(other.clone()) };
        let entities = [
            Entity::Product(Product { name: id("product"), display_name: text.clone() }),
            Entity::Team(Team {
                name: id("team"),
                display_name: text.clone(),
                aliases: texts.clone(),
                old_names: vec![other.clone()],
                parents: vec![text.clone(), other.clone()],
                product: Some(text.clone()),
                members: vec![member.clone(), Member { mail: None, ..member }],
                contact: Some(other.clone()),
                source: text.clone(),
                parts: vec![other.clone()],
            }),
            Entity::Service(Service {
                namespace: other.clone(),
                name: id("service"),
                service_type: [ServiceType::Kubernetes, ServiceType::Serverless, ServiceType::Other][at % 3],
                kind: [ServiceKind::HttpService, ServiceKind::ScheduledJob, ServiceKind::Function][at % 3],
                product: Some(text.clone()),
                tags: texts.iter().map(|value| (text.clone(), value.clone())).collect(),
                ownership: ownership.clone(),
                parts: texts.clone(),
            }),
            Entity::Workload(Workload {
                kind: other.clone(),
                arn: (at % 2 == 0).then(|| id("arn")),
                cluster: (at % 2 == 1).then(|| text.clone()),
                namespace: text.clone(),
                name: id("workload"),
                account: Some(other.clone()),
                region: Some(text.clone()),
                images: texts.clone(),
                schedule: Some("*/5 * * * *".into()),
                created_at: Some(time),
                live: Some(Live { ready: u32::MAX, desired: 0 }),
                stale_since: Some(time),
                parts: vec![text.clone()],
            }),
            Entity::Resource(Resource {
                id: id("resource"),
                resource_type: other.clone(),
                name: text.clone(),
                account: Some(text.clone()),
                region: Some(other.clone()),
                product: Some(text.clone()),
                tags: vec![(text.clone(), other.clone()), (other.clone(), text.clone())],
                tags_unread: Some(other.clone()),
                attributes: texts.iter().map(|key| (key.clone(), other.clone())).collect(),
                created_at: Some(time),
                ownership,
                stale_since: Some(time),
                parts: texts.clone(),
            }),
            Entity::Environment(Environment { account: id("account"), name: text.clone(), state: Some(other.clone()) }),
        ];
        for entity in entities {
            let (first_seen, updated_at) = (time, times[(at + 1) % times.len()]);
            world.entities.insert(entity.entity_ref(), Record { entity, first_seen, updated_at });
        }
    }
    let catalog = Catalog::new(world.loaded());
    let empty = Catalog::new(Loaded::default());
    let entities = world.entities.values().cloned().collect();
    let added = empty.apply(&Delta { entities, ..Delta::default() });
    for (entity_ref, record) in &world.entities {
        for catalog in [&catalog, &added] {
            assert_eq!(catalog.entity(entity_ref).as_ref(), Ok(&record.entity));
            let freshness = catalog.freshness(&record.entity);
            assert_eq!(freshness.first_seen, Some(record.first_seen));
            assert_eq!(freshness.updated_at, Some(record.updated_at));
        }
    }
}
