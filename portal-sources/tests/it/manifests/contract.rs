//! The contract that every source keeps.

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::SourceWorld;

use super::{online_boutique, source};

struct OnlineBoutique;

#[async_trait]
impl SourceWorld for OnlineBoutique {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(source(online_boutique()))
    }

    fn needs_rights(&self) -> bool {
        false
    }
}

portal_core::source_suite!(block_on: crate::block_on, world: OnlineBoutique);
