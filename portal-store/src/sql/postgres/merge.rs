//! What a change does to the tables.
//!
//! The first load is copied straight into them. Later ones are copied beside them, into tables that end with the
//! transaction, and merged by set: no statement per row, and no round trip.

use jiff::Timestamp;
use portal_core::Ref;
use portal_core::digest::Digest;
use portal_core::model::{Entity, Live, Relation};
use portal_core::store::{Change, RelationKey};
use tokio_postgres::Client;

use super::copy::{Row, copy};
use crate::sql::error::Failure;
use crate::sql::rows::{self, EntityColumns, stored};

/// From how many rows on the planner is told what a staging table holds. Below, no plan is bad.
const WORTH_COUNTING: usize = 1_000;

/// The columns of an entity that a change brings.
const ENTITY: &str = "ref, type, name, name_folded, ownership, team, rule, product, account, region, created_at, \
                      stale_since, data, digest, live";

pub(super) async fn apply(
    client: &Client,
    change: &Change,
    revision: i64,
    now: Timestamp,
    first: bool,
) -> Result<(), Failure> {
    if change.makes_revision() {
        let statement = "INSERT INTO revision (id, made_at, cause, added, retired, made_by) \
                         VALUES ($1, $2::text::timestamptz, $3, $4, $5, $6)";
        let (added, retired) = (stored(change.put_entities.len() as u64), stored(change.retired_entities.len() as u64));
        let (cause, by) = (change.cause.as_str(), change.by.as_deref());
        client.execute(statement, &[&revision, &now.to_string(), &cause, &added, &retired, &by]).await?;
    }
    scopes(client, change).await?;
    parts(client, change).await?;
    if first {
        first_load(client, change, revision, now).await?;
    } else {
        entities(client, change, revision, now).await?;
        relations(client, change, revision).await?;
    }
    live(client, &change.live).await?;
    findings(client, change).await
}

/// Nothing was there before: no row has to be ended, and none was seen earlier.
async fn first_load(client: &Client, change: &Change, revision: i64, now: Timestamp) -> Result<(), Failure> {
    let target = format!("entity ({ENTITY}, first_seen, valid_from)");
    copy(client, &target, &change.put_entities, |row, (entity, digest)| {
        entity_columns(row, entity, *digest)?;
        row.time(now);
        row.number(revision);
        Ok(())
    })
    .await?;
    let target = "relation (from_ref, type, to_ref, evidence, digest, valid_from)";
    copy(client, target, &change.put_relations, |row, (relation, digest)| {
        relation_columns(row, relation, *digest)?;
        row.number(revision);
        Ok(())
    })
    .await
}

async fn entities(client: &Client, change: &Change, revision: i64, now: Timestamp) -> Result<(), Failure> {
    stage(client, "gone_entity", "entity", "ref", &change.retired_entities, |row, gone: &Ref| {
        row.text(gone.as_str());
        Ok(())
    })
    .await?;
    stage(client, "new_entity", "entity", ENTITY, &change.put_entities, |row, (entity, digest)| {
        entity_columns(row, entity, *digest)
    })
    .await?;
    if !change.retired_entities.is_empty() {
        let end = "UPDATE entity SET valid_to = $1 FROM gone_entity \
                   WHERE entity.ref = gone_entity.ref AND entity.valid_to IS NULL";
        client.execute(end, &[&revision]).await?;
    }
    if change.put_entities.is_empty() {
        return Ok(());
    }
    // What is ended is kept at hand: to look for it by its revision would be to read the whole table.
    let ended =
        "CREATE TEMP TABLE ended_entity ON COMMIT DROP AS SELECT ref, first_seen, created_at FROM entity WITH NO DATA";
    client.batch_execute(ended).await?;
    let end = "WITH ended AS (UPDATE entity SET valid_to = $1 FROM new_entity \
               WHERE entity.ref = new_entity.ref AND entity.valid_to IS NULL \
               RETURNING entity.ref, entity.first_seen, entity.created_at) INSERT INTO ended_entity SELECT * FROM ended";
    client.execute(end, &[&revision]).await?;
    // One that only changed was first seen when it was before, unless it was made anew in the outside world; not to
    // know when it was made says nothing.
    let columns = qualified("new_entity", ENTITY);
    let insert = format!(
        "INSERT INTO entity ({ENTITY}, first_seen, valid_from) SELECT {columns}, \
         CASE WHEN old.ref IS NULL OR old.created_at <> new_entity.created_at THEN $2::text::timestamptz \
         ELSE old.first_seen END, $1 FROM new_entity LEFT JOIN ended_entity old ON old.ref = new_entity.ref"
    );
    client.execute(&insert, &[&revision, &now.to_string()]).await?;
    Ok(())
}

