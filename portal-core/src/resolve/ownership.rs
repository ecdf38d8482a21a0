//! The ladder: which claim decides, and why the others do not.

use std::collections::BTreeSet;

use super::estate::{Estate, Namespace, Resource};
use super::findings::{FindingKind, Findings};
use super::relations::{Edges, STACK_ID, WEAK};
use super::services::{Runs, Service, Services};
use super::teams::Teams;
use crate::id::{Ref, Text, slug};
use crate::model::{Evidence, Ownership, OwnershipState, Pairs};
use crate::part::Part;
use crate::rules::{LooksAt, Rule, Rules};

/// Owners by number.
pub(super) struct Owners {
    pub(super) services: Vec<Ownership>,
    pub(super) resources: Vec<Ownership>,
}

/// Decides for all services, then for all resources: they may take the owner of what uses them.
pub(super) fn decide(
    estate: &Estate<'_>,
    services: &Services,
    edges: &Edges,
    rules: &Rules,
    teams: &Teams,
    findings: &mut Findings,
) -> Owners {
    let judge = Judge { estate, edges, rules, teams };
    let of_services: Vec<Ownership> = services.all.iter().map(|service| judge.service(service, findings)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); estate.resources.len()];
    for ((service, resource), evidence) in &edges.uses {
        if evidence.iter().any(|e| !WEAK.contains(&e.rule.as_str())) {
            users[*resource].push(*service);
        }
    }
    let of_resources = estate
        .resources
        .iter()
        .enumerate()
        .map(|(at, resource)| judge.resource(at, resource, &users[at], services, &of_services, findings))
        .collect();
    Owners { services: of_services, resources: of_resources }
}

/// One claim before it is known whether it wins.
struct Claim {
    field: String,
    raw: Text,
    found_on: Text,
    source: Text,
    part: Text,
}

/// Claims of equal rank, or the news that they could not be read.
enum Rank {
    Claims(Vec<Claim>),
    Unread(Text),
}

struct Judge<'e, 'a> {
    estate: &'e Estate<'a>,
    edges: &'e Edges,
    rules: &'e Rules,
    teams: &'e Teams,
}

impl Judge<'_, '_> {
    fn service(&self, service: &Service, findings: &mut Findings) -> Ownership {
        let subject = service.service_ref();
        let ladder = self.ladder(|looks_at| match looks_at {
            LooksAt::Tag => vec![self.own_claims_of(service)],
            LooksAt::Container => self.containers_of(service),
            LooksAt::Users => Vec::new(),
        });
        self.judge(&subject, ladder, &last_known(service, self.estate), findings)
    }

    fn resource(
        &self,
        at: usize,
        resource: &Resource<'_>,
        users: &[usize],
        services: &Services,
        owners: &[Ownership],
        findings: &mut Findings,
    ) -> Ownership {
        let subject = Ref::resource(&resource.seen.id);
        let ladder = self.ladder(|looks_at| match looks_at {
            LooksAt::Tag => vec![self.tag_rank(resource)],
            LooksAt::Container => self.containers_of_resource(at, resource),
            LooksAt::Users => Vec::new(),
        });
        let last_known: Vec<&Pairs> = resource.tags_unread.iter().map(|_| resource.tags).collect();
        let mut ownership = self.judge(&subject, ladder, &last_known, findings);
        if let Some(rule) = self.rules.ownership.iter().find(|rule| rule.looks_at == LooksAt::Users) {
            used_by(&mut ownership, rule, users, services, owners, resource);
        }
        ownership
    }

    /// The ranks of every rule, strongest first.
    fn ladder(&self, mut ranks: impl FnMut(LooksAt) -> Vec<Rank>) -> Vec<(&Rule, Rank)> {
        self.rules
            .ownership
            .iter()
            .flat_map(|rule| ranks(rule.looks_at).into_iter().map(move |rank| (rule, rank)))
            .collect()
    }

