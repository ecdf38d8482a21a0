//! Files for people and bundles for scale: what is known is the same, and a collector may change from one to the other.

use futures::executor::block_on;
use portal_core::lake::Precondition;
use portal_core::snapshot::bundle;
use portal_core::snapshot::layout::Layout::{self, Bundled, Files};
use portal_core::snapshot::manifest::Manifest;
use portal_core::testing::{Call, Fault, MemoryLake, MemoryStore};
use portal_core::{ErrorKind, Lake as _, LakePath};

use crate::company::{Company, Seen, collected, company, count, ingested, known, known_anew, namespace, region};

const SHOP: &str = "k8s-collector/011122223333/eu-west-1/prod/shop-1";
const REGION: &str = "aws-collector/011122223333/eu-west-1";

fn run(company: &Company, lake: &MemoryLake, layout: Layout) {
    let report = block_on(collected(company, lake, layout));
    assert!(report.sources.iter().all(|source| source.error.is_none()), "{report:?}");
    assert_sound(lake);
}

/// Every manifest names files that are there as it says, and in whole kinds there are no others.
fn assert_sound(lake: &MemoryLake) {
    let contents = lake.contents();
    for (key, bytes) in contents.iter().filter(|(key, _)| key.ends_with("/_manifest.json")) {
        let folder = key.trim_end_matches("_manifest.json");
        let manifest: Manifest = serde_json::from_slice(bytes).expect("a manifest");
        for (kind, entry) in manifest.kinds {
            for file in &entry.files {
                let there = contents.get(&format!("{folder}{}", file.path));
                let there = there.unwrap_or_else(|| panic!("{folder}{} is named and not there", file.path));
                assert_eq!(portal_core::digest::hex(there), file.sha256, "{folder}{}", file.path);
            }
            let own = |path: &str| path.starts_with(&format!("{kind}.")) || path.starts_with(&format!("{kind}/"));
            let stand = contents.keys().filter_map(|key| key.strip_prefix(folder)).filter(|path| own(path));
            if entry.outcome.coverage.is_whole() {
                assert_eq!(stand.count(), entry.files.len(), "{folder}{kind}");
            }
        }
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_bundle_and_files_give_equal_observations() {
    let (files, bundles) = (MemoryLake::new(), MemoryLake::new());
    run(&company(3), &files, Files);
    run(&company(3), &bundles, Bundled);
    assert!(files.contents().contains_key(&format!("{SHOP}/deployments/deployment-1-000.json")));
    assert!(bundles.contents().contains_key(&format!("{SHOP}/deployments.ndjson.zst")));
    assert!(bundles.contents().contains_key(&format!("{REGION}/s3.ndjson.zst")));
    assert!(bundles.contents().len() < files.contents().len() / 3);
    let known = block_on(known_anew(&files));
    assert_eq!(count(&known, &format!("{SHOP}#deployments")), 12);
    assert_eq!(known, block_on(known_anew(&bundles)));
}

#[test]
fn an_unchanged_scope_costs_one_manifest_read_and_an_unchanged_bundle_no_write() {
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    run(&company(3), &lake, Bundled);
    block_on(ingested(&lake, &store));
    let reads = lake.calls(Call::Get);
    let report = block_on(ingested(&lake, &store));
    assert_eq!((lake.calls(Call::Get) - reads, report.scopes.unchanged), (6, 6));
    let writes = lake.calls(Call::Put);
    run(&company(3), &lake, Bundled);
    assert_eq!(lake.calls(Call::Put) - writes, 6, "the manifests and nothing else");
}

#[test]
fn changing_the_layout_loses_nothing_doubles_nothing_and_leaves_nothing_behind() {
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    run(&company(3), &lake, Files);
    block_on(ingested(&lake, &store));
    let first = block_on(known(&store));
    for layout in [Bundled, Files, Bundled, Bundled, Files] {
        run(&company(3), &lake, layout);
        let report = block_on(ingested(&lake, &store));
        assert_eq!((report.added, report.changed, report.retired, report.held), (0, 0, 0, 0), "{layout:?}");
        assert_eq!(block_on(known(&store)), first, "{layout:?}");
        assert_eq!(block_on(known_anew(&lake)), first, "{layout:?}");
    }
}

#[test]
fn a_collector_that_dies_while_it_changes_the_layout_leaves_what_was_committed() {
    for (before, after) in [(Files, Bundled), (Bundled, Files)] {
        let all = {
            let lake = MemoryLake::new();
            run(&company(2), &lake, before);
            block_on(known_anew(&lake))
        };
        for at in 0..12 {
            let lake = MemoryLake::new();
            run(&company(2), &lake, before);
            lake.inject(Fault::put(at, ErrorKind::Storage).and_all_later());
            block_on(collected(&company(2), &lake, after));
            lake.heal();
            assert_eq!(block_on(known_anew(&lake)), all, "{after:?}, dead at write {at}");
            // And one that dies before it could take the old files away.
            run(&company(2), &lake, before);
            lake.inject(Fault::new(Call::Delete, 0, ErrorKind::Storage).and_all_later());
            block_on(collected(&company(2), &lake, after));
            lake.heal();
            assert_eq!(block_on(known_anew(&lake)), all, "{after:?}, dead before the old files are gone");
            run(&company(2), &lake, after);
        }
    }
}

#[test]
fn a_cut_read_keeps_what_was_known_whichever_layout_was_before() {
    let (shop, region) = (namespace(1), region(1));
    for (before, after) in [(Files, Bundled), (Bundled, Files), (Bundled, Bundled)] {
        let lake = MemoryLake::new();
        let whole = company(2);
        run(&whole, &lake, before);
        let mut cut = whole.clone();
        cut.version = 1;
        cut = cut.with(&shop, "deployments", Seen::Some(names(&["deployment-1-000", "new-a"]))).with(
            &region,
            "s3",
            Seen::Some(names(&["bucket-1-000", "new-a"])),
        );
        run(&cut, &lake, after);
        let parts = [format!("{SHOP}#deployments"), format!("{REGION}#s3")];
        let seen = block_on(known_anew(&lake));
        for part in &parts {
            assert_eq!(count(&seen, part), 9, "{before:?}, {after:?}: {part}");
            // The one that was seen again is as it was seen last, the others as they were.
            let of = |version: &str| {
                let tag = format!("(\"version\", \"{version}\")");
                seen[part.as_str()].iter().filter(|known| format!("{known:?}").contains(&tag)).count()
            };
            assert_eq!((of("0"), of("1")), (7, 2), "{before:?}, {after:?}: {part}");
        }
        // A third read, cut elsewhere, forgets nothing either.
        let cut = cut.with(&shop, "deployments", Seen::Some(names(&["deployment-1-001", "new-b"]))).with(
            &region,
            "s3",
            Seen::Some(names(&["bucket-1-001", "new-b"])),
        );
        run(&cut, &lake, Bundled);
        let seen = block_on(known_anew(&lake));
        for part in &parts {
            assert_eq!(count(&seen, part), 10, "{before:?}, {after:?}: {part}");
        }
        let size = |lake: &MemoryLake| lake.contents().values().map(bytes::Bytes::len).sum::<usize>();
        let before_repeats = size(&lake);
        for _ in 0..5 {
            run(&cut, &lake, Bundled);
        }
        assert!(size(&lake) <= before_repeats + 64, "what is kept does not grow");
        // A whole read ends all of it.
        run(&whole, &lake, Bundled);
        let fresh = MemoryLake::new();
        run(&whole, &fresh, Files);
        assert_eq!(block_on(known_anew(&lake)), block_on(known_anew(&fresh)), "{before:?}, {after:?}");
    }
}

#[test]
fn a_denied_read_keeps_the_bundle() {
    let lake = MemoryLake::new();
    run(&company(2), &lake, Bundled);
    let known = block_on(known_anew(&lake));
    run(&company(2).with(&namespace(1), "deployments", Seen::Denied), &lake, Bundled);
    assert_eq!(count(&block_on(known_anew(&lake)), &format!("{SHOP}#deployments")), 8);
    run(&company(2), &lake, Bundled);
    assert_eq!(block_on(known_anew(&lake)), known);
}

/// The lines of a bundle, as another program would write them.
fn lines(count: usize) -> Vec<u8> {
    let line = |at: usize| {
        format!("{{\"Name\":\"bucket-{at:04}\",\"Tags\":[{{\"Key\":\"n\",\"Value\":\"{:x}\"}}]}}\n", at * 2_654_435_761)
    };
    (0..count).map(line).collect::<String>().into_bytes()
}

fn put(lake: &MemoryLake, path: &str, bytes: Vec<u8>) {
    let key = LakePath::parse(path).expect("a path of this test");
    block_on(lake.put(&key, bytes.into(), Precondition::None)).expect("a put");
}

#[test]
fn bundles_of_others_are_read_without_a_manifest() {
    let compressed = zstd::stream::encode_all(lines(50).as_slice(), 19).expect("compressed");
    for (name, bytes) in [("s3.ndjson", lines(50)), ("s3.ndjson.zst", compressed)] {
        let lake = MemoryLake::new();
        put(&lake, &format!("{REGION}/{name}"), bytes);
        let known = block_on(known_anew(&lake));
        assert_eq!(count(&known, &format!("{REGION}#s3")), 50, "{name}");
    }
}

#[test]
fn a_bundle_that_is_cut_retires_nothing_and_one_bad_record_costs_itself() {
    let bytes = zstd::stream::encode_all(lines(5000).as_slice(), 3).expect("compressed");
    let part = format!("{REGION}#s3");
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    put(&lake, &format!("{REGION}/s3.ndjson.zst"), bytes.clone());
    block_on(ingested(&lake, &store));
    put(&lake, &format!("{REGION}/s3.ndjson.zst"), bytes[..bytes.len() / 2].to_vec());
    let report = block_on(ingested(&lake, &store));
    assert!(report.set_aside >= 1 && report.retired == 0, "{report:?}");
    assert_eq!(count(&block_on(known(&store)), &part), 5000);
    let mut bad = lines(5000);
    bad.splice(2..6, *b"\xff\xfe{}");
    put(&lake, &format!("{REGION}/s3.ndjson.zst"), zstd::stream::encode_all(bad.as_slice(), 3).expect("compressed"));
    let report = block_on(ingested(&lake, &store));
    assert_eq!((report.set_aside, report.retired), (1, 0), "{report:?}");
    assert_eq!(count(&block_on(known(&store)), &part), 5000);
}

#[test]
fn a_bundle_that_was_rewritten_and_not_committed_waits() {
    let (lake, store) = (MemoryLake::new(), MemoryStore::new());
    run(&company(2), &lake, Bundled);
    block_on(ingested(&lake, &store));
    let before = block_on(known(&store));
    put(&lake, &format!("{SHOP}/deployments.ndjson.zst"), bundle::write(std::iter::empty()));
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&lake.contents()[&format!("{SHOP}/_manifest.json")]).expect("a manifest");
    manifest["run"] = (manifest["run"].as_u64().expect("a run") + 1).into();
    manifest["kinds"]["deployments"]["files"][0]["sha256"] = "00".into();
    put(&lake, &format!("{SHOP}/_manifest.json"), manifest.to_string().into_bytes());
    let report = block_on(ingested(&lake, &store));
    assert_eq!((report.scopes.waiting, report.retired), (1, 0), "{report:?}");
    assert_eq!(block_on(known(&store)), before);
}
