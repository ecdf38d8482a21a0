//! Two column types that the databases keep in different ways: times and JSON.
//!
//! With them one schema and one set of read queries serve both. PostgreSQL has types of its own for them, which people
//! can reckon and search with; SQLite keeps both as text.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;
use jiff::Timestamp;

/// `timestamptz`, or RFC 3339 as text. Not called `Time`: to diesel that word is a type to reckon with.
#[derive(SqlType, QueryId)]
#[cfg_attr(feature = "sqlite", diesel(sqlite_type(name = "Text")))]
#[cfg_attr(feature = "postgres", diesel(postgres_type(oid = 1184, array_oid = 1185)))]
#[allow(unreachable_pub, reason = "diesel's `table!` makes columns public, and their types must be so too")]
pub struct Instant;

/// `json`, or text.
#[derive(SqlType, QueryId)]
#[cfg_attr(feature = "sqlite", diesel(sqlite_type(name = "Text")))]
#[cfg_attr(feature = "postgres", diesel(postgres_type(oid = 114, array_oid = 199)))]
#[allow(unreachable_pub, reason = "diesel's `table!` makes columns public, and their types must be so too")]
pub struct Json;

/// A time as it is read and written.
#[derive(Clone, Copy, Debug, FromSqlRow, AsExpression)]
#[diesel(sql_type = Instant)]
pub(super) struct Moment(pub(super) Timestamp);

/// The text of a JSON column.
#[derive(Clone, Debug, FromSqlRow, AsExpression)]
#[diesel(sql_type = Json)]
pub(super) struct JsonText(pub(super) String);

impl JsonText {
    /// A value as JSON; `what` it is, for the error.
    pub(super) fn of<T: serde::Serialize + ?Sized>(what: &str, value: &T) -> Result<JsonText, super::error::Failure> {
        serde_json::to_string(value).map(JsonText).map_err(|error| super::error::Failure::content(what, error))
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use diesel::serialize::{self, IsNull, Output, ToSql};
    use diesel::sql_types::Text;
    use diesel::sqlite::{Sqlite, SqliteValue};

    use super::{FromSql, Instant, Json, JsonText, Moment, deserialize};

    impl FromSql<Instant, Sqlite> for Moment {
        fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Moment> {
            let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
            Ok(Moment(text.parse().map_err(|error| format!("`{text}` is no time: {error}"))?))
        }
    }

    impl ToSql<Instant, Sqlite> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.0.to_string());
            Ok(IsNull::No)
        }
    }

    impl FromSql<Json, Sqlite> for JsonText {
        fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<JsonText> {
            <String as FromSql<Text, Sqlite>>::from_sql(value).map(JsonText)
        }
    }

    impl ToSql<Json, Sqlite> for JsonText {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.0.as_str());
            Ok(IsNull::No)
        }
    }
}

#[cfg(feature = "postgres")]
pub(super) mod postgres {
    //! As PostgreSQL sends them in its binary format; `COPY` writes times in the same one.

    use std::io::Write as _;

    use diesel::pg::{Pg, PgValue};
    use diesel::serialize::{self, IsNull, Output, ToSql};

    use super::{FromSql, Instant, Json, JsonText, Moment, Timestamp, deserialize};

    /// 2000-01-01, from which PostgreSQL counts microseconds.
    const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

    /// The first time that a `timestamptz` holds, 4714 BC.
    const FIRST: i64 = -211_813_488_000_000_000;

    /// What stands for a time. One before PostgreSQL's first is taken for the first: nobody's estate is that old, and
    /// a record that claims to be may not stop all others.
    pub(in crate::sql) fn microseconds(time: Timestamp) -> i64 {
        (time.as_microsecond() - EPOCH_MICROSECONDS).max(FIRST)
    }

    impl FromSql<Instant, Pg> for Moment {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Moment> {
            let stored = i64::from_be_bytes(value.as_bytes().try_into()?);
            let since_1970 = stored.checked_add(EPOCH_MICROSECONDS).ok_or("`infinity` is no time of the portal")?;
            Ok(Moment(Timestamp::from_microsecond(since_1970)?))
        }
    }

    impl ToSql<Instant, Pg> for Moment {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            out.write_all(&microseconds(self.0).to_be_bytes())?;
            Ok(IsNull::No)
        }
    }

    impl FromSql<Json, Pg> for JsonText {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<JsonText> {
            Ok(JsonText(str::from_utf8(value.as_bytes())?.to_owned()))
        }
    }
}
