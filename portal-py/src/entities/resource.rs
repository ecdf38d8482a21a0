//! Resources.

use portal_core::model::{Entity, Resource as Model};
use portal_core::{Arn, RelationType};
use pyo3::prelude::*;

use super::{Cell, Known, ends, entity, text};

entity! {
    /// Infrastructure, whatever the cloud: a bucket, a database, a queue.
    Resource {
        /// Its ref: ``resource:arn:aws:s3:::invoices``.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// Its ARN, where the provider has one.
        arn: Text = |k| Cell::Text(Arn::parse(&of(k).id).map(|_| of(k).id.clone()));
        /// The name that people use.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// The name to show: what a person gave it, else its own.
        display_name: Text = |k| Cell::Text(Some(k.catalog.display_name(&k.entity_ref)));
        /// ``bucket``, ``database``, … or the provider's own ``service:type``.
        r#type: Text = |k| Cell::Text(Some(of(k).resource_type.clone()));
        /// The account id, with its leading zeros.
        account: Text = |k| Cell::Text(of(k).account.clone());
        /// The name of the account.
        environment: Text = |k| k.environment_name(of(k).account.as_ref());
        /// The region, where it is in one.
        region: Text = |k| Cell::Text(of(k).region.clone());
        /// The owner's slug; with the ownership ``unknown`` the last known one.
        team: Text = |k| Cell::Text(of(k).ownership.team.clone());
        /// ``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``.
        ownership: Text = |k| text(of(k).ownership.state.as_str());
        /// The rule that spoke.
        rule: Text = |k| Cell::Text(of(k).ownership.rule.clone());
        /// Slug of its product, its own or its team's.
        product: Text = |k| Cell::Text(of(k).product.clone());
        /// What it is for, as a person wrote it.
        description: Text = |k| k.said(|said| &said.description);
        /// Its tags as last read.
        tags: Pairs = |k| Cell::Pairs(of(k).tags.clone());
        /// A few facts that people look for: engine, version, endpoint.
        attributes: Pairs = |k| Cell::Pairs(of(k).attributes.clone().into_iter().collect());
        /// When the provider made it.
        created_at: Time = |k| Cell::Time(of(k).created_at);
        /// When it came.
        first_seen: Time = |k| Cell::Time(k.freshness.first_seen);
        /// When it was seen last.
        last_seen: Time = |k| Cell::Time(k.freshness.last_seen);
        /// When something about it was changed last.
        updated_at: Time = |k| Cell::Time(k.freshness.updated_at);
        /// Whether the newest read of it did not succeed, so that it may be different by now.
        stale: Flag = |k| Cell::Flag(k.freshness.stale);
    }

    /// Refs of the services that use it.
    #[getter]
    fn used_by(&self) -> Vec<String> {
        ends(self.0.catalog.origins(&self.0.entity_ref, RelationType::Uses))
    }

    /// Ref of the stack that made it.
    #[getter]
    fn created_by(&self) -> Option<String> {
        ends(self.0.catalog.targets(&self.0.entity_ref, RelationType::CreatedBy)).pop()
    }

    /// Who might own it, as team, rule and reason, for one that nobody owns: never ownership until a person confirms it.
    #[getter]
    fn suggestion(&self) -> Option<(String, String, String)> {
        let found = self.0.catalog.suggestion(&self.0.entity_ref)?;
        Some((found.team.to_string(), found.rule.to_string(), found.reason))
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Resource(resource) => resource,
        _ => unreachable!("a resource's table reads resources"),
    }
}
