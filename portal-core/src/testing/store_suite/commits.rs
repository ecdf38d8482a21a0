//! Clauses about commits: whole, one after the other, and counted.

use std::sync::Arc;

use futures::future::{join, join_all};

use super::{StoreFixture, commit, entities, load, refs};
use crate::error::ErrorKind;
use crate::resolve::{Finding, FindingKind};
use crate::store::{Change, Head, Store};
use crate::testing::estate::{self, bucket, change, part, scope_state};

/// A new store is empty, at revision 0, and was never resolved.
pub async fn an_empty_store_has_nothing(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    assert_eq!(store.head().await.expect("a head"), Head { revision: 0, generation: 0, rules: None });
    assert_eq!(store.scopes().await.expect("scopes"), []);
    assert_eq!(store.parts().await.expect("parts"), []);
    assert_eq!(store.counts().await.expect("counts"), []);
    let digests = store.digests().await.expect("digests");
    assert!(digests.entities.is_empty() && digests.relations.is_empty() && digests.live.is_empty());
    assert_eq!(digests.findings, None);
    for at in [None, Some(0)] {
        let loaded = load(&*store, at).await;
        assert_eq!((loaded.revision, loaded.revised_at), (0, None), "{at:?}");
        assert!(loaded.entities.is_empty() && loaded.relations.is_empty(), "{at:?}");
        assert!(loaded.parts.is_empty() && loaded.findings.is_empty(), "{at:?}");
    }
    assert!(!store.location().is_empty());
}

/// A change of entities is one revision, with a time and the rules that it was resolved with.
pub async fn a_commit_makes_one_revision(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (before, first) = (store.now(), commit(&*store, &change([bucket("a"), bucket("b")], [])).await);
    assert_eq!((first.revision, first.generation, first.rules.as_deref()), (1, 1, Some("rules")));
    assert_eq!(store.head().await.expect("a head"), first);
    let other = Change { rules: "other rules".into(), ..change([bucket("c")], []) };
    let second = commit(&*store, &other).await;
    assert_eq!((second.revision, second.generation, second.rules.as_deref()), (2, 2, Some("other rules")));
    let after = store.now();
    let times = [load(&*store, 1).await, load(&*store, None).await].map(|loaded| loaded.revised_at.expect("a time"));
    let order = [before, times[0], times[1], after];
    assert!(order.is_sorted(), "the times of revisions grow: {order:?}");
}

/// What one handle wrote, another one reads.
pub async fn a_commit_is_seen_by_every_handle(fixture: &dyn StoreFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    assert_eq!(two.head().await.expect("a head").generation, 0);
    let head = commit(&*one, &change([bucket("a")], [])).await;
    assert_eq!(two.head().await.expect("a head"), head);
    assert_eq!(entities(&load(&*two, None).await), [bucket("a")]);
    let head = commit(&*two, &change([bucket("b")], [])).await;
    assert_eq!(one.head().await.expect("a head"), head);
    assert_eq!(load(&*one, None).await.entities.len(), 2);
}

/// Scopes, parts and counts are kept without a revision; the generation grows all the same.
pub async fn bookkeeping_alone_makes_no_revision(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let first = commit(&*store, &change([bucket("a")], [])).await;
    let nothing = change([], []);
    let scope = Change { scopes: vec![scope_state(1)], ..nothing.clone() };
    let parts = Change { parts: vec![(part("s3", 1, 0), Some(Arc::default()))], ..nothing.clone() };
    for (grown, change) in [scope, parts, nothing].iter().enumerate() {
        let head = commit(&*store, change).await;
        assert_eq!(head.revision, first.revision);
        assert_eq!(head.generation, first.generation + 1 + grown as u64);
        assert_eq!(store.head().await.expect("a head"), head);
    }
    assert_eq!(store.scopes().await.expect("scopes"), [scope_state(1)]);
    assert_eq!(store.parts().await.expect("parts"), [part("s3", 1, 0)]);
    assert_eq!(load(&*store, None).await.revised_at, load(&*store, 1).await.revised_at);
}

/// Findings are something that people see: a change of them is a revision.
pub async fn findings_alone_make_a_revision(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let finding = Finding { kind: FindingKind::SetAside, subject: None, message: "a record".into() };
    let findings = vec![finding];
    let digest = crate::Digest::of(&findings);
    let head = commit(&*store, &Change { findings: Some((findings.clone(), digest)), ..change([], []) }).await;
    assert_eq!(head.revision, 1);
    assert_eq!(load(&*store, None).await.findings, findings);
}

