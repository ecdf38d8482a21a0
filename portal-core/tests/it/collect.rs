//! What stands in the lake after a scope was read.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::executor::block_on;
use portal_core::testing::{Call, SourceWorld, source_suite};
use portal_core::{Clock as _, Coverage, ErrorKind, Outcome, Source};

use crate::collect_world::{Portal, Read, World, namespace, region};

struct Standing(Portal);

#[async_trait]
impl SourceWorld for Standing {
    async fn source(&self) -> Box<dyn Source> {
        let world = World::new(&self.0)
            .with(&region("eu"), "rds", Read::All(vec!["a", "b"], 1))
            .with(&region("eu"), "lambda", Read::Denied)
            .with(&region("us"), "rds", Read::All(vec![], 1));
        Box::new(world)
    }

    fn needs_rights(&self) -> bool {
        false
    }
}

mod the_world_is_a_source {
    use super::{Portal, Standing};

    portal_core::source_suite!(block_on: futures::executor::block_on, world: Standing(Portal::new()));
}

struct Broken(World);

#[async_trait]
impl SourceWorld for Broken {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(self.0.clone())
    }

    fn needs_rights(&self) -> bool {
        false
    }
}

#[test]
#[should_panic(expected = "was not finished")]
fn the_suite_sees_a_kind_that_is_never_finished() {
    let world = World::new(&Portal::new()).with(&region("eu"), "rds", Read::Unfinished(vec!["a"]));
    block_on(source_suite::every_expected_kind_is_finished(&Broken(world)));
}

#[test]
#[should_panic(expected = "cut at")]
fn the_suite_sees_a_kind_that_was_not_announced() {
    let mut world = World::new(&Portal::new());
    for kind in ["rds", "s3"] {
        world = world.with(&region("eu"), kind, Read::All(vec!["a"], 1));
    }
    world.announces = false;
    block_on(source_suite::a_read_that_is_cut_names_all_its_kinds(&Broken(world)));
}

#[test]
#[should_panic(expected = "comes twice")]
fn the_suite_sees_a_name_that_comes_twice() {
    let world = World::new(&Portal::new()).with(&region("eu"), "rds", Read::All(vec!["a", "a"], 1));
    block_on(source_suite::names_are_unique_within_a_kind(&Broken(world)));
}

#[test]
fn the_manifest_is_written_last() {
    let portal = Portal::new();
    let world = World::new(&portal).with(&region("eu"), "rds", Read::All(vec!["b", "a"], 1)).with(
        &namespace("shop"),
        "deployments",
        Read::All(vec!["web", "db/1"], 1),
    );
    // Whatever is the last put to work, no manifest names a file that is not there yet.
    for puts in 0..8 {
        portal.lake.restore(BTreeMap::new());
        portal.lake.inject(portal_core::testing::Fault::put(puts, ErrorKind::Unavailable).and_all_later());
        portal.run(&world);
        portal.assert_sound();
        portal.lake.heal();
    }
    let report = portal.run(&world);
    assert!(report.error.is_none() && report.scopes.iter().all(|scope| scope.error.is_none()), "{report:?}");
    let contents = portal.lake.contents();
    let keys: Vec<&str> = contents.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "test-collector/1/eu/_manifest.json",
            "test-collector/1/eu/rds.json",
            "test-collector/2/eu/c/shop/_manifest.json",
            "test-collector/2/eu/c/shop/deployments/db%2F1.json",
            "test-collector/2/eu/c/shop/deployments/web.json",
        ]
    );
    let rds = std::str::from_utf8(&contents["test-collector/1/eu/rds.json"]).expect("JSON");
    let line = |name: &str| format!(r#"{{"Name":"{name}","Port":1}}"#);
    assert_eq!(rds, format!("[\n{},\n{}\n]\n", line("a"), line("b")));
}

#[test]
fn runs_grow_whatever_the_clock_says() {
    let portal = Portal::new();
    let world = World::new(&portal).with(&region("eu"), "rds", Read::All(vec!["a"], 1));
    portal.run(&world);
    let first = portal.manifest(&region("eu")).run;
    portal.clock.set("1990-01-01T00:00:00Z".parse().expect("a time"));
    for later in 1..4 {
        let report = portal.run(&world);
        assert_eq!(report.scopes[0].run, Some(first + later));
        assert_eq!(portal.manifest(&region("eu")).run, first + later);
    }
}

#[test]
fn an_unchanged_file_is_not_written_again() {
    let portal = Portal::new();
    let world = World::new(&portal).with(&namespace("shop"), "deployments", Read::All(vec!["a", "b", "c"], 1));
    portal.run(&world);
    let before = portal.lake.calls(Call::Put);
    portal.run(&world);
    assert_eq!(portal.lake.calls(Call::Put) - before, 1, "only the manifest");
    // A damaged file is mended even so.
    let mut contents = portal.lake.contents();
    let file = contents.get_mut("test-collector/2/eu/c/shop/deployments/b.json").expect("it is there");
    *file = "half of".into();
    portal.lake.restore(contents);
    portal.run(&world);
    assert_eq!(portal.lake.calls(Call::Put) - before, 3);
    portal.assert_sound();
}

#[test]
fn an_object_that_is_gone_takes_its_file_along() {
    let portal = Portal::new();
    let scope = namespace("shop");
    portal.run(&World::new(&portal).with(&scope, "deployments", Read::All(vec!["a", "b"], 1)));
    portal.run(&World::new(&portal).with(&scope, "deployments", Read::All(vec!["b"], 1)));
    let contents = portal.lake.contents();
    assert!(!contents.contains_key("test-collector/2/eu/c/shop/deployments/a.json"));
    assert!(contents.contains_key("test-collector/2/eu/c/shop/deployments/b.json"));
    portal.assert_sound();
}

