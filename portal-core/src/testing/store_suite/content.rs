//! Clauses about what is kept: parts, scopes, findings, digests, and text of any kind.

use super::{StoreFixture, commit, entities, load, refs};
use crate::digest::Digest;
use crate::id::Ref;
use crate::model::{Entity, Live, Member, Ownership, RelationType, Team};
use crate::observe::{Observation, WorkloadSeen};
use crate::part::{Hold, Known};
use crate::resolve::{Finding, FindingKind};
use crate::source::{Coverage, Outcome, Scope};
use crate::store::{Change, ScopeState};
use crate::testing::estate::{
    bucket, bucket_of, bucket_ref, change, digest, evidence, observations, owned_by, part, part_key, relation,
    scope_state, service, team, time, workload,
};

/// A part comes back with all that is known about it, and so do its observations, in their order.
pub async fn a_part_comes_back_with_its_observations(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let mut full = part("deployments", 7, 3);
    full.scope = Scope::Kubernetes { account: None, region: None, cluster: "prod".into(), namespace: "shop".into() };
    full.outcome = Outcome::denied("apps/deployments:list", "403 Forbidden");
    full.unread = vec!["the tags of `a`".to_owned()];
    full.good_at = None;
    full.content = None;
    full.hold = Some(Hold { id: "0123abcd".into(), count: 21, of: 40, since: time(6) });
    full.set_aside = vec!["deployments/a.json, record 1: no name".to_owned()];
    let web = WorkloadSeen {
        kind: "deployment".into(),
        name: "web".into(),
        live: Some(Live { ready: 0, desired: 3 }),
        created_at: Some(time(1)),
        ..WorkloadSeen::default()
    };
    let mut known = observations(3);
    known.insert(0, Known { stale_since: Some(time(5)), observation: Observation::Workload(Box::new(web)) });
    let change = Change {
        parts: vec![(full.clone(), Some(known.clone().into())), (part("s3", 1, 2), Some(observations(2).into()))],
        ..change([], [])
    };
    commit(&*store, &change).await;
    assert_eq!(store.parts().await.expect("parts"), [full.clone(), part("s3", 1, 2)]);
    assert_eq!(load(&*store, None).await.parts, [full, part("s3", 1, 2)]);
    let keys = [part_key("s3"), part_key("deployments")];
    let found = store.observations(&keys).await.expect("observations");
    assert_eq!((found.len(), &found[&keys[0]], &found[&keys[1]]), (2, &observations(2), &known));
}

/// What could not be read again stays: a part that is put without observations keeps those it had.
pub async fn a_part_without_observations_keeps_those_it_had(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    commit(&*store, &Change { parts: vec![(part("s3", 1, 2), Some(observations(2).into()))], ..change([], []) }).await;
    let mut denied = part("s3", 2, 2);
    denied.outcome = Outcome::not(Coverage::Failed, "a timeout");
    let update = Change { parts: vec![(denied.clone(), None), (part("rds", 2, 0), None)], ..change([], []) };
    commit(&*store, &update).await;
    assert_eq!(store.parts().await.expect("parts"), [part("rds", 2, 0), denied]);
    let found = store.observations(&[part_key("s3"), part_key("rds")]).await.expect("observations");
    assert_eq!(found[&part_key("s3")], observations(2));
    assert!(found.get(&part_key("rds")).is_none_or(Vec::is_empty));
}

/// An empty list is something else than no list.
pub async fn a_part_can_lose_its_observations(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    for known in [observations(3), Vec::new(), observations(1)] {
        commit(&*store, &Change { parts: vec![(part("s3", 1, 0), Some(known.clone().into()))], ..change([], []) })
            .await;
        let found = store.observations(&[part_key("s3")]).await.expect("observations");
        assert_eq!(found[&part_key("s3")], known);
    }
}

/// Nothing is said of a part that is not there, and nothing is asked of no part.
pub async fn observations_of_unknown_parts_are_left_out(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    assert!(store.observations(&[part_key("s3")]).await.expect("observations").is_empty());
    commit(&*store, &Change { parts: vec![(part("s3", 1, 2), Some(observations(2).into()))], ..change([], []) }).await;
    let found = store.observations(&[part_key("rds"), part_key("s3"), "".into()]).await.expect("observations");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(part_key("s3"), observations(2))]);
    assert!(store.observations(&[]).await.expect("observations").is_empty());
}

