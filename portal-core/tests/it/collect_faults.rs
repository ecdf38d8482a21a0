//! Collectors that are cut off, and collectors that meet: what is in the lake then, and what the next run makes of it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::executor::block_on;
use futures::future::try_join_all;
use portal_core::snapshot::manifest::Manifest;
use portal_core::testing::{Call, Fault};
use portal_core::{Coverage, ErrorKind, Source, collect};
use serde_json::Value;

use crate::collect_world::{Portal, Read, World, namespace, region};

/// A first day with something of everything.
fn before(portal: &Portal) -> World {
    World::new(portal)
        .with(&region("eu"), "rds", Read::All(vec!["a", "b"], 1))
        .with(&region("eu"), "s3", Read::All(vec!["bucket"], 1))
        .with(&region("us"), "rds", Read::All(vec!["gone"], 1))
        .with(&namespace("shop"), "deployments", Read::All(vec!["web", "db", "old"], 1))
        .with(&namespace("shop"), "jobs", Read::All(vec!["night"], 1))
}

/// A second day: changed, new, gone, denied, absent, and a scope less.
fn after(portal: &Portal) -> World {
    World::new(portal)
        .with(&region("eu"), "rds", Read::All(vec!["a", "c"], 2))
        .with(&region("eu"), "s3", Read::Denied)
        .with(&namespace("shop"), "deployments", Read::All(vec!["web", "db", "new"], 2))
        .with(&namespace("shop"), "jobs", Read::Absent)
        .with(&namespace("bank"), "deployments", Read::All(vec!["vault"], 1))
}

/// The lake without what differs from run to run.
fn timeless(contents: BTreeMap<String, Bytes>) -> BTreeMap<String, String> {
    contents
        .into_iter()
        .map(|(key, bytes)| {
            let mut text = String::from_utf8(bytes.to_vec()).expect("text");
            if key.ends_with("_manifest.json") {
                let mut manifest: Value = serde_json::from_str(&text).expect("JSON");
                for field in ["run", "started_at", "finished_at"] {
                    manifest[field] = Value::Null;
                }
                for kind in manifest["kinds"].as_object_mut().expect("kinds").values_mut() {
                    if let Some(good_at) = kind.get_mut("good_at") {
                        *good_at = Value::Null;
                    }
                }
                text = manifest.to_string();
            }
            (key, text)
        })
        .collect()
}

fn manifests(contents: &BTreeMap<String, Bytes>) -> BTreeMap<String, Manifest> {
    contents
        .iter()
        .filter(|(key, _)| key.ends_with("_manifest.json"))
        .map(|(key, bytes)| (key.clone(), serde_json::from_slice(bytes).expect("a manifest")))
        .collect()
}

/// Breaks one call of the second day after the other, and asserts what is in the lake then and after the next run.
fn each_fault_heals(call: Call, change: impl Fn(Fault) -> Fault) {
    let undisturbed = Portal::new();
    undisturbed.run(&before(&undisturbed));
    let start = undisturbed.lake.contents();
    let calls_before = undisturbed.lake.calls(call);
    undisturbed.run(&after(&undisturbed));
    let calls = undisturbed.lake.calls(call) - calls_before;
    let expected = timeless(undisturbed.lake.contents());
    assert!(calls > 0, "the second day never calls {call:?}");
    for nth in 0..calls {
        let portal = Portal::new();
        portal.lake.restore(start.clone());
        portal.clock.set("2026-01-02T00:00:00Z".parse().expect("a time"));
        portal.lake.inject(change(Fault::new(call, nth, ErrorKind::Unavailable)));
        let report = portal.run(&after(&portal));
        let told = report.error.is_some() || report.scopes.iter().any(|scope| scope.error.is_some());
        assert!(told, "{call:?} {nth} failed, and nobody says so");
        let old = manifests(&start);
        for (key, manifest) in manifests(&portal.lake.contents()) {
            // Old and untouched, or new and in order; never in between.
            let untouched = old.get(&key) == Some(&manifest);
            assert!(untouched || old.get(&key).is_none_or(|old| manifest.run == old.run + 1), "{call:?} {nth}: {key}");
        }
        portal.lake.heal();
        let report = portal.run(&after(&portal));
        assert!(report.scopes.iter().all(|scope| scope.error.is_none()), "{call:?} {nth}: {report:?}");
        portal.assert_sound();
        let healed = timeless(portal.lake.contents());
        let keys: BTreeSet<&String> = healed.keys().chain(expected.keys()).collect();
        let differ: Vec<&&String> = keys.iter().filter(|key| healed.get(**key) != expected.get(**key)).collect();
        assert!(differ.is_empty(), "{call:?} {nth}: not as in a run without a fault: {differ:?}");
    }
}

#[test]
fn a_put_that_fails_anywhere_is_healed_by_the_next_run() {
    each_fault_heals(Call::Put, |fault| fault);
}

#[test]
fn a_disk_that_is_full_from_anywhere_on_is_healed_by_the_next_run() {
    each_fault_heals(Call::Put, Fault::and_all_later);
}

#[test]
fn a_get_that_fails_anywhere_is_healed_by_the_next_run() {
    each_fault_heals(Call::Get, |fault| fault);
    each_fault_heals(Call::Get, Fault::and_all_later);
}

