//! The contract that every source keeps, against OpenLDAP.

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::SourceWorld;
use portal_sources::active_directory::Config;
use tempfile::TempDir;

use super::bed::Bed;
use super::{config_of, source};

struct OpenLdap {
    _bed: Bed,
    _folder: TempDir,
    config: Config,
}

impl OpenLdap {
    fn new() -> OpenLdap {
        let bed = Bed::join("slapd");
        let (folder, config) = config_of(&bed);
        OpenLdap { _bed: bed, _folder: folder, config: Config { page_size: 100, ..config } }
    }
}

#[async_trait]
impl SourceWorld for OpenLdap {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(source(self.config.clone()))
    }

    fn needs_rights(&self) -> bool {
        true
    }
}

portal_core::source_suite!(block_on: crate::block_on, world: OpenLdap::new());
