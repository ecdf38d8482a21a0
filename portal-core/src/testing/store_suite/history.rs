//! Clauses about what was: validity of rows, first sight, and counts that make no history.

use super::{StoreFixture, commit, entities, load, record, retire};
use crate::error::ErrorKind;
use crate::id::Text;
use crate::model::{Entity, Live, Ownership, OwnershipState, RelationType};
use crate::store::Change;
use crate::testing::estate::{
    bucket, bucket_of, change, digest, evidence, owned_bucket, relation, service, time, workload,
};

/// What a change retires is not there any more, and still there at the revision before.
pub async fn what_is_retired_is_gone_and_stays_in_history(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a"), bucket("b")], [])).await;
    commit(&*store, &retire([bucket("a").entity_ref()])).await;
    assert_eq!(entities(&load(&*store, None).await), [bucket("b")]);
    assert_eq!(entities(&load(&*store, 2).await), [bucket("b")]);
    let earlier = load(&*store, 1).await;
    assert_eq!(entities(&earlier), [bucket("a"), bucket("b")]);
    assert_eq!(earlier.revision, 1);
    assert_eq!(store.named("a", 9).await.expect("names"), []);
    assert!(!store.digests().await.expect("digests").entities.contains_key(&bucket("a").entity_ref()));
    assert!(store.around(&[bucket("a").entity_ref()]).await.expect("a state").entities.is_empty());
}

/// An entity that changed is the new one now and the old one before.
pub async fn what_changed_stays_as_it_was_in_history(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a"), bucket("b")], [])).await;
    commit(&*store, &change([owned_bucket("a", "payments")], [])).await;
    assert_eq!(entities(&load(&*store, 1).await), [bucket("a"), bucket("b")]);
    assert_eq!(entities(&load(&*store, 2).await), [owned_bucket("a", "payments"), bucket("b")]);
    let now = load(&*store, None).await;
    assert_eq!(now.entities, load(&*store, 2).await.entities);
    let untouched = record(&now, &bucket("b"));
    assert_eq!(Some(untouched.updated_at), load(&*store, 1).await.revised_at, "it was not changed since");
}

/// Ten revisions later, each one is as it was when it was made.
pub async fn every_revision_stays_readable(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let mut states = Vec::new();
    for round in 1..=10_u32 {
        let put = owned_bucket(&format!("b{}", round % 4), &format!("team-{round}"));
        let link = relation(&service("shop", "cart", "t"), RelationType::Uses, &put);
        let mut change = change([put], [link]);
        if round % 5 == 0 {
            change.retired_entities.push(bucket("b1").entity_ref());
        }
        commit(&*store, &change).await;
        states.push(load(&*store, None).await);
    }
    for state in states {
        let again = load(&*store, state.revision).await;
        assert_eq!((again.revision, again.revised_at), (state.revision, state.revised_at));
        assert_eq!(again.entities, state.entities, "revision {}", state.revision);
        assert_eq!(again.relations, state.relations, "revision {}", state.revision);
    }
}

/// A revision that there never was is not found; the beginning was, and was empty.
pub async fn an_unknown_revision_is_not_found(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    for newest in 0..3 {
        for at in [newest + 1, newest + 100, u64::MAX] {
            let error = store.load(Some(at)).await.expect_err("it never was");
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
        assert_eq!(entities(&load(&*store, 0).await), []);
        commit(&*store, &change([bucket(&newest.to_string())], [])).await;
    }
}

/// An entity that changed keeps the time at which it came, and has the time of its change.
pub async fn what_only_changed_was_first_seen_before(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let made = |team: &str| with_created(&owned_bucket("a", team), Some(1));
    for team in ["one", "two", "three"] {
        commit(&*store, &change([made(team)], [])).await;
    }
    let first = load(&*store, 1).await.revised_at.expect("a time");
    let last = load(&*store, None).await;
    let found = record(&last, &made("three"));
    assert_eq!((found.first_seen, Some(found.updated_at)), (first, last.revised_at));
}

/// One that was made at another time is another thing under the same ref.
pub async fn what_was_made_anew_starts_again(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    for created in [1, 2] {
        commit(&*store, &change([with_created(&bucket("a"), Some(created))], [])).await;
    }
    let now = load(&*store, None).await;
    assert_eq!(Some(record(&now, &bucket("a")).first_seen), now.revised_at);
    let before = load(&*store, 1).await;
    assert_eq!(Some(record(&before, &bucket("a")).first_seen), before.revised_at);
}

/// Not to know when a thing was made, or to learn it late, does not make it a new one.
pub async fn what_does_not_say_when_it_was_made_was_not_made_anew(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    for created in [None, Some(1), None] {
        commit(&*store, &change([with_created(&bucket("a"), created)], [])).await;
        let now = load(&*store, None).await;
        let found = record(&now, &bucket("a"));
        assert_eq!(Some(found.first_seen), load(&*store, 1).await.revised_at, "made at {created:?}");
    }
}

/// One that was gone and is there again came now.
pub async fn what_returns_starts_again(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a"), bucket("b")], [])).await;
    commit(&*store, &retire([bucket("a").entity_ref()])).await;
    commit(&*store, &change([bucket("a")], [])).await;
    let now = load(&*store, None).await;
    assert_eq!(Some(record(&now, &bucket("a")).first_seen), now.revised_at);
    assert_eq!(Some(record(&now, &bucket("b")).first_seen), load(&*store, 1).await.revised_at);
    assert_eq!(entities(&load(&*store, 2).await), [bucket("b")], "the gap stays");
}

/// A relation with its evidence is there, gone, and there again, each at its revisions.
pub async fn a_relation_can_go_and_come_back(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, orders) = (service("shop", "cart", "t"), bucket("orders"));
    let link = relation(&cart, RelationType::Uses, &orders);
    let key = (link.from.clone(), link.relation, link.to.clone());
    commit(&*store, &change([cart, orders], [link.clone()])).await;
    commit(&*store, &Change { retired_relations: vec![key.clone()], ..change([], []) }).await;
    assert_eq!(load(&*store, None).await.relations, []);
    assert!(store.digests().await.expect("digests").relations.is_empty());
    let head = commit(&*store, &change([], [link.clone()])).await;
    assert_eq!(head.revision, 3, "a change of relations alone is a revision");
    assert_eq!(load(&*store, None).await.relations, std::slice::from_ref(&link));
    assert_eq!(load(&*store, 1).await.relations, [link]);
    assert_eq!(load(&*store, 2).await.relations, []);
    assert_eq!(load(&*store, None).await.entities.len(), 2, "the entities stayed");
}