#[test]
fn a_lock_that_fails_anywhere_is_healed_by_the_next_run() {
    each_fault_heals(Call::Lock, |fault| fault);
}

#[test]
fn a_list_that_fails_is_healed_by_the_next_run() {
    each_fault_heals(Call::List, |fault| fault);
}

#[test]
fn a_put_whose_answer_is_lost_is_healed_by_the_next_run() {
    each_fault_heals(Call::Put, Fault::after_its_effect);
}

#[test]
fn a_delete_that_fails_anywhere_is_healed_by_the_next_run() {
    each_fault_heals(Call::Delete, |fault| fault);
}

#[test]
fn a_delete_that_fails_does_not_undo_the_run() {
    let portal = Portal::new();
    portal.run(&before(&portal));
    portal.lake.inject(Fault::new(Call::Delete, 0, ErrorKind::Unavailable).and_all_later());
    let report = portal.run(&after(&portal));
    for scope in &report.scopes {
        assert_eq!(scope.run, Some(portal.manifest(&scope.scope).run), "{scope:?}");
    }
}

#[test]
fn a_file_that_no_manifest_ever_named_is_removed() {
    let portal = Portal::new();
    let scope = namespace("shop");
    let world = |names: Vec<&'static str>| World::new(&portal).with(&scope, "deployments", Read::All(names, 1));
    portal.run(&world(vec!["web"]));
    portal.lake.inject(Fault::put(1, ErrorKind::Unavailable));
    portal.run(&world(vec!["web", "brief"]));
    assert!(portal.lake.contents().contains_key("test-collector/2/eu/c/shop/deployments/brief.json"));
    portal.lake.heal();
    portal.run(&world(vec!["web"]));
    assert!(!portal.lake.contents().contains_key("test-collector/2/eu/c/shop/deployments/brief.json"));
}

#[test]
fn a_collector_that_is_dropped_leaves_no_lock_and_no_manifest_of_half_a_run() {
    // Each await of a run is a place where Ctrl-C can come.
    for polls in 1..200 {
        let portal = Portal::new();
        portal.run(&before(&portal));
        let old = manifests(&portal.lake.contents());
        let sources: Vec<Box<dyn Source>> = vec![Box::new(after(&portal))];
        let ended = {
            let run = std::pin::pin!(collect(&sources, &portal.lake, &portal.options));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let mut run = run;
            (0..polls).any(|_| run.as_mut().poll(&mut context).is_ready())
        };
        for (key, manifest) in manifests(&portal.lake.contents()) {
            assert!(old.get(&key).is_none_or(|old| manifest.run <= old.run + 1), "{polls}: {key}");
        }
        let report = portal.run(&after(&portal));
        assert!(report.scopes.iter().all(|scope| scope.error.is_none()), "{polls}: {report:?}");
        portal.assert_sound();
        if ended {
            assert!(polls > 10, "the run was never cut");
            return;
        }
    }
    panic!("the run never ends");
}

#[test]
fn two_collectors_of_one_scope_do_not_interleave() {
    let portal = Portal::new();
    let scope = namespace("shop");
    let world = |version| World::new(&portal).with(&scope, "deployments", Read::All(vec!["a", "b", "c"], version));
    portal.run(&world(0));
    let first = portal.manifest(&scope).run;
    for round in 0..4 {
        let versions = [10 + round, 20 + round, 30 + round];
        let sources = versions.map(|version| [Box::new(world(version)) as Box<dyn Source>]);
        let runs = sources.iter().map(|source| collect(source, &portal.lake, &portal.options));
        let reports = block_on(try_join_all(runs)).expect("one source each");
        let wrote: Vec<u32> = std::iter::zip(versions, &reports)
            .filter(|(_, report)| report.sources[0].scopes[0].error.is_none())
            .map(|(version, _)| version)
            .collect();
        assert_eq!(wrote.len(), 1, "{reports:?}");
        portal.assert_sound();
        for name in ["a", "b", "c"] {
            let file = portal.lake.contents()[&format!("test-collector/{scope}/deployments/{name}.json")].clone();
            let file: Value = serde_json::from_slice(&file).expect("JSON");
            assert_eq!(file["spec"]["replicas"], wrote[0], "the files are the winner's");
        }
        assert_eq!(portal.manifest(&scope).run, first + 1 + u64::from(round), "one run, not three");
        assert_eq!(portal.kind(&scope, "deployments").outcome.coverage, Coverage::Complete);
    }
}

#[test]
fn collectors_of_different_scopes_do_not_hinder_each_other() {
    let portal = Portal::new();
    let world = |name: &str| World::new(&portal).with(&namespace(name), "deployments", Read::All(vec!["a"], 1));
    let mut worlds = ["shop", "bank", "mail"].map(world);
    worlds.iter_mut().for_each(|world| world.whole_below = Vec::new());
    let sources = worlds.map(|world| [Box::new(world) as Box<dyn Source>]);
    let runs = sources.iter().map(|source| collect(source, &portal.lake, &portal.options));
    for report in block_on(try_join_all(runs)).expect("one source each") {
        assert!(report.is_whole(), "{report:?}");
    }
    portal.assert_sound();
}
