//! Steps of history, newest first, by the revisions at which rows began and ended.
//!
//! Places (a revision and a ref) come first: each way in which a step can come about is a query over an index that gives
//! the next few of them. Then both layers of these places are read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text as SqlText};
use diesel_async::{AsyncConnection, RunQueryDsl};
use jiff::{SignedDuration, Timestamp};
use portal_core::curated::Curated;
use portal_core::model::Entity;
use portal_core::store::{HistoryQuery, Step, team_names};
use portal_core::{Ref, Text};
use serde::de::DeserializeOwned;

use super::super::Connection;
use super::LIST;
use crate::sql::error::Failure;
use crate::sql::rows;
use crate::sql::schema::{curated, entity, revision};
use crate::sql::types::{JsonText, Moment};

/// How many steps are read at once.
const MOST: usize = 1_000;

/// How many places are looked at, at least, where not all of them are wanted.
const LEAST: usize = 100;

/// Where a step is: newest first, then by ref.
type Place = (Reverse<i64>, String);

pub(super) async fn history(connection: &mut Connection, asked: &HistoryQuery) -> Result<Vec<Step>, Failure> {
    connection.transaction(async |connection| history_of(connection, asked).await).await
}

async fn history_of(connection: &mut Connection, asked: &HistoryQuery) -> Result<Vec<Step>, Failure> {
    let names = match &asked.team {
        Some(team) => Some(team_names(team, newest(connection, &Ref::team(team)).await?.as_ref())),
        None => None,
    };
    let mut window = Window::of(asked);
    let mut steps: Vec<Step> = Vec::new();
    while steps.len() < asked.limit {
        let wanted = (asked.limit - steps.len()).min(MOST);
        window.limit = if names.is_some() { wanted.max(LEAST) } else { wanted };
        let mut places = places(connection, asked, names.as_ref(), &window).await?;
        places.truncate(window.limit);
        let Some(last) = places.last() else { break };
        let is_last = places.len() < window.limit;
        window.below = Some((last.0.0, last.1.clone()));
        let read = read(connection, &places).await?;
        steps.extend(read.into_iter().filter(|step| names.as_ref().is_none_or(|names| step.is_of(names))));
        if is_last {
            break;
        }
    }
    steps.truncate(asked.limit);
    Ok(steps)
}

/// Which places are wanted next.
struct Window {
    after: i64,
    until: i64,
    below: Option<(i64, String)>,
    limit: usize,
}

impl Window {
    fn of(asked: &HistoryQuery) -> Window {
        Window {
            after: rows::stored(asked.after),
            until: asked.until.map_or(i64::MAX, rows::stored),
            below: asked.before.as_ref().map(|(revision, below)| (rows::stored(*revision), below.to_string())),
            limit: asked.limit,
        }
    }

    fn holds(&self, (Reverse(revision), entity): &Place) -> bool {
        let is_below = |(last, below): &(i64, String)| (Reverse(*last), below) < (Reverse(*revision), entity);
        *revision > self.after && *revision <= self.until && self.below.as_ref().is_none_or(is_below)
    }
}

/// The next places, in order; at least as many as the window wants, if there are as many.
async fn places(
    connection: &mut Connection,
    asked: &HistoryQuery,
    names: Option<&BTreeSet<Text>>,
    window: &Window,
) -> Result<Vec<Place>, Failure> {
    let mut found: BTreeSet<Place> = BTreeSet::new();
    match (&asked.entity, &asked.team, names) {
        (Some(entity), ..) => found = changes_of(connection, &[entity.as_str()]).await?,
        (None, Some(team), Some(names)) => {
            // What the team has by what was collected, and what people say about that.
            const COLLECTED: &str = "AND (EXISTS (SELECT 1 FROM entity e WHERE e.ref = curated.ref AND e.valid_to IS NULL \
                                     AND e.team = $TEAM) OR EXISTS (SELECT 1 FROM entity e WHERE e.ref = curated.ref \
                                     AND e.valid_to IS NOT NULL AND e.team = $TEAM))";
            for at in ["valid_from", "valid_to"] {
                found.extend(next(connection, "entity", at, "AND team = $TEAM", Some(team), window).await?);
                found.extend(next(connection, "curated", at, COLLECTED, Some(team), window).await?);
            }
            // What people ever gave it: few things beside all that is collected.
            let names: Vec<&str> = names.iter().map(Text::as_str).collect();
            let given = curated::table.filter(curated::owner.eq_any(names)).select(curated::entity_ref).distinct();
            let given: Vec<String> = given.load(connection).await?;
            let given: Vec<&str> = given.iter().map(String::as_str).collect();
            found.extend(changes_of(connection, &given).await?);
        }
        _ => {
            for table in ["entity", "curated"] {
                for at in ["valid_from", "valid_to"] {
                    found.extend(next(connection, table, at, "", None, window).await?);
                }
            }
        }
    }
    Ok(found.into_iter().filter(|place| window.holds(place)).collect())
}

