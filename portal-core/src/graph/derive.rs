//! Relations that follow from one entity: its owner, its product, its environment.

use crate::id::{Ref, Text};
use crate::model::{Entity, Evidence, RelationType};

/// Where the derived relations of an entity lead.
pub(crate) fn relations(entity: &Entity) -> Vec<(RelationType, Ref)> {
    let mut found = Vec::new();
    if let Some(team) = entity.ownership().and_then(|ownership| ownership.team.as_deref()) {
        found.push((RelationType::OwnedBy, Ref::team(team)));
    }
    let (product, account) = match entity {
        Entity::Team(team) => {
            found.extend(team.parents.iter().map(|parent| (RelationType::PartOf, Ref::team(parent))));
            (team.product.as_deref(), None)
        }
        Entity::Service(service) => (service.product.as_deref(), None),
        Entity::Resource(resource) => (None, resource.account.as_deref()),
        Entity::Workload(workload) => (None, workload.account.as_deref()),
        Entity::Product(_) | Entity::Environment(_) => (None, None),
    };
    found.extend(product.map(|product| (RelationType::PartOf, Ref::product(product))));
    found.extend(account.map(|account| (RelationType::In, Ref::environment(account))));
    found
}

/// The evidence of a derived relation.
pub(crate) fn evidence(from: &Entity, relation: RelationType, to: &Ref) -> Vec<Evidence> {
    if relation == RelationType::OwnedBy {
        let all = from.ownership().map(|ownership| ownership.evidence.as_slice()).unwrap_or_default();
        return all.iter().filter(|evidence| evidence.won).cloned().collect();
    }
    let part = from.parts().first().cloned().unwrap_or_default();
    let (rule, field) = match (relation, from) {
        (RelationType::In, _) => ("scope", "account"),
        (_, Entity::Team(_)) => ("team", "definition of the team"),
        _ => ("product", "product of the service or its team"),
    };
    vec![Evidence {
        rule: Text::new_static(rule),
        field: Text::new_static(field),
        raw: Text::from(to.local()),
        team: None,
        won: true,
        found_on: Some(Text::from(from.entity_ref())),
        source: Text::from(part.split(['-', '/']).next().unwrap_or_default()),
        part,
        read_at: None,
    }]
}
