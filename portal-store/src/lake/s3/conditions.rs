//! Whether the server knows conditional writes.
//!
//! One that does not know them does not say so: it writes all the same, and two collectors overwrite each other.

use bytes::Bytes;
use portal_core::LakePath;
use portal_core::lake::{Etag, Precondition};

use super::client::Bucket;
use super::error::S3Error;
use super::write;

/// The object that the server is asked about.
const PROBE: &str = ".conditions";

/// A tag that no object has: the MD5 of nothing that anybody could write.
const NO_TAG: &str = "\"00000000000000000000000000000000\"";

/// An error if the server ignores `If-None-Match` or `If-Match`.
pub(super) async fn check(bucket: &Bucket) -> Result<(), S3Error> {
    let path = LakePath::parse(PROBE).expect("a name without slashes is a path");
    // The first one makes the object if it is not there; after it the second one must be refused.
    let refused = is_refused(bucket, &path, &Precondition::Absent).await?
        || is_refused(bucket, &path, &Precondition::Absent).await?;
    if !refused {
        return Err(unconditional(bucket, "If-None-Match"));
    }
    if !is_refused(bucket, &path, &Precondition::Matches(Etag(NO_TAG.to_owned()))).await? {
        return Err(unconditional(bucket, "If-Match"));
    }
    Ok(())
}

async fn is_refused(bucket: &Bucket, path: &LakePath, condition: &Precondition) -> Result<bool, S3Error> {
    let content = Bytes::from_static(b"Here the portal asks whether the server knows conditional writes.\n");
    match write::single(bucket, path, content, condition, &write::mark()).await {
        Ok(_) => Ok(false),
        // Overlapping with another one's question is being refused, too.
        Err(error) if matches!(error.status(), Some(409 | 412)) => Ok(true),
        // Some servers say at least that they do not know the header.
        Err(error) if error.status() == Some(501) => Ok(false),
        Err(error) => Err(error),
    }
}

fn unconditional(bucket: &Bucket, header: &'static str) -> S3Error {
    S3Error::Unconditional { location: bucket.place.location(), header }
}
