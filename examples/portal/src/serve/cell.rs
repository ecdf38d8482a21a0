//! What is known now, in memory: an immutable picture that is swapped when the store moves on.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use portal_core::Catalog;
use portal_core::error::chain;

use super::{Portal, Stopping};

/// The newest picture. Readers take it without a lock.
#[derive(Debug, Default)]
pub struct Cell {
    catalog: ArcSwapOption<Catalog>,
}

impl Cell {
    /// The newest picture; [`None`] until the first one is loaded.
    pub fn catalog(&self) -> Option<Arc<Catalog>> {
        self.catalog.load_full()
    }

    /// Puts a picture in.
    pub fn put(&self, catalog: Arc<Catalog>) {
        self.catalog.store(Some(catalog));
    }
}

/// Loads the first picture.
pub(super) async fn follow(portal: &Portal, mut stopping: Stopping) {
    loop {
        match Catalog::load(portal.store.as_ref()).await {
            Ok(catalog) => {
                portal.cell.put(Arc::new(catalog));
                break;
            }
            Err(error) => tracing::warn!(error = chain(&error), "the store could not be read"),
        }
        if !stopping.sleep(Duration::from_secs(1)).await {
            return;
        }
    }
    stopping.wait().await;
}
