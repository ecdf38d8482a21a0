//! Edges with their evidence, and the last step: entities and relations from all that was found.

use std::collections::{BTreeMap, BTreeSet};

use super::estate::{Estate, Resource};
use super::services::{Runs, Service, Services};
use super::teams::Teams;
use crate::id::{Ref, Text, slug};
use crate::model::{
    Entity, Environment, Evidence, Ownership, Pairs, Product, Relation, RelationType, Resource as ResourceEntity,
    Service as ServiceEntity, Workload as WorkloadEntity,
};
use crate::part::Part;
use crate::rules::Rules;

/// The tag that CloudFormation puts on what it makes.
pub(super) const STACK_ID: &str = "aws:cloudformation:stack-id";

/// Why one service uses or depends on something.
pub(super) struct Reason {
    /// What kind of reason.
    pub(super) rule: &'static str,
    /// The place: `env ORDERS_TABLE`.
    pub(super) field: String,
    /// What stands there.
    pub(super) raw: Text,
    /// The object that says it.
    pub(super) found_on: Ref,
}

impl Reason {
    /// The evidence, as read from a part.
    pub(super) fn evidence(self, part: &Part) -> Evidence {
        Evidence {
            rule: Text::new_static(self.rule),
            field: Text::from(self.field),
            raw: self.raw,
            team: None,
            won: true,
            found_on: Some(Text::from(self.found_on)),
            source: part.source.clone(),
            part: part.key.clone(),
            read_at: None,
        }
    }
}

/// Reasons that are guesses: shown, but no ground for ownership.
pub(super) const WEAK: [&str; 2] = ["stack", "name"];

/// Edges that do not follow from a single entity.
#[derive(Default)]
pub(super) struct Edges {
    /// From service to resource, by number.
    pub(super) uses: BTreeMap<(usize, usize), BTreeSet<Evidence>>,
    /// From service to service, by number.
    pub(super) depends_on: BTreeMap<(usize, usize), BTreeSet<Evidence>>,
    /// From resource to the stack that made it, by number.
    pub(super) created_by: BTreeMap<usize, (usize, BTreeSet<Evidence>)>,
    /// What each stack made, by number.
    pub(super) made_by: BTreeMap<usize, Vec<usize>>,
}

/// Finds what made each resource: its own tag says so, or the stack does.
pub(super) fn created_by(estate: &Estate<'_>, edges: &mut Edges) {
    let mut found: Vec<(usize, usize, Evidence)> = Vec::new();
    for (at, resource) in estate.resources.iter().enumerate() {
        let tag = resource.tags.iter().find(|(key, _)| key == STACK_ID);
        if let Some((key, id)) = tag
            && let Some(stack) = estate.resource_by_id.get(id.as_str())
        {
            let reason = Reason {
                rule: "stack",
                field: format!("tag {key}"),
                raw: id.clone(),
                found_on: Ref::resource(&resource.seen.id),
            };
            found.push((at, *stack, reason.evidence(resource.tags_part)));
        }
        let members = resource.seen.stack.iter().filter_map(|stack| stack.members.as_ref()).flatten();
        for member in members {
            if let Some(made) = estate.resource_by_id.get(member.as_str()) {
                let reason = Reason {
                    rule: "stack",
                    field: "member of the stack".to_owned(),
                    raw: member.clone(),
                    found_on: Ref::resource(&resource.seen.id),
                };
                found.push((*made, at, reason.evidence(resource.parts[0])));
            }
        }
        let parent = resource.seen.stack.as_ref().and_then(|stack| stack.parent.as_ref());
        if let Some(parent) = parent
            && let Some(stack) = estate.resource_by_id.get(parent.as_str())
        {
            let reason = Reason {
                rule: "stack",
                field: "parent stack".to_owned(),
                raw: parent.clone(),
                found_on: Ref::resource(&resource.seen.id),
            };
            found.push((at, *stack, reason.evidence(resource.parts[0])));
        }
    }
    for (made, stack, evidence) in found {
        if made == stack {
            continue;
        }
        let entry = edges.created_by.entry(made).or_insert_with(|| (stack, BTreeSet::new()));
        // Two stacks cannot have made one thing; the first that was found stays.
        if entry.0 == stack {
            entry.1.insert(evidence);
        }
    }
    for (made, (stack, _)) in &edges.created_by {
        edges.made_by.entry(*stack).or_default().push(*made);
    }
}

