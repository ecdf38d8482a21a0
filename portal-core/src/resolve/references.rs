//! `uses` and `depends_on` are found, not asked for: in variables, roles, event sources, tags, stacks and names.

use std::collections::HashMap;

use super::estate::{Estate, Namespace};
use super::findings::{FindingKind, Findings};
use super::relations::{Edges, Reason};
use super::services::{Runs, Services};
use crate::id::{Arn, Text};
use crate::observe::Variable;
use crate::part::Part;
use crate::reference::{NameOf, Reference, read};
use crate::rules::Rules;

/// Finds every `uses` and `depends_on`.
pub(super) fn find(
    estate: &Estate<'_>,
    services: &Services,
    rules: &Rules,
    edges: &mut Edges,
    findings: &mut Findings,
) {
    let finder = Finder { estate, services, names: Names::of(estate) };
    for (service, group) in services.all.iter().enumerate() {
        for runs in &group.runs_as {
            finder.follow(service, *runs, edges, findings);
        }
    }
    finder.service_tags(rules, edges, findings);
    finder.stacks(edges);
    finder.equal_names(edges);
}

/// What a reference leads to.
#[derive(Clone, Copy)]
enum Target {
    Service(usize),
    Resource(usize),
}

/// Resources and pods, by what references call them.
struct Names<'a> {
    by_host: HashMap<&'a str, usize>,
    by_name: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// Workloads by one label of their pods.
    by_pod_label: HashMap<(&'a Namespace, &'a str, &'a str), Vec<usize>>,
}

impl<'a> Names<'a> {
    fn of(estate: &'a Estate<'_>) -> Names<'a> {
        let mut names = Names { by_host: HashMap::new(), by_name: HashMap::new(), by_pod_label: HashMap::new() };
        for (at, resource) in estate.resources.iter().enumerate() {
            for host in &resource.seen.hosts {
                names.by_host.entry(host.as_str()).or_insert(at);
            }
            let key = (resource.seen.resource_type.as_str(), resource.seen.name.as_str());
            names.by_name.entry(key).or_default().push(at);
        }
        for (at, workload) in estate.workloads.iter().enumerate() {
            for (key, value) in &workload.seen.pod_labels {
                names.by_pod_label.entry((&workload.namespace, key, value)).or_default().push(at);
            }
        }
        names
    }
}

struct Finder<'e, 'a> {
    estate: &'e Estate<'a>,
    services: &'e Services,
    names: Names<'e>,
}

