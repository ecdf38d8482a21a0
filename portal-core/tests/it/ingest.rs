//! What an ingest may take away, and what it must never: snapshots in, the store's state out.

use futures::executor::block_on;
use futures::future::join;
use portal_core::model::Entity;
use portal_core::resolve::FindingKind;
use portal_core::rules::{HoldThreshold, TeamRule};
use portal_core::testing::{Call, Fault, ManualClock};
use portal_core::{CollectOptions, Coverage, ErrorKind, IngestError, Lake, Store, collect, ingest};
use serde_json::{Value, json};

use crate::ingest_world::{S3, SCOPE, World, file, manifest, numbered};

#[test]
fn what_a_complete_read_shows_is_there() {
    let world = World::new();
    let report = world.buckets(1, &file(&["a:payments", "b"]));
    let counts = (report.revision, report.added, report.retired, report.scopes.read);
    assert_eq!(counts, (1, 5, 0, 1), "with two teams and the environment");
    assert_eq!(world.owners(), "a: owned payments; b: unowned -");
    assert_eq!(world.part(S3).items, 2);
}

#[test]
fn what_a_complete_read_lacks_is_retired_and_nothing_else() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b", "c"]));
    let report = world.buckets(2, &file(&["a", "c"]));
    assert_eq!((report.revision, report.retired, report.added, report.changed), (2, 1, 0, 0));
    assert_eq!(world.names(), ["a", "c"]);
    assert_eq!(block_on(world.store.load(Some(1))).expect("the past").entities.len(), 6);
}

#[test]
fn a_read_that_was_not_whole_retires_nothing_and_keeps_owners() {
    for coverage in [Coverage::Denied, Coverage::Failed, Coverage::Partial] {
        for content in [None, Some("[]"), Some(file(&["a:payments"]).as_str())] {
            let world = World::new();
            world.buckets(1, &file(&["a:payments", "b:search"]));
            let report = world.not_whole(2, coverage, content);
            assert_eq!((report.retired, report.not_whole), (0, 1), "{coverage:?} {content:?}");
            assert_eq!(world.owners(), "a: owned payments; b: owned search", "{coverage:?} {content:?}");
            let part = world.part(S3);
            assert_eq!((part.outcome.coverage, part.items, part.is_stale()), (coverage, 2, true));
            assert_eq!(part.outcome.reason.as_deref(), Some("AccessDenied: no"));
            assert_eq!(world.buckets(3, &file(&["a:payments"])).retired, 1, "the next complete read decides");
        }
    }
}

#[test]
fn what_a_partial_read_missed_survives_a_denied_one_that_names_its_files() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments", "b:search"]));
    let cut = file(&["a:payments"]);
    world.not_whole(2, Coverage::Partial, Some(&cut));
    // A collector that may not read names the files that are there: those of the partial read.
    let report = world.not_whole(3, Coverage::Denied, Some(&cut));
    assert_eq!(report.retired, 0);
    assert_eq!(world.owners(), "a: owned payments; b: owned search");
}

#[test]
fn one_kind_that_is_denied_does_not_stop_the_others() {
    let world = World::new();
    let function = json!([{"FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-west-1:000000000042:function:f",
        "Tags": {}}])
    .to_string();
    let (one, two) = (file(&["a", "b"]), file(&["a"]));
    world.collect(1, &[("s3", Coverage::Complete, Some(&one)), ("lambda", Coverage::Complete, Some(&function))]);
    world.ingest();
    world.collect(2, &[("s3", Coverage::Complete, Some(&two)), ("lambda", Coverage::Denied, None)]);
    let report = world.ingest();
    assert_eq!((report.retired, report.not_whole), (1, 1));
    assert_eq!(world.names(), ["f", "a"]);
}

#[test]
fn what_cannot_exist_here_is_retired() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    let report = world.not_whole(2, Coverage::Absent, None);
    assert_eq!((report.held, report.not_whole, world.names().len()), (0, 0, 0), "absent is no mass delete");
    assert_eq!(report.retired, 41, "the environment goes with the last of what is in it");
    assert_eq!(world.part(S3).items, 0);
}