/// Makes the entities and the relations, both sorted.
pub(super) fn assemble(
    estate: &Estate<'_>,
    services: Services,
    owners: Vec<Ownership>,
    edges: Edges,
    rules: &Rules,
    teams: &Teams,
) -> (Vec<Entity>, Vec<Relation>) {
    let mut entities: Vec<Entity> = Vec::new();
    let mut relations: Vec<Relation> = Vec::new();
    let resource_ref = |at: usize| Ref::resource(&estate.resources[at].seen.id);
    let service_refs: Vec<Ref> = services.all.iter().map(Service::service_ref).collect();
    let mut relate = |from: Ref, relation: RelationType, to: Ref, evidence: BTreeSet<Evidence>| {
        relations.push(Relation { from, relation, to, evidence: evidence.into_iter().collect() });
    };
    for ((service, resource), evidence) in edges.uses {
        relate(service_refs[service].clone(), RelationType::Uses, resource_ref(resource), evidence);
    }
    for ((service, other), evidence) in edges.depends_on {
        relate(service_refs[service].clone(), RelationType::DependsOn, service_refs[other].clone(), evidence);
    }
    for (made, (stack, evidence)) in edges.created_by {
        relate(resource_ref(made), RelationType::CreatedBy, resource_ref(stack), evidence);
    }
    let mut named = Named { products: teams.products.clone(), ..Named::default() };
    for (service, service_ref) in services.all.into_iter().zip(service_refs) {
        for runs in &service.runs_as {
            let (workload, evidence) = workload(estate, *runs, &service);
            relate(service_ref.clone(), RelationType::RunsAs, workload.entity_ref(), BTreeSet::from([evidence]));
            if let Entity::Workload(workload) = &workload {
                named.accounts.extend(workload.account.clone());
            }
            entities.push(workload);
        }
        entities.push(Entity::Service(service_entity(estate, service, rules, teams, &mut named)));
    }
    for (resource, ownership) in estate.resources.iter().zip(owners) {
        entities.push(Entity::Resource(resource_entity(resource, ownership, rules, teams, &mut named)));
    }
    for team in teams.teams.values() {
        if let Some(product) = &team.product {
            named.products.entry(product.clone()).or_insert_with(|| product.clone());
        }
        entities.push(Entity::Team(team.clone()));
    }
    entities
        .extend(named.products.into_iter().map(|(name, display_name)| Entity::Product(Product { name, display_name })));
    entities.extend(environments(estate, rules, named.accounts).map(Entity::Environment));
    entities.sort_by_cached_key(Entity::entity_ref);
    relations.sort_by(|a, b| (&a.from, a.relation, &a.to).cmp(&(&b.from, b.relation, &b.to)));
    (entities, relations)
}

/// Products and accounts that something names.
#[derive(Default)]
struct Named {
    products: BTreeMap<Text, Text>,
    accounts: BTreeSet<Text>,
}

impl Named {
    /// The product that a tag names, else the team's.
    fn product(&mut self, tags: &Pairs, ownership: &Ownership, rules: &Rules, teams: &Teams) -> Option<Text> {
        let own = rules.product_keys.iter().find_map(|wanted| {
            tags.iter().find(|(key, value)| key.eq_ignore_ascii_case(wanted) && !slug(value).is_empty())
        });
        match own {
            Some((_, value)) => {
                let name = slug(value);
                self.products.entry(name.clone()).or_insert_with(|| Text::from(value.trim()));
                Some(name)
            }
            None => ownership.team.as_deref().and_then(|team| teams.product(team)).cloned(),
        }
    }
}

