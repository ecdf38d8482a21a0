//! The kinds of objects that are read, and how the API server names them.
//!
//! Secrets, ConfigMaps, Pods and Jobs are not here and so cannot be asked for.

/// One kind of object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// The word in the lake and in the configuration; also the resource's name in the API.
    pub(super) word: &'static str,
    /// The API group; empty for the core group.
    pub(super) group: &'static str,
    /// The version in which it is asked for.
    pub(super) version: &'static str,
    /// The word in an object's `kind`.
    pub(super) object: &'static str,
}

/// Namespaces, the one kind that stands in no namespace.
pub(super) const NAMESPACES: &str = "namespaces";

/// Every kind, in the order of the documentation.
pub(super) const KINDS: [Kind; 7] = [
    Kind { word: "deployments", group: "apps", version: "v1", object: "Deployment" },
    Kind { word: "cronjobs", group: "batch", version: "v1", object: "CronJob" },
    Kind { word: "statefulsets", group: "apps", version: "v1", object: "StatefulSet" },
    Kind { word: "daemonsets", group: "apps", version: "v1", object: "DaemonSet" },
    Kind { word: "services", group: "", version: "v1", object: "Service" },
    Kind { word: NAMESPACES, group: "", version: "v1", object: "Namespace" },
    Kind { word: "serviceaccounts", group: "", version: "v1", object: "ServiceAccount" },
];

impl Kind {
    /// The kind of a word.
    pub(super) fn of(word: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.word == word)
    }

    /// `apps/v1` or `v1`, as objects say it.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The path of its list, in one namespace or in all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let inside = namespace.map(|name| format!("/namespaces/{}", escaped(name))).unwrap_or_default();
        format!("{root}/{}{inside}/{}", self.api_version(), self.word)
    }

    /// `deployments.apps` or `services`: the words of `kubectl` and of role errors.
    pub(super) fn resource(&self) -> String {
        if self.group.is_empty() { self.word.to_owned() } else { format!("{}.{}", self.word, self.group) }
    }

    /// The right to list it, as a snapshot names a missing one.
    pub(super) fn permission(&self) -> String {
        format!("{}:list", self.resource())
    }

    /// The right with its group in front, as people grant it.
    pub(super) fn grant(&self, verb: &str) -> String {
        let group = if self.group.is_empty() { "core" } else { self.group };
        format!("{group}/{}:{verb}", self.word)
    }

    /// Whether every API server has it, so that a 404 says something about the server and not about the kind.
    pub(super) fn is_core(&self) -> bool {
        self.group.is_empty()
    }
}

/// Any text as one part of a path or query.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_permissions_are_those_of_the_api_server() {
        let deployments = Kind::of("deployments").expect("a kind");
        assert_eq!(deployments.path(None), "/apis/apps/v1/deployments");
        assert_eq!(deployments.path(Some("shop")), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!(deployments.permission(), "deployments.apps:list");
        assert_eq!(deployments.grant("list"), "apps/deployments:list");
        let services = Kind::of("services").expect("a kind");
        assert_eq!(services.path(Some("shop")), "/api/v1/namespaces/shop/services");
        assert_eq!(services.permission(), "services:list");
        assert_eq!(services.grant("list"), "core/services:list");
    }

    #[test]
    fn a_hostile_name_stays_one_part_of_a_path() {
        let path = Kind::of("services").expect("a kind").path(Some("../../secrets?x=1&y"));
        assert_eq!(path, "/api/v1/namespaces/%2E%2E%2F%2E%2E%2Fsecrets%3Fx%3D1%26y/services");
    }
}
