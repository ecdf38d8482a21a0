//! A company that does not exist, for `portal demo`: its clusters and accounts as sources, and the rules for its teams.
//!
//! No account, network or clock is needed. The estate goes through the real pipeline and is the same on every run. To
//! extend it, add a row to a table: `company`, `workloads`, `functions` or `infrastructure`.

mod aws;
mod company;
mod functions;
mod infrastructure;
mod kubernetes;
mod place;
mod source;
pub mod status;
mod workloads;

use portal_core::rules::EnvironmentRule;
use portal_core::{Rules, Source, Text};

use place::Stage;
use source::DemoSource;

/// What is worth asking of the demo's estate, each with another kind of answer.
pub const QUESTIONS: &[&str] = &[
    // Owned by its tag, under another name of the team.
    "arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod",
    // Has no tags: its Aurora cluster does.
    "arn:aws:rds:eu-west-1:777788889999:db:orders-prod-1",
    // Has no tags either, but one team owns all that use it.
    "arn:aws:s3:::hazelmoor-prod-search-synonyms",
    // A handover that ended in staging: two teams claim it.
    "service:payments/refunds-api",
    // Claimed by a team that nobody knows.
    "service:identity/legacy-crm-bridge",
    // An orphan.
    "arn:aws:s3:::hazelmoor-tmp-migration-2023",
    // Its tags could not be read, which is not the same.
    "arn:aws:s3:::hazelmoor-prod-legal-hold",
];

/// The ref whose whole story is worth telling.
pub const WHY: &str = QUESTIONS[0];

/// The demo's clusters and accounts.
pub fn sources() -> Vec<Box<dyn Source>> {
    vec![Box::new(DemoSource::Kubernetes), Box::new(DemoSource::Aws)]
}

