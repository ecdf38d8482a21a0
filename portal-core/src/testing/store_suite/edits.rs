//! Clauses about what people say.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join;

use super::{StoreFixture, commit, load, retire};
use crate::curated::{Added, Curated, CuratedRecord, Edit, Hidden, Link};
use crate::error::ErrorKind;
use crate::id::Ref;
use crate::model::{RelationType, ServiceKind};
use crate::store::{Change, Head, Loaded, Store};
use crate::testing::estate::{
    self, bucket, bucket_ref, change, owned_bucket, part, relation, scope_state, service, team, time,
};

/// An edit is one revision that names who made it; the generation and the rules stay.
pub async fn an_edit_makes_one_revision_and_leaves_the_generation(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let before = commit(&*store, &change([bucket("a")], [])).await;
    let head = edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    assert_eq!(head, Head { revision: 2, ..before });
    assert_eq!(store.head().await.expect("a head"), head);
    let loaded = load(&*store, None).await;
    assert_eq!((loaded.revision, &loaded.head), (2, &head));
    let made_at = loaded.revised_at.expect("a time");
    let expected = CuratedRecord {
        entity: bucket_ref("a"),
        curated: says("one"),
        version: 2,
        by: "ann".into(),
        edited_at: made_at,
        first_at: made_at,
    };
    assert_eq!(loaded.curated, [expected]);
}

/// A state that is loaded says which head it was read at, also where it is an earlier one.
pub async fn what_is_loaded_knows_the_head(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a")], [])).await;
    let head = commit(&*store, &change([bucket("b")], [])).await;
    for loaded in [load(&*store, None).await, load(&*store, 1).await] {
        assert_eq!(loaded.head, head);
    }
    assert_eq!(store.around(&[bucket_ref("a")]).await.expect("a state").head, head);
}

