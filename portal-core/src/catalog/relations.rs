//! What has to do with what: found relations, and those that follow from a single entity.

use std::collections::{HashSet, VecDeque};

use roaring::RoaringBitmap;

use super::Catalog;
use super::links::Link;
use super::set::Slot;
use crate::graph::{Dependent, derive};
use crate::id::{EntityType, Ref};
use crate::model::{Entity, Relation, RelationType};

impl Catalog {
    /// Relations that lead away from an entity, sorted.
    pub fn relations_from(&self, entity: &Ref) -> Vec<Relation> {
        let Some(slot) = self.items.living(entity) else { return Vec::new() };
        self.steps_from(slot).into_iter().filter_map(|(relation, to)| self.relation(slot, relation, to)).collect()
    }

    /// Relations that lead to an entity, sorted.
    pub fn relations_to(&self, entity: &Ref) -> Vec<Relation> {
        let Some(slot) = self.items.living(entity) else { return Vec::new() };
        self.steps_to(slot).into_iter().filter_map(|(relation, from)| self.relation(from, relation, slot)).collect()
    }

    /// The refs at the other end of an entity's relations of a type, without their evidence, sorted.
    pub fn targets(&self, entity: &Ref, relation: RelationType) -> Vec<Ref> {
        let Some(slot) = self.items.living(entity) else { return Vec::new() };
        let steps = self.steps_from(slot).into_iter().filter(|(found, _)| *found == relation);
        steps.map(|(_, to)| self.items.entity_ref(to)).collect()
    }

    /// The refs of what has a relation of a type to an entity, without the evidence, sorted.
    pub fn origins(&self, entity: &Ref, relation: RelationType) -> Vec<Ref> {
        let Some(slot) = self.items.living(entity) else { return Vec::new() };
        let steps = self.steps_to(slot).into_iter().filter(|(found, _)| *found == relation);
        steps.map(|(_, from)| self.items.entity_ref(from)).collect()
    }

    /// The relations that do not follow from a single entity, sorted.
    pub fn found_relations(&self) -> impl Iterator<Item = Relation> + '_ {
        let mut from: Vec<Slot> = self.living().into_iter().filter(|slot| !self.links.out(*slot).is_empty()).collect();
        from.sort_by_cached_key(|slot| self.items.entity_ref(*slot));
        from.into_iter().flat_map(move |from| {
            let links = self.links.out(from).iter().filter(|link| self.items.is_there(link.to));
            links.map(move |link| Relation {
                from: self.items.entity_ref(from),
                relation: link.relation,
                to: self.items.entity_ref(link.to),
                evidence: self.items.unpack(&link.evidence),
            })
        })
    }

    /// The blast radius: what uses or depends on an entity, directly or through others, nearest first.
    pub fn dependents(&self, entity: &Ref) -> Vec<Dependent> {
        let Some(start) = self.items.living(entity) else { return Vec::new() };
        // A function is a resource and, under the same ARN, the workload of a service.
        let as_workload = self.items.living(&Ref::function_workload(entity.local()));
        let mut queue: VecDeque<(Slot, usize)> = std::iter::once(start).chain(as_workload).map(|it| (it, 0)).collect();
        let mut seen: HashSet<Slot> = queue.iter().map(|(slot, _)| *slot).collect();
        let mut found = Vec::new();
        while let Some((slot, distance)) = queue.pop_front() {
            for back in self.links.back(slot).iter().rev() {
                let hits = matches!(
                    back.relation,
                    RelationType::Uses | RelationType::DependsOn | RelationType::RunsAs | RelationType::CreatedBy
                );
                if hits && self.items.is_there(back.from) && seen.insert(back.from) {
                    queue.push_back((back.from, distance + 1));
                    found.push(Dependent {
                        entity: self.items.entity_ref(back.from),
                        distance: distance + 1,
                        via: self.items.entity_ref(slot),
                        relation: back.relation,
                    });
                }
            }
        }
        found.sort_by(|a, b| (a.distance, &a.entity).cmp(&(b.distance, &b.entity)));
        found
    }

    /// Where relations lead from a slot, sorted by relation and ref.
    pub(super) fn steps_from(&self, slot: Slot) -> Vec<(RelationType, Slot)> {
        let Some(item) = self.items.get(slot) else { return Vec::new() };
        let found = self.links.out(slot).iter().map(|link| (link.relation, link.to));
        let mut steps: Vec<_> = found.filter(|(_, to)| self.items.is_there(*to)).collect();
        for (relation, to) in derive::relations(&item.entity) {
            steps.extend(self.items.living(&to).map(|to| (relation, to)));
        }
        self.sort_steps(&mut steps);
        steps
    }

    /// Where relations to a slot come from, sorted by relation and ref.
    pub(super) fn steps_to(&self, slot: Slot) -> Vec<(RelationType, Slot)> {
        let Some(item) = self.items.get(slot) else { return Vec::new() };
        let found = self.links.back(slot).iter().map(|back| (back.relation, back.from));
        let mut steps: Vec<_> = found.filter(|(_, from)| self.items.is_there(*from)).collect();
        let index = &self.index;
        let of = |types: &[EntityType]| {
            let mut all = RoaringBitmap::new();
            types.iter().for_each(|of| index.entity_types[*of as usize].add_to(&mut all));
            all
        };
        let (relation, set, types): (_, _, &[EntityType]) = match &item.entity {
            Entity::Team(team) => {
                steps.extend(self.children(&team.name).map(|child| (RelationType::PartOf, child)));
                (RelationType::OwnedBy, index.teams.get(&team.name), &[EntityType::Service, EntityType::Resource])
            }
            Entity::Product(product) => {
                (RelationType::PartOf, index.products.get(&product.name), &[EntityType::Team, EntityType::Service])
            }
            Entity::Environment(environment) => {
                let types = &[EntityType::Workload, EntityType::Resource];
                (RelationType::In, index.accounts.get(&environment.account), types)
            }
            Entity::Service(_) | Entity::Workload(_) | Entity::Resource(_) => (RelationType::In, None, &[]),
        };
        if let Some(set) = set {
            steps.extend(set.and(&of(types)).into_iter().map(|from| (relation, from)));
        }
        self.sort_steps(&mut steps);
        steps
    }

    /// Teams that belong to a team, one for each time that they say so.
    fn children<'c>(&'c self, team: &'c str) -> impl Iterator<Item = Slot> {
        let teams: Vec<Slot> = self.index.entity_types[EntityType::Team as usize].bitmap().iter().collect();
        teams.into_iter().flat_map(move |slot| {
            let times = match self.items.get(slot).map(|item| item.entity) {
                Some(Entity::Team(child)) => child.parents.iter().filter(|parent| *parent == team).count(),
                _ => 0,
            };
            std::iter::repeat_n(slot, times)
        })
    }

    fn sort_steps(&self, steps: &mut [(RelationType, Slot)]) {
        steps.sort_by_cached_key(|step| (step.0, self.items.entity_ref(step.1)));
    }

    /// The relation between two slots with its evidence.
    fn relation(&self, from: Slot, relation: RelationType, to: Slot) -> Option<Relation> {
        let to = self.items.entity_ref(to);
        let links = self.links.out(from);
        let place = |link: &Link| link.relation.cmp(&relation).then_with(|| self.items.entity_ref(link.to).cmp(&to));
        let evidence = match links.binary_search_by(place) {
            Ok(at) => self.items.unpack(&links[at].evidence),
            Err(_) => derive::evidence(&self.items.get(from)?.entity, relation, &to),
        };
        Some(Relation { from: self.items.entity_ref(from), relation, to, evidence })
    }
}
