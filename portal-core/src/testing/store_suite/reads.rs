//! Clauses about reading: neighbourhoods, names, counts, many rows, and readers beside a writer.

use std::sync::Arc;

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join;

use super::{StoreFixture, commit, entities, load, record, refs};
use crate::id::{EntityType, Ref};
use crate::model::{Entity, Environment, OwnershipState, Relation, RelationType, Resource, Team};
use crate::store::{Change, Loaded, Store};
use crate::testing::estate::{
    self, bucket, bucket_ref, change, environment, generate, owned_bucket, owned_by, product, relation, service, team,
    workload,
};

/// The asked entities, their relations in both directions, and the entities at the other ends.
pub async fn around_shows_both_directions(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (web, cart, pay) = (service("shop", "web", "t"), service("shop", "cart", "t"), service("shop", "pay", "t"));
    let (copy, far) = (workload("shop", "cart", None), bucket("far"));
    let calls = relation(&web, RelationType::DependsOn, &cart);
    let needs = relation(&cart, RelationType::DependsOn, &pay);
    let runs = relation(&cart, RelationType::RunsAs, &copy);
    let beyond = relation(&pay, RelationType::Uses, &far);
    let links = [calls.clone(), needs.clone(), runs.clone(), beyond];
    let all = [web.clone(), cart.clone(), pay.clone(), copy.clone(), far.clone(), environment(), team("t")];
    commit(&*store, &change(all, links)).await;
    let around = around(&*store, &[&cart]).await;
    let found = refs(&around);
    for near in [&web, &cart, &pay, &copy, &team("t")] {
        assert!(found.contains(&near.entity_ref()), "{} is not there", near.entity_ref());
    }
    assert!(!found.contains(&far.entity_ref()), "two steps are too far");
    let mut expected = vec![calls, needs, runs];
    expected.sort_by_key(|r| (r.from.clone(), r.relation, r.to.clone()));
    assert_eq!(around.relations, expected);
    let whole = load(&*store, None).await;
    assert_eq!(record(&around, &cart), record(&whole, &cart), "with its times");
    assert_eq!((around.revision, around.revised_at), (whole.revision, whole.revised_at));
}

/// Around a team stand what it owns, and the teams above and below it.
pub async fn around_a_team_stands_what_it_owns(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let child = |name: &str, parent: &str| match team(name) {
        Entity::Team(child) => Entity::Team(Team { parents: vec![parent.into()], ..child }),
        other => other,
    };
    let owned = [owned_bucket("a", "shop"), service("x", "web", "shop")];
    let others = [owned_bucket("b", "shop-2"), bucket("c"), service("x", "job", "Shop")];
    let teams = [child("shop", "all"), team("all"), child("cart", "shop")];
    commit(&*store, &change([owned.clone().as_slice(), &others, &teams].concat(), [])).await;
    let found = refs(&around(&*store, &[&team("shop")]).await);
    for near in owned.iter().chain(&teams) {
        assert!(found.contains(&near.entity_ref()), "{} is not there", near.entity_ref());
    }
    for far in &others {
        assert!(!found.contains(&far.entity_ref()), "{} is another team's", far.entity_ref());
    }
}

/// Around a product stand its services and teams, around an environment what is in it.
pub async fn around_a_product_and_an_environment_stands_what_is_in_them(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let part_of = |entity: Entity| match entity {
        Entity::Service(mut service) => {
            service.product = Some("checkout".into());
            Entity::Service(service)
        }
        Entity::Team(mut team) => {
            team.product = Some("checkout".into());
            Entity::Team(team)
        }
        other => other,
    };
    let inside = [part_of(service("x", "web", "t")), part_of(team("payments"))];
    let outside = [service("x", "job", "t"), bucket("a"), workload("x", "web", None)];
    let elsewhere =
        Entity::Resource(Resource { account: Some("42".into()), ..estate::bucket_of("far", owned_by("t")) });
    let here = [product("checkout"), product("search"), environment()];
    let all = [inside.as_slice(), &outside, &here, std::slice::from_ref(&elsewhere)].concat();
    commit(&*store, &change(all, [])).await;
    let found = refs(&around(&*store, &[&product("checkout")]).await);
    assert!(inside.iter().all(|entity| found.contains(&entity.entity_ref())), "{found:?}");
    assert!(!outside.iter().any(|entity| found.contains(&entity.entity_ref())), "{found:?}");
    let found = refs(&around(&*store, &[&environment()]).await);
    assert!(outside[1..].iter().all(|entity| found.contains(&entity.entity_ref())), "{found:?}");
    assert!(!found.contains(&elsewhere.entity_ref()), "leading zeros make another account");
    let found = refs(&around(&*store, &[&bucket("a")]).await);
    assert!(found.contains(&environment().entity_ref()), "{found:?}");
}

