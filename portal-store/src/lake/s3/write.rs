//! Writes and removes objects of a bucket.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use portal_core::LakePath;
use portal_core::lake::{Etag, Precondition};

use super::client::Bucket;
use super::error::{Failure, S3Error};
use super::multipart;

/// From this length on an object is uploaded in parts.
const LARGE: usize = 16 << 20;

/// How often a write is repeated that the server refuses because another one is under way.
const CONFLICTS: u32 = 6;

/// The metadata that tells one write from another with the same content.
pub(super) const MARK: &str = "portal-write";

/// Object storage knows no folders, so only names of the lake's own have to be refused.
pub(super) fn check_key(bucket: &Bucket, path: &LakePath) -> Result<(), S3Error> {
    let wrong = if path.as_str().is_empty() {
        "the lake itself is no object"
    } else if path.as_str().split('/').any(|part| part.starts_with('.')) {
        "names that begin with a dot are the lake's own"
    } else if bucket.key(path).len() > 1024 {
        "S3 takes keys of at most 1024 bytes"
    } else {
        return Ok(());
    };
    Err(S3Error::Key { place: bucket.shown(path), wrong })
}

/// Writes an object if the condition holds.
pub(super) async fn put(
    bucket: &Bucket,
    path: &LakePath,
    bytes: Bytes,
    condition: &Precondition,
) -> Result<Etag, S3Error> {
    let mark = mark();
    let mut tries = 0;
    loop {
        tries += 1;
        let written = if bytes.len() < LARGE {
            single(bucket, path, bytes.clone(), condition, &mark).await
        } else {
            multipart::put(bucket, path, &bytes, condition, &mark).await
        };
        let error = match written {
            Ok(etag) => return Ok(etag),
            Err(error) => error,
        };
        // Matched by status: the SDK has no types for these answers, and servers have many names for them.
        match error.status() {
            // Two writes overlapped, and the server did neither of them for that.
            Some(409) if tries < CONFLICTS => tokio::time::sleep(pause(tries)).await,
            // A part or upload that is gone: this write's own first try may have completed it.
            Some(404) if error.code() == "NoSuchUpload" => {
                return match written_by(bucket, path, &mark).await? {
                    Some(etag) => Ok(etag),
                    None => Err(error),
                };
            }
            // An object that is gone matches no tag; S3 says so with 404.
            Some(404) if error.code() == "NoSuchBucket" || !matches!(condition, Precondition::Matches(_)) => {
                return Err(error);
            }
            Some(404 | 409 | 412) if *condition != Precondition::None => {
                let own = written_by(bucket, path, &mark).await?;
                return own.ok_or_else(|| S3Error::Precondition {
                    place: bucket.shown(path),
                    state: if *condition == Precondition::Absent { "is there already" } else { "is not what it was" },
                });
            }
            _ => return Err(error),
        }
    }
}

/// Writes an object in one request, whatever its length.
pub(super) async fn single(
    bucket: &Bucket,
    path: &LakePath,
    bytes: Bytes,
    condition: &Precondition,
    mark: &str,
) -> Result<Etag, S3Error> {
    let encryption = &bucket.place.encryption;
    let mut request: PutObjectFluentBuilder = bucket
        .client
        .put_object()
        .bucket(&bucket.place.bucket)
        .key(bucket.key(path))
        .content_type(content_type(path))
        .set_server_side_encryption(encryption.algorithm.clone())
        .set_ssekms_key_id(encryption.kms_key_id.clone())
        .set_bucket_key_enabled(encryption.bucket_key)
        .metadata(MARK, mark)
        .body(ByteStream::from(bytes));
    request = match condition {
        Precondition::None => request,
        Precondition::Absent => request.if_none_match("*"),
        Precondition::Matches(Etag(tag)) => request.if_match(tag),
    };
    let answer = bucket.call("s3:PutObject", path, request.send()).await?;
    let etag = answer.e_tag.ok_or_else(|| Failure::incomplete("s3:PutObject", &bucket.shown(path), "ETag"))?;
    Ok(Etag(etag))
}

/// The tag of an object, if a write with this mark made it.
///
/// A write whose answer was lost is sent again, and then refused because of what it did itself.
async fn written_by(bucket: &Bucket, path: &LakePath, mark: &str) -> Result<Option<Etag>, S3Error> {
    let request = bucket.client.head_object().bucket(&bucket.place.bucket).key(bucket.key(path));
    match bucket.call("s3:GetObject", path, request.send()).await {
        Ok(answer) => {
            let own = answer.metadata().and_then(|all| all.get(MARK)).is_some_and(|there| there == mark);
            Ok(answer.e_tag.filter(|_| own).map(Etag))
        }
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn delete(bucket: &Bucket, path: &LakePath) -> Result<(), S3Error> {
    if path.as_str().is_empty() || path.as_str().split('/').any(|part| part.starts_with('.')) {
        return Ok(());
    }
    let request = bucket.client.delete_object().bucket(&bucket.place.bucket).key(bucket.key(path));
    match bucket.call("s3:DeleteObject", path, request.send()).await {
        // S3 says yes to the deletion of nothing; some other servers do not.
        Err(error) if error.status() == Some(404) && error.code() != "NoSuchBucket" => Ok(()),
        other => other.map(drop),
    }
}

/// What a browser or another program takes the object for.
pub(super) fn content_type(path: &LakePath) -> &'static str {
    match path.as_str().rsplit('.').next() {
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        Some("zst") => "application/zstd",
        _ => "application/octet-stream",
    }
}

/// How long to wait before the next try: longer each time, and never the same for two.
pub(super) fn pause(tries: u32) -> Duration {
    let longest = 100_u64 << tries.min(6);
    Duration::from_millis(longest / 4 + chance() % longest)
}

/// A text that no other write has.
pub(super) fn mark() -> String {
    format!("{:016x}{:016x}", chance(), chance())
}

/// The standard library seeds its hash maps by chance, and each one differently.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}