    /// The first rank that says anything decides; the weaker ones are heard and lose.
    fn judge(
        &self,
        subject: &Ref,
        ladder: Vec<(&Rule, Rank)>,
        last_known: &[&Pairs],
        findings: &mut Findings,
    ) -> Ownership {
        let mut ownership = Ownership { state: OwnershipState::Unowned, ..Ownership::default() };
        let mut decided = false;
        for (rule, rank) in ladder {
            let claims = match rank {
                Rank::Claims(claims) => claims,
                Rank::Unread(reason) => {
                    if !decided {
                        ownership.state = OwnershipState::Unknown;
                        ownership.rule = None;
                        decided = true;
                    }
                    ownership.evidence.push(unread_evidence(rule, subject, reason));
                    continue;
                }
            };
            let spoken = self.spoken(rule, subject, claims, findings);
            if spoken.evidence.is_empty() {
                continue;
            }
            let wins = !decided;
            if wins {
                decided = true;
                spoken.report(subject, findings);
                ownership.state = spoken.state;
                ownership.team = spoken.team;
                ownership.rule = Some(rule.id.clone());
            }
            let picked = wins && spoken.state != OwnershipState::Conflict;
            ownership.evidence.extend(spoken.evidence.into_iter().map(|e| Evidence { won: picked, ..e }));
        }
        if ownership.state == OwnershipState::Unknown {
            self.recall(&mut ownership, last_known);
        }
        ownership
    }

    /// What the claims of one rank say together.
    fn spoken(&self, rule: &Rule, subject: &Ref, claims: Vec<Claim>, findings: &mut Findings) -> Spoken {
        let mut spoken = Spoken { state: OwnershipState::Unowned, team: None, evidence: Vec::new() };
        let mut known: BTreeSet<Text> = BTreeSet::new();
        let mut unknown: BTreeSet<Text> = BTreeSet::new();
        for claim in claims {
            let name = slug(&claim.raw);
            if name.is_empty() {
                let message = format!("{} of {} is empty and claims nothing", claim.field, claim.found_on);
                findings.add(FindingKind::EmptyClaim, Some(subject.clone()), message);
                continue;
            }
            let mut meant: Vec<Option<Text>> = self.teams.named(&claim.raw).cloned().map(Some).collect();
            if meant.is_empty() {
                unknown.insert(name);
                meant.push(None);
            }
            for team in meant {
                known.extend(team.clone());
                spoken.evidence.push(Evidence {
                    rule: rule.id.clone(),
                    field: Text::from(claim.field.as_str()),
                    raw: claim.raw.clone(),
                    team,
                    won: false,
                    found_on: Some(claim.found_on.clone()),
                    source: claim.source.clone(),
                    part: claim.part.clone(),
                    read_at: None,
                });
            }
        }
        spoken.evidence.sort();
        spoken.evidence.dedup();
        spoken.state = match (known.len(), unknown.len()) {
            (0, 0) => OwnershipState::Unowned,
            (1, 0) => OwnershipState::Owned,
            (0, 1) => OwnershipState::Unregistered,
            _ => OwnershipState::Conflict,
        };
        spoken.team = known.into_iter().next().filter(|_| spoken.state == OwnershipState::Owned);
        spoken
    }

    /// The owner that the last known tags name, for what cannot be read now.
    fn recall(&self, ownership: &mut Ownership, last_known: &[&Pairs]) {
        let claims: BTreeSet<&Text> = last_known
            .iter()
            .flat_map(|pairs| pairs.iter())
            .filter(|(key, _)| self.is_team_key(key))
            .flat_map(|(_, value)| self.teams.named(value))
            .collect();
        let tag_rule = self.rules.ownership.iter().find(|rule| rule.looks_at == LooksAt::Tag);
        if let (1, Some(team)) = (claims.len(), claims.first()) {
            ownership.team = Some((*team).clone());
            ownership.rule = tag_rule.map(|rule| rule.id.clone());
        }
    }

    fn is_team_key(&self, key: &str) -> bool {
        self.rules.team_keys.iter().any(|wanted| wanted.eq_ignore_ascii_case(key.trim()))
    }

    fn claims(&self, pairs: &Pairs, word: &str, found_on: &Text, part: &Part) -> Vec<Claim> {
        pairs
            .iter()
            .filter(|(key, _)| self.is_team_key(key))
            .map(|(key, value)| Claim {
                field: format!("{word} {key}"),
                raw: value.clone(),
                found_on: found_on.clone(),
                source: part.source.clone(),
                part: part.key.clone(),
            })
            .collect()
    }

    fn tag_rank(&self, resource: &Resource<'_>) -> Rank {
        match resource.tags_unread {
            Some(reason) => Rank::Unread(reason.clone()),
            None => {
                let found_on = Text::from(Ref::resource(&resource.seen.id));
                Rank::Claims(self.claims(resource.tags, "tag", &found_on, resource.tags_part))
            }
        }
    }

