//! What becomes of scopes that go away, cannot be listed, or belong to somebody else.

use std::collections::BTreeMap;

use futures::executor::block_on;
use portal_core::source::Unread;
use portal_core::testing::{Call, Fault};
use portal_core::{Coverage, ErrorKind, Outcome, Scope, Source, collect};

use crate::collect_world::{Portal, Read, World, namespace, region};

/// A world of some regions with a database each.
fn regions(portal: &Portal, count: usize) -> World {
    (0..count).fold(World::new(portal), |world, n| world.with(&nth(n), "rds", Read::All(vec!["a"], 1)))
}

fn nth(n: usize) -> Scope {
    region(&format!("r{n:02}"))
}

fn coverage(portal: &Portal, scope: &Scope) -> Coverage {
    portal.kind(scope, "rds").outcome.coverage
}

#[test]
fn a_scope_that_vanishes_from_a_whole_list_is_absent() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    let before = portal.manifest(&nth(1));
    let report = portal.run(&regions(&portal, 3).without(&nth(1)));
    assert!(report.error.is_none(), "{report:?}");
    assert_eq!(report.scopes.len(), 3, "the one that is gone is in the report");
    let after = portal.manifest(&nth(1));
    assert_eq!((coverage(&portal, &nth(1)), after.run), (Coverage::Absent, before.run + 1));
    assert!(!portal.lake.contents().contains_key("test-collector/1/r01/rds.json"));
    // It is said once, and no more than that.
    portal.run(&regions(&portal, 3).without(&nth(1)));
    assert_eq!(portal.manifest(&nth(1)), after);
    portal.run(&regions(&portal, 3));
    assert_eq!(coverage(&portal, &nth(1)), Coverage::Complete, "and it can come back");
}

#[test]
fn a_list_that_is_not_whole_retires_nothing() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    let mut world = regions(&portal, 3).without(&nth(1));
    world.whole_below = Vec::new();
    portal.run(&world);
    world.whole_below = vec![vec!["2".into()]];
    portal.run(&world);
    assert_eq!(coverage(&portal, &nth(1)), Coverage::Complete);
}

#[test]
fn too_many_vanished_scopes_are_not_believed_until_told() {
    let mut portal = Portal::new();
    portal.run(&regions(&portal, 16));
    let before = portal.lake.contents();
    // 5 of 16 are more than 30 %, 4 of 16 are fewer than five.
    let report = portal.run(&regions(&portal, 11));
    let warning = report.error.expect("a warning");
    assert!(warning.contains("5 of 16") && warning.contains("--allow-vanished"), "{warning}");
    assert!((11..16).all(|n| coverage(&portal, &nth(n)) == Coverage::Complete));
    assert!((11..16).all(|n| portal.lake.contents()[&file(n)] == before[&file(n)]));
    portal.options.allow_vanished = true;
    let report = portal.run(&regions(&portal, 11));
    assert!(report.error.is_none());
    assert!((11..16).all(|n| coverage(&portal, &nth(n)) == Coverage::Absent));
}

fn file(n: usize) -> String {
    format!("test-collector/1/r{n:02}/rds.json")
}

#[test]
fn few_vanished_scopes_are_believed() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 20));
    // 6 of 20 are 30 %, and not more.
    let report = portal.run(&regions(&portal, 14));
    assert!(report.error.is_none(), "{report:?}");
    assert!((14..20).all(|n| coverage(&portal, &nth(n)) == Coverage::Absent));
}

#[test]
fn what_could_not_be_listed_is_marked_and_keeps_its_files() {
    let portal = Portal::new();
    let all = regions(&portal, 2).with(&namespace("shop"), "rds", Read::All(vec!["a"], 1));
    portal.run(&all);
    let good = portal.manifest(&namespace("shop"));
    let mut world = regions(&portal, 2);
    world.whole_below = Vec::new();
    let below = ["2", "eu", "c"].map(Into::into).to_vec();
    world.unread = vec![Unread { below, outcome: Outcome::denied("list namespaces", "Forbidden") }];
    let report = portal.run(&world);
    assert_eq!(report.scopes.len(), 3);
    let entry = portal.kind(&namespace("shop"), "rds");
    assert_eq!(entry.outcome.coverage, Coverage::Denied);
    assert_eq!((&entry.files, entry.good_at), (&good.kinds["rds"].files, Some(good.finished_at)));
    assert_eq!(coverage(&portal, &nth(0)), Coverage::Complete);
    portal.assert_sound();
}

#[test]
fn a_source_that_cannot_list_anything_marks_all_it_ever_saw() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    let good = portal.manifest(&nth(0)).finished_at;
    let mut world = regions(&portal, 3);
    world.closed = true;
    for _ in 0..2 {
        let report = portal.run(&world);
        assert!(report.error.as_deref().is_some_and(|error| error.contains("closed")), "{report:?}");
        for n in 0..3 {
            assert_eq!(coverage(&portal, &nth(n)), Coverage::Failed);
        }
        assert_eq!(portal.kind(&nth(0), "rds").good_at, Some(good));
        portal.assert_sound();
    }
    world.closed = false;
    portal.run(&world);
    assert_eq!(coverage(&portal, &nth(0)), Coverage::Complete);
}

#[test]
fn two_sources_in_one_scope_are_refused() {
    let portal = Portal::new();
    let scope = region("eu");
    portal.run(&World::new(&portal).named("first").with(&scope, "rds", Read::All(vec!["a"], 1)));
    let before = portal.lake.contents();
    let report = portal.run(&World::new(&portal).named("second").with(&scope, "rds", Read::All(vec!["b"], 1)));
    let error = report.scopes[0].error.as_deref().expect("an error");
    assert!(error.contains("`first`") && error.contains("test-collector/1/eu"), "{error}");
    assert_eq!(portal.lake.contents(), before, "not a byte of the first one was touched");
}