/// The rules for the demo: the default ladder, the company's teams and the names of its accounts.
pub fn rules() -> Rules {
    let environment = |stage: Stage| {
        let rule = EnvironmentRule { name: Some(Text::new_static(stage.name())), owner: None };
        (Text::new_static(stage.account()), rule)
    };
    Rules {
        teams: company::teams(),
        environments: Stage::ALL.into_iter().map(environment).collect(),
        ..Rules::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::FutureExt;
    use jiff::Timestamp;
    use portal_core::part::{Known, Part, PartContent};
    use portal_core::snapshot::layout::scope_folder;
    use portal_core::snapshot::redact::Redaction;
    use portal_core::{
        Coverage, EntityType, Outcome, Ownership, OwnershipState, Ref, RelationType, Resolution, SnapshotWriter,
        observe, resolve,
    };
    use serde_json::Value;

    use super::*;

    /// The estate as a lake would hold it, without a lake. The demo never waits, so no runtime is needed.
    fn parts() -> Vec<PartContent> {
        let mut parts = Vec::new();
        for source in sources() {
            let scopes = source.scopes().now_or_never().expect("the demo never waits").expect("the demo's scopes");
            for scope in scopes.scopes {
                let writer = SnapshotWriter::default();
                let read = source.collect(&scope, &writer).now_or_never().expect("the demo never waits");
                read.expect("a scope that was listed");
                let folder = scope_folder(source.folder(), &scope);
                for (kind, snapshot) in writer.into_kinds(&Outcome::not(Coverage::Failed, "never finished")) {
                    let objects: Value = snapshot
                        .objects
                        .into_iter()
                        .map(|object| Redaction::default().apply(&scope, object.value))
                        .collect();
                    let file = observe::read_file(&scope, &kind, objects.to_string().as_bytes()).expect("an array");
                    let part = Part {
                        key: Part::key(folder.as_str(), &kind),
                        source: source.name().into(),
                        scope: scope.clone(),
                        kind,
                        run: 1,
                        outcome: snapshot.outcome.expect("every kind is finished"),
                        items: file.observations.len() as u64,
                        unread: snapshot.unread,
                        read_at: Timestamp::UNIX_EPOCH,
                        good_at: None,
                        content: None,
                        hold: None,
                        set_aside: file.set_aside.into_iter().map(|record| record.reason).collect(),
                    };
                    let observations = file.observations.into_iter().map(Known::fresh).collect();
                    parts.push(PartContent { part, observations });
                }
            }
        }
        parts
    }

    fn resolved() -> Resolution {
        resolve(&parts(), &rules())
    }

    fn ownership<'r>(resolution: &'r Resolution, name: &str) -> &'r Ownership {
        let entity = resolution.graph.entity(&name.parse().expect("a ref")).unwrap_or_else(|| panic!("no {name}"));
        entity.ownership().expect("only services and resources are asked for")
    }

    #[test]
    fn the_estate_is_read_whole_but_for_what_is_held_back_on_purpose() {
        let mut held_back = Vec::new();
        for content in parts() {
            let part = content.part;
            assert!(part.set_aside.is_empty(), "{}: {:?}", part.key, part.set_aside);
            if part.outcome.coverage != Coverage::Complete {
                held_back.push((part.outcome.coverage, part.key));
            }
        }
        let denied: Vec<_> = held_back.iter().filter(|(coverage, _)| *coverage == Coverage::Denied).collect();
        assert_eq!(denied.len(), 1, "{denied:?}");
        assert!(held_back.iter().all(|(coverage, _)| matches!(coverage, Coverage::Denied | Coverage::Absent)));
    }

    #[test]
    fn every_state_of_ownership_is_there_and_most_things_are_owned() {
        let resolution = resolved();
        let mut states: BTreeMap<OwnershipState, usize> = BTreeMap::new();
        for ownership in resolution.graph.entities().filter_map(|entity| entity.ownership()) {
            *states.entry(ownership.state).or_default() += 1;
        }
        assert_eq!(states.len(), OwnershipState::ALL.len(), "{states:?}");
        let all: usize = states.values().sum();
        assert!(states[&OwnershipState::Owned] * 100 > all * 85, "{states:?}");
        let resources = resolution.graph.entities().filter(|entity| entity.entity_type() == EntityType::Resource);
        assert!((350..=450).contains(&resources.count()), "{states:?}");
    }

    #[test]
    fn the_questions_have_the_answers_they_were_chosen_for() {
        use OwnershipState::{Conflict, Owned, Unknown, Unowned, Unregistered};
        let expected = [
            (Owned, Some("payments"), Some("tag")),
            (Owned, Some("basket"), Some("inherited")),
            (Owned, Some("search"), Some("used-by")),
            (Conflict, None, Some("tag")),
            (Unregistered, None, Some("tag")),
            (Unowned, None, None),
            (Unknown, None, None),
        ];
        let resolution = resolved();
        assert_eq!(QUESTIONS.len(), expected.len());
        for (question, (state, team, rule)) in QUESTIONS.iter().zip(expected) {
            let found = ownership(&resolution, question);
            assert_eq!((found.state, found.team.as_deref(), found.rule.as_deref()), (state, team, rule), "{question}");
        }
    }

    #[test]
    fn what_a_service_is_configured_with_leads_to_what_it_needs() {
        let graph = resolved().graph;
        let leads = |from: &str, relation: RelationType| -> Vec<String> {
            let relations = graph.relations_from(&from.parse::<Ref>().expect("a ref"));
            relations.into_iter().filter(|r| r.relation == relation).map(|r| r.to.local().to_owned()).collect()
        };
        assert_eq!(
            leads("service:checkout/order-api", RelationType::DependsOn),
            ["fulfilment/inventory-api"],
            "the database behind an ExternalName is no service"
        );
        let uses = leads("service:checkout/order-api", RelationType::Uses);
        for used in [
            "arn:aws:rds:eu-west-1:777788889999:cluster:orders-prod",
            "arn:aws:sns:eu-west-1:011122223333:order-events",
            "arn:aws:s3:::hazelmoor-staging-invoices",
        ] {
            assert!(uses.iter().any(|found| found == used), "{used} is not among {uses:?}");
        }
    }

    #[test]
    fn nothing_secret_is_left_of_what_containers_are_given() {
        let parts = format!("{:?}", parts());
        assert!(parts.contains("postgres://orders-db:5432") && !parts.contains("not-a-real-password"));
    }
}