#[test]
fn an_older_manifest_that_arrives_late_changes_nothing() {
    let world = World::new();
    world.buckets(1, &file(&["a"]));
    world.buckets(5, &file(&["a", "b"]));
    let before = block_on(world.store.head()).expect("a head");
    let report = world.buckets(4, &file(&["a", "c"]));
    assert_eq!((report.scopes.late, report.scopes.read, report.revision), (1, 0, 2));
    assert!(report.notes[0].contains("run 4") && report.notes[0].contains("run 5"), "{:?}", report.notes);
    assert_eq!(block_on(world.store.head()).expect("a head"), before);
    assert_eq!(world.names(), ["a", "b"]);
}

#[test]
fn the_run_orders_and_not_the_clock() {
    let world = World::new();
    world.buckets(5, &file(&["a"]));
    let mut later = manifest(6, &[("s3", Coverage::Complete, Some(&file(&["a", "b"])))]);
    later["finished_at"] = json!("1999-01-01T00:00:00Z");
    world.put(&format!("{SCOPE}/s3.json"), &file(&["a", "b"]));
    world.put(&format!("{SCOPE}/_manifest.json"), &later.to_string());
    assert_eq!(world.ingest().scopes.read, 1);
    assert_eq!(world.names(), ["a", "b"]);
}

#[test]
fn a_higher_run_with_the_same_content_is_bookkeeping() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b"]));
    let (before, reads) = (block_on(world.store.head()).expect("a head"), world.store.observations_read());
    let report = world.buckets(2, &file(&["a", "b"]));
    let after = block_on(world.store.head()).expect("a head");
    assert_eq!((after.revision, after.generation), (before.revision, before.generation + 1));
    assert_eq!((report.scopes.read, report.changed, report.added), (1, 0, 0));
    assert_eq!((world.part(S3).run, world.part(S3).good_at), (2, Some(portal_core::testing::estate::time(2))));
    assert_eq!(world.store.observations_read(), reads, "nothing has to be resolved");
}

#[test]
fn the_order_of_records_and_tags_changes_nothing() {
    let world = World::new();
    let tags = |first: &str, second: &str| {
        format!(r#"{{"Key": "{first}", "Value": "x"}}, {{"Key": "{second}", "Value": "x"}}"#)
    };
    let buckets = |first: &str, second: &str, tags: &str| {
        format!(r#"[{{"Name": "{first}", "Tags": [{tags}]}}, {{"Name": "{second}", "Tags": [{tags}]}}]"#)
    };
    world.buckets(1, &buckets("a", "b", &tags("one", "two")));
    assert_eq!(world.buckets(2, &buckets("b", "a", &tags("two", "one"))).revision, 1);
}

#[test]
fn a_file_that_is_being_rewritten_waits() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b"]));
    let next = file(&["a"]);
    let half = &next[..next.len() / 2];
    for there in [Some(half), Some(file(&["z"]).as_str()), None] {
        world.put(
            &format!("{SCOPE}/_manifest.json"),
            &manifest(2, &[("s3", Coverage::Complete, Some(&next))]).to_string(),
        );
        match there {
            Some(content) => world.put(&format!("{SCOPE}/s3.json"), content),
            None => world.delete(&format!("{SCOPE}/s3.json")),
        }
        let report = world.ingest();
        assert_eq!((report.scopes.waiting, report.retired, report.revision), (1, 0, 1), "{there:?}");
        assert_eq!(world.names(), ["a", "b"], "{there:?}");
    }
    world.put(&format!("{SCOPE}/s3.json"), &next);
    let report = world.ingest();
    assert_eq!((report.scopes.waiting, report.retired), (0, 1), "its turn");
}

#[test]
fn a_manifest_that_counts_objects_and_names_no_file_retires_nothing() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b"]));
    let mut manifest = manifest(2, &[("s3", Coverage::Complete, None)]);
    manifest["kinds"]["s3"]["items"] = 2.into();
    world.put(&format!("{SCOPE}/_manifest.json"), &manifest.to_string());
    let report = world.ingest();
    assert_eq!((report.scopes.waiting, report.retired), (1, 0));
    assert_eq!(world.names(), ["a", "b"]);
}