/// A scope has one state, its newest; scopes are sorted by folder.
pub async fn a_scope_takes_its_newest_state(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let other = ScopeState {
        folder: "ad-collector/corp.example".into(),
        scope: Scope::Directory { domain: "corp.example".into() },
        // The highest run that there can be: databases count with a sign.
        run: i64::MAX.unsigned_abs(),
        ..scope_state(9)
    };
    commit(&*store, &Change { scopes: vec![scope_state(1)], ..change([], []) }).await;
    commit(&*store, &Change { scopes: vec![scope_state(2), other.clone()], ..change([], []) }).await;
    assert_eq!(store.scopes().await.expect("scopes"), [other.clone(), scope_state(2)]);
    commit(&*store, &change([bucket("a")], [])).await;
    assert_eq!(store.scopes().await.expect("scopes"), [other, scope_state(2)], "a change without scopes keeps them");
}

/// Findings are those of the last change that had some, in its order; there may be none again.
pub async fn findings_are_replaced(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let finding = |kind, subject: Option<Ref>, message: &str| Finding { kind, subject, message: message.into() };
    let first = vec![
        finding(FindingKind::UnknownTeam, Some(bucket_ref("a")), "`legacy` is no team"),
        finding(FindingKind::SetAside, None, "a record"),
        finding(FindingKind::ClusterNameClash, None, "prod"),
    ];
    let second = vec![finding(FindingKind::Conflict, Some(bucket_ref("b")), "two teams")];
    for findings in [first.clone(), second.clone(), Vec::new(), first.clone()] {
        let digest = Digest::of(&findings);
        commit(&*store, &Change { findings: Some((findings.clone(), digest)), ..change([], []) }).await;
        assert_eq!(load(&*store, None).await.findings, findings);
        assert_eq!(store.digests().await.expect("digests").findings, Some(digest));
    }
    commit(&*store, &change([bucket("a")], [])).await;
    assert_eq!(load(&*store, None).await.findings, first, "a change without findings keeps them");
    assert_eq!(load(&*store, 1).await.findings, first, "findings are always those of now");
}

/// Digests are given back as they were put: the store does not make its own.
pub async fn digests_are_those_that_were_put(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, web) = (service("shop", "cart", "t"), workload("shop", "cart", Some(Live { ready: 1, desired: 1 })));
    let link = relation(&cart, RelationType::RunsAs, &web);
    let (odd, key) = (Digest([0xfe; 16]), (link.from.clone(), link.relation, link.to.clone()));
    let mut first = change([cart.clone(), web.clone()], [link.clone()]);
    first.put_entities[0].1 = odd;
    first.put_relations[0].1 = odd;
    commit(&*store, &first).await;
    let digests = store.digests().await.expect("digests");
    assert_eq!(digests.entities, [(cart.entity_ref(), odd), (web.entity_ref(), digest(&web))].into());
    assert_eq!(digests.relations, [(key, odd)].into());
    assert_eq!(digests.live, [(web.entity_ref(), Live { ready: 1, desired: 1 })].into());
    commit(&*store, &change([cart.clone()], [])).await;
    assert_eq!(store.digests().await.expect("digests").entities[&cart.entity_ref()], digest(&cart));
}

