//! Clauses about the steps of history.

use super::edits::{edit, says};
use super::{StoreFixture, commit, load, retire};
use crate::curated::Curated;
use crate::id::{Ref, Text};
use crate::model::{Entity, Live, Team};
use crate::store::{Change, HistoryQuery, Step, Store};
use crate::testing::estate::{bucket, bucket_ref, change, owned_bucket, service, team, workload};
use jiff::SignedDuration;

/// Each state of an entity begins and ends with a step that shows what was before and after; the newest comes first.
pub async fn a_step_shows_before_and_after(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &change([bucket("a"), bucket("b")], [])).await;
    commit(&*store, &change([owned_bucket("a", "x")], [])).await;
    commit(&*store, &retire([bucket_ref("a")])).await;
    let steps = history(&*store, of(&bucket_ref("a"))).await;
    let states: Vec<_> = steps.iter().map(|step| (step.revision, step.before.clone(), step.after.clone())).collect();
    let (free, owned) = (Some(bucket("a")), Some(owned_bucket("a", "x")));
    assert_eq!(states, [(3, owned.clone(), None), (2, free.clone(), owned), (1, None, free)]);
    for step in &steps {
        assert_eq!((step.cause.as_str(), &step.by, &step.entity), ("test", &None, &bucket_ref("a")));
        assert_eq!(Some(step.made_at), load(&*store, step.revision).await.revised_at);
        assert_eq!((&step.curated_before, &step.curated_after), (&None, &None));
    }
}

/// An edit is a step that names who made it, and so is a commit that somebody asked for; both layers are shown, also where only one of them changed.
pub async fn a_step_shows_both_layers(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let a = bucket_ref("a");
    commit(&*store, &change([bucket("a")], [])).await;
    edit(&*store, "ann", &[(&a, 0, says("one"))]).await;
    commit(&*store, &Change { by: Some("cat".into()), ..change([owned_bucket("a", "x")], []) }).await;
    edit(&*store, "bob", &[(&a, 2, Curated::default())]).await;
    let steps = history(&*store, of(&a)).await;
    let (free, owned) = (Some(bucket("a")), Some(owned_bucket("a", "x")));
    let one = Some(says("one"));
    let expected = [
        (4, "edit", Some("bob"), &owned, &owned, &one, &None),
        (3, "test", Some("cat"), &free, &owned, &one, &one),
        (2, "edit", Some("ann"), &free, &free, &None, &one),
        (1, "test", None, &None, &free, &None, &None),
    ];
    assert_eq!(steps.len(), expected.len());
    for (step, (revision, cause, by, before, after, said_before, said_after)) in steps.iter().zip(expected) {
        assert_eq!((step.revision, step.cause.as_str(), step.by.as_deref()), (revision, cause, by));
        assert_eq!((&step.before, &step.after), (before, after), "at {revision}");
        assert_eq!((&step.curated_before, &step.curated_after), (said_before, said_after), "at {revision}");
    }
}

/// What only people know has steps of its own.
pub async fn what_only_people_know_has_steps(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let wiki = Ref::service("by-hand", "wiki");
    edit(&*store, "ann", &[(&wiki, 0, says("one"))]).await;
    edit(&*store, "ann", &[(&wiki, 1, says("two"))]).await;
    let steps = history(&*store, all()).await;
    let said: Vec<_> = steps.iter().map(|step| (step.curated_before.clone(), step.curated_after.clone())).collect();
    assert_eq!(said, [(Some(says("one")), Some(says("two"))), (None, Some(says("one")))]);
    assert!(steps.iter().all(|step| step.entity == wiki && step.before.is_none() && step.after.is_none()));
}

/// The newest revision comes first, and within a revision the steps are sorted by ref.
pub async fn steps_are_newest_first_and_sorted_by_ref(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    some_history(&*store).await;
    let steps = history(&*store, all()).await;
    let places: Vec<(u64, Ref)> = steps.iter().map(|step| (step.revision, step.entity.clone())).collect();
    let mut sorted = places.clone();
    sorted.sort_by(|one, two| two.0.cmp(&one.0).then_with(|| one.1.cmp(&two.1)));
    sorted.dedup();
    assert_eq!(places, sorted);
    assert_eq!(places.len(), 40 + 10 + 3 + 2 + 10 + 2, "{places:?}");
}