/// The next places at which rows of a table began or ended (`at`).
async fn next(
    connection: &mut Connection,
    table: &str,
    at: &str,
    condition: &str,
    team: Option<&Text>,
    window: &Window,
) -> Result<Vec<Place>, Failure> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        revision: i64,
        #[diesel(sql_type = SqlText)]
        entity: String,
    }
    let limit = rows::stored(window.limit as u64);
    let mut found: Vec<Found> = Vec::new();
    let mut until = window.until;
    // SQLite numbers parameters as they come, so the team is the last one.
    // In two questions, each along an index: the rest of the revision where the last page ended, and those before it.
    if let Some((revision, below)) = &window.below {
        let rest = format!(
            "SELECT {at} AS revision, ref AS entity FROM {table} WHERE {at} = $1 AND ref > $2 {} ORDER BY ref LIMIT {limit}",
            condition.replace("$TEAM", "$3")
        );
        let rest = diesel::sql_query(rest).into_boxed().bind::<BigInt, _>(*revision).bind::<SqlText, _>(below);
        found = match team {
            Some(team) => rest.bind::<SqlText, _>(team.as_str()).load(connection).await?,
            None => rest.load(connection).await?,
        };
        until = until.min(revision - 1);
    }
    if found.len() < window.limit {
        let before = format!(
            "SELECT {at} AS revision, ref AS entity FROM {table} WHERE {at} > $1 AND {at} <= $2 {} \
             ORDER BY {at} DESC, ref LIMIT {limit}",
            condition.replace("$TEAM", "$3")
        );
        let before = diesel::sql_query(before).into_boxed().bind::<BigInt, _>(window.after);
        let before = before.bind::<BigInt, _>(until);
        let before: Vec<Found> = match team {
            Some(team) => before.bind::<SqlText, _>(team.as_str()).load(connection).await?,
            None => before.load(connection).await?,
        };
        found.extend(before);
    }
    Ok(found.into_iter().map(|found| (Reverse(found.revision), found.entity)).collect())
}

/// All places of some refs.
async fn changes_of(connection: &mut Connection, refs: &[&str]) -> Result<BTreeSet<Place>, Failure> {
    let mut found: Vec<(String, i64, Option<i64>)> = Vec::new();
    for refs in refs.chunks(LIST) {
        let columns = (entity::entity_ref, entity::valid_from, entity::valid_to);
        let all = entity::table.filter(entity::entity_ref.eq_any(refs)).select(columns);
        found.extend(
            all.clone().filter(entity::valid_to.is_null()).load::<(String, i64, Option<i64>)>(connection).await?,
        );
        found.extend(all.filter(entity::valid_to.is_not_null()).load::<(String, i64, Option<i64>)>(connection).await?);
        let columns = (curated::entity_ref, curated::valid_from, curated::valid_to);
        let all = curated::table.filter(curated::entity_ref.eq_any(refs)).select(columns);
        found.extend(
            all.clone().filter(curated::valid_to.is_null()).load::<(String, i64, Option<i64>)>(connection).await?,
        );
        found.extend(all.filter(curated::valid_to.is_not_null()).load::<(String, i64, Option<i64>)>(connection).await?);
    }
    let places = found.into_iter().flat_map(|(entity, from, to)| {
        [Some(from), to].into_iter().flatten().map(move |revision| (Reverse(revision), entity.clone()))
    });
    Ok(places.collect())
}

/// A state of one layer: its JSON, and from when until when it was valid.
type State = (String, JsonText, i64, Option<i64>);

/// The states of one layer by ref.
type Layer = HashMap<String, Vec<(JsonText, i64, Option<i64>)>>;