#[test]
fn a_bad_record_is_set_aside_and_retires_nothing() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b:payments"]));
    let bad = r#"[{"Name": "a", "Tags": []}, {"Name": 7}, {"Name": "c", "Tags": []}]"#;
    for run in 2..4 {
        let report = world.buckets(run, bad);
        assert_eq!((report.set_aside, report.retired, report.not_whole), (1, 0, 1), "run {run}");
        assert_eq!(world.names(), ["a", "b", "c"], "run {run}: any of them may be the bad one");
        assert_eq!(report.revision, 2, "run {run}");
    }
    let part = world.part(S3);
    assert!(part.set_aside[0].contains("s3.json, record 2"), "{:?}", part.set_aside);
    let findings = block_on(world.store.load(None)).expect("a state").findings;
    assert!(findings.iter().any(|finding| finding.kind == FindingKind::SetAside), "{findings:?}");
    let healed = world.buckets(4, &file(&["a", "c"]));
    assert_eq!((healed.set_aside, healed.retired), (0, 1));
}

#[test]
fn a_file_that_is_no_json_is_set_aside_and_retires_nothing() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b:payments"]));
    for (run, bad) in [(2, ""), (3, "[{\"Name\": \"a\""), (4, "<html>503</html>"), (5, "\u{0}")] {
        let report = world.buckets(run, bad);
        assert_eq!((report.set_aside, report.retired, report.not_whole), (1, 0, 1), "{bad}");
        assert_eq!(world.owners(), "a: unowned -; b: owned payments", "{bad}");
    }
    assert_eq!(world.buckets(6, &file(&["a"])).retired, 1);
}

#[test]
fn a_manifest_that_cannot_be_read_is_noted_and_changes_nothing() {
    let world = World::new();
    world.buckets(1, &file(&["a"]));
    for bad in ["", "{", "[]", r#"{"run": "next"}"#] {
        world.put(&format!("{SCOPE}/_manifest.json"), bad);
        let report = world.ingest();
        assert_eq!((report.notes.len(), report.revision), (1, 1), "{bad}");
    }
    let mut foreign = manifest(9, &[("s3", Coverage::Complete, None)]);
    foreign["scope"] = json!({"account": "000000000043", "region": "eu-west-1"});
    world.put(&format!("{SCOPE}/_manifest.json"), &foreign.to_string());
    assert!(world.ingest().notes[0].contains("another scope"));
    world.delete(&format!("{SCOPE}/_manifest.json"));
    assert!(world.ingest().notes[0].contains("lost its manifest"));
    assert_eq!(world.names(), ["a"]);
}

#[test]
fn files_without_a_manifest_are_the_whole_of_their_kinds() {
    let world = World::new();
    world.put(&format!("{SCOPE}/s3.json"), &file(&["a", "b:payments"]));
    assert_eq!(world.ingest().scopes.read, 1);
    assert_eq!(world.owners(), "a: unowned -; b: owned payments");
    assert_eq!(world.ingest().scopes.unchanged, 1);
    world.put(&format!("{SCOPE}/s3.json"), &file(&["a"]));
    assert_eq!(world.ingest().retired, 1);
    world.put(&format!("{SCOPE}/s3.json"), "[");
    assert_eq!(world.ingest().retired, 0);
    assert_eq!(world.names(), ["a"]);
    world.collect(1, &[("s3", Coverage::Complete, Some(&file(&["a", "c"])))]);
    world.ingest();
    assert_eq!(world.names(), ["a", "c"], "a collector takes over");
}