/// What is not there is left out, and nothing is around nothing.
pub async fn around_leaves_out_what_is_not_there(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let none = store.around(&[bucket_ref("a"), Ref::team("t")]).await.expect("a state");
    assert_eq!((none.entities.len(), none.relations.len(), none.revision), (0, 0, 0));
    commit(&*store, &change([bucket("a"), bucket("b"), service("x", "web", "t")], [])).await;
    let some = store.around(&[bucket_ref("gone"), bucket_ref("a"), bucket_ref("a")]).await.expect("a state");
    assert_eq!(entities(&some), [bucket("a")]);
    assert_eq!(store.around(&[]).await.expect("a state").relations, []);
}

/// A page of a large estate may ask for more at once than a database takes in one statement.
pub async fn around_takes_many_refs(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let link = relation(&service("x", "web", "t"), RelationType::Uses, &bucket("b-39999"));
    commit(&*store, &change([bucket("b-7"), bucket("b-39999"), service("x", "web", "t")], [link.clone()])).await;
    let many: Vec<Ref> = (0..40_000).map(|at| bucket_ref(&format!("b-{at}"))).collect();
    let around = store.around(&many).await.expect("a state");
    assert_eq!((around.entities.len(), around.relations), (3, vec![link]));
}

/// A name is compared without case, as a whole, in any script; the refs are sorted.
pub async fn a_name_is_found_without_case(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let named = |account: &str, name: &str| {
        Entity::Environment(Environment { account: account.into(), name: name.into(), state: None })
    };
    let all = [
        bucket("Orders"),
        service("shop", "orders", "t"),
        bucket("orders-2"),
        named("1", "Größe ÖST"),
        named("2", "größe öst"),
        named("3", "Grosse OST"),
        named("4", "ΔΟΚΙΜΗ"),
    ];
    commit(&*store, &change(all, [])).await;
    for text in ["orders", "ORDERS", "Orders"] {
        let found = store.named(text, 10).await.expect("names");
        assert_eq!(found, [bucket_ref("Orders"), Ref::service("shop", "orders")], "{text}");
    }
    for text in ["größe öst", "Größe ÖST", "GRößE ÖST"] {
        let found = store.named(text, 10).await.expect("names");
        assert_eq!(found, [Ref::environment("1"), Ref::environment("2")], "{text}");
    }
    assert_eq!(store.named("δοκιμη", 10).await.expect("names"), [Ref::environment("4")]);
    for text in ["order", "orders ", "", "%", "ord_rs", "shop/orders"] {
        assert_eq!(store.named(text, 10).await.expect("names"), [], "{text}");
    }
}

/// Of many with one name, the first by ref are given, and no more than asked for.
pub async fn a_name_is_found_up_to_a_limit(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let all: Vec<Entity> = (0..9).rev().map(|at| service(&format!("n{at}"), "Wéb", "t")).collect();
    commit(&*store, &change(all, [])).await;
    for limit in [0, 1, 4, 9, 100, usize::MAX] {
        let expected: Vec<Ref> = (0..limit.min(9)).map(|at| Ref::service(&format!("n{at}"), "Wéb")).collect();
        assert_eq!(store.named("wéb", limit).await.expect("names"), expected, "{limit}");
        assert_eq!(store.named("Wéb", limit).await.expect("names"), expected, "{limit}");
    }
}

/// Each type with each of its states is counted as it is now; types without an owner have no state.
pub async fn counts_are_those_of_now(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let state = |name: &str, state| {
        Entity::Resource(estate::bucket_of(name, crate::Ownership { state, ..crate::Ownership::default() }))
    };
    let mut all: Vec<Entity> = OwnershipState::ALL.iter().map(|s| state(s.as_str(), *s)).collect();
    all.extend([bucket("more"), team("a"), team("b"), service("x", "web", "a"), workload("x", "web", None)]);
    commit(&*store, &change(all, [])).await;
    commit(&*store, &change([bucket("owned")], [])).await;
    commit(&*store, &super::retire([team("b").entity_ref(), bucket_ref("conflict")])).await;
    let mut counts = store.counts().await.expect("counts");
    counts.sort();
    assert_eq!(
        counts,
        [
            (EntityType::Team, None, 1),
            (EntityType::Service, Some(OwnershipState::Owned), 1),
            (EntityType::Workload, None, 1),
            (EntityType::Resource, Some(OwnershipState::Unowned), 3),
            (EntityType::Resource, Some(OwnershipState::Unregistered), 1),
            (EntityType::Resource, Some(OwnershipState::Unknown), 1),
        ]
    );
}

/// Five thousand entities and ten thousand relations in one change come back, each once.
pub async fn many_rows_come_back(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (all, links) = generate(5_000, 10_000);
    let head = commit(&*store, &change(all.clone(), links.clone())).await;
    assert_eq!(head.revision, 1);
    let loaded = load(&*store, None).await;
    assert!(entities(&loaded) == all, "the entities differ");
    assert!(loaded.relations == links, "the relations differ");
    let digests = store.digests().await.expect("digests");
    assert_eq!((digests.entities.len(), digests.relations.len()), (5_000, 10_000));
    assert!(all.iter().all(|entity| digests.entities[&entity.entity_ref()] == estate::digest(entity)));
}

