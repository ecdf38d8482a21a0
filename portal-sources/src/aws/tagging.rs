//! Whatever has or had a tag, of all services, through the Resource Groups Tagging API.
//!
//! It completes what the services' own lists say; it is no inventory.

use super::client::client;
use super::error::Failure;
use super::json::{Fields, next_page, tags};
use super::reader::Reader;

/// The largest page that the API gives.
const PAGE: i32 = 100;

/// How often a list may start again because its token expired.
const RESTARTS: usize = 2;

/// Reads the tagged resources.
pub(super) async fn read(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_resourcegroupstagging, reader.config, reader.account.id);
    let mut restarts = 0;
    let mut token: Option<String> = None;
    loop {
        let request = client.get_resources().resources_per_page(PAGE).set_pagination_token(token.clone()).send();
        let page = match reader.call("tag:GetResources", request).await {
            Ok(page) => page,
            Err(failure) if failure.code == "PaginationTokenExpiredException" && restarts < RESTARTS => {
                restarts += 1;
                reader.restart();
                token = None;
                continue;
            }
            Err(failure) => return Err(failure.after(&token)),
        };
        for resource in page.resource_tag_mapping_list() {
            let Some(arn) = resource.resource_arn() else { continue };
            let tags = tags(resource.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value()))));
            reader.object(arn, Fields::default().with("ResourceARN", Some(arn)).with("Tags", Some(tags)));
        }
        // An empty page with a token is not the last one.
        token = next_page(page.pagination_token());
        if token.is_none() {
            return Ok(());
        }
    }
}
