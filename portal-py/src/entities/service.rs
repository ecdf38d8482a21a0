//! Services.

use portal_core::model::{Entity, Service as Model};
use portal_core::{RelationType, Text};
use pyo3::prelude::*;

use super::{Cell, Known, ends, entity, tags, text};

entity! {
    /// What engineers deploy and maintain: one logical thing, in any number of environments.
    Service {
        /// Its ref: ``service:payments/orders-api``.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// Its name.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// The name to show: what a person gave it, else its own.
        display_name: Text = |k| Cell::Text(Some(k.catalog.display_name(&k.entity_ref)));
        /// The namespace that groups it.
        namespace: Text = |k| Cell::Text(Some(of(k).namespace.clone()));
        /// ``kubernetes``, ``serverless``, ``other``.
        r#type: Text = |k| text(of(k).service_type.as_str());
        /// ``http-service``, ``scheduled-job``, ``function``.
        kind: Text = |k| text(of(k).kind.as_str());
        /// What it is for, as a person wrote it.
        description: Text = |k| k.said(|said| &said.description);
        /// The owner's slug; with the ownership ``unknown`` the last known one.
        team: Text = |k| Cell::Text(of(k).ownership.team.clone());
        /// ``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``.
        ownership: Text = |k| text(of(k).ownership.state.as_str());
        /// The rule that spoke.
        rule: Text = |k| Cell::Text(of(k).ownership.rule.clone());
        /// Slug of its product, its own or its team's.
        product: Text = |k| Cell::Text(of(k).product.clone());
        /// Names of the environments that it runs in.
        environments: Texts = environments;
        /// ``healthy``, ``degraded``, ``down`` or ``unknown``: the worse of its running copies and of health checks.
        status: Text = |k| text(k.catalog.service_status(&k.entity_ref).as_str());
        /// Where health checks ask.
        status_url: Text = |k| k.said(|said| &said.status_url);
        /// When a health check asked last.
        last_checked_at: Time = |k| Cell::Time(k.catalog.checked(&k.entity_ref).map(|checked| checked.checked_at));
        /// Its documentation.
        docs_url: Text = |k| k.said(|said| &said.docs_url);
        /// Its code.
        github_url: Text = |k| k.said(|said| &said.github_url);
        /// Its dashboards.
        dashboard_url: Text = |k| k.said(|said| &said.dashboard_url);
        /// Labels and tags, as ``key=value``, or a single word. Its workloads may have one label with two values.
        tags: Texts = |k| tags(&of(k).tags);
        /// ``collected``, or ``manual`` for one that a person added.
        origin: Text = |k| {
            text(if k.curated().is_some_and(|said| said.added.is_some()) { "manual" } else { "collected" })
        };
        /// When it came.
        first_seen: Time = |k| Cell::Time(k.freshness.first_seen);
        /// When it was seen last.
        last_seen: Time = |k| Cell::Time(k.freshness.last_seen);
        /// When something about it was changed last.
        updated_at: Time = |k| Cell::Time(k.freshness.updated_at);
        /// Whether the newest read of it did not succeed, so that it may be different by now.
        stale: Flag = |k| Cell::Flag(k.freshness.stale);
    }

    /// Refs of what it runs as.
    #[getter]
    fn workloads(&self) -> Vec<String> {
        ends(self.0.catalog.targets(&self.0.entity_ref, RelationType::RunsAs))
    }

    /// Refs of the resources that it uses.
    #[getter]
    fn uses(&self) -> Vec<String> {
        ends(self.0.catalog.targets(&self.0.entity_ref, RelationType::Uses))
    }

    /// Refs of the services that it depends on.
    #[getter]
    fn depends_on(&self) -> Vec<String> {
        ends(self.0.catalog.targets(&self.0.entity_ref, RelationType::DependsOn))
    }

    /// Refs of the services that depend on it.
    #[getter]
    fn used_by(&self) -> Vec<String> {
        ends(self.0.catalog.origins(&self.0.entity_ref, RelationType::DependsOn))
    }

    /// More links, as pairs of title and URL.
    #[getter]
    fn links(&self) -> Vec<(String, String)> {
        let links = self.0.curated().and_then(|said| said.links.as_deref()).unwrap_or_default();
        links.iter().map(|link| (link.title.to_string(), link.url.to_string())).collect()
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Service(service) => service,
        _ => unreachable!("a service's table reads services"),
    }
}

fn environments(known: &Known) -> Cell {
    let places = known.catalog.places(&known.entity);
    let mut names: Vec<Text> = places
        .iter()
        .filter_map(|(account, _)| account.as_deref())
        .map(|a| known.catalog.environment_name(a))
        .collect();
    names.sort_unstable();
    names.dedup();
    Cell::Texts(names)
}
