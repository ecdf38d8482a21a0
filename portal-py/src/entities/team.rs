//! Teams.

use portal_core::catalog::Filter;
use portal_core::model::{Entity, Team as Model};
use pyo3::prelude::*;

use super::{Cell, Known, entity, text};

entity! {
    /// The lowest unit of ownership.
    Team {
        /// Its ref: ``team:payments``.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// Its slug.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// As it was written.
        display_name: Text = |k| Cell::Text(Some(k.catalog.display_name(&k.entity_ref)));
        /// Other names that claims may use, as written.
        aliases: Texts = |k| Cell::Texts(of(k).aliases.clone());
        /// Slugs of the teams that it belongs to.
        parents: Texts = |k| Cell::Texts(of(k).parents.clone());
        /// Slug of the product that it works on.
        product: Text = |k| Cell::Text(of(k).product.clone());
        /// A mail address or channel.
        contact: Text = |k| Cell::Text(of(k).contact.clone());
        /// How many services it owns.
        services: Number = |k| Cell::Number(i64::try_from(k.catalog.counts(&owned(k)).services).ok());
        /// How many resources it owns.
        resources: Number = |k| Cell::Number(i64::try_from(k.catalog.counts(&owned(k)).resources).ok());
        /// Whether the newest read of it did not succeed.
        stale: Flag = |k| Cell::Flag(k.freshness.stale);
    }

    /// The people, as pairs of name and mail address; the address is None where the directory has none.
    #[getter]
    fn members(&self) -> Vec<(String, Option<String>)> {
        let members = of(&self.0).members.iter();
        members.map(|member| (member.name.to_string(), member.mail.as_ref().map(ToString::to_string))).collect()
    }

    /// Names it had before; refs with them lead here.
    #[getter]
    fn old_names(&self) -> Vec<&str> {
        of(&self.0).old_names.iter().map(portal_core::Text::as_str).collect()
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Team(team) => team,
        _ => unreachable!("a team's table reads teams"),
    }
}

fn owned(known: &Known) -> Filter {
    Filter { teams: vec![of(known).name.clone()], ..Filter::default() }
}