fn workload(estate: &Estate<'_>, runs: Runs, service: &Service) -> (Entity, Evidence) {
    let parts = part_keys(runs.parts(estate));
    let (account, region) = runs.place(estate);
    let (account, region) = (account.cloned(), region.cloned());
    let (entity, field) = match runs {
        Runs::Workload(at) => {
            let workload = &estate.workloads[at];
            let seen = workload.seen;
            let (cluster, namespace) = &workload.namespace;
            let entity = WorkloadEntity {
                kind: seen.kind.clone(),
                arn: None,
                cluster: Some(estate.cluster_names[*cluster].clone()),
                namespace: namespace.clone(),
                name: seen.name.clone(),
                account,
                region,
                images: seen.images.clone(),
                schedule: seen.schedule.clone(),
                created_at: seen.created_at,
                live: seen.live,
                stale_since: workload.stale_since,
                parts,
            };
            let by_label = seen.name != service.name;
            (entity, if by_label { "name label" } else { "metadata.name" })
        }
        Runs::Function(at) => {
            let resource = &estate.resources[at];
            let entity = WorkloadEntity {
                kind: Text::new_static("function"),
                arn: Some(resource.seen.id.clone()),
                cluster: None,
                namespace: service.namespace.clone(),
                name: resource.seen.name.clone(),
                account,
                region,
                images: resource.seen.function.iter().filter_map(|f| f.runtime.clone()).collect(),
                schedule: None,
                created_at: resource.seen.created_at,
                live: None,
                stale_since: resource.stale_since,
                parts,
            };
            (entity, "FunctionName")
        }
    };
    let entity = Entity::Workload(entity);
    let reason =
        Reason { rule: "group", field: field.to_owned(), raw: service.name.clone(), found_on: entity.entity_ref() };
    (entity, reason.evidence(runs.part(estate)))
}

fn service_entity(
    estate: &Estate<'_>,
    service: Service,
    rules: &Rules,
    teams: &Teams,
    named: &mut Named,
) -> ServiceEntity {
    let tags: BTreeSet<(Text, Text)> = service.runs_as.iter().flat_map(|runs| runs.tags(estate)).cloned().collect();
    let tags: Pairs = tags.into_iter().collect();
    let parts: Vec<&Part> = service.runs_as.iter().flat_map(|runs| runs.parts(estate)).copied().collect();
    ServiceEntity {
        product: named.product(&tags, &service.ownership, rules, teams),
        namespace: service.namespace,
        name: service.name,
        service_type: service.service_type,
        kind: service.kind,
        tags,
        ownership: service.ownership,
        parts: part_keys(&parts),
    }
}

fn resource_entity(
    resource: &Resource<'_>,
    ownership: Ownership,
    rules: &Rules,
    teams: &Teams,
    named: &mut Named,
) -> ResourceEntity {
    let seen = resource.seen;
    named.accounts.extend(seen.account.clone());
    ResourceEntity {
        id: seen.id.clone(),
        resource_type: seen.resource_type.clone(),
        name: seen.name.clone(),
        account: seen.account.clone(),
        region: seen.region.clone(),
        product: named.product(resource.tags, &ownership, rules, teams),
        tags: resource.tags.clone(),
        tags_unread: resource.tags_unread.cloned(),
        attributes: seen.attributes.clone(),
        created_at: seen.created_at,
        ownership,
        stale_since: resource.stale_since,
        parts: part_keys(&resource.parts),
    }
}

/// The keys of parts, each once; the one that knows most stays first.
fn part_keys(parts: &[&Part]) -> Vec<Text> {
    let Some((first, others)) = parts.split_first() else { return Vec::new() };
    let others: BTreeSet<&Text> = others.iter().map(|part| &part.key).filter(|key| **key != first.key).collect();
    std::iter::once(&first.key).chain(others).cloned().collect()
}

/// Every account that something is in, that the organisation lists, or that the configuration names.
fn environments<'e>(
    estate: &'e Estate<'_>,
    rules: &'e Rules,
    mut accounts: BTreeSet<Text>,
) -> impl Iterator<Item = Environment> {
    accounts.extend(estate.accounts.keys().map(|id| Text::from(*id)));
    accounts.extend(rules.environments.keys().cloned());
    accounts.into_iter().map(|account| {
        let listed = estate.accounts.get(account.as_str());
        let configured = rules.environments.get(&account).and_then(|rule| rule.name.clone());
        Environment {
            name: configured.or_else(|| listed.map(|seen| seen.name.clone())).unwrap_or_else(|| account.clone()),
            state: listed.and_then(|seen| seen.state.clone()),
            account,
        }
    })
}
