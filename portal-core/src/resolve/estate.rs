//! All observations in one place: the same object from several parts made one, and found by the names that others use.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::findings::{FindingKind, Findings};
use crate::id::{Ref, Text};
use crate::model::Pairs;
use crate::observe::{
    AccountSeen, GroupSeen, KubernetesServiceSeen, NamespaceSeen, Observation, PersonSeen, ResourceSeen,
    ServiceAccountSeen, WorkloadSeen,
};
use crate::part::{Part, PartContent};
use crate::source::{Coverage, Scope};

/// A cluster. Its name alone does not tell: two accounts may each have a `prod`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Cluster {
    pub(super) account: Option<Text>,
    pub(super) region: Option<Text>,
    pub(super) name: Text,
}

/// A namespace of a cluster; the cluster by its number in [`Estate::clusters`].
pub(super) type Namespace = (usize, Text);

/// A resource with where it was seen.
pub(super) struct Resource<'a> {
    pub(super) seen: &'a ResourceSeen,
    /// Tags of the record that knows most, or of a list of tags where that one has none.
    pub(super) tags: &'a Pairs,
    /// Why its tags could not be read; then `tags` are the last known ones.
    pub(super) tags_unread: Option<&'a Text>,
    /// The part that holds the tags.
    pub(super) tags_part: &'a Part,
    pub(super) parts: Vec<&'a Part>,
    pub(super) stale_since: Option<Timestamp>,
}

/// A Kubernetes workload with where it was seen.
pub(super) struct Workload<'a> {
    pub(super) seen: &'a WorkloadSeen,
    pub(super) namespace: Namespace,
    pub(super) part: &'a Part,
    pub(super) parts: Vec<&'a Part>,
    pub(super) stale_since: Option<Timestamp>,
}

