//! What changed: steps of history, newest first.

use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use portal_core::store::HistoryQuery;
use portal_core::{Ref, Store};
use utoipa::IntoParams;

use crate::serve::extract::{Parameters, Query, wrong};
use crate::serve::lists::LIMIT;
use crate::serve::reader::Reader;
use crate::serve::{Asked, Portal, Problem, lookup};
use crate::views::{ChangeList, ChangeView};

/// Which changes.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct ChangesAsked {
    /// Later than this: a revision, a time (RFC 3339) or an age (`7d`, `12h`).
    #[param(required = false, nullable = false, value_type = Option<String>)]
    since: Option<When>,
    /// Up to this: a revision, a time or an age.
    #[param(required = false, nullable = false, value_type = Option<String>)]
    until: Option<When>,
    /// Only of this: a ref, also of something that is gone, an ARN, an id, or a name that only one thing has.
    #[param(required = false, nullable = false, rename = "ref")]
    entity: Option<String>,
    /// Only of what this team owned before or after.
    #[param(required = false, nullable = false)]
    team: Option<String>,
    /// At most so many.
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: usize,
    /// The `next_cursor` of the page before, with the same parameters.
    #[param(required = false, nullable = false, value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// A moment, as people write it.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    Revision(u64),
    Time(Timestamp),
}

/// The last step of the page before, and the revision that the first page began at: what changes while somebody reads
/// does not push the pages.
#[derive(Clone, Debug)]
struct Cursor {
    until: u64,
    before: (u64, Ref),
}

impl Parameters for ChangesAsked {
    const NAMES: &'static [&'static str] = &["since", "until", "ref", "team", "limit", "cursor"];

    fn read(query: &mut Query<'_>) -> ChangesAsked {
        let mut when = |name: &str| {
            let text = query.one(name).filter(|text| !text.is_empty())?;
            let read = When::read(&text, Timestamp::now());
            if read.is_none() {
                query.wrong(name, "is no revision (`17`), no time (`2026-01-31T12:00:00Z`) and no age (`7d`, `12h`)");
            }
            read
        };
        let (since, until) = (when("since"), when("until"));
        let cursor = query.one("cursor");
        let read = cursor.as_deref().and_then(Cursor::read);
        if cursor.is_some() && read.is_none() {
            query.wrong("cursor", "leads nowhere; ask for the first page without one");
        }
        ChangesAsked {
            since,
            until,
            entity: query.one("ref"),
            team: query.one("team"),
            limit: query.number("limit", 1..=LIMIT).unwrap_or(50),
            cursor: read,
        }
    }
}

impl When {
    pub(super) fn read(text: &str, now: Timestamp) -> Option<When> {
        if let Ok(revision) = text.parse() {
            return Some(When::Revision(revision));
        }
        if let Ok(time) = text.parse() {
            return Some(When::Time(Timestamp::max(time, Timestamp::UNIX_EPOCH)));
        }
        let unit = text.chars().next_back()?;
        let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|number| *number >= 0)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 24 * 3600,
            'w' => 7 * 24 * 3600,
            _ => return None,
        };
        let age = SignedDuration::from_secs(number.checked_mul(seconds)?);
        // There was no portal before, and RFC 3339 has no years before Christ.
        Some(When::Time(now.checked_sub(age).unwrap_or(Timestamp::MIN).max(Timestamp::UNIX_EPOCH)))
    }

    async fn revision(self, portal: &Portal) -> Result<u64, Problem> {
        match self {
            When::Revision(revision) => Ok(revision),
            When::Time(time) => Ok(portal.store.revision_at(time).await?),
        }
    }
}

impl Cursor {
    fn read(text: &str) -> Option<Cursor> {
        let mut parts = text.splitn(3, '.');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (until, revision) = (number()?, number()?);
        let bytes = parts.next()?;
        let bytes: Option<Vec<u8>> = (0..bytes.len())
            .step_by(2)
            .map(|at| bytes.get(at..at + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok()))
            .collect();
        let entity = String::from_utf8(bytes?).ok().filter(|text| !text.contains('\0'))?.parse().ok()?;
        Some(Cursor { until, before: (revision, entity) })
    }

