//! Products.

use portal_core::catalog::Filter;
use portal_core::model::{Entity, Product as Model};
use portal_core::{EntityType, Text};
use pyo3::prelude::*;

use super::{Cell, Known, entity, text};

entity! {
    /// What a business sells or runs; teams and services roll up to it.
    Product {
        /// Its ref: ``product:checkout``.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// Its slug.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// As it was written.
        display_name: Text = |k| Cell::Text(Some(of(k).display_name.clone()));
        /// Slugs of the teams that work on it.
        teams: Texts = |k| Cell::Texts(
            k.catalog.refs(EntityType::Team, &made_of(k)).iter().map(|team| Text::from(team.local())).collect()
        );
        /// How many services are a part of it.
        services: Number = |k| Cell::Number(i64::try_from(k.catalog.counts(&made_of(k)).services).ok());
        /// How many resources are a part of it.
        resources: Number = |k| Cell::Number(i64::try_from(k.catalog.counts(&made_of(k)).resources).ok());
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Product(product) => product,
        _ => unreachable!("a product's table reads products"),
    }
}

fn made_of(known: &Known) -> Filter {
    Filter { products: vec![of(known).name.clone()], ..Filter::default() }
}
