//! Lakes: where collectors write and the ingestor reads. Which one a URL means is decided here and nowhere else.

mod dir;
#[cfg(feature = "s3")]
mod s3;

use std::path::PathBuf;

use portal_core::{ErrorKind, Lake, LakeError};

pub use dir::DirLake;
#[cfg(feature = "s3")]
pub use s3::{S3Lake, S3Options};

/// Opens the lake that a URL names: a path, `file:PATH` or `file:///PATH` for a folder, `s3://bucket/prefix` for a bucket
/// (with the feature `s3`).
///
/// Nothing is created: the first `put` makes the folder. A lake that is not there yet has no objects, and listing its
/// root says [`ErrorKind::NotFound`], so that an ingest of a mistyped path is not taken for an empty estate.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), portal_core::LakeError> {
/// let lake = portal_store::open_lake("./lake").await?;
/// assert_eq!(lake.location(), "./lake");
/// assert!(portal_store::open_lake("gs://bucket").await.is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// - [`ErrorKind::Invalid`] if the URL has a scheme that this build does not read, or names a file.
/// - [`ErrorKind::Denied`] if the path cannot be looked at.
pub async fn open_lake(url: &str) -> Result<Box<dyn Lake>, LakeError> {
    match place(url)? {
        Place::Folder(path) => Ok(Box::new(DirLake::open(path)?)),
        Place::Bucket => open_bucket(url).await,
    }
}

#[cfg(feature = "s3")]
async fn open_bucket(url: &str) -> Result<Box<dyn Lake>, LakeError> {
    Ok(Box::new(S3Lake::open(url).await?))
}

#[cfg(not(feature = "s3"))]
async fn open_bucket(_: &str) -> Result<Box<dyn Lake>, LakeError> {
    let message = "this build reads lakes on disk only; give a path, such as `./lake`, or build with the feature `s3`";
    Err(invalid(message.to_owned()))
}

/// What a lake's URL can mean.
#[derive(Debug, PartialEq)]
enum Place {
    Folder(PathBuf),
    Bucket,
}

fn place(url: &str) -> Result<Place, LakeError> {
    if url.is_empty() {
        return Err(invalid("the lake's URL is empty; give a path, such as `./lake`".to_owned()));
    }
    match scheme(url) {
        None => Ok(Place::Folder(PathBuf::from(url))),
        Some(("file", rest)) => file_path(url, rest).map(Place::Folder),
        Some(("s3", _)) => Ok(Place::Bucket),
        Some((scheme, _)) => Err(invalid(format!(
            "`{url}` is no lake: `{scheme}:` is not known here; a lake is a path, `file:PATH` or `s3://bucket/prefix` \
             (for a folder of that very name write `./{url}`)"
        ))),
    }
}

/// `file:lake`, `file:/abs/lake` and `file:///abs/lake`.
fn file_path(url: &str, rest: &str) -> Result<PathBuf, LakeError> {
    let path = match rest.strip_prefix("//") {
        None => rest,
        // Only this form is a URL in which `%20` would be a space; a path may hold it as it is.
        Some(_) if rest.contains('%') => {
            return Err(invalid(format!("`{url}` has escapes; write the path itself, without `file://`")));
        }
        Some(path) => path.strip_prefix("localhost").unwrap_or(path),
    };
    if path.is_empty() || (rest.starts_with("//") && !path.starts_with('/')) {
        return Err(invalid(format!("`{url}` names no folder of this machine; write `file:PATH` or `file:///PATH`")));
    }
    Ok(PathBuf::from(path))
}

/// The scheme of a URL and what follows its colon; `None` for a path.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let word = scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (word && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((scheme, rest))
}

fn invalid(message: String) -> LakeError {
    LakeError::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_folder_or_says_what_could() {
        for (url, path) in [
            ("lake", "lake"),
            ("./lake", "./lake"),
            ("/var/lake", "/var/lake"),
            ("./a:b", "./a:b"),
            ("file:lake", "lake"),
            ("file:/var/lake", "/var/lake"),
            ("file:///var/lake", "/var/lake"),
            ("file://localhost/var/lake", "/var/lake"),
            ("file:a%20b", "a%20b"),
        ] {
            assert_eq!(place(url).expect(url), Place::Folder(path.into()), "{url}");
        }
        assert_eq!(place("s3://bucket/prefix").expect("a bucket"), Place::Bucket);
        for url in ["", "file:", "file://", "file://host/lake", "file:///a%20b", "gs://b", "sqlite:portal.db", "lake:x"]
        {
            let error = place(url).expect_err(url);
            assert_eq!(error.kind(), ErrorKind::Invalid, "{url}: {error}");
        }
    }
}
