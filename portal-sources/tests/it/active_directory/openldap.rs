//! OpenLDAP with plain groups: identities, spellings, limits and rights.

use portal_core::{Coverage, Outcome};
use portal_sources::active_directory::Config;
use serde_json::json;

use super::bed::Bed;
use super::{DOMAIN, config_of, groups, logins, members, source};
use crate::seen::{Seen, see};

async fn seen_as(account: &str) -> Seen {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    see(&source(Config { bind_dn: Some(bed.said(account).to_owned()), page_size: 90, ..config })).await
}

#[tokio::test]
async fn groups_and_people_of_a_plain_directory_are_read() {
    let seen = seen_as("bind_dn").await;
    assert!(seen.is_whole());
    let groups = groups(&seen);
    // Thirty teams, the odd one, and the squad below it, but not `Nobodys`.
    assert_eq!(groups.len(), 32);
    let team = &groups["SG-Team-00"];
    assert_eq!((members(team).len(), &team["description"]), (5, &json!("Team 0")));
    let uuid = team["entryUUID"].as_str().expect("an identity");
    assert_eq!((uuid.len(), team.get("objectGUID")), (36, None));
    // 150 in the teams, one by an odd spelling, one in the squad by `uniqueMember`.
    let logins = logins(&seen);
    assert_eq!(logins.len(), 152);
    assert!(logins.contains("p0200") && logins.contains("p0201") && !logins.contains("p0900"));
    assert!(groups["Squad"]["member"][0].as_str().is_some_and(|dn| dn.starts_with("cn=Person 0201")));
}

#[tokio::test]
async fn an_account_that_sees_nothing_is_told_from_an_empty_directory() {
    let seen = seen_as("blind_dn").await;
    for kind in ["groups", "users"] {
        let (coverage, reason) = seen.ended(DOMAIN, kind);
        assert!(matches!(coverage, Coverage::Denied | Coverage::Failed), "{coverage:?}: {reason}");
        assert!(reason.contains("account"), "{reason}");
    }
}

#[tokio::test]
async fn people_who_may_not_be_seen_are_not_taken_for_gone() {
    let seen = seen_as("groups_dn").await;
    assert_eq!(seen.outcome(DOMAIN, "groups"), &Outcome::complete());
    let outcome = seen.outcome(DOMAIN, "users");
    assert_eq!(outcome.coverage, Coverage::Denied);
    assert_eq!(outcome.permission.as_deref(), Some("read userAccountControl of users below dc=corp,dc=example"));
}

#[tokio::test]
async fn a_list_that_the_server_cuts_is_partial() {
    let seen = seen_as("list_dn").await;
    assert_eq!(seen.outcome(DOMAIN, "groups"), &Outcome::complete());
    let (coverage, reason) = seen.ended(DOMAIN, "users");
    assert!(coverage == Coverage::Partial && reason.contains("limit"), "{coverage:?} {reason}");
    assert!(!seen.kind(DOMAIN, "users").objects.is_empty(), "what was seen is told");
}

#[tokio::test]
async fn filters_of_the_configuration_narrow_what_is_read() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    let group_filter = Some("(description=Team 1)".to_owned());
    let user_filter = Some("(!(mail=p0005@*))".to_owned());
    let seen = see(&source(Config { group_filter, user_filter, ..config })).await;
    assert!(seen.is_whole());
    assert_eq!(groups(&seen).keys().collect::<Vec<_>>(), ["SG-Team-01"]);
    assert_eq!(logins(&seen).into_iter().collect::<Vec<_>>(), ["p0006", "p0007", "p0008", "p0009"]);
}

#[tokio::test]
async fn an_empty_or_unknown_base_is_not_taken_for_an_empty_directory() {
    let bed = Bed::join("slapd");
    let (_folder, config) = config_of(&bed);
    for base in ["ou=Empty,dc=corp,dc=example", "ou=Nowhere,dc=corp,dc=example", "dc=elsewhere"] {
        let config = Config { base: base.to_owned(), domain: Some(DOMAIN.to_owned()), ..config.clone() };
        let seen = see(&source(config)).await;
        let (coverage, reason) = seen.ended(DOMAIN, "groups");
        assert!(matches!(coverage, Coverage::Denied | Coverage::Failed), "{base}: {coverage:?}");
        assert!(reason.contains("correct `base`"), "{base}: {reason}");
    }
}