    fn write(&self) -> String {
        let (revision, entity) = &self.before;
        let entity: String = entity.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{:x}.{revision:x}.{entity}", self.until)
    }
}

/// What changed, newest first: what came, went, or is different, and who or what did it.
#[utoipa::path(
    get,
    operation_id = "list_changes",
    path = "/api/v1alpha/changes",
    tag = "questions",
    params(ChangesAsked),
    responses((status = 200, description = "A page of changes", body = ChangeList))
)]
pub(in crate::serve) async fn list(
    State(portal): State<Portal>,
    reader: Reader,
    Asked(asked): Asked<ChangesAsked>,
) -> Result<Response, Problem> {
    let catalog = reader.catalog();
    let after = match asked.since {
        Some(since) => since.revision(&portal).await?,
        None => 0,
    };
    let until = match (&asked.cursor, asked.until) {
        (Some(cursor), _) => cursor.until,
        (None, Some(until)) => until.revision(&portal).await?.min(catalog.revision()),
        (None, None) => catalog.revision(),
    };
    let team = asked.team.as_ref().map(|team| lookup::teams(catalog, std::slice::from_ref(team))).transpose()?;
    let query = HistoryQuery {
        after,
        until: Some(until),
        entity: asked.entity.as_deref().map(|text| past_entity(&reader, text)).transpose()?,
        team: team.and_then(|mut teams| teams.pop()),
        before: asked.cursor.map(|cursor| cursor.before),
        limit: asked.limit + 1,
    };
    let mut steps = portal.store.history(&query).await?;
    let more = steps.len() > asked.limit;
    steps.truncate(asked.limit);
    let last = steps.last().filter(|_| more).map(|step| (step.revision, step.entity.clone()));
    let next_cursor = last.map(|before| Cursor { until, before }.write());
    let views = steps.into_iter().filter_map(ChangeView::of);
    let items: Vec<ChangeView> = views.map(|view| view.with_owner_of_service(catalog)).collect();
    reader.answer_of(&ChangeList { items, next_cursor })
}

/// History knows what is gone, too.
fn past_entity(reader: &Reader, text: &str) -> Result<Ref, Problem> {
    match lookup::entity(reader.catalog(), text) {
        Ok(found) => Ok(found),
        Err(problem) => text.trim().parse().map_err(|_| match problem.kind().slug {
            "not-found" => wrong("ref", "leads to nothing; of what is gone, write the whole ref"),
            _ => problem,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_revision_a_time_or_an_age() {
        let now: Timestamp = "2026-01-31T12:00:00Z".parse().expect("a time");
        assert!(matches!(When::read("17", now), Some(When::Revision(17))));
        for (text, wanted) in [("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("7d", "2026-01-24T12:00:00Z")] {
            let Some(When::Time(time)) = When::read(text, now) else { panic!("{text}") };
            assert_eq!(time.to_string(), wanted);
        }
        for wrong in ["", "d", "-1d", "7", "7y", "yesterday", "9223372036854775807w", "é"].iter().filter(|t| **t != "7")
        {
            assert!(When::read(wrong, now).is_none(), "{wrong}");
        }
        assert!(matches!(When::read("99999999999d", now), Some(When::Time(time)) if time == Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_cursor_is_read_back_and_others_are_not() {
        let cursor = Cursor { until: 300, before: (17, Ref::resource("arn:aws:s3:::ü/x")) };
        let read = Cursor::read(&cursor.write()).expect("it was written");
        assert_eq!((read.until, read.before), (cursor.until, cursor.before));
        for wrong in ["", "1", "1.1", "1.1.", "1.1.zz", "1.1.6", "x.1.7465", "1.1.00", "1.1.é"] {
            assert!(Cursor::read(wrong).is_none(), "{wrong}");
        }
    }
}
