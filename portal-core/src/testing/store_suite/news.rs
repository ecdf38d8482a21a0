//! Clauses about hearing of what is new, and what that is.

use std::pin::pin;
use std::sync::Arc;

use futures::future::{join, join_all, poll_immediate};

use super::edits::{edit, says};
use super::{StoreFixture, commit, load, retire};
use crate::curated::Curated;
use crate::error::ErrorKind;
use crate::id::Ref;
use crate::model::{Live, RelationType};
use crate::resolve::{Finding, FindingKind};
use crate::store::{Change, Delta, Head, Loaded, Record, Store};
use crate::testing::estate::{
    bucket, bucket_ref, change, owned_bucket, part, relation, scope_state, service, workload,
};

/// Who waits hears of an edit, of a commit, and of one without a revision; until then there is nothing to hear.
pub async fn who_waits_hears_of_every_change(fixture: &dyn StoreFixture) {
    let (store, other) = (fixture.open().await, fixture.open().await);
    let mut head = store.head().await.expect("a head");
    for round in 0..3 {
        let old = head.clone();
        let mut waiting = pin!(store.newer_than(&old));
        assert!(poll_immediate(&mut waiting).await.is_none(), "nothing is new");
        let next = match round {
            0 => edit(&*other, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await,
            1 => commit(&*other, &change([bucket("a")], [])).await,
            _ => commit(&*other, &Change { scopes: vec![scope_state(1)], ..change([], []) }).await,
        };
        assert_eq!(waiting.await.expect("news"), next);
        head = next;
    }
}

/// Who asks about an old head has its answer at once.
pub async fn an_old_head_is_not_the_newest(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let empty = store.head().await.expect("a head");
    let head = commit(&*store, &change([bucket("a")], [])).await;
    assert_eq!(store.newer_than(&empty).await.expect("news"), head);
    let edited = edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    assert_eq!(store.newer_than(&head).await.expect("news"), edited);
    assert_eq!(store.newer_than(&empty).await.expect("news"), edited);
}

/// Who knows a head that the store never was at hears which one it is at.
pub async fn a_head_of_another_line_is_not_the_newest(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let head = commit(&*store, &change([bucket("a")], [])).await;
    for other in [Head { revision: 9, ..head.clone() }, Head { generation: 9, ..head.clone() }] {
        assert_eq!(store.newer_than(&other).await.expect("news"), head);
    }
}

/// Many may wait at once, on one handle and on several; who gives up disturbs nobody.
pub async fn many_may_wait_and_give_up(fixture: &dyn StoreFixture) {
    let (store, other) = (fixture.open().await, fixture.open().await);
    let head = commit(&*store, &change([bucket("a")], [])).await;
    for _ in 0..20 {
        assert!(poll_immediate(store.newer_than(&head)).await.is_none(), "nothing is new");
    }
    let waiting =
        (0..300_u32).map(|at| if at.is_multiple_of(3) { other.newer_than(&head) } else { store.newer_than(&head) });
    let edits = async { edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await };
    let (heard, edited) = join(join_all(waiting), edits).await;
    assert!(heard.into_iter().all(|news| news.expect("news") == edited), "all hear the same");
}

/// Where nothing is new, there is no difference.
pub async fn since_the_newest_state_nothing_changed(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    assert_nothing(&*store, store.head().await.expect("a head")).await;
    let head = commit(&*store, &round(1)).await;
    assert_nothing(&*store, head).await;
}

async fn assert_nothing(store: &dyn Store, head: Head) {
    let delta = store.since(&head).await.expect("a difference");
    let nothing = Delta { head, revised_at: delta.revised_at, ..Delta::default() };
    assert_eq!(format!("{delta:?}"), format!("{nothing:?}"));
}

/// Any earlier state and the difference since then give the newest state.
pub async fn a_difference_leads_from_any_state_to_the_newest(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let mut states = vec![load(&*store, None).await];
    let a = bucket_ref("b-0");
    for at in 1..=8 {
        commit(&*store, &round(at)).await;
        states.push(load(&*store, None).await);
        let seen = load(&*store, None).await.curated.iter().find(|said| said.entity == a).map_or(0, |it| it.version);
        let words = if at.is_multiple_of(3) { Curated::default() } else { says(&at.to_string()) };
        edit(&*store, "ann", &[(&a, seen, words), (&bucket_ref(&format!("said-{at}")), 0, says("x"))]).await;
        states.push(load(&*store, None).await);
        let now = load(&*store, None).await;
        for state in &states {
            let delta = store.since(&state.head).await.expect("a difference");
            assert_same(&applied(state, &delta), &now);
            assert_eq!((&delta.head, delta.revised_at), (&now.head, now.revised_at));
        }
    }
}

/// Only what differs is given: not what stayed, nor what came and went in between.
pub async fn a_difference_holds_only_what_differs(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, data) = (service("shop", "cart", "a"), bucket("data"));
    let link = relation(&cart, RelationType::Uses, &data);
    let first = change([cart.clone(), data.clone(), bucket("stays"), bucket("goes")], [link.clone()]);
    let then = commit(&*store, &first).await;
    commit(&*store, &change([bucket("guest"), owned_bucket("data", "a")], [])).await;
    commit(&*store, &retire([bucket_ref("guest"), bucket_ref("goes")])).await;
    let key = (link.from.clone(), link.relation, link.to.clone());
    commit(&*store, &Change { retired_relations: vec![key.clone()], ..change([bucket("new")], []) }).await;
    let said = edit(&*store, "ann", &[(&bucket_ref("guest"), 0, says("x"))]).await;
    edit(&*store, "ann", &[(&bucket_ref("guest"), said.revision, Curated::default())]).await;
    let delta = store.since(&then).await.expect("a difference");
    let refs: Vec<Ref> = delta.entities.iter().map(|record| record.entity.entity_ref()).collect();
    assert_eq!(refs, [bucket_ref("data"), bucket_ref("new")]);
    assert_eq!((delta.gone, delta.relations, delta.gone_relations), (vec![bucket_ref("goes")], vec![], vec![key]));
    assert_eq!((delta.curated, delta.gone_curated), (vec![], vec![]));
}

