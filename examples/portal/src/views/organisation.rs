//! Products, teams and environments.

use std::collections::BTreeMap;

use portal_core::catalog::{Filter, Paging};
use portal_core::model::{Environment, Product, Team};
use portal_core::{Catalog, EntityType, Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Known, ResourceView, ServiceView, View};

/// How many services and how many resources a team shows at most; its lists page through all of them.
pub const EXPANDED: usize = 1000;

/// How much somebody owns.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Resources.
    pub resources: usize,
    /// Services and resources by the name of their environment; one in several counts in each.
    #[schema(value_type = BTreeMap<String, usize>)]
    pub by_environment: BTreeMap<Text, usize>,
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String, example = "product:checkout")]
    pub entity_ref: Ref,
    /// Its slug.
    #[schema(value_type = String)]
    pub name: Text,
    /// As it was written.
    #[schema(value_type = String)]
    pub display_name: Text,
    /// Slugs of the teams that work on it.
    pub teams: Vec<String>,
    /// What is a part of it.
    pub counts: Counts,
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub struct TeamView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String, example = "team:payments")]
    pub entity_ref: Ref,
    /// Its slug.
    #[schema(value_type = String)]
    pub name: Text,
    /// As it was written.
    #[schema(value_type = String)]
    pub display_name: Text,
    /// Other names.
    #[schema(value_type = Vec<String>)]
    pub aliases: Vec<Text>,
    /// Slugs of the teams that it belongs to.
    #[schema(value_type = Vec<String>)]
    pub parents: Vec<Text>,
    /// Slug of its product.
    #[schema(value_type = Option<String>, required)]
    pub product: Option<Text>,
    /// The people; only in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub members: Option<Vec<MemberView>>,
    /// A mail address or channel.
    #[schema(value_type = Option<String>, required)]
    pub contact: Option<Text>,
    /// What it owns.
    pub counts: Counts,
    /// Its services; only where `expand` names them, and at most 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<ServiceView>>, nullable = false)]
    pub services: Option<Owned>,
    /// Its resources; only where `expand` names them, and at most 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<ResourceView>>, nullable = false)]
    pub resources: Option<Owned>,
}

/// What a team owns: the API shows summaries, the command line refs.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Owned {
    /// Refs.
    Refs(Vec<Ref>),
    /// Summaries.
    Views(Vec<View>),
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// The name.
    #[schema(value_type = String)]
    pub name: Text,
    /// The mail address.
    #[schema(value_type = Option<String>, required)]
    pub mail: Option<Text>,
}

/// An environment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Environment)]
pub struct EnvironmentView {
    /// Its ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String, example = "environment:111122223333")]
    pub entity_ref: Ref,
    /// The name that people use.
    #[schema(value_type = String)]
    pub name: Text,
    /// The account id.
    #[schema(value_type = String)]
    pub account: Text,
    /// As the organisation says.
    #[schema(value_type = Option<String>, required)]
    pub state: Option<Text>,
}

impl ProductView {
    pub(super) fn of(catalog: &Catalog, product: Product, known: Known) -> ProductView {
        let filter = Filter { products: vec![product.name.clone()], ..Filter::default() };
        let teams = catalog.refs(EntityType::Team, &filter).iter().map(|team| team.local().to_owned()).collect();
        ProductView {
            entity_ref: known.entity_ref,
            display_name: product.display_name,
            teams,
            counts: Counts::of(catalog, &filter),
            name: product.name,
        }
    }
}

impl TeamView {
    pub(super) fn of(catalog: &Catalog, team: Team, known: Known) -> TeamView {
        let Known { entity_ref, whole, .. } = known;
        let owned = owned_by(&team.name);
        let member = |member: portal_core::model::Member| MemberView { name: member.name, mail: member.mail };
        TeamView {
            entity_ref,
            display_name: team.display_name,
            aliases: team.aliases,
            parents: team.parents,
            product: team.product,
            members: whole.then(|| team.members.into_iter().map(member).collect()),
            contact: team.contact,
            services: None,
            resources: None,
            counts: Counts::of(catalog, &owned),
            name: team.name,
        }
    }

    /// Adds the refs of what the team owns.
    #[must_use]
    pub fn with_refs(mut self, catalog: &Catalog) -> TeamView {
        let owned = owned_by(&self.name);
        self.services = Some(Owned::Refs(catalog.refs(EntityType::Service, &owned)));
        self.resources = Some(Owned::Refs(catalog.refs(EntityType::Resource, &owned)));
        self
    }

    /// Adds summaries of what the team owns, at most [`EXPANDED`] of each type.
    #[must_use]
    pub fn expanded(mut self, catalog: &Catalog, services: bool, resources: bool) -> TeamView {
        let owned = owned_by(&self.name);
        let paging = Paging { limit: EXPANDED, ..Paging::default() };
        let views = |of: EntityType| {
            let page = catalog.list(of, &owned, &paging).ok()?;
            Some(Owned::Views(page.items.into_iter().map(|entry| super::view(catalog, entry, false)).collect()))
        };
        self.services = if services { views(EntityType::Service) } else { None };
        self.resources = if resources { views(EntityType::Resource) } else { None };
        self
    }
}

impl EnvironmentView {
    pub(super) fn of(environment: Environment, known: Known) -> EnvironmentView {
        EnvironmentView {
            entity_ref: known.entity_ref,
            name: environment.name,
            account: environment.account,
            state: environment.state,
        }
    }
}

impl Counts {
    fn of(catalog: &Catalog, filter: &Filter) -> Counts {
        let counts = catalog.counts(filter);
        Counts { services: counts.services, resources: counts.resources, by_environment: counts.by_environment }
    }
}

fn owned_by(team: &Text) -> Filter {
    Filter { teams: vec![team.clone()], ..Filter::default() }
}
