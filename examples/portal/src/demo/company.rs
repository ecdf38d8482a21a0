//! Hazelmoor, an online shop for home and garden that does not exist: its products and its teams.
//!
//! What the teams run stands in the tables beside this one: [`super::workloads`], [`super::functions`],
//! [`super::infrastructure`].

use portal_core::Text;
use portal_core::rules::TeamRule;

/// The company's name, as it stands in names of clusters and buckets.
pub(super) const COMPANY: &str = "hazelmoor";

/// A team with the names that it goes by in tags and labels.
struct Team {
    name: &'static str,
    /// Empty for teams that work for all products.
    product: &'static str,
    /// Empty for teams that belong to none.
    parent: &'static str,
    contact: &'static str,
    aliases: &'static [&'static str],
}

const fn team(
    name: &'static str,
    product: &'static str,
    parent: &'static str,
    contact: &'static str,
    aliases: &'static [&'static str],
) -> Team {
    Team { name, product, parent, contact, aliases }
}

/// Two of them are departments: teams that are parents of others.
const TEAMS: &[Team] = &[
    team("Commerce", "Checkout", "", "commerce-leads@hazelmoor.example", &["Commerce Tribe"]),
    team("Payments", "Checkout", "Commerce", "#team-payments", &["Payments Squad", "pay"]),
    team("Basket", "Checkout", "Commerce", "#team-basket", &["Cart & Checkout", "basket-team"]),
    team("Pricing", "Checkout", "Commerce", "#team-pricing", &["Pricing & Promotions", "promo"]),
    team("Storefront", "Catalogue", "", "#team-storefront", &["Web Frontend", "shop-ui"]),
    team("Catalogue", "Catalogue", "", "#team-catalogue", &["Product Information", "PIM", "catalog"]),
    team("Search", "Catalogue", "", "#team-search", &["Search & Discovery"]),
    team("Media", "Catalogue", "", "media@hazelmoor.example", &["Media Pipeline", "imaging"]),
    team("Supply Chain", "Fulfilment", "", "supply-chain@hazelmoor.example", &["Logistics"]),
    team("Warehouse", "Fulfilment", "Supply Chain", "#team-warehouse", &["WMS", "Warehouse Systems"]),
    team("Shipping", "Fulfilment", "Supply Chain", "#team-shipping", &["Last Mile", "Delivery"]),
    team("Returns", "Fulfilment", "Supply Chain", "#team-returns", &["Returns & Refunds"]),
    team("Identity", "Identity", "", "#team-identity", &["Identity & Access", "iam"]),
    team("Customers", "Identity", "Identity", "#team-customers", &["Customer Accounts"]),
    team("Data Platform", "Insights", "", "#data-platform", &["DataPlat", "data-eng"]),
    team("Recommendations", "Insights", "Data Platform", "#team-recs", &["Recs", "ML Recommendations"]),
    team("Platform Engineering", "", "", "platform@hazelmoor.example", &["Platform", "SRE", "infra"]),
];

/// The teams as the configuration would name them.
pub(super) fn teams() -> Vec<TeamRule> {
    let said = |text: &'static str| (!text.is_empty()).then(|| Text::new_static(text));
    TEAMS
        .iter()
        .map(|team| TeamRule {
            name: Text::new_static(team.name),
            aliases: team.aliases.iter().copied().map(Text::new_static).collect(),
            product: said(team.product),
            parents: said(team.parent).into_iter().collect(),
            contact: said(team.contact),
        })
        .collect()
}
