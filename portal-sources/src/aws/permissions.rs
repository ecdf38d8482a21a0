//! Every IAM action that this source asks for, with the kind that it is needed for.

use portal_core::{Permission, Text};

use super::config::Config;
use super::kinds::{ACCOUNTS, Kind};

/// Stands for every kind: without these rights nothing is found or entered.
const EVERY_KIND: &str = "*";

/// The actions of a configuration.
pub(super) fn needed(config: &Config, kinds: &[Kind]) -> Vec<Permission> {
    let mut all = vec![permission(EVERY_KIND, "sts:GetCallerIdentity"), permission(EVERY_KIND, "account:ListRegions")];
    if config.role.is_some() {
        all.push(permission(EVERY_KIND, "sts:AssumeRole"));
    }
    if config.organization {
        all.push(permission(ACCOUNTS, "organizations:ListAccounts"));
    }
    for kind in kinds {
        all.extend(kind.actions().iter().map(|action| permission(kind.name(), action)));
    }
    all
}

fn permission(kind: &'static str, action: &'static str) -> Permission {
    Permission { system: Text::new_static("aws"), action: Text::new_static(action), kind: Text::new_static(kind) }
}
