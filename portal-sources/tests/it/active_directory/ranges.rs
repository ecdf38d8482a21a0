//! Groups with more members than Active Directory gives at once.

use portal_core::{Coverage, Outcome};

use super::responder::{Manners, Responder};
use super::{DOMAIN, config_for, group, groups, members, person, source};
use crate::seen::{Seen, see};

async fn team_of(size: usize, manners: Manners) -> (Responder, Seen) {
    let entries =
        vec![group(1, "SG-Team-Big", 0..size), group(2, "SG-Team-Small", [1, 2]), person(1), person(size - 1)];
    let responder = Responder::start(entries, manners).await;
    let seen = see(&source(config_for(&responder))).await;
    (responder, seen)
}

#[tokio::test]
async fn all_members_are_read_whatever_their_number() {
    for (size, further) in [(1499, 0), (1500, 0), (1501, 1), (3000, 1), (3001, 2)] {
        let (responder, seen) = team_of(size, Manners::default()).await;
        assert!(seen.is_whole(), "{size}");
        assert_eq!(members(&groups(&seen)["SG-Team-Big"]).len(), size);
        assert_eq!(seen.kind(DOMAIN, "users").objects.len(), 2, "the first and the last of {size}");
        let ranges = responder.asked().into_iter().filter(|asked| asked.attributes.iter().any(|a| a.contains("range")));
        assert_eq!(ranges.count(), further, "{size}");
    }
}

#[tokio::test]
async fn members_that_may_not_be_read_to_the_end_are_not_taken_for_all() {
    for (manners, told) in [
        (Manners { range_code: Some(50), ..Manners::default() }, "code 50"),
        (Manners { range_code: Some(11), ..Manners::default() }, "code 11"),
        (Manners { range_shrinks: true, ..Manners::default() }, "changed while they were read"),
    ] {
        let (_responder, seen) = team_of(1501, manners).await;
        let groups = groups(&seen);
        let (big, small) = (&groups["SG-Team-Big"], &groups["SG-Team-Small"]);
        let error = big["memberError"].as_str().expect("a reason");
        assert!(error.contains(told), "{error}");
        assert!(small.get("memberError").is_none() && members(small).len() == 2);
        let kind = seen.kind(DOMAIN, "groups");
        assert!(kind.unread.len() == 1 && kind.unread[0].contains("SG-Team-Big"), "{:?}", kind.unread);
        for kind in ["groups", "users"] {
            let (coverage, reason) = seen.ended(DOMAIN, kind);
            assert!(coverage == Coverage::Partial && reason.contains(told), "{kind}: {coverage:?} {reason}");
        }
    }
}

#[tokio::test]
async fn a_group_without_members_has_an_empty_list() {
    let responder = Responder::start(vec![group(1, "SG-Team-Empty", [])], Manners::default()).await;
    let seen = see(&source(config_for(&responder))).await;
    assert_eq!(groups(&seen)["SG-Team-Empty"]["member"], serde_json::json!([]));
    assert_eq!(seen.outcome(DOMAIN, "users"), &Outcome::complete());
}
