//! What both databases read alike, and the store that they are.
//!
//! This folder is compiled once for each of them, as a module of theirs: diesel's queries carry the database in their
//! types, and bounds that are generic over it would be longer than the queries. What differs is what `super` holds: a
//! `Connection` of which a transaction sees one state, and how a whole [`Database`] is read and written:
//! `read` takes the query's arguments beside the query, so that it can ask a second time, and every other method writes.

mod around;
mod curated;
mod health;
mod history;
mod keys;
mod load;
mod since;

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text as SqlText};
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures::FutureExt;
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::digest::Digest;
use portal_core::error::StoreError;
use portal_core::model::OwnershipState;
use portal_core::part::{Known, Part};
use portal_core::store::{Change, Delta, Digests, Head, HistoryQuery, Loaded, ScopeState, Step, Store};
use portal_core::{EntityType, Ref, Text};

use super::{Connection, Database};
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::{entity, head, part, relation, scope};
use crate::sql::types::JsonText;

/// How many values one statement takes in a list.
const LIST: usize = 5_000;

#[async_trait]
impl Store for Database {
    fn location(&self) -> String {
        self.place().to_string()
    }

    fn now(&self) -> Timestamp {
        Database::now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.read("read", &(), |connection, ()| head(connection).boxed()).await
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        self.read("read the scopes of", &(), |connection, ()| scopes(connection).boxed()).await
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        self.read("read the parts of", &(), |connection, ()| parts(connection).boxed()).await
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        self.read("read the observations of", parts, |connection, parts| observations(connection, parts).boxed()).await
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        self.read("read", &(), |connection, ()| digests(connection).boxed()).await
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        self.write(head, change).await
    }

    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        Edit::check(by, edits)?;
        self.put_edits(by, edits).await
    }

    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError> {
        self.watch(head).await
    }

    async fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        self.read("read", head, |connection, head| since::since(connection, head).boxed()).await
    }

    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError> {
        self.read("read the history of", asked, |connection, asked| history::history(connection, asked).boxed()).await
    }

    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.read("read", &at, |connection, at| history::revision_at(connection, *at).boxed()).await
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        self.read("read", &at, |connection, at| load::load(connection, *at).boxed()).await
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        self.read("read", refs, |connection, refs| around::around(connection, refs).boxed()).await
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        self.read("search", &(name, limit), |connection, (name, limit)| named(connection, name, *limit).boxed()).await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        self.read("count in", &(), |connection, ()| counts(connection).boxed()).await
    }
}

async fn head(connection: &mut Connection) -> Result<Head, Failure> {
    let (revision, generation, rules): (i64, i64, Option<String>) =
        head::table.select((head::revision, head::generation, head::rules)).first(connection).await?;
    Ok(Head { revision: rows::number(revision), generation: rows::number(generation), rules: rules.map(Text::from) })
}

async fn scopes(connection: &mut Connection) -> Result<Vec<ScopeState>, Failure> {
    let found: Vec<JsonText> = scope::table.select(scope::data).order(scope::folder).load(connection).await?;
    found.iter().map(|data| rows::json("a scope", data)).collect()
}

async fn parts(connection: &mut Connection) -> Result<Vec<Part>, Failure> {
    let found: Vec<JsonText> = part::table.select(part::data).order(part::key).load(connection).await?;
    found.iter().map(|data| rows::json("a part", data)).collect()
}

async fn observations(connection: &mut Connection, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, Failure> {
    let mut all = HashMap::with_capacity(parts.len());
    for keys in parts.chunks(LIST) {
        let keys: Vec<&str> = keys.iter().map(Text::as_str).collect();
        let found: Vec<(String, Option<Vec<u8>>)> =
            part::table.filter(part::key.eq_any(keys)).select((part::key, part::observations)).load(connection).await?;
        for (key, packed) in found {
            let known = packed.map(|packed| rows::unpack(&packed)).transpose()?.unwrap_or_default();
            all.insert(Text::from(key), known);
        }
    }
    Ok(all)
}

async fn digests(connection: &mut Connection) -> Result<Digests, Failure> {
    connection.transaction(async |connection| digests_now(connection).await).await
}

async fn digests_now(connection: &mut Connection) -> Result<Digests, Failure> {
    let mut all = Digests::default();
    let entities: Vec<(String, String, Option<JsonText>)> = entity::table
        .filter(entity::valid_to.is_null())
        .select((entity::entity_ref, entity::digest, entity::live))
        .load(connection)
        .await?;
    all.entities.reserve(entities.len());
    for (entity_ref, digest, live) in entities {
        let entity_ref = rows::entity_ref(&entity_ref)?;
        if let Some(live) = live {
            all.live.insert(entity_ref.clone(), rows::json("counts of running copies", &live)?);
        }
        all.entities.insert(entity_ref, rows::digest(&digest)?);
    }
    let relations: Vec<(String, String, String, String)> = relation::table
        .filter(relation::valid_to.is_null())
        .select((relation::from_ref, relation::relation_type, relation::to_ref, relation::digest))
        .load(connection)
        .await?;
    all.relations.reserve(relations.len());
    for (from, word, to, digest) in relations {
        let key = (rows::entity_ref(&from)?, rows::relation_type(&word)?, rows::entity_ref(&to)?);
        all.relations.insert(key, rows::digest(&digest)?);
    }
    let findings: Option<String> = head::table.select(head::findings).first(connection).await?;
    all.findings = findings.as_deref().and_then(Digest::from_hex);
    Ok(all)
}

async fn named(connection: &mut Connection, name: &str, limit: usize) -> Result<Vec<Ref>, Failure> {
    let found: Vec<String> = entity::table
        .filter(entity::valid_to.is_null())
        .filter(entity::name_folded.eq(rows::folded(name)))
        .order(entity::entity_ref)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(entity::entity_ref)
        .load(connection)
        .await?;
    found.iter().map(|found| rows::entity_ref(found)).collect()
}

async fn counts(connection: &mut Connection) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, Failure> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = SqlText)]
        entity_type: String,
        #[diesel(sql_type = Nullable<SqlText>)]
        ownership: Option<String>,
        #[diesel(sql_type = BigInt)]
        how_many: i64,
    }
    let query = "SELECT type AS entity_type, ownership, count(*) AS how_many FROM entity WHERE valid_to IS NULL \
                 GROUP BY type, ownership";
    let found: Vec<Count> = diesel::sql_query(query).load(connection).await?;
    let counts = found.into_iter().map(|row| {
        let state = row.ownership.as_deref().map(rows::ownership_state).transpose()?;
        Ok((rows::entity_type(&row.entity_type)?, state, rows::number(row.how_many)))
    });
    let mut counts: Vec<_> = counts.collect::<Result<_, Failure>>()?;
    // By the types' own order, which is not that of their words.
    counts.sort_unstable();
    Ok(counts)
}