#[test]
fn a_folder_without_a_manifest_is_whole_by_its_listing() {
    let world = World::new();
    let folder = "k8s-collector/_/_/prod/shop/deployments";
    let deployment = |name: &str| json!({"kind": "Deployment", "metadata": {"name": name}}).to_string();
    for name in ["web", "cart"] {
        world.put(&format!("{folder}/{name}.json"), &deployment(name));
    }
    world.ingest();
    let services = |world: &World| {
        let refs = world.records().into_iter().map(|record| record.entity.entity_ref().to_string());
        refs.filter(|text| text.starts_with("service:")).collect::<Vec<_>>()
    };
    assert_eq!(services(&world), ["service:shop/cart", "service:shop/web"]);
    world.delete(&format!("{folder}/web.json"));
    world.ingest();
    assert_eq!(services(&world), ["service:shop/cart"]);
    world.put(&format!("{folder}/job.json"), "{");
    let report = world.ingest();
    assert_eq!((report.set_aside, report.retired), (1, 0), "one bad file costs one object");
    assert_eq!(services(&world), ["service:shop/cart"]);
}

#[test]
fn changed_rules_resolve_again_without_reading_files() {
    let mut world = World::new();
    world.buckets(1, r#"[{"Name": "a", "Tags": [{"Key": "squad", "Value": "search"}]}]"#);
    assert_eq!(world.owners(), "a: unowned -");
    world.rules.team_keys.push("squad".into());
    let gets = world.lake.calls(Call::Get);
    let report = world.ingest();
    assert_eq!((report.scopes.unchanged, report.changed, report.revision), (1, 1, 2));
    assert_eq!(world.lake.calls(Call::Get), gets + 1, "the manifest alone");
    assert_eq!(world.owners(), "a: owned search");
}

#[test]
fn rules_that_change_nothing_are_resolved_once() {
    let mut world = World::new();
    world.buckets(1, &file(&["a", "b"]));
    world.rules.hold = HoldThreshold { percent: 31, least: 20 };
    world.ingest();
    let reads = world.store.observations_read();
    assert_eq!(world.ingest().revision, 1);
    assert_eq!(world.store.observations_read(), reads, "the store remembers the rules");
}

#[test]
fn a_team_that_comes_later_owns_what_named_it() {
    let mut world = World::new();
    world.buckets(1, &file(&["a:growth"]));
    assert_eq!(world.owners(), "a: unregistered -");
    world.rules.teams.push(TeamRule { name: "Growth".into(), ..TeamRule::default() });
    assert_eq!(world.ingest().changed, 1);
    assert_eq!(world.owners(), "a: owned growth");
    world.rules.teams.pop();
    world.ingest();
    assert_eq!(world.owners(), "a: unregistered -", "and a team that goes leaves its name");
}

#[test]
fn tags_that_became_unreadable_keep_the_last_known_owner() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments", "b"]));
    for run in 2..4 {
        world.buckets(run, r#"[{"Name": "a"}, {"Name": "b"}]"#);
        assert_eq!(world.owners(), "a: unknown payments; b: unknown -", "run {run}");
    }
    world.buckets(4, &file(&["a", "b"]));
    assert_eq!(world.owners(), "a: unowned -; b: unowned -", "read again, they decide");
}

#[test]
fn what_was_made_anew_is_first_seen_anew_and_inherits_no_tags() {
    let world = World::new();
    let bucket = |year: u32, tags: Value| {
        let mut bucket = json!({"Name": "a", "CreationDate": format!("{year}-01-01T00:00:00Z")});
        if !tags.is_null() {
            bucket["Tags"] = tags;
        }
        json!([bucket]).to_string()
    };
    let first_seen = || {
        let records = world.records();
        let found = records.iter().find(|record| record.entity.name() == "a").expect("it is there");
        (found.first_seen, found.updated_at)
    };
    let tags = json!([{"Key": "team", "Value": "payments"}]);
    world.buckets(1, &bucket(2020, tags.clone()));
    let (came, _) = first_seen();
    world.buckets(2, &bucket(2020, json!([])));
    assert_eq!(first_seen().0, came, "it only changed");
    world.buckets(3, &bucket(2024, tags));
    let (again, updated) = first_seen();
    assert!(again > came && again == updated, "another thing under the same name");
    world.buckets(4, &bucket(2025, Value::Null));
    assert_eq!(world.owners(), "a: unknown -", "the owner of the old one says nothing about the new one");
}

#[test]
fn two_ingests_at_once_give_the_state_of_one() {
    let alone = World::new();
    let raced = World::new();
    for (run, content) in [(1, file(&["a:payments", "b", "c:growth"])), (2, file(&["a:search", "c:growth", "d"]))] {
        alone.buckets(run, &content);
        raced.collect(run, &[("s3", Coverage::Complete, Some(&content))]);
        let ingest = || ingest(&raced.lake, &raced.store, &raced.rules);
        let (one, two) = block_on(join(ingest(), ingest()));
        let (one, two) = (one.expect("an ingest"), two.expect("an ingest"));
        assert_eq!((one.revision, two.revision), (run, run));
        assert_eq!(one.scopes.unchanged + two.scopes.unchanged, 1, "the slower one has nothing left to do");
    }
    let entities = |world: &World| world.records().into_iter().map(|record| record.entity).collect::<Vec<_>>();
    assert_eq!(entities(&alone), entities(&raced));
    assert_eq!(block_on(alone.store.head()).expect("a head"), block_on(raced.store.head()).expect("a head"));
}

#[test]
fn a_store_that_refuses_leaves_all_as_it_was_and_the_next_ingest_heals() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments", "b"]));
    let before = world.records();
    for kind in [ErrorKind::Storage, ErrorKind::Unavailable, ErrorKind::Conflict] {
        world.store.refuse_commits(kind);
        world.collect(2, &[("s3", Coverage::Complete, Some(&file(&["a:search"])))]);
        let IngestError::Store { source, .. } = world.fails() else { panic!("the store is to blame") };
        assert_eq!(source.kind(), kind);
        assert_eq!(world.records(), before);
    }
    world.store.heal();
    assert_eq!((world.ingest().retired, world.owners().as_str()), (1, "a: owned search"));
}

