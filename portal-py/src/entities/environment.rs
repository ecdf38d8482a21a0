//! Environments.

use portal_core::model::{Entity, Environment as Model};
use pyo3::prelude::*;

use super::{Cell, Known, entity, text};

entity! {
    /// An AWS account, with the name that people use for it.
    Environment {
        /// Its ref: ``environment:111122223333``.
        r#ref: Text = |k| text(k.entity_ref.as_str());
        /// The name that people use.
        name: Text = |k| Cell::Text(Some(of(k).name.clone()));
        /// The account id, with its leading zeros.
        account: Text = |k| Cell::Text(Some(of(k).account.clone()));
        /// ``ACTIVE``, ``SUSPENDED``, … as the organisation says.
        state: Text = |k| Cell::Text(of(k).state.clone());
    }
}

fn of(known: &Known) -> &Model {
    match &known.entity {
        Entity::Environment(environment) => environment,
        _ => unreachable!("an environment's table reads environments"),
    }
}
