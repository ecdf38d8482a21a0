//! What can go wrong with a folder, and what a person can do about it.

use std::io;

use portal_core::{ErrorKind, LakeError};
use rustix::io::Errno;

/// An error of a lake on disk. Paths are those of the file system, as a person would type them.
#[derive(Debug, thiserror::Error)]
pub(super) enum DirError {
    #[error("cannot {doing} {path}: {}", advice(source).1)]
    Io { doing: &'static str, path: String, source: io::Error },
    #[error(
        "{path} is a symbolic link, which a lake does not follow: it could lead out of it; put the files themselves \
         there, or mount their folder"
    )]
    Link { path: String },
    #[error("cannot write {path}: {wrong}")]
    Key { path: String, wrong: &'static str },
    #[error("{path} is {bytes} bytes long, and no object of a lake is longer than {limit}; take it out of the lake")]
    TooLarge { path: String, bytes: u64, limit: u64 },
    #[error("{path} {state}: somebody else was faster; read it again and repeat")]
    Precondition { path: String, state: &'static str },
    #[error("{path} is held by another collector{holder}; wait for it to end, or let each collect scopes of its own")]
    Held { path: String, holder: String },
    #[error("there is no lake at {path}; run `portal collect` first, or check --lake")]
    NoLake { path: String },
    #[error("the lake {path} is a file, not a folder; check --lake")]
    NotAFolder { path: String },
    #[error("the work on {path} ended before it was done")]
    Interrupted { path: String, source: tokio::task::JoinError },
}

impl DirError {
    pub(super) fn io(doing: &'static str, path: impl Into<String>, source: impl Into<io::Error>) -> DirError {
        DirError::Io { doing, path: path.into(), source: source.into() }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            DirError::Io { source, .. } => advice(source).0,
            DirError::Link { .. } | DirError::Key { .. } | DirError::TooLarge { .. } | DirError::NotAFolder { .. } => {
                ErrorKind::Invalid
            }
            DirError::Precondition { .. } | DirError::Held { .. } => ErrorKind::Conflict,
            DirError::NoLake { .. } => ErrorKind::NotFound,
            DirError::Interrupted { .. } => ErrorKind::Unexpected,
        }
    }
}

impl From<DirError> for LakeError {
    fn from(error: DirError) -> LakeError {
        let public = LakeError::new(error.kind(), error.to_string());
        match error {
            DirError::Io { source, .. } => public.caused_by(source),
            DirError::Interrupted { source, .. } => public.caused_by(source),
            _ => public,
        }
    }
}

/// What an error of the operating system means here, and what to do next.
fn advice(error: &io::Error) -> (ErrorKind, &'static str) {
    let Some(errno) = Errno::from_io_error(error) else {
        return (ErrorKind::Unexpected, "the operating system gives no reason");
    };
    match errno {
        Errno::ACCESS | Errno::PERM => {
            (ErrorKind::Denied, "this user has no right to; grant it on the folder, or run as the lake's owner")
        }
        Errno::ROFS => {
            (ErrorKind::Storage, "the file system is read-only; mount it for writing or choose another --lake")
        }
        Errno::NOSPC | Errno::DQUOT => (
            ErrorKind::Storage,
            "no space (or no quota) is left there; free some and repeat: what was in the lake has not changed",
        ),
        Errno::FBIG => (ErrorKind::Storage, "files may not become that large here; see `ulimit -f`"),
        Errno::NOENT => (ErrorKind::Unavailable, "its folder went away meanwhile; repeat"),
        Errno::NOTDIR => (ErrorKind::Invalid, "a file stands where a folder is needed; move it away"),
        Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST => {
            (ErrorKind::Invalid, "a folder stands where the object should be; move it away")
        }
        Errno::LOOP => (ErrorKind::Invalid, "it is a symbolic link, which a lake does not follow"),
        Errno::NAMETOOLONG => (ErrorKind::Invalid, "its name is too long for the file system"),
        Errno::MFILE | Errno::NFILE => {
            (ErrorKind::Unavailable, "too many files are open; raise `ulimit -n` or read fewer scopes at a time")
        }
        Errno::NOMEM => (ErrorKind::Unavailable, "there is not enough memory"),
        Errno::STALE | Errno::TIMEDOUT | Errno::HOSTDOWN => {
            (ErrorKind::Unavailable, "the file server does not answer; repeat")
        }
        Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS => (
            ErrorKind::Invalid,
            "the file system lacks what a lake needs (locks, renaming); choose a local disk or a bucket",
        ),
        Errno::IO => (ErrorKind::Unexpected, "the device reports an error; check the disk"),
        _ => (ErrorKind::Unexpected, "the operating system refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_becomes_a_kind_and_an_advice() {
        for (errno, kind, word) in [
            (Errno::ACCESS, ErrorKind::Denied, "right"),
            (Errno::ROFS, ErrorKind::Storage, "read-only"),
            (Errno::NOSPC, ErrorKind::Storage, "no space"),
            (Errno::DQUOT, ErrorKind::Storage, "quota"),
            (Errno::NOTDIR, ErrorKind::Invalid, "a file stands"),
            (Errno::NAMETOOLONG, ErrorKind::Invalid, "too long"),
            (Errno::MFILE, ErrorKind::Unavailable, "ulimit"),
            (Errno::IO, ErrorKind::Unexpected, "disk"),
        ] {
            let error = LakeError::from(DirError::io("write", "lake/a.json", errno));
            assert_eq!(error.kind(), kind, "{error}");
            let text = error.to_string();
            assert!(text.starts_with("cannot write lake/a.json: ") && text.contains(word), "{text}");
            // The system's own words come once, as the cause.
            assert!(portal_core::error::chain(&error).contains("os error"), "{text}");
            assert!(!text.contains("os error"), "{text}");
        }
    }
}