#[test]
fn a_lake_that_is_gone_leaves_all_as_it_was_and_the_next_ingest_heals() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments", "b"]));
    world.collect(2, &[("s3", Coverage::Complete, Some(&file(&["a:search"])))]);
    let before = world.records();
    for fault in [
        Fault::new(Call::List, 0, ErrorKind::Unavailable),
        Fault::get(0, ErrorKind::Unavailable),
        Fault::get(1, ErrorKind::Unavailable),
    ] {
        world.lake.inject(fault.and_all_later());
        let IngestError::Lake { source, .. } = world.fails() else { panic!("the lake is to blame") };
        assert_eq!(source.kind(), ErrorKind::Unavailable);
        assert_eq!(world.records(), before);
        world.lake.heal();
    }
    assert_eq!(world.ingest().retired, 1);
}

#[test]
fn folders_of_nobody_are_noted_and_left_out() {
    let world = World::new();
    world.buckets(1, &file(&["a"]));
    world.put("backup/000000000042/eu-west-1/s3.json", &file(&["z"]));
    world.put("-collector/x/s3.json", &file(&["y"]));
    let report = world.ingest();
    assert_eq!(report.notes.len(), 2, "{:?}", report.notes);
    assert!(report.notes.iter().any(|note| note.contains("`backup`") && note.contains("left out")));
    assert_eq!(world.names(), ["a"]);
}

#[test]
fn an_unchanged_ingest_reads_manifests_and_nothing_else() {
    let world = World::new();
    world.buckets(1, &file(&["a", "b"]));
    let other = manifest(1, &[]).to_string().replace("eu-west-1", "eu-west-2");
    world.put("aws-collector/000000000042/eu-west-2/_manifest.json", &other);
    world.ingest();
    let head = block_on(world.store.head()).expect("a head");
    let (gets, reads) = (world.lake.calls(Call::Get), world.store.observations_read());
    let report = world.ingest();
    assert_eq!((report.scopes.unchanged, report.scopes.read), (2, 0));
    assert_eq!(world.lake.calls(Call::Get) - gets, 2, "two manifests");
    assert_eq!(world.store.observations_read(), reads);
    assert_eq!(block_on(world.store.head()).expect("a head"), head, "nothing was written");
}