#[test]
fn a_source_retires_nothing_of_another_one() {
    let portal = Portal::new();
    let first = World::new(&portal).named("first").with(&region("eu"), "rds", Read::All(vec!["a"], 1));
    let second = World::new(&portal).named("second").with(&region("us"), "rds", Read::All(vec!["a"], 1));
    for _ in 0..2 {
        let report = portal.run_all(&[&first, &second]);
        assert!(report.is_whole(), "{report:?}");
    }
    let mut closed = second.clone();
    closed.closed = true;
    portal.run_all(&[&first, &closed]);
    assert_eq!(coverage(&portal, &region("eu")), Coverage::Complete);
    assert_eq!(coverage(&portal, &region("us")), Coverage::Failed);
}

#[test]
fn a_lake_that_cannot_be_listed_retires_nothing_and_says_so() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    portal.lake.inject(Fault::new(Call::List, 0, ErrorKind::Denied).and_all_later());
    let report = portal.run(&regions(&portal, 2));
    assert!(report.error.is_some());
    assert_eq!(coverage(&portal, &nth(2)), Coverage::Complete);
}

#[test]
fn what_could_not_be_listed_is_never_absent() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    let mut world = regions(&portal, 3).without(&nth(1));
    let below = nth(1).path();
    world.unread = vec![Unread { below, outcome: Outcome::denied("list", "Forbidden") }];
    portal.run(&world);
    assert_eq!(coverage(&portal, &nth(1)), Coverage::Denied);
}

#[test]
fn an_empty_list_is_not_believed_however_few_there_were() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 4));
    let report = portal.run(&regions(&portal, 0));
    assert!(report.error.is_some());
    assert_eq!(coverage(&portal, &nth(0)), Coverage::Complete);
}

#[test]
fn a_scope_that_cannot_be_entered_keeps_its_kinds_and_is_told() {
    let portal = Portal::new();
    let scope = region("eu");
    let mut world = World::new(&portal).with(&scope, "rds", Read::All(vec!["a"], 1));
    portal.run(&world);
    let good = portal.manifest(&scope);
    world.refuses = true;
    let report = portal.run(&world);
    assert!(!report.scopes[0].is_whole(), "{report:?}");
    let entry = portal.kind(&scope, "rds");
    assert_eq!((entry.outcome.coverage, &entry.files), (Coverage::Denied, &good.kinds["rds"].files));
    assert_eq!(entry.good_at, Some(good.finished_at));
}

#[test]
fn a_new_scope_that_cannot_be_entered_is_told() {
    let portal = Portal::new();
    let mut world = World::new(&portal).with(&region("eu"), "rds", Read::All(vec!["a"], 1));
    world.refuses = true;
    let report = portal.run_all(&[&world]);
    assert!(!report.is_whole() && report.is_failure(), "{report:?}");
}

#[test]
fn marks_that_could_not_be_made_are_told() {
    let portal = Portal::new();
    portal.run(&regions(&portal, 3));
    let mut world = regions(&portal, 2);
    world.whole_below = Vec::new();
    world.unread = vec![Unread { below: Vec::new(), outcome: Outcome::denied("list", "Forbidden") }];
    portal.lake.inject(Fault::new(Call::List, 0, ErrorKind::Denied).and_all_later());
    let report = portal.run(&world);
    assert!(report.error.is_some(), "{report:?}");
}

#[test]
fn what_is_no_manifest_of_a_run_gets_a_higher_one() {
    for (garbage, at_least) in [
        ("", 0),
        ("half a mani", 0),
        ("{\"run\": 99999999999}", 100_000_000_000),
        ("{\"run\": -5}", 0),
        ("[1]", 0),
        ("{\"schema\":\"portal.manifest/v9\",\"run\":99999999999,\"kinds\":[]}", 100_000_000_000),
    ] {
        let portal = Portal::new();
        let world = regions(&portal, 1);
        portal.run(&world);
        let first = portal.manifest(&nth(0)).run;
        let garbage = BTreeMap::from([("test-collector/1/r00/_manifest.json".to_owned(), garbage.into())]);
        portal.lake.restore(garbage);
        let report = portal.run(&world);
        assert!(report.scopes[0].error.is_none(), "{report:?}");
        let run = portal.manifest(&nth(0)).run;
        assert!(run > first.min(at_least) && run >= at_least, "{run} after {first}");
        portal.assert_sound();
    }
}

#[test]
fn the_highest_run_is_no_end() {
    for manifest in [format!("{{\"run\": {}}}", u64::MAX), format!("{{\"run\": {}}}", i64::MAX)] {
        let portal = Portal::new();
        portal.lake.restore(BTreeMap::from([("test-collector/1/r00/_manifest.json".to_owned(), manifest.into())]));
        portal.run(&regions(&portal, 1));
        let run = portal.manifest(&nth(0)).run;
        assert!(i64::try_from(run).is_ok(), "a database has no number for run {run}");
    }
}

#[test]
fn sources_of_one_name_are_refused_before_anything_is_read() {
    let portal = Portal::new();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(regions(&portal, 1)), Box::new(regions(&portal, 2))];
    let refused = block_on(collect(&sources, &portal.lake, &portal.options)).expect_err("one name");
    assert!(refused.to_string().contains("give each a name of its own"), "{refused}");
    assert!(portal.lake.contents().is_empty());
}