#[test]
fn what_failed_keeps_its_files_and_when_they_were_good() {
    for bad in [Read::Denied, Read::Unfinished(vec!["z"])] {
        let portal = Portal::new();
        let scope = region("eu");
        portal.run(&World::new(&portal).with(&scope, "rds", Read::All(vec!["a", "b"], 1)));
        let good = portal.manifest(&scope);
        for round in 0..3 {
            let world = World::new(&portal).with(&scope, "rds", bad.clone());
            let report = portal.run(&world.with(&scope, "s3", Read::All(vec!["c"], round)));
            assert!(!report.scopes[0].is_whole());
            let entry = portal.kind(&scope, "rds");
            assert!(matches!(entry.outcome.coverage, Coverage::Denied | Coverage::Failed));
            assert_eq!(entry.files, good.kinds["rds"].files);
            assert_eq!((entry.items, entry.good_at), (Some(2), Some(good.finished_at)), "round {round}");
            assert_eq!(portal.kind(&scope, "s3").outcome.coverage, Coverage::Complete, "one kind stops no other");
            portal.assert_sound();
        }
    }
}

#[test]
fn what_was_expected_and_not_finished_has_failed() {
    let portal = Portal::new();
    let world = World::new(&portal).with(&region("eu"), "rds", Read::Unfinished(vec!["a"]));
    portal.run(&world);
    let entry = portal.kind(&region("eu"), "rds");
    assert_eq!((entry.outcome.coverage, entry.items), (Coverage::Failed, None));
    assert!(entry.outcome.reason.is_some() && entry.files.is_empty(), "{entry:?}");
}

#[test]
fn a_denied_kind_names_the_right() {
    let portal = Portal::new();
    portal.run(&World::new(&portal).with(&region("eu"), "rds", Read::Denied));
    assert_eq!(portal.kind(&region("eu"), "rds").outcome, Outcome::denied("world:Read", "AccessDenied"));
}

#[test]
fn an_absent_kind_loses_its_files() {
    let portal = Portal::new();
    let scope = region("eu");
    portal.run(&World::new(&portal).with(&scope, "rds", Read::All(vec!["a"], 1)));
    portal.run(&World::new(&portal).with(&scope, "rds", Read::Absent));
    assert!(portal.kind(&scope, "rds").files.is_empty());
    assert!(!portal.lake.contents().contains_key("test-collector/1/eu/rds.json"));
}

#[test]
fn what_was_cut_short_is_written_as_partial() {
    let portal = Portal::new();
    portal.run(&World::new(&portal).with(&region("eu"), "rds", Read::Some(vec!["a"])));
    let entry = portal.kind(&region("eu"), "rds");
    assert_eq!((entry.outcome.coverage, entry.items, entry.files.len()), (Coverage::Partial, Some(1), 1));
}

#[test]
fn what_a_cut_read_did_not_see_stays_in_the_lake() {
    let portal = Portal::new();
    let scope = namespace("shop");
    portal.run(&World::new(&portal).with(&scope, "deployments", Read::All(vec!["a", "b", "c"], 1)));
    portal.run(&World::new(&portal).with(&scope, "deployments", Read::Some(vec!["a"])));
    assert!(portal.lake.contents().contains_key("test-collector/2/eu/c/shop/deployments/c.json"));
}

#[test]
fn the_deadline_fails_what_is_not_finished_and_keeps_what_is() {
    let portal = Portal::new();
    let scope = region("eu");
    // Kinds are read in the order of their names.
    let world = World::new(&portal).with(&scope, "a", Read::All(vec!["x"], 1)).with(&scope, "b", Read::Hangs).with(
        &scope,
        "c",
        Read::All(vec!["y"], 1),
    );
    let report = portal.run(&world);
    let coverage = |kind: &str| report.scopes[0].kinds[kind].outcome.coverage;
    assert_eq!([coverage("a"), coverage("b"), coverage("c")], [Coverage::Complete, Coverage::Failed, Coverage::Failed]);
    let reason = portal.kind(&scope, "b").outcome.reason.expect("a reason");
    assert!(reason.contains("600 s") && reason.contains("deadline"), "{reason}");
    portal.assert_sound();
    assert!(portal.clock.now() > "2026-01-01T01:00:00Z".parse().expect("a time"));
}

#[test]
fn a_second_object_of_one_name_is_reported_and_not_mixed_in() {
    let portal = Portal::new();
    let scope = namespace("shop");
    let report = portal.run(&World::new(&portal).with(&scope, "deployments", Read::All(vec!["a", "a"], 1)));
    assert_eq!(report.scopes[0].kinds["deployments"].unread.len(), 1);
    assert!(!report.scopes[0].is_whole());
    portal.assert_sound();
}

#[test]
fn what_an_outside_system_says_of_an_error_cannot_stop_an_ingest() {
    let portal = Portal::new();
    portal.run(&World::new(&portal).with(&region("eu"), "rds", Read::DeniedOddly));
    let kind = portal.kind(&region("eu"), "rds");
    assert_eq!(kind.outcome.reason.as_deref(), Some("Access\u{fffd}Denied"));
    assert_eq!(kind.unread, ["tags of a\u{fffd}b"]);
}
