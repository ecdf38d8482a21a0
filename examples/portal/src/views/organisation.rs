//! Products, teams and environments.

use std::collections::BTreeMap;

use portal_core::catalog::Filter;
use portal_core::model::{Environment, Product, Team};
use portal_core::{Catalog, EntityType, Ref};
use serde::Serialize;

/// How much somebody owns.
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Resources.
    pub resources: usize,
    /// Services and resources by the name of their environment.
    pub by_environment: BTreeMap<String, usize>,
}

/// A product.
#[derive(Debug, Serialize)]
pub struct ProductView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// Its slug.
    pub name: String,
    /// As it was written.
    pub display_name: String,
    /// Slugs of the teams that work on it.
    pub teams: Vec<String>,
    /// What is a part of it.
    pub counts: Counts,
}

impl ProductView {
    pub(super) fn of(catalog: &Catalog, product: &Product) -> ProductView {
        let entity_ref = Ref::product(&product.name);
        let filter = Filter { products: vec![product.name.clone()], ..Filter::default() };
        let teams = catalog.refs(EntityType::Team, &filter).iter().map(|team| team.local().to_owned()).collect();
        ProductView {
            entity_ref: entity_ref.to_string(),
            name: product.name.to_string(),
            display_name: product.display_name.to_string(),
            teams,
            counts: super::counts(catalog, &filter),
        }
    }
}

/// A team.
#[derive(Debug, Serialize)]
pub struct TeamView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// Its slug.
    pub name: String,
    /// As it was written.
    pub display_name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Slugs of the teams that it belongs to.
    pub parents: Vec<String>,
    /// Slug of its product.
    pub product: Option<String>,
    /// The people; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<MemberView>>,
    /// A mail address or channel.
    pub contact: Option<String>,
    /// What it owns.
    pub counts: Counts,
    /// Refs of its services; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<String>>,
    /// Refs of its resources; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
}

/// A person.
#[derive(Debug, Serialize)]
pub struct MemberView {
    /// The name.
    pub name: String,
    /// The mail address.
    pub mail: Option<String>,
}

impl TeamView {
    pub(super) fn of(catalog: &Catalog, team: &Team, whole: bool) -> TeamView {
        let entity_ref = Ref::team(&team.name);
        let owned = Filter { teams: vec![team.name.clone()], ..Filter::default() };
        let texts = |list: &[portal_core::Text]| list.iter().map(ToString::to_string).collect();
        let refs =
            |wanted: EntityType| whole.then(|| catalog.refs(wanted, &owned).iter().map(ToString::to_string).collect());
        let member = |m: &portal_core::model::Member| MemberView {
            name: m.name.to_string(),
            mail: m.mail.as_ref().map(ToString::to_string),
        };
        TeamView {
            name: team.name.to_string(),
            display_name: team.display_name.to_string(),
            aliases: texts(&team.aliases),
            parents: texts(&team.parents),
            product: team.product.as_ref().map(ToString::to_string),
            members: whole.then(|| team.members.iter().map(member).collect()),
            contact: team.contact.as_ref().map(ToString::to_string),
            services: refs(EntityType::Service),
            resources: refs(EntityType::Resource),
            counts: super::counts(catalog, &owned),
            entity_ref: entity_ref.to_string(),
        }
    }
}

/// An environment.
#[derive(Debug, Serialize)]
pub struct EnvironmentView {
    /// Its ref.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// The name that people use.
    pub name: String,
    /// The account id.
    pub account: String,
    /// As the organisation says.
    pub state: Option<String>,
}

impl EnvironmentView {
    pub(super) fn of(environment: &Environment) -> EnvironmentView {
        EnvironmentView {
            entity_ref: Ref::environment(&environment.account).to_string(),
            name: environment.name.to_string(),
            account: environment.account.to_string(),
            state: environment.state.as_ref().map(ToString::to_string),
        }
    }
}