/// What one handle wrote, another one reads, and edits on.
pub async fn an_edit_is_seen_by_every_handle(fixture: &dyn StoreFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    edit(&*one, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    assert_eq!(load(&*two, None).await.curated[0].curated, says("one"));
    edit(&*two, "bob", &[(&bucket_ref("a"), 1, says("two"))]).await;
    let seen = load(&*one, None).await.curated;
    assert_eq!((seen[0].curated.clone(), seen[0].version, seen[0].by.as_str()), (says("two"), 2, "bob"));
}

/// What was collected, its times and its digests stay as they were.
pub async fn an_edit_changes_nothing_that_was_collected(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (entities, relations) = estate::generate(30, 20);
    let first = Change {
        scopes: vec![scope_state(1)],
        parts: vec![(part("s3", 1, 2), Some(estate::observations(2).into()))],
        ..change(entities, relations)
    };
    commit(&*store, &first).await;
    let (before, digests) = (load(&*store, None).await, store.digests().await.expect("digests"));
    edit(&*store, "ann", &[(&bucket_ref("bucket-1"), 0, says("one")), (&Ref::team("team-1"), 0, hidden())]).await;
    let (after, digests_after) = (load(&*store, None).await, store.digests().await.expect("digests"));
    assert_eq!((&after.entities, &after.relations), (&before.entities, &before.relations));
    assert_eq!((&after.parts, &after.findings), (&before.parts, &before.findings));
    assert_eq!((digests.entities, digests.relations), (digests_after.entities, digests_after.relations));
    assert_eq!(store.counts().await.expect("counts").iter().map(|count| count.2).sum::<u64>(), 30);
}

/// What people say stays, whatever a collection run finds, changes or misses.
pub async fn a_commit_changes_nothing_that_people_said(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a")], [])).await;
    edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    let said = load(&*store, None).await.curated;
    commit(&*store, &change([owned_bucket("a", "x")], [])).await;
    assert_eq!(load(&*store, None).await.curated, said);
    commit(&*store, &retire([bucket_ref("a")])).await;
    assert_eq!(load(&*store, None).await.curated, said);
}

/// An edit between an ingest's read and its commit is not lost, and the ingest does not start again.
pub async fn an_edit_during_an_ingest_disturbs_nobody(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let read = commit(&*store, &change([bucket("a")], [])).await;
    let edited = edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    let committed = store.commit(&read, &change([bucket("b")], [])).await.expect("it is not disturbed");
    assert_eq!((committed.revision, committed.generation), (edited.revision + 1, read.generation + 1));
    assert_eq!(store.head().await.expect("a head"), committed);
    let now = load(&*store, None).await;
    assert_eq!((now.entities.len(), now.curated.len()), (2, 1));
    let then = load(&*store, edited.revision).await;
    assert_eq!((then.entities.len(), then.curated.len()), (1, 1));
    let bookkeeping = Change { scopes: vec![scope_state(1)], ..change([], []) };
    edit(&*store, "ann", &[(&bucket_ref("b"), 0, says("two"))]).await;
    let kept = store.commit(&committed, &bookkeeping).await.expect("it is not disturbed");
    assert_eq!((kept.revision, kept.generation), (committed.revision + 1, committed.generation + 1));
}

/// People may speak first: the first ingest comes after them.
pub async fn an_edit_may_come_before_the_first_commit(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let empty = store.head().await.expect("a head");
    let added = Curated {
        added: Some(Added { kind: ServiceKind::HttpService, product: Some("shop".into()) }),
        ..Curated::default()
    };
    let by_hand = Ref::service("by-hand", "wiki");
    let head = edit(&*store, "ann", &[(&by_hand, 0, added.clone())]).await;
    assert_eq!((head.revision, head.generation, head.rules), (1, 0, None));
    let links = [relation(&service("n", "s", "t"), RelationType::Uses, &bucket("a"))];
    let head = store.commit(&empty, &change([bucket("a"), service("n", "s", "t")], links)).await.expect("a commit");
    assert_eq!((head.revision, head.generation), (2, 1));
    let loaded = load(&*store, None).await;
    assert_eq!((loaded.entities.len(), loaded.relations.len(), loaded.curated.len()), (2, 1, 1));
    assert_eq!((&loaded.curated[0].entity, &loaded.curated[0].curated), (&by_hand, &added));
    assert!(loaded.entities.iter().all(|record| Some(record.first_seen) == loaded.revised_at));
}

/// Who did not see the newest version is told so, be it that he saw an older one, a newer one, or nothing.
pub async fn an_edit_of_another_version_is_a_conflict(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let one = bucket_ref("a");
    edit(&*store, "ann", &[(&one, 0, says("one"))]).await;
    let head = edit(&*store, "ann", &[(&one, 1, says("two"))]).await;
    for seen in [0, 1, 3] {
        let error = try_edit(&*store, &[(&one, seen, says("three"))]).await.expect_err("not the newest");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert!(error.to_string().contains(one.as_str()), "{error}");
    }
    let error = try_edit(&*store, &[(&bucket_ref("b"), 2, says("three"))]).await.expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let again = try_edit(&*store, &[(&one, 0, says("two"))]).await.expect_err("also where it says the same");
    assert_eq!(again.kind(), ErrorKind::Conflict, "{again}");
    assert_eq!(store.head().await.expect("a head"), head);
    try_edit(&*store, &[(&one, 2, says("three"))]).await.expect("the newest version");
}

/// If one of the refs has moved on, none is changed.
pub async fn edits_are_all_applied_or_none(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (one, two) = (bucket_ref("a"), bucket_ref("b"));
    let head = edit(&*store, "ann", &[(&one, 0, says("one"))]).await;
    let error = try_edit(&*store, &[(&two, 0, says("two")), (&one, 0, says("lost"))]).await.expect_err("one moved on");
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert_eq!(store.head().await.expect("a head"), head);
    assert_eq!(load(&*store, None).await.curated.len(), 1);
    let head = edit(&*store, "ann", &[(&two, 0, says("two")), (&one, 1, says("new"))]).await;
    let said = load(&*store, None).await.curated;
    assert!(said.iter().all(|said| said.version == head.revision), "they are one revision");
    assert_eq!(said.iter().map(|said| said.curated.clone()).collect::<Vec<_>>(), [says("new"), says("two")]);
}

/// Of two people who edit one thing at once, exactly one is told that it was done. Edits of two things are both done.
pub async fn two_edits_at_once_have_one_winner(fixture: &dyn StoreFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    let wanted = bucket_ref("a");
    let mut seen = 0;
    for round in 0..10 {
        let words = ["ann", "bob"].map(|name| says(&format!("{name} {round}")));
        let ann = [(&wanted, seen, words[0].clone())];
        let bob = [(&wanted, seen, words[1].clone())];
        let (winner, word) = match join(try_edit(&*one, &ann), try_edit(&*two, &bob)).await {
            (Ok(winner), Err(loser)) if loser.kind() == ErrorKind::Conflict => (winner, &words[0]),
            (Err(loser), Ok(winner)) if loser.kind() == ErrorKind::Conflict => (winner, &words[1]),
            (Ok(_), Ok(_)) => panic!("both were told that it was done"),
            (one, two) => panic!("{one:?} and {two:?}"),
        };
        seen = winner.revision;
        assert_eq!(&load(&*one, None).await.curated[0].curated, word);
    }
    let (b, c) = (bucket_ref("b"), bucket_ref("c"));
    let (ann, bob) = ([(&b, 0, says("b"))], [(&c, 0, says("c"))]);
    let (ann, bob) = join(try_edit(&*one, &ann), try_edit(&*two, &bob)).await;
    assert_ne!(ann.expect("done").revision, bob.expect("done").revision);
    assert_eq!(load(&*two, None).await.curated.len(), 3);
}

/// What is taken back, by nothing or by an empty edit, is gone now and there at the revisions before.
pub async fn what_is_taken_back_is_gone_and_stays_in_history(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (one, two) = (bucket_ref("a"), bucket_ref("b"));
    edit(&*store, "ann", &[(&one, 0, says("one")), (&two, 0, says("two"))]).await;
    let nothing = Edit { entity: one.clone(), seen: 1, curated: None };
    store.edit("bob", &[nothing]).await.expect("an edit");
    assert_eq!(words(&load(&*store, None).await), ["two"]);
    edit(&*store, "bob", &[(&two, 1, Curated::default())]).await;
    assert_eq!(load(&*store, None).await.curated, []);
    assert_eq!(words(&load(&*store, 2).await), ["two"]);
    assert_eq!(words(&load(&*store, 1).await), ["one", "two"]);
    assert_eq!(load(&*store, 0).await.curated, []);
}

/// The first time stays while a line of edits goes on, and begins anew after it was taken back.
pub async fn a_line_of_edits_knows_when_it_began(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let one = bucket_ref("a");
    edit(&*store, "ann", &[(&one, 0, says("one"))]).await;
    let first = load(&*store, None).await.curated[0].clone();
    edit(&*store, "bob", &[(&one, 1, says("two"))]).await;
    let second = load(&*store, None).await.curated[0].clone();
    assert_eq!((second.first_at, second.by.as_str()), (first.first_at, "bob"));
    assert!(second.edited_at > first.edited_at, "{second:?}");
    edit(&*store, "bob", &[(&one, 2, Curated::default())]).await;
    let head = edit(&*store, "bob", &[(&one, 0, says("three"))]).await;
    let third = load(&*store, None).await.curated[0].clone();
    assert_eq!((third.version, third.first_at), (head.revision, third.edited_at));
    assert!(third.first_at > second.edited_at, "{third:?}");
}

/// Where all is said already, or nothing is to be done, there is no revision.
pub async fn what_is_said_already_makes_no_revision(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let one = bucket_ref("a");
    let head = edit(&*store, "ann", &[(&one, 0, says("one"))]).await;
    assert_eq!(edit(&*store, "bob", &[(&one, 1, says("one"))]).await, head);
    assert_eq!(edit(&*store, "bob", &[]).await, head);
    assert_eq!(edit(&*store, "bob", &[(&bucket_ref("b"), 0, Curated::default())]).await, head);
    let said = load(&*store, None).await.curated;
    assert_eq!((said[0].version, said[0].by.as_str()), (1, "ann"));
    // Only what differs takes the new version.
    edit(&*store, "bob", &[(&one, 1, says("one")), (&bucket_ref("b"), 0, says("two"))]).await;
    assert_eq!(load(&*store, None).await.curated.iter().map(|said| said.version).collect::<Vec<_>>(), [1, 2]);
}

/// Many edits at once are one revision, and come back sorted.
pub async fn many_edits_are_one_revision(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let refs: Vec<Ref> = (0..6_000).map(|at| bucket_ref(&format!("b-{at:04}"))).collect();
    let edits: Vec<(&Ref, u64, Curated)> = refs.iter().rev().map(|one| (one, 0, says(one.as_str()))).collect();
    let head = edit(&*store, "ann", &edits).await;
    assert_eq!(head.revision, 1);
    let said = load(&*store, None).await.curated;
    assert_eq!(said.iter().map(|said| said.entity.clone()).collect::<Vec<_>>(), refs);
    assert!(said.iter().all(|said| said.curated == says(said.entity.as_str())));
    let edits: Vec<(&Ref, u64, Curated)> = refs.iter().map(|one| (one, 1, says("all"))).collect();
    edit(&*store, "ann", &edits).await;
    let said = load(&*store, None).await.curated;
    assert!(said.len() == refs.len() && said.iter().all(|said| said.curated == says("all") && said.version == 2));
}

/// Around some refs stands what people say about all that is shown, and about asked refs that nobody collected.
pub async fn around_shows_what_people_say(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, data) = (service("shop", "cart", "a"), bucket("data"));
    let links = [relation(&cart, RelationType::Uses, &data)];
    commit(&*store, &change([cart.clone(), data.clone(), bucket("other"), team("a")], links)).await;
    let by_hand = Ref::service("by-hand", "wiki");
    let refs = [cart.entity_ref(), data.entity_ref(), bucket_ref("other"), by_hand.clone()];
    let edits: Vec<(&Ref, u64, Curated)> = refs.iter().map(|one| (one, 0, says(one.as_str()))).collect();
    edit(&*store, "ann", &edits).await;
    let around = store.around(&[cart.entity_ref(), by_hand.clone()]).await.expect("a state");
    let mut expected = vec![cart.entity_ref(), data.entity_ref(), by_hand];
    expected.sort();
    assert_eq!(around.curated.iter().map(|said| said.entity.clone()).collect::<Vec<_>>(), expected);
}