/// Whoever read an older state than the newest is told so, be the newest one a revision or bookkeeping.
pub async fn a_commit_on_an_old_head_is_a_conflict(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let empty = store.head().await.expect("a head");
    let first = commit(&*store, &change([bucket("a")], [])).await;
    let second = commit(&*store, &Change { scopes: vec![scope_state(1)], ..change([], []) }).await;
    for old in [&empty, &first] {
        let error = store.commit(old, &change([bucket("b")], [])).await.expect_err("an old head");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
    store.commit(&second, &change([bucket("b")], [])).await.expect("the newest head");
}

/// A commit that is refused leaves entities, relations, parts, scopes, counts and findings as they were.
pub async fn a_conflict_changes_nothing(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let empty = store.head().await.expect("a head");
    let (all, links) = estate::generate(20, 10);
    let first = Change {
        scopes: vec![scope_state(1)],
        parts: vec![(part("s3", 1, 2), Some(estate::observations(2).into()))],
        ..change(all.clone(), links)
    };
    let head = commit(&*store, &first).await;
    let before = load(&*store, None).await;
    let findings = vec![Finding { kind: FindingKind::Conflict, subject: None, message: "two".into() }];
    let digest = crate::Digest::of(&findings);
    let second = Change {
        scopes: vec![scope_state(2)],
        parts: vec![(part("s3", 2, 0), Some(Arc::default())), (part("rds", 2, 0), None)],
        retired_entities: refs(&before),
        retired_relations: before.relations.iter().map(|r| (r.from.clone(), r.relation, r.to.clone())).collect(),
        live: all.iter().map(|entity| (entity.entity_ref(), None)).collect(),
        findings: Some((findings, digest)),
        ..change([bucket("new")], [])
    };
    store.commit(&empty, &second).await.expect_err("an old head");
    let after = load(&*store, None).await;
    assert_eq!(store.head().await.expect("a head"), head);
    assert_eq!((after.revision, after.revised_at), (before.revision, before.revised_at));
    assert_eq!(after.entities, before.entities);
    assert_eq!(after.relations, before.relations);
    assert_eq!(after.parts, before.parts);
    assert_eq!(after.findings, []);
    assert_eq!(store.scopes().await.expect("scopes"), [scope_state(1)]);
    let observations = store.observations(&[estate::part_key("s3")]).await.expect("observations");
    assert_eq!(observations[&estate::part_key("s3")], estate::observations(2));
    assert!(store.load(Some(2)).await.is_err(), "there is no second revision");
}

/// Of two writers that start from one state, exactly one is told that it wrote, and only its work is there.
pub async fn two_commits_at_once_have_one_winner(fixture: &dyn StoreFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    for round in 0..10_u64 {
        let head = one.head().await.expect("a head");
        let changes = ["one", "two"].map(|name| change([bucket(&format!("{name}-{round}"))], []));
        let (first, second) = join(one.commit(&head, &changes[0]), two.commit(&head, &changes[1])).await;
        let (winner, loser) = match (first, second) {
            (Ok(winner), Err(loser)) => (format!("one-{round}"), (winner, loser)),
            (Err(loser), Ok(winner)) => (format!("two-{round}"), (winner, loser)),
            (Ok(_), Ok(_)) => panic!("both were told that they wrote"),
            (Err(one), Err(two)) => panic!("neither wrote: {one}; {two}"),
        };
        let (head, error) = loser;
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert_eq!(head.revision, round + 1);
        let loaded = load(&*two, None).await;
        assert_eq!(loaded.entities.len() as u64, round + 1);
        assert!(refs(&loaded).contains(&estate::bucket_ref(&winner)), "{winner} is not there");
    }
}

/// Writers that read again after a conflict all get their work in, each in a revision of its own.
pub async fn writers_that_repeat_lose_no_work(fixture: &dyn StoreFixture) {
    const WRITERS: usize = 4;
    const COMMITS: usize = 5;
    let stores = join_all((0..WRITERS).map(|_| fixture.open())).await;
    join_all(stores.iter().enumerate().map(|(writer, store)| write(&**store, writer, COMMITS))).await;
    let loaded = load(&*stores[0], None).await;
    assert_eq!((loaded.entities.len(), loaded.revision), (WRITERS * COMMITS, (WRITERS * COMMITS) as u64));
}

async fn write(store: &dyn Store, writer: usize, commits: usize) {
    let mut done = 0;
    while done < commits {
        let head = store.head().await.expect("a head");
        match store.commit(&head, &change([bucket(&format!("{writer}-{done}"))], [])).await {
            Ok(_) => done += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
}