#[derive(Default)]
pub(super) struct Estate<'a> {
    /// Sorted by id.
    pub(super) resources: Vec<Resource<'a>>,
    pub(super) resource_by_id: HashMap<&'a str, usize>,
    /// Sorted by namespace, kind and name.
    pub(super) workloads: Vec<Workload<'a>>,
    pub(super) clusters: Vec<Cluster>,
    /// The name that stands for each cluster in refs.
    pub(super) cluster_names: Vec<Text>,
    pub(super) kubernetes_services: BTreeMap<(Namespace, &'a str), &'a KubernetesServiceSeen>,
    pub(super) namespaces: BTreeMap<Namespace, (&'a NamespaceSeen, &'a Part)>,
    /// Namespaces whose own object could not be read.
    pub(super) namespaces_unread: BTreeMap<Namespace, &'a Part>,
    /// Namespaces whose Services were read whole: there a name that is not found is not there.
    pub(super) services_whole: BTreeSet<Namespace>,
    pub(super) service_accounts: BTreeMap<(Namespace, &'a str), &'a ServiceAccountSeen>,
    pub(super) accounts: BTreeMap<&'a str, &'a AccountSeen>,
    /// Groups of directories, in the order of parts.
    pub(super) groups: Vec<(&'a GroupSeen, &'a Part)>,
    /// People of directories, in the order of parts.
    pub(super) people: Vec<(&'a PersonSeen, &'a Part)>,
    /// Account and region whose stacks could not be read.
    pub(super) stacks_unread: BTreeMap<(&'a str, &'a str), &'a Part>,
}

impl<'a> Estate<'a> {
    /// Gathers the parts, in any order.
    pub(super) fn gather(parts: &'a [PartContent], findings: &mut Findings) -> Estate<'a> {
        let mut sorted: Vec<&PartContent> = parts.iter().collect();
        // What runs counts before what a repository says should run.
        sorted.sort_by_key(|content| (content.part.key.starts_with("manifests-"), &content.part.key));
        let mut estate = Estate::default();
        let clusters = estate.clusters_of(&sorted, findings);
        let mut resources: Vec<(&'a ResourceSeen, &'a Part, Option<Timestamp>)> = Vec::new();
        let mut workloads: Vec<Workload<'a>> = Vec::new();
        for content in sorted {
            let part = &content.part;
            let namespace = namespace_of(&clusters, &part.scope);
            estate.note_coverage(part, namespace.as_ref());
            for set_aside in &part.set_aside {
                findings.add(FindingKind::SetAside, None, format!("{}: {set_aside}", part.key));
            }
            for known in content.observations.iter() {
                match (&known.observation, &namespace) {
                    (Observation::Resource(seen), _) => resources.push((seen, part, known.stale_since)),
                    (Observation::Account(seen), _) => {
                        estate.accounts.entry(&seen.id).or_insert(seen);
                    }
                    (Observation::Group(seen), _) => estate.groups.push((seen, part)),
                    (Observation::Person(seen), _) => estate.people.push((seen, part)),
                    (Observation::Workload(seen), Some(namespace)) => workloads.push(Workload {
                        seen,
                        namespace: namespace.clone(),
                        part,
                        parts: vec![part],
                        stale_since: known.stale_since,
                    }),
                    (Observation::KubernetesService(seen), Some(namespace)) => {
                        estate.kubernetes_services.entry((namespace.clone(), &seen.name)).or_insert(seen);
                    }
                    (Observation::Namespace(seen), Some((cluster, _))) => {
                        estate.namespaces.entry((*cluster, seen.name.clone())).or_insert((seen, part));
                    }
                    (Observation::ServiceAccount(seen), Some(namespace)) => {
                        estate.service_accounts.entry((namespace.clone(), &seen.name)).or_insert(seen);
                    }
                    // A Kubernetes object outside of a cluster's scope cannot come from the reader.
                    (_, None) => {}
                }
            }
        }
        estate.merge_resources(resources);
        estate.merge_workloads(workloads);
        estate
    }

    /// The ref of a workload.
    pub(super) fn workload_ref(&self, workload: &Workload<'_>) -> Ref {
        let (cluster, namespace) = &workload.namespace;
        Ref::kubernetes_workload(&self.cluster_names[*cluster], namespace, &workload.seen.kind, &workload.seen.name)
    }

    /// The account and region that a cluster lives in.
    pub(super) fn place(&self, cluster: usize) -> (Option<&Text>, Option<&Text>) {
        let cluster = &self.clusters[cluster];
        (cluster.account.as_ref(), cluster.region.as_ref())
    }

    /// Numbers the clusters. Two names of one cluster get one number, told by the uid of `kube-system`.
    fn clusters_of(&mut self, parts: &[&'a PartContent], findings: &mut Findings) -> HashMap<Cluster, usize> {
        let mut uids: BTreeMap<Cluster, Option<&Text>> = BTreeMap::new();
        for content in parts {
            let Some(cluster) = cluster_of(&content.part.scope) else { continue };
            let uid = uids.entry(cluster).or_default();
            for known in content.observations.iter() {
                if let Observation::Namespace(seen) = &known.observation
                    && seen.name == "kube-system"
                    && seen.uid.is_some()
                {
                    *uid = seen.uid.as_ref();
                }
            }
        }
        let mut numbers = HashMap::new();
        let mut by_uid: HashMap<&Text, usize> = HashMap::new();
        for (cluster, uid) in uids {
            let first = uid.and_then(|uid| by_uid.get(uid)).copied();
            let number = first.unwrap_or(self.clusters.len());
            match first {
                Some(first) => findings.add(
                    FindingKind::SameCluster,
                    None,
                    format!(
                        "cluster `{}` was also read as `{}`; it is shown once",
                        self.clusters[first].name, cluster.name
                    ),
                ),
                None => self.clusters.push(cluster.clone()),
            }
            if let Some(uid) = uid {
                by_uid.insert(uid, number);
            }
            numbers.insert(cluster, number);
        }
        self.name_clusters(findings);
        numbers
    }

    /// A cluster goes by its name; where two have the same one, by name, region and account.
    fn name_clusters(&mut self, findings: &mut Findings) {
        let mut count: HashMap<&str, usize> = HashMap::new();
        for cluster in &self.clusters {
            *count.entry(&cluster.name).or_default() += 1;
        }
        let known = |part: &Option<Text>| part.clone().unwrap_or_else(|| Text::new_static("_"));
        let mut names = Vec::with_capacity(self.clusters.len());
        for cluster in &self.clusters {
            if count[cluster.name.as_str()] == 1 {
                names.push(cluster.name.clone());
                continue;
            }
            let full = format!("{}.{}.{}", cluster.name, known(&cluster.region), known(&cluster.account));
            let message = format!("several clusters are named `{}`; this one is shown as `{full}`", cluster.name);
            findings.add(FindingKind::ClusterNameClash, None, message);
            names.push(Text::from(full));
        }
        self.cluster_names = names;
    }

    fn note_coverage(&mut self, part: &'a Part, namespace: Option<&Namespace>) {
        let whole = part.outcome.coverage == Coverage::Complete;
        match (part.kind.as_str(), namespace, &part.scope) {
            ("services", Some(namespace), _) if whole => {
                self.services_whole.insert(namespace.clone());
            }
            ("namespaces", Some(namespace), _) if part.is_stale() => {
                self.namespaces_unread.insert(namespace.clone(), part);
            }
            ("cloudformation", _, Scope::Aws { account, region }) if part.is_stale() => {
                self.stacks_unread.insert((account, region), part);
            }
            _ => {}
        }
    }

    fn merge_resources(&mut self, mut seen: Vec<(&'a ResourceSeen, &'a Part, Option<Timestamp>)>) {
        // The record that knows most comes first; parts are in the order of their keys already.
        seen.sort_by_key(|(seen, _, stale)| (&seen.id, seen.only_tags, *stale));
        for (seen, part, stale_since) in seen {
            if let Some(last) = self.resources.last_mut()
                && last.seen.id == seen.id
            {
                if last.tags_unread.is_some() && seen.tags.unread.is_none() {
                    last.tags = &seen.tags.pairs;
                    last.tags_unread = None;
                    last.tags_part = part;
                }
                last.parts.push(part);
                continue;
            }
            self.resource_by_id.insert(&seen.id, self.resources.len());
            self.resources.push(Resource {
                seen,
                tags: &seen.tags.pairs,
                tags_unread: seen.tags.unread.as_ref(),
                tags_part: part,
                parts: vec![part],
                stale_since,
            });
        }
    }

    fn merge_workloads(&mut self, mut seen: Vec<Workload<'a>>) {
        // A stable sort: of equal ones the live cluster's stays before the repository's.
        seen.sort_by(|a, b| {
            (&a.namespace, &a.seen.kind, &a.seen.name).cmp(&(&b.namespace, &b.seen.kind, &b.seen.name))
        });
        for workload in seen {
            match self.workloads.last_mut() {
                Some(last)
                    if last.namespace == workload.namespace
                        && last.seen.kind == workload.seen.kind
                        && last.seen.name == workload.seen.name =>
                {
                    last.parts.extend(workload.parts);
                }
                _ => self.workloads.push(workload),
            }
        }
    }
}

fn cluster_of(scope: &Scope) -> Option<Cluster> {
    match scope {
        Scope::Kubernetes { account, region, cluster, .. } => {
            Some(Cluster { account: account.clone(), region: region.clone(), name: cluster.clone() })
        }
        _ => None,
    }
}

fn namespace_of(clusters: &HashMap<Cluster, usize>, scope: &Scope) -> Option<Namespace> {
    match scope {
        Scope::Kubernetes { namespace, .. } => {
            let number = clusters.get(&cluster_of(scope)?)?;
            Some((*number, namespace.clone()))
        }
        _ => None,
    }
}
