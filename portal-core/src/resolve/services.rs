//! Groups workloads to services, by namespace and name.

use std::collections::{BTreeMap, HashMap};

use super::estate::Estate;
use crate::id::{Ref, Text};
use crate::model::{Ownership, Pairs, ServiceKind, ServiceType};
use crate::part::Part;
use crate::rules::Rules;

/// The namespace of functions that do not say one.
const FUNCTIONS: Text = Text::new_static("lambda");

/// What a service runs as: numbers into the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runs {
    /// A Kubernetes workload.
    Workload(usize),
    /// A function among the resources.
    Function(usize),
}

pub(super) struct Service {
    pub(super) namespace: Text,
    pub(super) name: Text,
    pub(super) service_type: ServiceType,
    pub(super) kind: ServiceKind,
    pub(super) runs_as: Vec<Runs>,
    pub(super) ownership: Ownership,
}

impl Service {
    pub(super) fn service_ref(&self) -> Ref {
        Ref::service(&self.namespace, &self.name)
    }
}

/// All services, sorted by namespace and name.
pub(super) struct Services {
    pub(super) all: Vec<Service>,
    pub(super) of_workload: HashMap<usize, usize>,
    pub(super) of_function: HashMap<usize, usize>,
    pub(super) by_name: HashMap<Text, Vec<usize>>,
}

impl Services {
    pub(super) fn group(estate: &Estate<'_>, rules: &Rules) -> Services {
        let mut groups: BTreeMap<(Text, Text), Vec<Runs>> = BTreeMap::new();
        for (at, workload) in estate.workloads.iter().enumerate() {
            let seen = workload.seen;
            let name = name(rules, &[&seen.labels, &seen.pod_labels]).unwrap_or(&seen.name).clone();
            let namespace = Text::from(rules.bare_namespace(&workload.namespace.1));
            groups.entry((namespace, name)).or_default().push(Runs::Workload(at));
        }
        for (at, resource) in estate.resources.iter().enumerate() {
            if resource.seen.function.is_some() {
                let own = resource
                    .tags
                    .iter()
                    .find(|(key, value)| key.eq_ignore_ascii_case("namespace") && !value.is_empty());
                let namespace = own.map_or(FUNCTIONS, |(_, value)| value.clone());
                groups.entry((namespace, resource.seen.name.clone())).or_default().push(Runs::Function(at));
            }
        }
        let mut services = Services {
            all: Vec::with_capacity(groups.len()),
            of_workload: HashMap::new(),
            of_function: HashMap::new(),
            by_name: HashMap::new(),
        };
        for ((namespace, name), runs_as) in groups {
            services.add(estate, namespace, name, runs_as);
        }
        services
    }

    pub(super) fn take_owners(&mut self, owners: &mut Vec<Ownership>) {
        for (service, ownership) in self.all.iter_mut().zip(owners.drain(..)) {
            service.ownership = ownership;
        }
    }

    fn add(&mut self, estate: &Estate<'_>, namespace: Text, name: Text, runs_as: Vec<Runs>) {
        let number = self.all.len();
        let kind = |runs: &Runs| match runs {
            Runs::Function(_) => ServiceKind::Function,
            Runs::Workload(at) if estate.workloads[*at].seen.kind == "cronjob" => ServiceKind::ScheduledJob,
            Runs::Workload(_) => ServiceKind::HttpService,
        };
        for runs in &runs_as {
            match runs {
                Runs::Workload(at) => self.of_workload.insert(*at, number),
                Runs::Function(at) => self.of_function.insert(*at, number),
            };
        }
        let in_kubernetes = runs_as.iter().any(|runs| matches!(runs, Runs::Workload(_)));
        self.by_name.entry(name.clone()).or_default().push(number);
        self.all.push(Service {
            namespace,
            name,
            service_type: if in_kubernetes { ServiceType::Kubernetes } else { ServiceType::Serverless },
            // What stays up says more about a service than the jobs beside it.
            kind: runs_as.iter().map(kind).min().unwrap_or(ServiceKind::HttpService),
            runs_as,
            ownership: Ownership::default(),
        });
    }
}

/// The first label that names the service, in the configured order.
fn name<'a>(rules: &Rules, labels: &[&'a Pairs]) -> Option<&'a Text> {
    rules.service_name_labels.iter().find_map(|wanted| {
        labels.iter().copied().flatten().find(|(key, value)| key == wanted && !value.is_empty()).map(|(_, value)| value)
    })
}

impl Runs {
    /// The workload's identity.
    pub(super) fn workload_ref(self, estate: &Estate<'_>) -> Ref {
        match self {
            Runs::Workload(at) => estate.workload_ref(&estate.workloads[at]),
            Runs::Function(at) => Ref::function_workload(&estate.resources[at].seen.id),
        }
    }

    /// The part that knows most about it.
    pub(super) fn part<'a>(self, estate: &Estate<'a>) -> &'a Part {
        match self {
            Runs::Workload(at) => estate.workloads[at].part,
            Runs::Function(at) => estate.resources[at].parts[0],
        }
    }

    /// All parts that show it.
    pub(super) fn parts<'e, 'a>(self, estate: &'e Estate<'a>) -> &'e [&'a Part] {
        match self {
            Runs::Workload(at) => &estate.workloads[at].parts,
            Runs::Function(at) => &estate.resources[at].parts,
        }
    }

    /// The account and region that it runs in.
    pub(super) fn place<'e>(self, estate: &'e Estate<'_>) -> (Option<&'e Text>, Option<&'e Text>) {
        match self {
            Runs::Workload(at) => estate.place(estate.workloads[at].namespace.0),
            Runs::Function(at) => {
                let seen = estate.resources[at].seen;
                (seen.account.as_ref(), seen.region.as_ref())
            }
        }
    }

    /// Labels of the object, or tags of the function.
    pub(super) fn tags<'e>(self, estate: &'e Estate<'_>) -> &'e Pairs {
        match self {
            Runs::Workload(at) => &estate.workloads[at].seen.labels,
            Runs::Function(at) => estate.resources[at].tags,
        }
    }
}