#[test]
fn an_empty_lake_is_no_error() {
    let world = World::new();
    assert_eq!((world.ingest().scopes, world.names().len()), (portal_core::ingest::ScopeCounts::default(), 0));
}

#[test]
fn counts_of_copies_make_no_history() {
    let world = World::new();
    let path = "k8s-collector/_/_/prod/shop/deployments.json";
    let deployment = |ready: u32| {
        let status = json!({"readyReplicas": ready});
        json!([{"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 20}, "status": status}])
            .to_string()
    };
    world.put(path, &deployment(2));
    let first = world.ingest();
    world.put(path, &deployment(10));
    let second = world.ingest();
    assert_eq!(first.revision, second.revision);
    let records = world.records();
    let live = records.iter().find_map(|record| match &record.entity {
        Entity::Workload(workload) => workload.live,
        _ => None,
    });
    assert_eq!(live.expect("counts").ready, 10);
}

#[test]
fn a_source_with_a_new_name_is_the_one_in_the_evidence() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments"]));
    let mut renamed = manifest(2, &[("s3", Coverage::Complete, Some(&file(&["a:payments"])))]);
    renamed["source"] = json!("aws-prod");
    world.put(&format!("{SCOPE}/_manifest.json"), &renamed.to_string());
    world.ingest();
    assert_eq!(world.part(S3).source, "aws-prod");
    assert_eq!(world.resources()[0].ownership.evidence[0].source, "aws-prod");
}

#[test]
fn a_list_of_several_types_keeps_things_of_one_name_apart() {
    let world = World::new();
    let labels = json!({"app": "web"});
    let list = json!({"kind": "List", "items": [
        {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"metadata": {"labels": labels}}}},
        {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": labels}},
        {"kind": "CronJob", "metadata": {"name": "web"}, "spec": {"schedule": "0 3 * * *"}},
    ]});
    world.put("k8s-collector/_/_/prod/shop/all.json", &list.to_string());
    world.ingest();
    let records = world.records();
    let refs: Vec<String> = records.iter().map(|record| record.entity.entity_ref().to_string()).collect();
    for kind in ["deployment", "cronjob"] {
        assert!(refs.contains(&format!("workload:k8s/prod/shop/{kind}/web")), "{refs:?}");
    }
}

#[test]
fn a_file_that_nobody_may_read_does_not_stop_the_other_scopes() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments", "b"]));
    world.collect(2, &[("s3", Coverage::Complete, Some(&file(&["a:payments"])))]);
    world.put("aws-collector/000000000042/eu-west-2/s3.json", &file(&["other"]));
    world.lake.inject(Fault::get(0, ErrorKind::Denied));
    let report = world.ingest();
    assert_eq!((report.retired, report.added), (0, 1), "{report:?}");
    assert!(report.notes[0].contains(SCOPE) && report.notes[0].contains("stays"), "{:?}", report.notes);
    assert_eq!(world.ingest().retired, 1, "and the next one heals");
}

#[test]
fn a_server_can_collect_and_ingest_in_a_task() {
    fn moves_between_threads<T: Send>(future: T) -> T {
        future
    }
    let world = World::new();
    let (lake, store): (&dyn Lake, &dyn Store) = (&world.lake, &world.store);
    block_on(moves_between_threads(ingest(lake, store, &world.rules))).expect("an ingest");
    let options = CollectOptions::new(std::sync::Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH)));
    block_on(moves_between_threads(collect(&[], lake, &options))).expect("nothing to collect");
}

#[test]
fn a_manifest_with_a_character_that_databases_refuse_stops_only_its_scope() {
    let world = World::new();
    world.buckets(1, &file(&["a:payments"]));
    let mut hostile = manifest(2, &[("s3", Coverage::Denied, None)]);
    hostile["source"] = "a\0ws".into();
    world.put(&format!("{SCOPE}/_manifest.json"), &hostile.to_string());
    let report = world.ingest();
    assert!(report.notes.iter().any(|note| note.contains("NUL")), "{:?}", report.notes);
    assert_eq!(world.owners(), "a: owned payments");
}
