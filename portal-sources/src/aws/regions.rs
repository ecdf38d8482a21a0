//! The regions of an account, and what an unknown one may have been meant to be.

use aws_config::SdkConfig;
use aws_sdk_account::types::RegionOptStatus;

use super::accounts::Account;
use super::client::client;
use super::config::nearest;
use super::error::Failure;
use super::json::next_page;

/// A region as an account sees it.
#[derive(Clone, Debug)]
pub(super) struct RegionState {
    pub(super) name: String,
    pub(super) enabled: bool,
}

/// Every region that AWS knows, enabled or not.
pub(super) async fn list(account: &Account, config: &SdkConfig) -> Result<Vec<RegionState>, Failure> {
    let client = client!(aws_sdk_account, config, account.id);
    let mut regions = Vec::new();
    let mut token = None;
    loop {
        let request = client.list_regions().max_results(50).set_next_token(token).send();
        let page = account.connection().call(&account.id, "account:ListRegions", request).await?;
        regions.extend(page.regions().iter().filter_map(|region| {
            let enabled = matches!(
                region.region_opt_status(),
                Some(RegionOptStatus::Enabled | RegionOptStatus::EnabledByDefault)
            );
            Some(RegionState { name: region.region_name()?.to_owned(), enabled })
        }));
        token = next_page(page.next_token());
        if token.is_none() {
            regions.sort_by(|a, b| a.name.cmp(&b.name));
            return Ok(regions);
        }
    }
}

/// What is wrong with a configured region that is not among those that AWS knows.
pub(super) fn unknown(region: &str, known: &[RegionState]) -> Option<String> {
    if known.iter().any(|state| state.name == region) {
        return None;
    }
    Some(match nearest(region, known.iter().map(|state| state.name.as_str())) {
        Some(near) => format!("`regions` names `{region}`, which AWS does not have; did you mean `{near}`?"),
        None => {
            let all: Vec<&str> = known.iter().map(|state| state.name.as_str()).collect();
            format!("`regions` names `{region}`, which AWS does not have; it has {}", all.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_region_is_told_the_nearest_one() {
        let names = ["ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "us-east-1"];
        let known: Vec<RegionState> =
            names.iter().map(|name| RegionState { name: (*name).to_owned(), enabled: true }).collect();
        assert_eq!(unknown("eu-west-1", &known), None);
        let said = unknown("eu-wst-1", &known).expect("it is unknown");
        assert!(said.contains("did you mean `eu-west-1`?"), "{said}");
        let said = unknown("mars", &known).expect("it is unknown");
        assert!(said.contains("it has ap-southeast-2, "), "{said}");
    }
}
