//! Lists that come in pages: all of them, and what happens when they stop in the middle.

use portal_core::{Coverage, Outcome};
use portal_sources::active_directory::Config;

use super::responder::{Entry, Manners, Responder};
use super::{DOMAIN, config_for, group, groups, person, source};
use crate::seen::{Seen, see};

/// 2,300 people of whom every second one is in a team.
fn people() -> Vec<Entry> {
    let mut entries: Vec<Entry> = (0..2300).map(person).collect();
    entries.push(group(1, "SG-Team-Payments", (0..1000).map(|n| n * 2)));
    entries.push(group(2, "Everybody", 0..1000));
    entries
}

async fn seen(manners: Manners, change: impl FnOnce(&mut Config)) -> (Responder, Seen) {
    let responder = Responder::start(people(), manners).await;
    let mut config = config_for(&responder);
    change(&mut config);
    let seen = see(&source(config)).await;
    (responder, seen)
}

#[tokio::test]
async fn every_page_is_read_and_only_those_who_are_in_a_team_are_kept() {
    let (responder, seen) = seen(Manners::default(), |_| ()).await;
    assert!(seen.is_whole());
    assert_eq!(seen.kind(DOMAIN, "users").objects.len(), 1000);
    assert_eq!(groups(&seen).len(), 1, "`Everybody` is no team and below none");
    let pages: Vec<usize> = responder.asked().iter().map(|asked| asked.entries).filter(|&count| count > 2).collect();
    assert_eq!(pages, [1000, 1000, 300]);
    assert!(responder.asked().iter().all(|asked| asked.page_size == Some(1000)));
}

#[tokio::test]
async fn nothing_else_of_people_is_ever_asked_for() {
    let (responder, seen) = seen(Manners::default(), |_| ()).await;
    let asked = responder.asked();
    let of_people = asked.iter().find(|asked| asked.entries == 1000).expect("people were asked for");
    let allowed = ["objectGUID", "entryUUID", "cn", "displayName", "mail", "userAccountControl", "primaryGroupID"];
    assert_eq!(of_people.attributes, allowed);
    let first = &seen.kind(DOMAIN, "users").objects[0].value;
    let names: Vec<&String> = first.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["cn", "dn", "mail", "objectGUID", "primaryGroupID", "userAccountControl"]);
    assert_eq!((&first["userAccountControl"], &first["primaryGroupID"]), (&512.into(), &513.into()));
}

#[tokio::test]
async fn small_pages_and_empty_ones_in_between_change_nothing() {
    let (_responder, whole) = seen(Manners::default(), |_| ()).await;
    let (responder, small) =
        seen(Manners { empty_pages: true, ..Manners::default() }, |config| config.page_size = 170).await;
    assert!(small.is_whole());
    assert_eq!(small.names(DOMAIN, "users"), whole.names(DOMAIN, "users"));
    assert!(responder.asked().iter().any(|asked| asked.entries == 0));
}

#[tokio::test]
async fn a_list_whose_place_is_forgotten_is_read_again() {
    for code in [12, 53, 2] {
        let manners = Manners { forgets: 2, forgets_with: code, ..Manners::default() };
        let (_responder, seen) = seen(manners, |_| ()).await;
        assert!(seen.is_whole(), "{code}");
        assert_eq!(seen.kind(DOMAIN, "users").objects.len(), 1000);
    }
}

#[tokio::test]
async fn a_list_whose_place_is_always_forgotten_is_never_taken_for_all() {
    let manners = Manners { forgets: 100, forgets_with: 12, ..Manners::default() };
    let (_responder, seen) = seen(manners, |_| ()).await;
    assert_eq!(seen.outcome(DOMAIN, "groups"), &Outcome::complete());
    let (coverage, reason) = seen.ended(DOMAIN, "users");
    assert!(coverage == Coverage::Failed && reason.contains("4 times; raise `page_size`"), "{reason}");
    assert!(seen.kind(DOMAIN, "users").objects.is_empty());
}

#[tokio::test]
async fn a_connection_that_ends_between_two_pages_fails_the_kind() {
    // Groups, their members, and the first page of people.
    let manners = Manners { cut_after_pages: Some(3), ..Manners::default() };
    let (_responder, seen) = seen(manners, |_| ()).await;
    assert_eq!(seen.outcome(DOMAIN, "groups"), &Outcome::complete());
    let (coverage, reason) = seen.ended(DOMAIN, "users");
    assert!(coverage == Coverage::Failed && reason.contains("next run tries again"), "{reason}");
    assert!(seen.kind(DOMAIN, "users").objects.is_empty());
}