/// Counts, parts and findings are given whole where a commit may have changed them, and left out where none was.
pub async fn a_difference_of_edits_alone_holds_edits_alone(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let then = commit(&*store, &round(1)).await;
    edit(&*store, "ann", &[(&bucket_ref("b-0"), 0, says("x"))]).await;
    let delta = store.since(&then).await.expect("a difference");
    assert_eq!((delta.live.len(), delta.parts.is_none(), delta.findings.is_none()), (0, true, true));
    assert_eq!((delta.curated.len(), delta.entities.len()), (1, 0));
    let copy = workload("shop", "copy", None).entity_ref();
    let counts = Change { live: vec![(copy.clone(), Some(Live { ready: 7, desired: 9 }))], ..change([], []) };
    commit(&*store, &counts).await;
    let delta = store.since(&delta.head).await.expect("a difference");
    assert_eq!(delta.live, [(copy, Live { ready: 7, desired: 9 })]);
    assert_eq!((delta.parts.map(|parts| parts.len()), delta.findings.map(|all| all.len())), (Some(1), Some(1)));
    assert_eq!((delta.entities.len(), delta.curated.len()), (0, 0));
}

/// Who knows a state that the store never was at is told to begin anew.
pub async fn a_difference_to_another_line_is_a_conflict(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let head = commit(&*store, &change([bucket("a")], [])).await;
    for other in [Head { revision: 2, ..head.clone() }, Head { generation: 2, ..head.clone() }] {
        let error = store.since(&other).await.expect_err("another line");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
}

/// A change in which something comes, changes, goes and comes again.
fn round(at: u64) -> Change {
    let owner = format!("team-{at}");
    let copy = workload("shop", "copy", Some(Live { ready: u32::try_from(at).expect("few"), desired: 9 }));
    let changed = (0..6_u64).filter(|n| at.is_multiple_of(n + 1)).map(|n| owned_bucket(&format!("b-{n}"), &owner));
    let (even, odd) = (bucket("even"), bucket("odd"));
    let (comes, goes) = if at.is_multiple_of(2) { (&even, &odd) } else { (&odd, &even) };
    let mut link = relation(&copy, RelationType::Uses, comes);
    link.evidence[0].raw = owner.clone().into();
    let gone = relation(&copy, RelationType::Uses, goes);
    let finding = Finding { kind: FindingKind::Conflict, subject: None, message: owner.clone().into() };
    let mut all = change(changed.chain([comes.clone()]), [link]);
    if at == 1 {
        all.put_entities.push((copy.clone(), crate::testing::estate::digest(&copy)));
    } else {
        all.retired_entities.push(goes.entity_ref());
        all.retired_relations.push((gone.from, gone.relation, gone.to));
        all.live.push((copy.entity_ref(), (!at.is_multiple_of(4)).then_some(Live { ready: 3, desired: 4 })));
    }
    all.findings = Some((vec![finding.clone()], crate::Digest::of(&finding)));
    all.parts = vec![(part("s3", at, at), Some(Arc::default()))];
    all
}

/// A state with a difference put into it, as a reader does.
fn applied(state: &Loaded, delta: &Delta) -> Loaded {
    let mut new = state.clone();
    let key = |record: &Record| record.entity.entity_ref();
    let fresh: Vec<Ref> = delta.entities.iter().map(key).collect();
    let mut entities: Vec<Record> = new.entities.iter().collect();
    entities.retain(|record| !fresh.contains(&key(record)) && !delta.gone.contains(&key(record)));
    entities.extend(delta.entities.iter().cloned());
    entities.sort_by_cached_key(key);
    if delta.head.generation != state.head.generation {
        for record in &mut entities {
            let wanted = record.entity.entity_ref();
            if let crate::model::Entity::Workload(workload) = &mut record.entity {
                workload.live = delta.live.iter().find(|(one, _)| *one == wanted).map(|(_, live)| *live);
            }
        }
    }
    new.entities = entities.into_iter().collect();
    let key = |it: &crate::model::Relation| (it.from.clone(), it.relation, it.to.clone());
    let fresh: Vec<_> = delta.relations.iter().map(key).collect();
    new.relations.retain(|it| !fresh.contains(&key(it)) && !delta.gone_relations.contains(&key(it)));
    new.relations.extend(delta.relations.iter().cloned());
    new.relations.sort_by_cached_key(key);
    let fresh: Vec<&Ref> = delta.curated.iter().map(|said| &said.entity).collect();
    new.curated.retain(|said| !fresh.contains(&&said.entity) && !delta.gone_curated.contains(&said.entity));
    new.curated.extend(delta.curated.iter().cloned());
    new.curated.sort_by_cached_key(|said| said.entity.clone());
    new.parts = delta.parts.clone().unwrap_or(new.parts);
    new.findings = delta.findings.clone().unwrap_or(new.findings);
    new
}

fn assert_same(one: &Loaded, two: &Loaded) {
    assert_eq!(one.entities, two.entities);
    assert_eq!(one.relations, two.relations);
    assert_eq!((&one.parts, &one.findings), (&two.parts, &two.findings));
    assert_eq!(one.curated, two.curated);
}
