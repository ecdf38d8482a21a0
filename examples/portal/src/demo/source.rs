//! The sources of the demo: they read the tables of this module as if those were outside systems.
//!
//! What happens in real estates happens here too: one right is missing, one region does not exist for an account, and
//! the tags of a few buckets cannot be read.

use async_trait::async_trait;
use portal_core::source::{Permission, Scopes};
use portal_core::{Coverage, ErrorKind, Outcome, Scope, SnapshotWriter, Source, SourceError, Text};

use super::place::{EVERYWHERE, MAIN, NOT_OPTED_IN, Place, SECOND, Stage};
use super::workloads::NAMESPACES;
use super::{aws, kubernetes};

/// Where the role that reads lacks the right to list functions.
const FUNCTIONS_DENIED: Place = Place { stage: Stage::Staging, region: SECOND };

/// Where the organisation's accounts are listed.
const MANAGEMENT: Place = Place { stage: Stage::Prod, region: MAIN };

/// A source that reads the company of this module.
#[derive(Debug)]
pub(super) enum DemoSource {
    /// Its clusters.
    Kubernetes,
    /// Its accounts.
    Aws,
}

#[async_trait]
impl Source for DemoSource {
    fn name(&self) -> &str {
        match self {
            DemoSource::Kubernetes => "kubernetes",
            DemoSource::Aws => "aws",
        }
    }

    fn folder(&self) -> &str {
        match self {
            DemoSource::Kubernetes => "k8s",
            DemoSource::Aws => "aws",
        }
    }

    /// None: nobody has to grant anything to tables in the program.
    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        let scopes = match self {
            DemoSource::Kubernetes => Stage::ALL
                .into_iter()
                .flat_map(|stage| NAMESPACES.iter().map(move |namespace| namespace_scope(stage, namespace.name)))
                .collect(),
            DemoSource::Aws => EVERYWHERE
                .iter()
                .copied()
                .chain([Place { stage: Stage::Prod, region: NOT_OPTED_IN }])
                .map(region_scope)
                .collect(),
        };
        Ok(Scopes { scopes, whole_below: vec![Vec::new()], unread: Vec::new() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        let unknown =
            || SourceError::new(ErrorKind::NotFound, format!("the demo has no {scope}; list its scopes first"));
        match self {
            DemoSource::Kubernetes => read_namespace(scope, out).ok_or_else(unknown),
            DemoSource::Aws => read_region(scope, out).ok_or_else(unknown),
        }
    }
}

fn namespace_scope(stage: Stage, namespace: &'static str) -> Scope {
    Scope::Kubernetes {
        account: Some(Text::new_static(stage.account())),
        region: Some(Text::new_static(MAIN)),
        cluster: Text::from(kubernetes::cluster(stage)),
        namespace: Text::new_static(namespace),
    }
}

fn region_scope(place: Place) -> Scope {
    Scope::Aws { account: Text::new_static(place.stage.account()), region: Text::new_static(place.region) }
}

/// Reads a namespace; `None` if there is no such scope.
fn read_namespace(scope: &Scope, out: &SnapshotWriter) -> Option<()> {
    let found = Stage::ALL.into_iter().find_map(|stage| {
        let namespace = NAMESPACES.iter().find(|namespace| namespace_scope(stage, namespace.name) == *scope)?;
        Some((Place { stage, region: MAIN }, namespace))
    });
    let (place, namespace) = found?;
    out.expect(kubernetes::KINDS);
    kubernetes::write(namespace, place, out);
    for kind in kubernetes::KINDS {
        out.finish(kind, Outcome::complete());
    }
    Some(())
}

/// Reads a region of an account; `None` if there is no such scope.
fn read_region(scope: &Scope, out: &SnapshotWriter) -> Option<()> {
    let absent = Place { stage: Stage::Prod, region: NOT_OPTED_IN };
    if region_scope(absent) == *scope {
        let reason = format!("the region {NOT_OPTED_IN} is not enabled for the account");
        for kind in aws::KINDS {
            out.finish(kind, Outcome::not(Coverage::Absent, reason.clone()));
        }
        return Some(());
    }
    let place = EVERYWHERE.iter().copied().find(|place| region_scope(*place) == *scope)?;
    out.expect(aws::KINDS);
    aws::write(place, out);
    if place == FUNCTIONS_DENIED {
        // Another right shows them all the same, as far as it goes.
        aws::write_functions_as_tagged(place, out);
    } else {
        aws::write_functions(place, out);
    }
    for kind in aws::KINDS {
        let outcome = if (place, kind) == (FUNCTIONS_DENIED, "lambda") {
            Outcome::denied("lambda:ListFunctions", "AccessDeniedException: no right lambda:ListFunctions")
        } else {
            Outcome::complete()
        };
        out.finish(kind, outcome);
    }
    if place == MANAGEMENT {
        aws::write_accounts(out);
        out.finish("accounts", Outcome::complete());
    }
    Some(())
}