#[tokio::test]
async fn a_limit_makes_the_read_partial_and_a_missing_right_makes_it_denied() {
    for code in [3, 4, 11] {
        let (_responder, seen) = seen(Manners { code: Some(code), ..Manners::default() }, |_| ()).await;
        for kind in ["groups", "users"] {
            assert_eq!(seen.ended(DOMAIN, kind).0, Coverage::Partial, "{code}: {kind}");
        }
    }
    let (_responder, seen) = seen(Manners { code: Some(50), ..Manners::default() }, |_| ()).await;
    let outcome = seen.outcome(DOMAIN, "groups");
    assert_eq!(outcome.coverage, Coverage::Denied);
    assert_eq!(outcome.permission.as_deref(), Some("read member of groups below DC=corp,DC=example"));
}

#[tokio::test]
async fn a_base_that_is_not_there_is_not_taken_for_an_empty_one() {
    let (_responder, seen) = seen(Manners::default(), |config| config.base = "DC=crop,DC=example".to_owned()).await;
    let (coverage, reason) = seen.ended("crop.example", "groups");
    assert!(coverage == Coverage::Failed && reason.contains("correct `base`"), "{reason}");
}

#[tokio::test]
async fn a_directory_that_shows_nothing_is_not_taken_for_an_empty_one() {
    let responder = Responder::start(Vec::new(), Manners::default()).await;
    let seen = see(&source(config_for(&responder))).await;
    for kind in ["groups", "users"] {
        let (coverage, reason) = seen.ended(DOMAIN, kind);
        assert!(coverage == Coverage::Denied && reason.contains("shows this account nothing"), "{reason}");
    }
    let responder = Responder::start(vec![person(1), person(2)], Manners::default()).await;
    let seen = see(&source(config_for(&responder))).await;
    let (coverage, reason) = seen.ended(DOMAIN, "groups");
    assert!(coverage == Coverage::Failed && reason.contains("no group below"), "{reason}");
}

#[tokio::test]
async fn a_pattern_that_fits_no_group_gives_none() {
    let (_responder, seen) = seen(Manners::default(), |config| config.team_groups = "^X-(?<name>.+)$".to_owned()).await;
    assert!(seen.is_whole() && groups(&seen).is_empty(), "the guard against mass deletes is the core's");
}

#[tokio::test]
async fn accounts_that_are_no_people_are_left_out() {
    let mut entries = vec![group(1, "SG-Team-Odd", 0..4)];
    for (number, bits) in ["514", "4096", "2080", "66048"].iter().enumerate() {
        let mut person = person(number);
        person.attributes.insert("userAccountControl".to_owned(), vec![bits.as_bytes().to_vec()]);
        entries.push(person);
    }
    let mut unknown = person(7);
    unknown.attributes.remove("userAccountControl");
    unknown.attributes.insert("primaryGroupID".to_owned(), vec![b"1234".to_vec()]);
    entries.push(unknown);
    // Of the identifier S-1-5-21-…-1234 the last part is the group's number.
    let sid = [&[1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0][..], &1234_u32.to_le_bytes()].concat();
    entries[0].attributes.insert("objectSid".to_owned(), vec![sid]);
    let responder = Responder::start(entries, Manners::default()).await;
    let seen = see(&source(config_for(&responder))).await;
    let people = seen.kind(DOMAIN, "users");
    let names: Vec<&str> = people.objects.iter().filter_map(|person| person.value["cn"].as_str()).collect();
    assert_eq!(names, ["Person 3", "Person 7"]);
    assert_eq!(groups(&seen)["SG-Team-Odd"]["primaryGroupToken"], 1234);
    assert_eq!(seen.outcome(DOMAIN, "users"), &Outcome::complete());
    assert!(people.unread.len() == 1 && people.unread[0].contains("not known who is disabled"), "{:?}", people.unread);
}

#[tokio::test]
async fn groups_and_people_without_an_identity_are_missed_and_not_taken_for_gone() {
    let mut entries = vec![group(1, "SG-Team-Payments", 0..3), group(2, "SG-Team-Hidden", [1])];
    entries.extend((0..3).map(person));
    for at in [1, 2, 3] {
        entries[at].attributes.remove("objectGUID");
    }
    let responder = Responder::start(entries, Manners::default()).await;
    let seen = see(&source(config_for(&responder))).await;
    for (kind, told) in [("groups", "CN=SG-Team-Hidden"), ("users", "and 1 more: the account may read neither")] {
        let (coverage, reason) = seen.ended(DOMAIN, kind);
        assert!(coverage == Coverage::Partial && reason.contains(told), "{coverage:?} {reason}");
        assert_eq!((seen.kind(DOMAIN, kind).objects.len(), seen.kind(DOMAIN, kind).unread.len()), (1, 1));
    }
}