/// Pages of any size, one after the other, are the whole; filtered or not.
pub async fn pages_are_the_whole(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    some_history(&*store).await;
    let asked = [
        all(),
        of(&bucket_ref("b-03")),
        HistoryQuery { team: Some("x".into()), ..all() },
        HistoryQuery { team: Some("y".into()), ..all() },
        HistoryQuery { after: 1, until: Some(4), ..all() },
    ];
    for whole in asked {
        let expected = history(&*store, whole.clone()).await;
        assert!(!expected.is_empty(), "{whole:?}");
        for limit in [1, 7, 1_000] {
            let mut pages: Vec<Step> = Vec::new();
            let mut before = None;
            loop {
                let page = history(&*store, HistoryQuery { limit, before, ..whole.clone() }).await;
                assert!(page.len() <= limit);
                before = page.last().map(|step| (step.revision, step.entity.clone()));
                pages.extend(page);
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(pages, expected, "by {limit} of {whole:?}");
        }
        assert_eq!(history(&*store, HistoryQuery { limit: 0, ..whole }).await, []);
    }
}

/// Later than a revision, and up to one.
pub async fn a_time_of_history_is_between_two_revisions(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    for name in ["a", "b", "c", "d"] {
        commit(&*store, &change([bucket(name)], [])).await;
    }
    for (after, until, expected) in [
        (0, Some(2), vec![2, 1]),
        (2, None, vec![4, 3]),
        (1, Some(3), vec![3, 2]),
        (4, None, vec![]),
        (0, Some(0), vec![]),
    ] {
        let steps = history(&*store, HistoryQuery { after, until, ..all() }).await;
        assert_eq!(steps.iter().map(|step| step.revision).collect::<Vec<_>>(), expected, "after {after} to {until:?}");
    }
}

/// A team's history holds what it owned before or after, by what counts: a person's word where there is one, by any of
/// the team's names.
pub async fn a_team_has_the_history_of_what_it_owned(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let known = Team { name: "x".into(), aliases: vec!["The X-Team".into()], ..Team::default() };
    commit(&*store, &change([Entity::Team(known), team("y"), owned_bucket("a", "x"), owned_bucket("b", "y")], []))
        .await;
    commit(&*store, &change([owned_bucket("a", "y")], [])).await;
    let (a, b) = (bucket_ref("a"), bucket_ref("b"));
    let owner = |name: &str| Curated { owner: Some(name.into()), ..Curated::default() };
    edit(&*store, "ann", &[(&b, 0, owner("the x team"))]).await;
    let mut changed = owned_bucket("b", "y");
    if let Entity::Resource(bucket) = &mut changed {
        bucket.tags = vec![("new".into(), "yes".into())];
    }
    commit(&*store, &change([changed], [])).await;
    edit(&*store, "ann", &[(&a, 0, says("hello"))]).await;
    edit(&*store, "ann", &[(&b, 3, Curated::default())]).await;
    let places = async |team: &str| -> Vec<(u64, Ref)> {
        let asked = HistoryQuery { team: Some(Text::new(team)), ..all() };
        history(&*store, asked).await.iter().map(|step| (step.revision, step.entity.clone())).collect()
    };
    let of_x = [(6, b.clone()), (4, b.clone()), (3, b.clone()), (2, a.clone()), (1, a.clone())];
    assert_eq!(places("x").await, of_x);
    let of_y = [(6, b.clone()), (5, a.clone()), (3, b.clone()), (2, a.clone()), (1, b.clone())];
    assert_eq!(places("y").await, of_y);
    assert_eq!(places("nobody").await, []);
    let both = HistoryQuery { team: Some("x".into()), ..of(&a) };
    assert_eq!(history(&*store, both).await.iter().map(|step| step.revision).collect::<Vec<_>>(), [2, 1]);
}

/// Counts of running copies make no history and stand in none.
pub async fn counts_of_copies_stand_in_no_step(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let copy = workload("shop", "cart", Some(Live { ready: 1, desired: 2 }));
    commit(&*store, &change([copy.clone()], [])).await;
    let live = vec![(copy.entity_ref(), Some(Live { ready: 2, desired: 2 }))];
    commit(&*store, &Change { live, ..change([], []) }).await;
    let steps = history(&*store, all()).await;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].after, Some(copy.without_live().into_owned()));
}

/// At the time of a revision it is that one, before the first there is none.
pub async fn a_time_names_the_revision_of_then(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let start = store.now();
    assert_eq!(store.revision_at(start).await.expect("a number"), 0);
    commit(&*store, &change([bucket("a")], [])).await;
    edit(&*store, "ann", &[(&bucket_ref("a"), 0, says("one"))]).await;
    commit(&*store, &change([bucket("b")], [])).await;
    let mut times = Vec::new();
    for at in 1..=3 {
        times.push(load(&*store, at).await.revised_at.expect("a time"));
    }
    assert_eq!(store.revision_at(times[0] - SignedDuration::from_micros(1)).await.expect("a number"), 0);
    for (at, made_at) in times.iter().enumerate() {
        let later = times.iter().rposition(|other| other == made_at).expect("it is there").max(at);
        assert_eq!(store.revision_at(*made_at).await.expect("a number"), later as u64 + 1);
    }
    let after = times[2] + SignedDuration::from_hours(1);
    assert_eq!(store.revision_at(after).await.expect("a number"), 3);
}

/// Forty buckets, ten of which change, three go and two come back; then ten edits and two more.
async fn some_history(store: &dyn Store) {
    let name = |at: usize| format!("b-{at:02}");
    commit(store, &change((0..40).map(|at| bucket(&name(at))), [])).await;
    commit(store, &change((0..10).map(|at| owned_bucket(&name(at), "x")), [])).await;
    commit(store, &retire((0..3).map(|at| bucket_ref(&name(at))))).await;
    commit(store, &change((0..2).map(|at| owned_bucket(&name(at), "y")), [])).await;
    let refs: Vec<Ref> = (0..10).map(|at| bucket_ref(&name(at))).collect();
    let owner = Curated { owner: Some("Y".into()), ..Curated::default() };
    let edits: Vec<(&Ref, u64, Curated)> = refs.iter().map(|one| (one, 0, owner.clone())).collect();
    edit(store, "ann", &edits).await;
    // One that changes in both layers at once cannot be: an edit is a revision of its own.
    let wiki = service("by-hand", "wiki", "x").entity_ref();
    edit(store, "ann", &[(&refs[3], 5, says("x")), (&wiki, 0, says("wiki"))]).await;
}

fn all() -> HistoryQuery {
    HistoryQuery { limit: 10_000, ..HistoryQuery::default() }
}

fn of(entity: &Ref) -> HistoryQuery {
    HistoryQuery { entity: Some(entity.clone()), ..all() }
}

async fn history(store: &dyn Store, asked: HistoryQuery) -> Vec<Step> {
    store.history(&asked).await.unwrap_or_else(|error| panic!("{}", crate::error::chain(&error)))
}
