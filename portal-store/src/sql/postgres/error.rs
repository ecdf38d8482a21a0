//! What PostgreSQL says, as the store's own errors.

use std::error::Error as _;
use std::io;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use portal_core::error::{ErrorKind, StoreError};
use tokio_postgres::error::{Error, SqlState};

use super::url::Place;
use crate::sql::error::Failure;

type Hint = (ErrorKind, String);

/// The error for a caller; `verb` is what was tried: "read".
pub(super) fn say(failure: Failure, verb: &str, place: &Place) -> StoreError {
    failure.say(verb, place, |failure| match failure {
        Failure::Server(error) => of_server(error, place),
        Failure::Database(error) => of_diesel(error),
        _ => (ErrorKind::Unavailable, "the server does not answer; is it overloaded, or a firewall in between?".into()),
    })
}

/// Whether the connection is gone, and with it what was going on in its transaction.
pub(super) fn is_loss(failure: &Failure) -> bool {
    match failure {
        Failure::NoAnswer => true,
        Failure::Server(error) => match error.code() {
            // Class 08: connection exceptions. Class 57P: the operator stops the server, or it stopped by itself.
            Some(code) => code.code().starts_with("08") || code.code().starts_with("57P") || *code == IDLE_TOO_LONG,
            None => error.is_closed() || io_error(error).is_some(),
        },
        _ => false,
    }
}

const IDLE_TOO_LONG: SqlState = SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT;

/// Whether the server itself answered, and not the network.
pub(super) fn is_of_server(error: &Error) -> bool {
    error.code().is_some() || io_error(error).is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Whether the server does not let this user in, in this way.
pub(super) fn is_about_login(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("28"))
}

fn io_error(error: &Error) -> Option<&io::Error> {
    error.source().and_then(|cause| cause.downcast_ref::<io::Error>())
}

fn of_server(error: &Error, place: &Place) -> Hint {
    match error.code() {
        Some(code) => of_code(code, place),
        None => match io_error(error) {
            Some(cause) => of_network(cause),
            None if error.is_closed() => lost(),
            None => (
                ErrorKind::Denied,
                "it does not let this program in; is a password missing (PGPASSWORD), or does it not speak TLS (sslmode)?"
                    .to_owned(),
            ),
        },
    }
}

fn of_network(error: &io::Error) -> Hint {
    let untrusted = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()).is_some();
    let (kind, hint) = match error.kind() {
        _ if untrusted => (
            ErrorKind::Invalid,
            "the server's certificate is not the expected one; check sslrootcert and sslmode, and that the host has the \
             name that the certificate is made for",
        ),
        io::ErrorKind::ConnectionRefused => {
            (ErrorKind::Unavailable, "nobody listens there; does the server run, and are host and port right?")
        }
        io::ErrorKind::TimedOut => (
            ErrorKind::Unavailable,
            "the server does not answer; are host and port right, and does a firewall let it through?",
        ),
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Storage, "no server there takes writes; check target_session_attrs and the hosts")
        }
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => return lost(),
        _ => (ErrorKind::Unavailable, "the server cannot be reached; check the host's name and the network"),
    };
    (kind, hint.to_owned())
}

fn lost() -> Hint {
    (ErrorKind::Unavailable, "the connection was lost; does the server run? Try again".to_owned())
}

fn of_code(code: &SqlState, place: &Place) -> Hint {
    let (user, database) = (place.user(), place.database());
    let (kind, hint) = match code.code() {
        "3D000" => (
            ErrorKind::NotFound,
            format!("there is no database `{database}`; make it with `createdb {} {database}`", place.arguments()),
        ),
        "28P01" | "28000" => (
            ErrorKind::Denied,
            format!("it does not let `{user}` in; check user, password (in the URL or PGPASSWORD) and pg_hba.conf"),
        ),
        "42501" => (
            ErrorKind::Denied,
            format!(
                "`{user}` lacks a right; a reader needs SELECT on its tables, a writer INSERT, UPDATE and DELETE too and \
                 TEMPORARY on the database, and who makes them CREATE on the schema"
            ),
        ),
        "53300" => (
            ErrorKind::Unavailable,
            "the server has no connection left; try again, or raise its max_connections".to_owned(),
        ),
        "53100" => (
            ErrorKind::Storage,
            "no space is left on the server; free some and run it again, nothing was changed".to_owned(),
        ),
        "25006" => (
            ErrorKind::Storage,
            "it is read-only, perhaps a standby; name the primary, or several hosts and \
             target_session_attrs=read-write; nothing was changed"
                .to_owned(),
        ),
        "57P01" | "57P02" | "57P03" | "57P05" => {
            (ErrorKind::Unavailable, "the server is going down or coming up; try again in a moment".to_owned())
        }
        "55P03" | "40001" | "40P01" => {
            (ErrorKind::Unavailable, "another process has been writing for long; try again".to_owned())
        }
        "57014" => (
            ErrorKind::Unavailable,
            "it took longer than allowed; raise it with options=-c%20statement_timeout=10min in the URL".to_owned(),
        ),
        "42P01" | "42703" | "3F000" => {
            (ErrorKind::Invalid, "its tables are not those of this version; `portal migrate` makes them so".to_owned())
        }
        "22021" | "22P05" => (
            ErrorKind::Invalid,
            "a text holds a character that the database cannot keep; it needs encoding UTF8, and NUL is never kept"
                .to_owned(),
        ),
        code if code.starts_with("08") || code.starts_with("25P") => return lost(),
        code if code.starts_with("53") => {
            (ErrorKind::Unavailable, "the server has not the memory for it; nothing was changed, try again".to_owned())
        }
        code if code.starts_with("58") || code.starts_with("XX") => (
            ErrorKind::Storage,
            "the server cannot read or write its files; its log says more, nothing was changed".to_owned(),
        ),
        _ => (ErrorKind::Unexpected, "the server refused; nothing was changed".to_owned()),
    };
    (kind, hint)
}

/// diesel hands no SQLSTATE on. What a reader can run into is asked for again, see `Database::read`.
fn of_diesel(error: &DieselError) -> Hint {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _)
        | DieselError::BrokenTransactionManager => lost(),
        _ => (ErrorKind::Unexpected, "the server refused".to_owned()),
    }
}