fn entity_columns(row: &mut Row<'_>, entity: &Entity, digest: Digest) -> Result<(), Failure> {
    let plain = EntityColumns::of(entity);
    row.text(entity.entity_ref().as_str());
    row.text(plain.entity_type);
    row.text(plain.name);
    row.text(&plain.name_folded);
    row.maybe_text(plain.ownership);
    row.maybe_text(plain.team);
    row.maybe_text(plain.rule);
    row.maybe_text(plain.product);
    row.maybe_text(plain.account);
    row.maybe_text(plain.region);
    row.maybe_time(plain.created_at);
    row.maybe_time(plain.stale_since);
    row.json("an entity", entity.without_live().as_ref())?;
    row.text(&digest.to_hex());
    maybe_live(row, plain.live)
}

async fn relations(client: &Client, change: &Change, revision: i64) -> Result<(), Failure> {
    const KEY: &str = "from_ref, type, to_ref";
    let new = format!("{KEY}, evidence, digest");
    stage(client, "gone_relation", "relation", KEY, &change.retired_relations, |row, gone: &RelationKey| {
        row.text(gone.0.as_str());
        row.text(gone.1.as_str());
        row.text(gone.2.as_str());
        Ok(())
    })
    .await?;
    stage(client, "new_relation", "relation", &new, &change.put_relations, |row, (relation, digest)| {
        relation_columns(row, relation, *digest)
    })
    .await?;
    for (staged, empty) in
        [("gone_relation", change.retired_relations.is_empty()), ("new_relation", change.put_relations.is_empty())]
    {
        if !empty {
            let end = format!(
                "UPDATE relation SET valid_to = $1 FROM {staged} gone WHERE relation.valid_to IS NULL AND \
                 relation.from_ref = gone.from_ref AND relation.type = gone.type AND relation.to_ref = gone.to_ref"
            );
            client.execute(&end, &[&revision]).await?;
        }
    }
    if !change.put_relations.is_empty() {
        let insert = format!("INSERT INTO relation ({new}, valid_from) SELECT {new}, $1 FROM new_relation");
        client.execute(&insert, &[&revision]).await?;
    }
    Ok(())
}

fn relation_columns(row: &mut Row<'_>, relation: &Relation, digest: Digest) -> Result<(), Failure> {
    row.text(relation.from.as_str());
    row.text(relation.relation.as_str());
    row.text(relation.to.as_str());
    row.json("evidence", &relation.evidence)?;
    row.text(&digest.to_hex());
    Ok(())
}

async fn scopes(client: &Client, change: &Change) -> Result<(), Failure> {
    const COLUMNS: &str = "folder, source, run, manifest, read_at, data";
    if change.scopes.is_empty() {
        return Ok(());
    }
    stage(client, "new_scope", "scope", COLUMNS, &change.scopes, |row, state| {
        row.text(&state.folder);
        row.text(&state.source);
        row.number(stored(state.run));
        row.text(&state.manifest);
        row.time(state.read_at);
        row.json("a scope", state)
    })
    .await?;
    let put = format!(
        "INSERT INTO scope ({COLUMNS}) SELECT {COLUMNS} FROM new_scope ON CONFLICT (folder) DO UPDATE SET \
         source = excluded.source, run = excluded.run, manifest = excluded.manifest, read_at = excluded.read_at, \
         data = excluded.data"
    );
    client.execute(&put, &[]).await?;
    Ok(())
}