impl Finder<'_, '_> {
    /// Follows all that one workload or function is configured with.
    fn follow(&self, service: usize, runs: Runs, edges: &mut Edges, findings: &mut Findings) {
        let part = runs.part(self.estate);
        match runs {
            Runs::Workload(at) => {
                let workload = &self.estate.workloads[at];
                for variable in &workload.seen.variables {
                    self.variable(service, runs, variable, edges, findings);
                }
                let account = workload.seen.service_account.as_deref().unwrap_or("default");
                let role = self
                    .estate
                    .service_accounts
                    .get(&(workload.namespace.clone(), account))
                    .and_then(|a| a.role.as_ref());
                if let Some(role) = role {
                    self.arn(service, runs, "role", &format!("role of service account {account}"), role, part, edges);
                }
            }
            Runs::Function(at) => {
                let Some(function) = &self.estate.resources[at].seen.function else { return };
                for variable in &function.variables {
                    self.variable(service, runs, variable, edges, findings);
                }
                if let Some(role) = &function.role {
                    self.arn(service, runs, "role", "role", role, part, edges);
                }
                for source in function.event_sources.iter().flatten() {
                    self.arn(service, runs, "event-source", "event source", source, part, edges);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn arn(
        &self,
        service: usize,
        runs: Runs,
        rule: &'static str,
        field: &str,
        arn: &Text,
        part: &Part,
        edges: &mut Edges,
    ) {
        for target in self.target_of_arn(arn) {
            let reason =
                Reason { rule, field: field.to_owned(), raw: arn.clone(), found_on: runs.workload_ref(self.estate) };
            add(edges, service, target, reason, part);
        }
    }

    fn variable(&self, service: usize, runs: Runs, variable: &Variable, edges: &mut Edges, findings: &mut Findings) {
        for reference in read(&variable.name, &variable.value) {
            let found = match &reference {
                Reference::Arn(arn) => self.target_of_arn(arn),
                Reference::Host { host, path, .. } => self.target_of_host(runs, host, path.as_deref()),
                Reference::Name(of, name) => self.target_of_name(runs, *of, name),
                Reference::S3(bucket) => self.target_of_name(runs, NameOf::Bucket, bucket),
            };
            let reason = |rule| Reason {
                rule,
                field: format!("env {}", variable.name),
                raw: variable.value.clone(),
                found_on: runs.workload_ref(self.estate),
            };
            for target in &found {
                add(edges, service, *target, reason("reference"), runs.part(self.estate));
            }
            if found.is_empty()
                && let Some(missing) = self.surely_missing(runs, &reference)
            {
                let subject = self.services.all[service].service_ref();
                let message = format!("env {} refers to {missing}, which is not there", variable.name);
                findings.add(FindingKind::UnresolvedReference, Some(subject), message);
            }
        }
    }

    /// A name inside the cluster can be told to be missing where the namespace's Services were read whole.
    fn surely_missing(&self, runs: Runs, reference: &Reference) -> Option<String> {
        let (Runs::Workload(at), Reference::Host { host, .. }) = (runs, reference) else { return None };
        let own = &self.estate.workloads[at].namespace;
        let (name, namespace) = cluster_name(host, &own.1)?;
        let namespace = (own.0, namespace);
        let whole = self.estate.services_whole.contains(&namespace);
        let there = self.estate.kubernetes_services.contains_key(&(namespace.clone(), name.as_str()));
        (whole && !there && name != "localhost" && name.parse::<u8>().is_err()).then(|| {
            let cluster = &self.estate.cluster_names[namespace.0];
            format!("the Kubernetes Service `{name}` in namespace `{}` of cluster `{cluster}`", namespace.1)
        })
    }

    fn target_of_host(&self, runs: Runs, host: &str, path: Option<&str>) -> Vec<Target> {
        if let Runs::Workload(at) = runs {
            let own = &self.estate.workloads[at].namespace;
            if let Some((name, namespace)) = cluster_name(host, &own.1) {
                let found = self.behind_service(&(own.0, namespace), &name);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        self.target_of_outside_host(host, path).into_iter().collect()
    }

    fn target_of_outside_host(&self, host: &str, path: Option<&str>) -> Option<Target> {
        if let Some(at) = self.names.by_host.get(host) {
            return Some(Target::Resource(*at));
        }
        let aws = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let labels: Vec<&str> = aws.split('.').collect();
        let mut path = path.unwrap_or_default().trim_start_matches('/').split('/');
        match labels.as_slice() {
            // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
            ["sqs", region] => {
                let (account, name) = (path.next()?, path.next()?);
                self.unique("queue", name, Some(account), Some(region))
            }
            // https://s3.REGION.amazonaws.com/BUCKET
            [first, ..] if *first == "s3" || first.starts_with("s3-") => {
                self.unique("bucket", path.next()?, None, None)
            }
            // https://BUCKET.s3.REGION.amazonaws.com; a bucket's name may hold dots.
            _ => {
                let at =
                    aws.find(".s3.").or_else(|| aws.find(".s3-")).or_else(|| aws.strip_suffix(".s3").map(str::len))?;
                self.unique("bucket", &aws[..at], None, None)
            }
        }
        .map(Target::Resource)
    }

    /// The services whose pods a Kubernetes Service leads to, or what it stands for outside.
    fn behind_service(&self, namespace: &Namespace, name: &str) -> Vec<Target> {
        let Some(seen) = self.estate.kubernetes_services.get(&(namespace.clone(), name)) else { return Vec::new() };
        if let Some(host) = &seen.external_name {
            return self.target_of_outside_host(&host.to_lowercase(), None).into_iter().collect();
        }
        // Of the labels, the one that the fewest pods have leads there fastest.
        let candidates = seen
            .selector
            .iter()
            .map(|(key, value)| {
                self.names.by_pod_label.get(&(namespace, key.as_str(), value.as_str())).map_or(&[][..], Vec::as_slice)
            })
            .min_by_key(|pods| pods.len())
            .unwrap_or_default();
        let mut found: Vec<usize> = candidates
            .iter()
            .filter(|at| seen.selector.iter().all(|label| self.estate.workloads[**at].seen.pod_labels.contains(label)))
            .filter_map(|at| self.services.of_workload.get(at).copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(Target::Service).collect()
    }

    /// The resource of an ARN; for a function also the service that it runs.
    fn target_of_arn(&self, arn: &str) -> Vec<Target> {
        let Some(at) = self.resource_of_arn(arn) else { return Vec::new() };
        self.with_service(at)
    }

    fn with_service(&self, at: usize) -> Vec<Target> {
        let service = self.services.of_function.get(&at).map(|service| Target::Service(*service));
        std::iter::once(Target::Resource(at)).chain(service).collect()
    }

    fn resource_of_arn(&self, arn: &str) -> Option<usize> {
        let known = |id: &str| self.estate.resource_by_id.get(id).copied();
        known(arn).or_else(|| {
            let parsed = Arn::parse(arn)?;
            match parsed.service {
                // An object, a stream or an index belongs to its bucket or table; a version to its function.
                "s3" => known(&format!("arn:{}:s3:::{}", parsed.partition, parsed.resource.split('/').next()?)),
                "dynamodb" => {
                    let table = parsed.resource.split('/').nth(1)?;
                    let Arn { partition, region, account, .. } = parsed;
                    known(&format!("arn:{partition}:dynamodb:{region}:{account}:table/{table}"))
                }
                // A consumer belongs to its stream.
                "kinesis" => known(arn.split_once("/consumer/")?.0),
                "lambda" => known(arn.rsplit_once(':')?.0),
                _ => None,
            }
        })
    }

    fn target_of_name(&self, runs: Runs, of: NameOf, name: &str) -> Vec<Target> {
        let (account, region) = runs.place(self.estate);
        let (account, region) = (account.map(Text::as_str), region.map(Text::as_str));
        let found = match of {
            // Names of buckets are unique in the whole world.
            NameOf::Bucket => self.unique("bucket", name, None, None),
            NameOf::Table => self.unique("table", name, account, region),
            NameOf::Queue => self.unique("queue", name, account, region),
            NameOf::Topic => self.unique("topic", name, account, region),
            NameOf::Stream => self.unique("stream", name, account, region),
            NameOf::Function => self.unique("function", name, account, region),
        };
        found.map(|at| self.with_service(at)).unwrap_or_default()
    }

    /// The one resource of a type and name in a place; a wrong edge is worse than a missing one.
    fn unique(&self, resource_type: &str, name: &str, account: Option<&str>, region: Option<&str>) -> Option<usize> {
        let fits = |wanted: Option<&str>, is: &Option<Text>| wanted.is_none() || is.as_deref() == wanted;
        let mut found = self.names.by_name.get(&(resource_type, name))?.iter().filter(|at| {
            let seen = self.estate.resources[**at].seen;
            fits(account, &seen.account) && fits(region, &seen.region)
        });
        let first = found.next()?;
        found.next().is_none().then_some(*first)
    }

    /// A resource's `service` tag, as `name` or `namespace/name`.
    fn service_tags(&self, rules: &Rules, edges: &mut Edges, findings: &mut Findings) {
        for (at, resource) in self.estate.resources.iter().enumerate() {
            let tag = rules.service_keys.iter().find_map(|wanted| {
                resource.tags.iter().find(|(key, value)| key.eq_ignore_ascii_case(wanted) && !value.trim().is_empty())
            });
            let Some((key, value)) = tag else { continue };
            let found = self.service_named(value.trim(), resource.seen.account.as_ref());
            let subject = crate::id::Ref::resource(&resource.seen.id);
            match found.as_slice() {
                [service] => {
                    if self.services.of_function.get(&at) != Some(service) {
                        let reason = Reason {
                            rule: "service-tag",
                            field: format!("tag {key}"),
                            raw: value.clone(),
                            found_on: subject,
                        };
                        add(edges, *service, Target::Resource(at), reason, resource.tags_part);
                    }
                }
                [] => {}
                several => {
                    let list: Vec<String> =
                        several.iter().map(|s| self.services.all[*s].service_ref().to_string()).collect();
                    let message = format!("tag {key} says `{value}`, which may be any of {}", list.join(", "));
                    findings.add(FindingKind::AmbiguousReference, Some(subject), message);
                }
            }
        }
    }

    /// Services of a name: those that run in the resource's account, if there are any.
    fn service_named(&self, value: &str, account: Option<&Text>) -> Vec<usize> {
        let (namespace, name) = match value.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, value),
        };
        let all: Vec<usize> = self.services.by_name.get(name).into_iter().flatten().copied().collect();
        let all: Vec<usize> = all
            .into_iter()
            .filter(|s| namespace.is_none_or(|wanted| self.services.all[*s].namespace == wanted))
            .collect();
        let near: Vec<usize> = all
            .iter()
            .copied()
            .filter(|s| self.services.all[*s].runs_as.iter().any(|runs| runs.place(self.estate).0 == account))
            .collect();
        if near.is_empty() { all } else { near }
    }

    /// What stands in one stack with a single service is most likely that service's.
    fn stacks(&self, edges: &mut Edges) {
        let mut found = Vec::new();
        for (stack, made) in &edges.made_by {
            let mut inside =
                made.iter().filter_map(|at| self.services.of_function.get(at).map(|service| (*service, *at)));
            let (Some((service, function)), None) = (inside.next(), inside.next()) else { continue };
            for at in made.iter().filter(|at| **at != function && self.estate.resources[**at].seen.stack.is_none()) {
                found.push((service, *at, *stack));
            }
        }
        for (service, at, stack) in found {
            let stack = &self.estate.resources[stack];
            let reason = Reason {
                rule: "stack",
                field: "same stack".to_owned(),
                raw: stack.seen.name.clone(),
                found_on: crate::id::Ref::resource(&stack.seen.id),
            };
            add(edges, service, Target::Resource(at), reason, stack.parts[0]);
        }
    }

    /// A resource with a service's own name in the same account; the weakest of all signs.
    fn equal_names(&self, edges: &mut Edges) {
        for (at, resource) in self.estate.resources.iter().enumerate() {
            if resource.seen.function.is_some() || resource.seen.stack.is_some() || resource.seen.account.is_none() {
                continue;
            }
            let Some(candidates) = self.services.by_name.get(&resource.seen.name) else { continue };
            let mut near = candidates.iter().filter(|s| {
                self.services.all[**s]
                    .runs_as
                    .iter()
                    .any(|runs| runs.place(self.estate).0 == resource.seen.account.as_ref())
            });
            if let (Some(service), None) = (near.next(), near.next()) {
                let reason = Reason {
                    rule: "name",
                    field: "equal name".to_owned(),
                    raw: resource.seen.name.clone(),
                    found_on: crate::id::Ref::resource(&resource.seen.id),
                };
                add(edges, *service, Target::Resource(at), reason, resource.parts[0]);
            }
        }
    }
}

fn add(edges: &mut Edges, service: usize, target: Target, reason: Reason, part: &Part) {
    let evidence = reason.evidence(part);
    match target {
        // A service that calls itself does not depend on itself.
        Target::Service(other) if other == service => {}
        Target::Service(other) => {
            edges.depends_on.entry((service, other)).or_default().insert(evidence);
        }
        Target::Resource(at) => {
            edges.uses.entry((service, at)).or_default().insert(evidence);
        }
    }
}

/// The Service and namespace that a host names inside its cluster, seen from a namespace.
fn cluster_name(host: &str, own: &Text) -> Option<(String, Text)> {
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    let host = host.strip_suffix(".svc").unwrap_or(host);
    let mut labels = host.split('.');
    let name = labels.next()?.to_owned();
    let namespace = labels.next().map_or_else(|| own.clone(), Text::from);
    // More labels are a pod of a headless Service, or a host outside.
    labels.next().is_none().then_some((name, namespace))
}