/// After a change of a hundredth of a large estate, that hundredth is new and all else is as it was.
pub async fn a_small_change_of_many_rows_leaves_the_rest(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (all, links) = generate(5_000, 10_000);
    commit(&*store, &change(all.clone(), links.clone())).await;
    let owned = |at: &usize| owned_bucket(&format!("bucket-{at}"), "another-team");
    let changed: Vec<Entity> = (0..25).map(|at| owned(&(at * 3))).collect();
    let retired: Vec<Ref> = (0..25).map(|at| bucket_ref(&format!("bucket-{}", at * 3 + 1))).collect();
    let unlinked: Vec<_> = links.iter().step_by(200).map(|r| (r.from.clone(), r.relation, r.to.clone())).collect();
    let relinked: Vec<Relation> = links.iter().skip(1).step_by(200).cloned().map(with_new_evidence).collect();
    let small = Change {
        retired_entities: retired.clone(),
        retired_relations: unlinked.clone(),
        ..change(changed.clone(), relinked.clone())
    };
    commit(&*store, &small).await;
    let (before, now) = (load(&*store, 1).await, load(&*store, None).await);
    assert!(entities(&before) == all && before.relations == links, "the first revision differs");
    assert_eq!((now.entities.len(), now.relations.len()), (5_000 - 25, 10_000 - 50));
    let mut updated = 0;
    for record in now.entities.iter() {
        assert_eq!(Some(record.first_seen), before.revised_at);
        if Some(record.updated_at) == now.revised_at {
            assert!(changed.contains(&record.entity), "{}", record.entity.entity_ref());
            updated += 1;
        } else {
            assert_eq!(Some(record.updated_at), before.revised_at);
        }
    }
    assert_eq!(updated, changed.len());
    assert!(!refs(&now).iter().any(|entity| retired.contains(entity)));
    assert!(relinked.iter().all(|link| now.relations.contains(link)));
    assert!(!now.relations.iter().any(|r| unlinked.contains(&(r.from.clone(), r.relation, r.to.clone()))));
}

/// Whoever reads while somebody writes sees the state of one revision, never a mixture.
pub async fn a_reader_sees_one_state_while_somebody_writes(fixture: &dyn StoreFixture) {
    let (writer, reader) = (fixture.open().await, fixture.open().await);
    commit(&*writer, &round(1)).await;
    let done = AtomicBool::new(false);
    let write = async {
        for at in 2..=25 {
            commit(&*writer, &round(at)).await;
        }
        done.store(true, Ordering::SeqCst);
    };
    let read = async {
        let mut last = 0;
        while !done.load(Ordering::SeqCst) {
            for loaded in [load(&*reader, None).await, reader.around(&[Ref::team("all")]).await.expect("a state")] {
                assert!(loaded.revision >= last, "a later read saw an older state");
                last = loaded.revision;
                assert_one_state(&loaded);
            }
            let digests = reader.digests().await.expect("digests");
            let digest = digests.entities[&bucket_ref("b-0")];
            assert!(digests.entities.iter().filter(|(r, _)| r.as_str() != "team:all").all(|(_, d)| *d == digest));
        }
    };
    join(write, read).await;
    assert_eq!(load(&*reader, None).await.revision, 25);
}

/// How many entities each round puts anew.
const ROWS: usize = 60;

/// All entities, relations and parts carry the number of the round, and so does their digest.
fn round(at: u64) -> Change {
    let all = (0..ROWS).map(|n| {
        let mut bucket = estate::bucket_of(&format!("b-{n}"), owned_by("all"));
        bucket.tags = vec![("round".into(), at.to_string().into())];
        Entity::Resource(bucket)
    });
    let links = (0..ROWS).map(|n| {
        let mut link = relation(&bucket(&format!("b-{n}")), RelationType::CreatedBy, &team("all"));
        link.evidence[0].raw = at.to_string().into();
        link
    });
    let mut change = change(all.chain([team("all")]), links);
    for (_, digest) in &mut change.put_entities {
        *digest = crate::Digest::of(&at);
    }
    change.parts = vec![(estate::part("s3", at, at), Some(Arc::default()))];
    change
}

fn assert_one_state(loaded: &Loaded) {
    let at = loaded.revision.to_string();
    let buckets: Vec<Resource> = loaded
        .entities
        .iter()
        .filter_map(|record| match record.entity {
            Entity::Resource(bucket) => Some(bucket),
            _ => None,
        })
        .collect();
    assert_eq!((buckets.len(), loaded.relations.len()), (ROWS, ROWS));
    assert!(buckets.iter().all(|bucket| bucket.tags[0].1 == at), "entities of two states at {at}");
    assert!(loaded.relations.iter().all(|link| link.evidence[0].raw == at), "relations of two states at {at}");
    assert_eq!(loaded.parts[0].run, loaded.revision, "the parts are of another state");
}

fn with_new_evidence(mut link: Relation) -> Relation {
    link.evidence[0].field = "env ANOTHER".into();
    link
}

async fn around(store: &dyn Store, asked: &[&Entity]) -> Loaded {
    let asked: Vec<Ref> = asked.iter().map(|entity| entity.entity_ref()).collect();
    store.around(&asked).await.expect("a state")
}