/// All fields come back as they were, whatever text people write.
pub async fn what_people_say_comes_back_as_it_was(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let hostile = "'; DROP TABLE curated; -- \" \\ \u{1} \u{feff} ﷽ \u{1F600} </script> \\u0000 %s $1 ?1 {}";
    let long = "ä".repeat(500_000);
    let text = |text: &str| Some(text.into());
    let curated = Curated {
        added: Some(Added { kind: ServiceKind::Function, product: text(hostile) }),
        display_name: text(hostile),
        description: text(&long),
        docs_url: text("https://example.org/a?b=c&d='"),
        github_url: text(""),
        dashboard_url: text(hostile),
        status_url: text(hostile),
        links: Some(vec![Link { title: hostile.into(), url: "https://example.org".into() }]),
        tags: Some(vec![hostile.into(), "a=b".into()]),
        owner: text(hostile),
        rejected: vec!["one".into(), "two".into()],
        hidden: Some(Hidden { by: hostile.into(), at: time(7), why: text(hostile) }),
    };
    let odd = Ref::resource(hostile);
    let edits = [
        Edit { entity: odd.clone(), seen: 0, curated: Some(curated.clone()) },
        Edit { entity: bucket_ref("a"), seen: 0, curated: Some(Curated { tags: Some(vec![]), ..Curated::default() }) },
    ];
    store.edit(hostile, &edits).await.expect("an edit");
    let said = load(&*store, None).await.curated;
    let found = said.iter().find(|said| said.entity == odd).expect("it is there");
    assert!(found.curated == curated && found.by == hostile, "it came back as another one");
    let empty = said.iter().find(|said| said.entity == bucket_ref("a")).expect("no tags is not nothing said");
    assert_eq!(empty.curated.tags.as_deref(), Some(&[][..]));
}

