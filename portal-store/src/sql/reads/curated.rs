//! What people say.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use portal_core::curated::CuratedRecord;

use super::super::Connection;
use super::LIST;
use crate::sql::error::Failure;
use crate::sql::rows::{self, CuratedRow};
use crate::sql::schema::{curated, revision};

/// All of it at a revision, sorted by ref.
pub(super) async fn at(connection: &mut Connection, moment: i64) -> Result<Vec<CuratedRecord>, Failure> {
    let found: Vec<CuratedRow> = records()
        .filter(curated::valid_from.le(moment))
        .filter(curated::valid_to.is_null().or(curated::valid_to.gt(moment)))
        .order(curated::entity_ref)
        .load(connection)
        .await?;
    found.into_iter().map(rows::curated).collect()
}

/// What is said now about some refs, which are sorted.
pub(super) async fn of(connection: &mut Connection, refs: &[&str]) -> Result<Vec<CuratedRecord>, Failure> {
    let mut found: Vec<CuratedRow> = Vec::new();
    for refs in refs.chunks(LIST) {
        let now = records().filter(curated::valid_to.is_null()).filter(curated::entity_ref.eq_any(refs));
        found.extend(now.order(curated::entity_ref).load::<CuratedRow>(connection).await?);
    }
    found.into_iter().map(rows::curated).collect()
}

/// What is said now, and was said after a revision.
pub(super) async fn after(connection: &mut Connection, revision: i64) -> Result<Vec<CuratedRecord>, Failure> {
    let now = records().filter(curated::valid_to.is_null()).filter(curated::valid_from.gt(revision));
    let found: Vec<CuratedRow> = now.order(curated::entity_ref).load(connection).await?;
    found.into_iter().map(rows::curated).collect()
}

type Columns =
    (curated::entity_ref, curated::data, curated::edited_by, curated::first_at, curated::valid_from, revision::made_at);

#[diesel::dsl::auto_type]
fn records() -> _ {
    let columns: Columns = (
        curated::entity_ref,
        curated::data,
        curated::edited_by,
        curated::first_at,
        curated::valid_from,
        revision::made_at,
    );
    curated::table.inner_join(revision::table).select(columns)
}
