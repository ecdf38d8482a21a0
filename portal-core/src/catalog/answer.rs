//! Answers about one entity, in the form that users and scripts see.

use jiff::Timestamp;
use serde::Serialize;

use super::{Catalog, CatalogError};
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Evidence, Ownership, OwnershipState, Relation, RelationType};

/// Who owns something, with every claim that was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// What was asked for.
    #[serde(rename = "ref")]
    pub entity: Ref,
    /// The outcome.
    pub state: OwnershipState,
    /// The owner's slug; with `unknown` the last known one.
    pub team: Option<Text>,
    /// The id of the rule that spoke.
    pub rule: Option<Text>,
    /// Whether the newest read did not succeed, so that it may be different by now.
    pub stale: bool,
    /// Winners and losers, strongest rule first.
    pub evidence: Vec<EvidenceAnswer>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceAnswer {
    /// The id of the rule that read it.
    pub rule: Text,
    /// The place: `tag Team`.
    pub field: Text,
    /// What stands there.
    pub raw: Text,
    /// The known team that it names.
    pub team: Option<Text>,
    /// Whether it decided.
    pub won: bool,
    /// The source that read it.
    pub source: Text,
    /// When its place was last read well.
    pub read_at: Option<Timestamp>,
    /// The object that carries it.
    pub found_on: Option<Text>,
}

/// Something at the other end of a relation, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Linked {
    /// What it is.
    #[serde(rename = "ref")]
    pub entity: Ref,
    /// The name that people use.
    pub name: Text,
    /// Why the portal believes it.
    pub evidence: Vec<EvidenceAnswer>,
}

/// Why something exists: its owner and everything around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Who owns it.
    #[serde(flatten)]
    pub owner: Owner,
    /// Services that use or depend on it.
    pub used_by: Vec<Linked>,
    /// Resources that it uses.
    pub uses: Vec<Linked>,
    /// Services that it depends on.
    pub depends_on: Vec<Linked>,
    /// What it runs as.
    pub runs_as: Vec<Linked>,
    /// Products that it is a part of.
    pub part_of: Vec<Linked>,
    /// The stack that made it.
    pub created_by: Option<Linked>,
    /// Where it is; several for a service.
    pub environments: Vec<Linked>,
    /// Where it is, if that is one place.
    pub environment: Option<Linked>,
    /// When it came.
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    pub last_seen: Option<Timestamp>,
}

impl Catalog {
    /// Who owns a service, workload or resource. A workload's owner is that of its service.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`]; [`CatalogError::NotOwned`] for teams, products and environments.
    pub fn owner(&self, asked: &Ref) -> Result<Owner, CatalogError> {
        let slot = self.items.living(asked).ok_or_else(|| CatalogError::NotFound(asked.clone()))?;
        let item = self.items.get(slot).ok_or_else(|| CatalogError::NotFound(asked.clone()))?;
        let ownership = match item.entity.ownership() {
            Some(ownership) => ownership.clone(),
            None if asked.entity_type() == EntityType::Workload => {
                let service = self.service_of(slot).and_then(|service| self.items.get(service));
                service.and_then(|service| service.entity.ownership().cloned()).unwrap_or_default()
            }
            None => return Err(CatalogError::NotOwned(asked.clone())),
        };
        let Ownership { state, team, rule, evidence } = ownership;
        Ok(Owner {
            entity: asked.clone(),
            state,
            team,
            rule,
            stale: self.freshness(&item.entity).stale,
            evidence: evidence.into_iter().map(|e| self.evidence(e)).collect(),
        })
    }

    /// Why something exists.
    ///
    /// # Errors
    /// As [`Catalog::owner`].
    pub fn why(&self, asked: &Ref) -> Result<Explanation, CatalogError> {
        let owner = self.owner(asked)?;
        let item = self.items.find(asked).ok_or_else(|| CatalogError::NotFound(asked.clone()))?;
        let entity = &item.entity;
        let freshness = self.freshness(entity);
        let (from, to) = (self.relations_from(asked), self.relations_to(asked));
        let outgoing = |relation| self.linked(&from, &[relation], |r| &r.to);
        let mut environments = outgoing(RelationType::In);
        let runs_as = outgoing(RelationType::RunsAs);
        for workload in &runs_as {
            let places = self.relations_from(&workload.entity);
            environments.extend(self.linked(&places, &[RelationType::In], |r| &r.to));
        }
        environments.sort_by(|a, b| a.entity.cmp(&b.entity));
        environments.dedup_by(|a, b| a.entity == b.entity);
        let mut part_of = outgoing(RelationType::PartOf);
        if part_of.is_empty()
            && let Entity::Resource(resource) = entity
            && let Some(product) = resource.product.as_deref().map(Ref::product)
            && self.contains(&product)
        {
            part_of.push(Linked { name: self.display_name(&product), entity: product, evidence: Vec::new() });
        }
        Ok(Explanation {
            owner,
            used_by: self.linked(&to, &[RelationType::Uses, RelationType::DependsOn], |r| &r.from),
            uses: outgoing(RelationType::Uses),
            depends_on: outgoing(RelationType::DependsOn),
            runs_as,
            part_of,
            created_by: outgoing(RelationType::CreatedBy).into_iter().next(),
            environment: if environments.len() == 1 { environments.first().cloned() } else { None },
            environments,
            first_seen: freshness.first_seen,
            last_seen: freshness.last_seen,
        })
    }

    fn linked(&self, relations: &[Relation], wanted: &[RelationType], end: impl Fn(&Relation) -> &Ref) -> Vec<Linked> {
        relations
            .iter()
            .filter(|relation| wanted.contains(&relation.relation))
            .map(|relation| {
                let entity = end(relation).clone();
                let name = self.link_name(&entity);
                let evidence = relation.evidence.iter().cloned().map(|e| self.evidence(e)).collect();
                Linked { entity, name, evidence }
            })
            .collect()
    }

    fn link_name(&self, entity: &Ref) -> Text {
        let said = self.curated(entity).and_then(|said| said.curated.display_name.clone());
        said.or_else(|| self.items.find(entity).map(|found| Text::from(found.entity.name())))
            .unwrap_or_else(|| Text::from(entity.local()))
    }

    fn evidence(&self, evidence: Evidence) -> EvidenceAnswer {
        EvidenceAnswer {
            read_at: self.read_at(&evidence.part).or(evidence.read_at),
            rule: evidence.rule,
            field: evidence.field,
            raw: evidence.raw,
            team: evidence.team,
            won: evidence.won,
            source: evidence.source,
            found_on: evidence.found_on,
        }
    }
}