/// What no database keeps, and what has two meanings, is refused with words, and nothing is changed.
pub async fn an_edit_that_cannot_be_kept_is_refused(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (one, nul) = (bucket_ref("a"), Ref::resource("a\0b"));
    let with_nul = Curated { owner: Some("a\0b".into()), ..Curated::default() };
    let of = |entity: &Ref, curated: &Curated| {
        let curated = Some(curated.clone());
        Edit { entity: entity.clone(), seen: 0, curated }
    };
    let refused = [
        ("ann", vec![of(&one, &with_nul)], "owner"),
        ("ann", vec![of(&nul, &says("one"))], "NUL"),
        ("a\0nn", vec![of(&one, &says("one"))], "NUL"),
        ("ann", vec![of(&one, &says("one")), of(&one, &says("two"))], "twice"),
    ];
    for (by, edits, word) in refused {
        let error = store.edit(by, &edits).await.expect_err(word);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
    assert_eq!(store.head().await.expect("a head").revision, 0);
}

/// While some commit and others edit, each of them gets all of its work in, and readers see whole edits.
pub async fn commits_and_edits_side_by_side_lose_nothing(fixture: &dyn StoreFixture) {
    const ROUNDS: u64 = 12;
    let (ingest, people, reader) = (fixture.open().await, fixture.open().await, fixture.open().await);
    let done = AtomicBool::new(false);
    let refs: Vec<Ref> = (0..8).map(|at| bucket_ref(&format!("said-{at}"))).collect();
    let commits = async {
        for round in 0..ROUNDS {
            commit(&*ingest, &change([bucket(&format!("b-{round}"))], [])).await;
        }
    };
    let edits = async {
        let mut seen = 0;
        for round in 0..ROUNDS {
            let edits: Vec<(&Ref, u64, Curated)> =
                refs.iter().map(|one| (one, seen, says(&round.to_string()))).collect();
            seen = edit(&*people, "ann", &edits).await.revision;
        }
    };
    let reads = async {
        while !done.load(Ordering::SeqCst) {
            for loaded in [load(&*reader, None).await, reader.around(&refs).await.expect("a state")] {
                assert!(loaded.curated.iter().all(|said| said.curated == loaded.curated[0].curated), "half an edit");
                assert!(loaded.curated.is_empty() || loaded.curated.len() == refs.len(), "half an edit");
            }
        }
    };
    let write = async {
        join(commits, edits).await;
        done.store(true, Ordering::SeqCst);
    };
    join(write, reads).await;
    let loaded = load(&*reader, None).await;
    assert_eq!((loaded.revision, loaded.head.generation), (2 * ROUNDS, ROUNDS));
    assert_eq!(loaded.entities.len() as u64, ROUNDS);
    assert!(words(&loaded).iter().all(|word| *word == (ROUNDS - 1).to_string()), "{:?}", words(&loaded));
}

/// Something that people say: a description.
pub(super) fn says(text: &str) -> Curated {
    Curated { description: Some(text.into()), ..Curated::default() }
}

/// Edits as somebody, which have to be done.
pub(super) async fn edit(store: &dyn Store, by: &str, edits: &[(&Ref, u64, Curated)]) -> Head {
    store.edit(by, &all(edits)).await.unwrap_or_else(|error| panic!("{}", crate::error::chain(&error)))
}

async fn try_edit(store: &dyn Store, edits: &[(&Ref, u64, Curated)]) -> Result<Head, crate::error::StoreError> {
    store.edit("somebody", &all(edits)).await
}

fn all(edits: &[(&Ref, u64, Curated)]) -> Vec<Edit> {
    let edit = |(entity, seen, curated): &(&Ref, u64, Curated)| {
        let (entity, curated) = ((*entity).clone(), Some(curated.clone()));
        Edit { entity, seen: *seen, curated }
    };
    edits.iter().map(edit).collect()
}

fn hidden() -> Curated {
    Curated { hidden: Some(Hidden { by: "ann".into(), at: time(1), why: None }), ..Curated::default() }
}

fn words(loaded: &Loaded) -> Vec<&str> {
    loaded.curated.iter().filter_map(|said| said.curated.description.as_deref()).collect()
}
