//! What all lists of entities have in common.

use axum::response::Response;
use portal_core::EntityType;
use portal_core::catalog::Paging;

use crate::serve::lists::Narrowed;
use crate::serve::reader::Reader;
use crate::serve::{Basis, Problem};
use crate::views::{self, List};

/// A page of summaries.
pub(super) fn page(reader: &Reader, of: EntityType, narrowed: Narrowed, paging: &Paging) -> Result<Response, Problem> {
    reader.answer_from(Basis::of(of), |catalog| {
        let filter = narrowed.filter(catalog, of)?;
        let page = catalog.list(of, &filter, paging)?;
        let items: Vec<_> = page.items.into_iter().map(|entry| views::view(catalog, entry, false)).collect();
        Ok(List { items, total: page.total, next_cursor: page.next_cursor })
    })
}