/// The steps at some places.
async fn read(connection: &mut Connection, places: &[Place]) -> Result<Vec<Step>, Failure> {
    let mut revisions: Vec<i64> = places.iter().map(|(Reverse(revision), _)| *revision).collect();
    revisions.dedup();
    let (Some(first), Some(last)) = (revisions.iter().min().copied(), revisions.iter().max().copied()) else {
        return Ok(Vec::new());
    };
    let columns = (revision::id, revision::made_at, revision::cause, revision::made_by);
    let made = revision::table.filter(revision::id.eq_any(revisions)).select(columns);
    let made: Vec<(i64, Moment, String, Option<String>)> = made.load(connection).await?;
    let made: BTreeMap<i64, _> = made.into_iter().map(|row| (row.0, row)).collect();
    let refs: BTreeSet<&str> = places.iter().map(|(_, entity)| entity.as_str()).collect();
    let refs: Vec<&str> = refs.into_iter().collect();
    let (mut collected, mut said): (Vec<State>, Vec<State>) = (Vec::new(), Vec::new());
    for refs in refs.chunks(LIST) {
        let columns = (entity::entity_ref, entity::data, entity::valid_from, entity::valid_to);
        let all = entity::table.filter(entity::entity_ref.eq_any(refs)).filter(entity::valid_from.le(last));
        let all = all.select(columns);
        collected.extend(all.clone().filter(entity::valid_to.is_null()).load::<State>(connection).await?);
        collected.extend(all.filter(entity::valid_to.ge(first)).load::<State>(connection).await?);
        let columns = (curated::entity_ref, curated::data, curated::valid_from, curated::valid_to);
        let all = curated::table.filter(curated::entity_ref.eq_any(refs)).filter(curated::valid_from.le(last));
        let all = all.select(columns);
        said.extend(all.clone().filter(curated::valid_to.is_null()).load::<State>(connection).await?);
        said.extend(all.filter(curated::valid_to.ge(first)).load::<State>(connection).await?);
    }
    let (collected, said) = (by_ref(collected), by_ref(said));
    let steps = places.iter().map(|(Reverse(revision), entity)| {
        let unknown = || Failure::content(format!("the revision {revision}"), "nobody knows when it was made");
        let (_, made_at, cause, by) = made.get(revision).ok_or_else(unknown)?;
        Ok(Step {
            revision: rows::number(*revision),
            made_at: made_at.0,
            cause: cause.into(),
            by: by.as_ref().map(Text::from),
            entity: rows::entity_ref(entity)?,
            before: valid_at::<Entity>("an entity", &collected, entity, revision - 1)?,
            after: valid_at::<Entity>("an entity", &collected, entity, *revision)?,
            curated_before: valid_at::<Curated>("what people say", &said, entity, revision - 1)?,
            curated_after: valid_at::<Curated>("what people say", &said, entity, *revision)?,
        })
    });
    steps.collect()
}

fn by_ref(states: Vec<State>) -> Layer {
    let mut layer = Layer::new();
    for (entity, data, from, to) in states {
        layer.entry(entity).or_default().push((data, from, to));
    }
    layer
}

fn valid_at<T: DeserializeOwned>(what: &str, layer: &Layer, entity: &str, revision: i64) -> Result<Option<T>, Failure> {
    let mut states = layer.get(entity).into_iter().flatten();
    let valid = states.find(|(_, from, to)| *from <= revision && to.is_none_or(|to| to > revision));
    valid.map(|(data, ..)| rows::json(what, data)).transpose()
}

async fn newest(connection: &mut Connection, wanted: &Ref) -> Result<Option<Entity>, Failure> {
    let newest = entity::table.filter(entity::valid_to.is_null()).filter(entity::entity_ref.eq(wanted.as_str()));
    let data: Option<JsonText> = newest.select(entity::data).first(connection).await.optional()?;
    data.map(|data| rows::json("an entity", &data)).transpose()
}

/// The newest revision that was made at or before a time.
///
/// Clocks go back at times, and then an earlier revision has a later time: the numbers decide which one is the newest.
/// Times that are text compare to the second only, so that those of the second in question are looked at again.
pub(super) async fn revision_at(connection: &mut Connection, at: Timestamp) -> Result<u64, Failure> {
    const ROWS: i64 = 100;
    let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
    let next = second.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
    let mut below = i64::MAX;
    loop {
        let found: Vec<(i64, Moment)> = revision::table
            .filter(revision::id.lt(below))
            .filter(revision::made_at.lt(Moment(next)))
            .order(revision::id.desc())
            .limit(ROWS)
            .select((revision::id, revision::made_at))
            .load(connection)
            .await?;
        if let Some((found, _)) = found.iter().find(|(_, made_at)| made_at.0 <= at) {
            return Ok(rows::number(*found));
        }
        match found.last() {
            Some((last, _)) => below = *last,
            None => return Ok(0),
        }
    }
}