/// A relation that is put again has its new evidence now, and its old one before.
pub async fn a_relation_takes_its_new_evidence(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, orders) = (service("shop", "cart", "t"), bucket("orders"));
    let old = relation(&cart, RelationType::Uses, &orders);
    let mut new = old.clone();
    new.evidence = vec![evidence("reference", "env A", "x"), evidence("tag", "tag service", "cart")];
    new.evidence[1].read_at = Some(time(3));
    new.evidence[1].found_on = Some("bucket orders".into());
    commit(&*store, &change([cart.clone(), orders.clone()], [old.clone()])).await;
    // Another relation between the same two is another relation.
    let other = relation(&cart, RelationType::CreatedBy, &orders);
    commit(&*store, &change([], [new.clone(), other.clone()])).await;
    assert_eq!(load(&*store, 1).await.relations, [old]);
    assert_eq!(load(&*store, None).await.relations, [new, other]);
}

/// Counts that differ are shown at once, without a revision, a new digest or a change of the workload's times.
pub async fn counts_of_copies_are_kept_in_place(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (full, half) = (Live { ready: 2, desired: 2 }, Live { ready: 1, desired: 2 });
    let web = |live| workload("shop", "web", live);
    commit(&*store, &change([web(Some(full))], [])).await;
    let before = load(&*store, None).await;
    for (round, live) in [Some(half), None, Some(full)].into_iter().enumerate() {
        let head = commit(&*store, &Change { live: vec![(web(None).entity_ref(), live)], ..change([], []) }).await;
        assert_eq!((head.revision, head.generation), (1, round as u64 + 2));
        let loaded = load(&*store, None).await;
        assert_eq!(entities(&loaded), [web(live)]);
        let (then, now) = (record(&before, &web(None)), record(&loaded, &web(None)));
        assert_eq!((now.first_seen, now.updated_at), (then.first_seen, then.updated_at));
        let digests = store.digests().await.expect("digests");
        assert_eq!(digests.live.get(&web(None).entity_ref()).copied(), live);
        assert_eq!(digests.entities[&web(None).entity_ref()], digest(&web(None)));
        let around = store.around(&[web(None).entity_ref()]).await.expect("a state");
        assert_eq!(record(&around, &web(None)).entity, web(live));
    }
}

/// A workload that is put has the counts it was put with, and counts of what is not there are no error.
pub async fn counts_of_copies_come_with_their_workload(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let web = |image: &str, live| match workload("shop", "web", live) {
        Entity::Workload(mut web) => {
            web.images = vec![Text::from(image)];
            Entity::Workload(web)
        }
        other => other,
    };
    let (full, half) = (Live { ready: 2, desired: 2 }, Live { ready: 1, desired: 2 });
    commit(&*store, &change([web("web:1", Some(full))], [])).await;
    commit(&*store, &change([web("web:2", Some(half))], [])).await;
    assert_eq!(entities(&load(&*store, None).await), [web("web:2", Some(half))]);
    commit(&*store, &change([web("web:3", None)], [])).await;
    let gone = (workload("shop", "gone", None).entity_ref(), Some(full));
    commit(&*store, &Change { live: vec![gone], ..change([], []) }).await;
    assert_eq!(entities(&load(&*store, None).await), [web("web:3", None)]);
    assert!(store.digests().await.expect("digests").live.is_empty());
}

fn with_created(entity: &Entity, created: Option<u64>) -> Entity {
    let own = entity.ownership().cloned();
    let mut bucket =
        bucket_of(entity.name(), own.unwrap_or(Ownership { state: OwnershipState::Unowned, ..Ownership::default() }));
    bucket.created_at = created.map(time);
    Entity::Resource(bucket)
}