async fn parts(client: &Client, change: &Change) -> Result<(), Failure> {
    const COLUMNS: &str = "key, source, kind, coverage, items, read_at, good_at, data, observations";
    if change.parts.is_empty() {
        return Ok(());
    }
    stage(client, "new_part", "part", COLUMNS, &change.parts, |row, (part, observations)| {
        row.text(&part.key);
        row.text(&part.source);
        row.text(&part.kind);
        row.text(part.outcome.coverage.as_str());
        row.number(stored(part.items));
        row.time(part.read_at);
        row.maybe_time(part.good_at);
        row.json("a part", part)?;
        let packed = observations.as_deref().map(rows::pack).transpose()?;
        row.maybe_bytes(packed.as_deref());
        Ok(())
    })
    .await?;
    // Without new observations it keeps those that it had.
    let put = format!(
        "INSERT INTO part ({COLUMNS}) SELECT {COLUMNS} FROM new_part ON CONFLICT (key) DO UPDATE SET \
         source = excluded.source, kind = excluded.kind, coverage = excluded.coverage, items = excluded.items, \
         read_at = excluded.read_at, good_at = excluded.good_at, data = excluded.data, \
         observations = coalesce(excluded.observations, part.observations)"
    );
    client.execute(&put, &[]).await?;
    Ok(())
}

async fn live(client: &Client, live: &[(Ref, Option<Live>)]) -> Result<(), Failure> {
    if live.is_empty() {
        return Ok(());
    }
    stage(client, "new_live", "entity", "ref, live", live, |row, (entity, live)| {
        row.text(entity.as_str());
        maybe_live(row, *live)
    })
    .await?;
    let put = "UPDATE entity SET live = new_live.live FROM new_live \
               WHERE entity.ref = new_live.ref AND entity.valid_to IS NULL";
    client.execute(put, &[]).await?;
    Ok(())
}

fn maybe_live(row: &mut Row<'_>, live: Option<Live>) -> Result<(), Failure> {
    match live {
        Some(live) => row.json("counts of running copies", &live),
        None => {
            row.null();
            Ok(())
        }
    }
}

async fn findings(client: &Client, change: &Change) -> Result<(), Failure> {
    let Some((findings, digest)) = &change.findings else { return Ok(()) };
    // TRUNCATE would be faster, and stop all readers.
    client.execute("DELETE FROM finding", &[]).await?;
    copy(client, "finding (kind, subject, message)", findings, |row, finding| {
        row.text(finding.kind.as_str());
        row.maybe_text(finding.subject.as_ref().map(Ref::as_str));
        row.text(&finding.message);
        Ok(())
    })
    .await?;
    client.execute("UPDATE head SET findings = $1", &[&digest.to_hex()]).await?;
    Ok(())
}

/// Copies rows into a table of some columns of another one, which ends with the transaction.
async fn stage<'i, T: Sync + 'i>(
    client: &Client,
    name: &str,
    like: &str,
    columns: &str,
    items: &'i [T],
    row: impl Fn(&mut Row<'_>, &'i T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if items.is_empty() {
        return Ok(());
    }
    let make = format!("CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {like} WITH NO DATA");
    client.batch_execute(&make).await?;
    copy(client, &format!("{name} ({columns})"), items, row).await?;
    if items.len() > WORTH_COUNTING {
        client.batch_execute(&format!("ANALYZE {name}")).await?;
    }
    Ok(())
}

/// `a, b` as `table.a, table.b`.
fn qualified(table: &str, columns: &str) -> String {
    columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}
