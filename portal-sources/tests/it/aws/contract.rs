//! The contract that every source keeps, with an organization of which one account is refused and one is suspended.

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::source_suite::SourceWorld;

use super::{organization_with, shared_bed};

struct OneRegion;

#[async_trait]
impl SourceWorld for OneRegion {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(organization_with(shared_bed(), "regions = [\"us-east-1\"]"))
    }

    fn needs_rights(&self) -> bool {
        true
    }
}

portal_core::source_suite!(block_on: crate::block_on, world: OneRegion);