/// Quotes, control characters, SQL, JSON, right-to-left text and ten kilobytes come back in every field.
pub async fn hostile_text_comes_back_as_it_was(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let long = "ten kilobytes of it, ".repeat(500);
    let texts = [
        "it's \"quoted\" `so` \\ and \\\\ so \\u0041",
        "'); DROP TABLE entity; --",
        "%_?* :1 $1 ?1 @x #",
        "{\"a\": [1, 2}] ]]>",
        "null",
        "0012.50e3",
        " \t leading and trailing \r\n ",
        "\u{1}\u{7f}\u{85}\u{2028}\u{feff}",
        "\u{202e}gnp.exe \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
        "👩‍👩‍👧 🏳️‍🌈 \u{10ffff}",
        "e\u{301} and é",
        "<script>alert(1)</script>&amp;=cmd|'/c calc'!A1",
        long.as_str(),
    ];
    for (round, text) in texts.into_iter().enumerate() {
        let mut hostile = bucket_of(text, Ownership { evidence: vec![evidence(text, text, text)], ..owned_by(text) });
        hostile.tags = vec![(text.into(), text.into())];
        hostile.attributes = [(text.into(), text.into())].into();
        hostile.product = Some(text.into());
        hostile.region = Some(text.into());
        hostile.tags_unread = Some(text.into());
        let hostile = Entity::Resource(hostile);
        let member = Member { name: text.into(), mail: Some(text.into()) };
        let team = Entity::Team(Team { name: text.into(), members: vec![member], ..Team::default() });
        let link = relation(&service(text, text, text), RelationType::Uses, &hostile);
        let mut odd = part("s3", 1, 1);
        odd.unread = vec![text.to_owned()];
        odd.outcome = Outcome::not(Coverage::Partial, text);
        let findings =
            vec![Finding { kind: FindingKind::SetAside, subject: Some(hostile.entity_ref()), message: text.into() }];
        let put = Change {
            cause: text.into(),
            by: Some(text.into()),
            rules: text.into(),
            findings: Some((findings.clone(), Digest::of(&findings))),
            parts: vec![(odd.clone(), Some(observations(1).into()))],
            scopes: vec![ScopeState { manifest: text.into(), ..scope_state(1) }],
            ..change([hostile.clone(), team.clone()], [link.clone()])
        };
        let head = commit(&*store, &put).await;
        assert_eq!(head.rules.as_deref(), Some(text));
        let loaded = load(&*store, None).await;
        assert_eq!(entities(&loaded), [hostile.clone(), team.clone()], "{text}");
        assert_eq!((loaded.relations.as_slice(), loaded.findings), ([link.clone()].as_slice(), findings), "{text}");
        assert_eq!(loaded.parts, [odd], "{text}");
        assert_eq!(store.scopes().await.expect("scopes")[0].manifest, text);
        let named = store.named(text, 9).await.expect("names");
        assert_eq!(named, [hostile.entity_ref(), team.entity_ref()], "{text}");
        let around = store.around(&[team.entity_ref()]).await.expect("a state");
        assert_eq!(entities(&around), [hostile.clone(), team.clone()], "{text}");
        let gone = Change {
            retired_entities: vec![hostile.entity_ref(), team.entity_ref()],
            retired_relations: vec![(link.from, link.relation, link.to)],
            ..change([], [])
        };
        commit(&*store, &gone).await;
        let loaded = load(&*store, None).await;
        assert!(loaded.entities.is_empty() && loaded.relations.is_empty(), "{text}");
        assert_eq!(load(&*store, 2 * round as u64 + 1).await.entities.len(), 2, "{text}");
    }
}

/// Entities are sorted by ref, relations by their key, parts by theirs, whatever the order in which they were put.
pub async fn what_is_loaded_is_sorted(fixture: &dyn StoreFixture) {
    let store = fixture.open().await;
    let (cart, zebra) = (service("shop", "cart", "t"), bucket("Zebra"));
    let put = [zebra.clone(), cart.clone(), bucket("ä"), team("z"), bucket("a"), bucket("a-b"), bucket("a/b")];
    let links = [RelationType::CreatedBy, RelationType::DependsOn, RelationType::Uses, RelationType::RunsAs]
        .map(|kind| relation(&cart, kind, &zebra));
    let parts = ["s3", "rds", "lambda"].map(|kind| (part(kind, 1, 0), None)).into();
    commit(&*store, &Change { parts, ..change(put.clone(), links) }).await;
    let everything: Vec<Ref> = put.iter().map(Entity::entity_ref).collect();
    for loaded in [load(&*store, None).await, store.around(&everything).await.expect("a state")] {
        assert_eq!((loaded.entities.len(), loaded.relations.len()), (7, 4));
        assert!(refs(&loaded).is_sorted(), "{:?}", loaded.entities);
        let keys: Vec<_> = loaded.relations.iter().map(|r| (r.from.clone(), r.relation, r.to.clone())).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(loaded.parts.is_sorted_by(|a, b| a.key < b.key));
    }
}