    /// Claims on a service's own workloads: labels and annotations, else labels of their pods; tags of functions.
    fn own_claims_of(&self, service: &Service) -> Rank {
        let mut all = Vec::new();
        for runs in &service.runs_as {
            match *runs {
                Runs::Workload(at) => {
                    let workload = &self.estate.workloads[at];
                    let found_on = Text::from(self.estate.workload_ref(workload));
                    let mut claims = self.claims(&workload.seen.labels, "label", &found_on, workload.part);
                    claims.extend(self.claims(&workload.seen.annotations, "annotation", &found_on, workload.part));
                    if claims.is_empty() {
                        claims = self.claims(&workload.seen.pod_labels, "pod label", &found_on, workload.part);
                    }
                    all.extend(claims);
                }
                Runs::Function(at) => match self.tag_rank(&self.estate.resources[at]) {
                    Rank::Claims(claims) => all.extend(claims),
                    unread @ Rank::Unread(_) => return unread,
                },
            }
        }
        Rank::Claims(all)
    }

    /// What holds a service, nearest first: namespaces and stacks, then environments.
    fn containers_of(&self, service: &Service) -> Vec<Rank> {
        let mut near = Vec::new();
        let mut unread = None;
        let mut environments = Vec::new();
        for runs in &service.runs_as {
            match *runs {
                Runs::Workload(at) => match self.namespace(&self.estate.workloads[at].namespace) {
                    Rank::Claims(claims) => near.extend(claims),
                    Rank::Unread(reason) => unread = Some(reason),
                },
                Runs::Function(at) => {
                    for rank in self.stack_ranks(at, &self.estate.resources[at]) {
                        match rank {
                            // Of nested stacks the nearest that says something speaks for the function.
                            Rank::Claims(claims) if claims.iter().any(|c| !slug(&c.raw).is_empty()) => {
                                near.extend(claims);
                                break;
                            }
                            Rank::Claims(claims) => near.extend(claims),
                            Rank::Unread(reason) => unread = Some(reason),
                        }
                    }
                }
            }
            environments.extend(runs.place(self.estate).0.and_then(|account| self.environment(account)));
        }
        let mut ranks = vec![Rank::Claims(near)];
        ranks.extend(unread.map(Rank::Unread));
        ranks.push(Rank::Claims(environments));
        ranks
    }

    /// What holds a resource, nearest first: its database cluster, its stacks, its environment.
    fn containers_of_resource(&self, at: usize, resource: &Resource<'_>) -> Vec<Rank> {
        let mut ranks = Vec::new();
        ranks.extend(self.database_cluster(resource));
        ranks.extend(self.stack_ranks(at, resource));
        let environment = resource.seen.account.as_ref().and_then(|account| self.environment(account));
        ranks.push(Rank::Claims(environment.into_iter().collect()));
        ranks
    }

    fn namespace(&self, namespace: &Namespace) -> Rank {
        let name = format!("namespace {}/{}", self.estate.cluster_names[namespace.0], namespace.1);
        let found_on = Text::from(name.as_str());
        match (self.estate.namespaces.get(namespace), self.estate.namespaces_unread.get(namespace)) {
            (Some((seen, part)), _) => {
                let mut claims = self.claims(&seen.labels, "label", &found_on, part);
                claims.extend(self.claims(&seen.annotations, "annotation", &found_on, part));
                Rank::Claims(claims)
            }
            (None, Some(part)) => {
                let reason = part.outcome.reason.as_deref().unwrap_or("no reason given");
                Rank::Unread(Text::from(format!("{name} could not be read: {reason}")))
            }
            (None, None) => Rank::Claims(Vec::new()),
        }
    }

    fn database_cluster(&self, resource: &Resource<'_>) -> Option<Rank> {
        let cluster = resource.seen.cluster.as_ref()?;
        let arn = crate::id::Arn::parse(&resource.seen.id)?;
        let id = format!("arn:{}:rds:{}:{}:cluster:{cluster}", arn.partition, arn.region, arn.account);
        let at = self.estate.resource_by_id.get(id.as_str())?;
        Some(self.tag_rank(&self.estate.resources[*at]))
    }

    /// The stack that made a resource, the stack around that, and so on.
    fn stack_ranks(&self, at: usize, resource: &Resource<'_>) -> Vec<Rank> {
        let mut ranks = Vec::new();
        let mut seen = BTreeSet::from([at]);
        let mut inner = at;
        while let Some((stack, _)) = self.edges.created_by.get(&inner) {
            if !seen.insert(*stack) {
                break;
            }
            ranks.push(self.tag_rank(&self.estate.resources[*stack]));
            inner = *stack;
        }
        if ranks.is_empty() {
            ranks.extend(self.unread_stack(resource));
        }
        ranks
    }

    /// A stack that the resource names and that could not be read.
    fn unread_stack(&self, resource: &Resource<'_>) -> Option<Rank> {
        let (_, stack) = resource.tags.iter().find(|(key, _)| key == STACK_ID)?;
        let place = (resource.seen.account.as_deref()?, resource.seen.region.as_deref()?);
        let part = self.estate.stacks_unread.get(&place)?;
        let reason = part.outcome.reason.as_deref().unwrap_or("no reason given");
        Some(Rank::Unread(Text::from(format!("stack {stack} could not be read: {reason}"))))
    }

    fn environment(&self, account: &Text) -> Option<Claim> {
        let owner = self.rules.environments.get(account)?.owner.clone()?;
        Some(Claim {
            field: "owner of the environment".to_owned(),
            raw: owner,
            found_on: Text::from(Ref::environment(account)),
            source: Text::new_static("configuration"),
            part: Text::default(),
        })
    }
}

/// What one rank says.
struct Spoken {
    state: OwnershipState,
    team: Option<Text>,
    evidence: Vec<Evidence>,
}

impl Spoken {
    fn report(&self, subject: &Ref, findings: &mut Findings) {
        let mut all: Vec<String> = Vec::new();
        for e in &self.evidence {
            let same = self.evidence.iter().filter(|other| (&other.field, &other.raw) == (&e.field, &e.raw)).count();
            let more = if same > 1 { format!(" and {} more", same - 1) } else { String::new() };
            let first = all.iter().all(|said| !said.starts_with(&format!("{} says `{}`", e.field, e.raw)));
            if first {
                all.push(format!("{} says `{}` (on {}{more})", e.field, e.raw, e.found_on.as_deref().unwrap_or("it")));
            }
        }
        match self.state {
            OwnershipState::Unregistered => {
                let message = format!("{}: no known team", all.join(", "));
                findings.add(FindingKind::UnknownTeam, Some(subject.clone()), message);
            }
            OwnershipState::Conflict => {
                findings.add(FindingKind::Conflict, Some(subject.clone()), all.join(", but "));
            }
            OwnershipState::Owned | OwnershipState::Unowned | OwnershipState::Unknown => {}
        }
    }
}

fn unread_evidence(rule: &Rule, subject: &Ref, reason: Text) -> Evidence {
    Evidence {
        rule: rule.id.clone(),
        field: Text::new_static("not read"),
        raw: reason,
        team: None,
        won: false,
        found_on: Some(Text::from(subject.clone())),
        source: Text::default(),
        part: Text::default(),
        read_at: None,
    }
}

fn last_known<'e>(service: &Service, estate: &'e Estate<'_>) -> Vec<&'e Pairs> {
    service
        .runs_as
        .iter()
        .filter_map(|runs| match runs {
            Runs::Function(at) => Some(&estate.resources[*at]).filter(|r| r.tags_unread.is_some()).map(|r| r.tags),
            Runs::Workload(_) => None,
        })
        .collect()
}

/// A resource that nobody claims belongs to the one team that owns all services that use it.
fn used_by(
    ownership: &mut Ownership,
    rule: &Rule,
    users: &[usize],
    services: &Services,
    owners: &[Ownership],
    resource: &Resource<'_>,
) {
    if users.is_empty() {
        return;
    }
    let teams: BTreeSet<Option<&Text>> = users
        .iter()
        .map(|service| {
            Some(&owners[*service]).filter(|o| o.state == OwnershipState::Owned).and_then(|o| o.team.as_ref())
        })
        .collect();
    let one = match (teams.len(), teams.first()) {
        (1, Some(Some(team))) => Some((*team).clone()),
        _ => None,
    };
    let wins = ownership.state == OwnershipState::Unowned && one.is_some();
    ownership.evidence.extend(users.iter().map(|service| Evidence {
        rule: rule.id.clone(),
        field: Text::new_static("used by"),
        raw: Text::from(services.all[*service].service_ref()),
        team: owners[*service].team.clone(),
        won: wins,
        found_on: Some(Text::from(Ref::resource(&resource.seen.id))),
        source: resource.parts[0].source.clone(),
        part: resource.parts[0].key.clone(),
        read_at: None,
    }));
    if wins {
        ownership.state = OwnershipState::Owned;
        ownership.team = one;
        ownership.rule = Some(rule.id.clone());
    }
}
