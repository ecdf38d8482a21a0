//! Uploads large objects in parts. The object appears as a whole when the upload is completed, under its condition.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use portal_core::LakePath;
use portal_core::lake::{Etag, Precondition};

use super::client::Bucket;
use super::error::{Failure, S3Error};
use super::write::{MARK, content_type};

const PART: usize = 8 << 20;

/// How many parts of one object are on their way at the same time.
const PARTS: usize = 8;

pub(super) async fn put(
    bucket: &Bucket,
    path: &LakePath,
    bytes: &Bytes,
    condition: &Precondition,
    mark: &str,
) -> Result<Etag, S3Error> {
    let id = create(bucket, path, mark).await?;
    let written = async {
        let parts = upload(bucket, path, bytes, &id).await?;
        complete(bucket, path, &id, parts, condition).await
    };
    let written = written.await;
    // An upload that is gone was completed by a try whose answer got lost: there is nothing to take away.
    if written.as_ref().is_err_and(|error| error.code() != "NoSuchUpload") {
        let request = bucket.client.abort_multipart_upload();
        let request = request.bucket(&bucket.place.bucket).key(bucket.key(path)).upload_id(&id);
        if let Err(error) = bucket.call("s3:AbortMultipartUpload", path, request.send()).await {
            // The first error is the one to tell; a lifecycle rule of the bucket takes the parts away.
            tracing::warn!(key = path.as_str(), %error, "the parts of a failed upload could not be removed");
        }
    }
    written
}

async fn create(bucket: &Bucket, path: &LakePath, mark: &str) -> Result<String, S3Error> {
    let encryption = &bucket.place.encryption;
    let request = bucket
        .client
        .create_multipart_upload()
        .bucket(&bucket.place.bucket)
        .key(bucket.key(path))
        .content_type(content_type(path))
        .set_server_side_encryption(encryption.algorithm.clone())
        .set_ssekms_key_id(encryption.kms_key_id.clone())
        .set_bucket_key_enabled(encryption.bucket_key)
        .metadata(MARK, mark);
    let answer = bucket.call("s3:PutObject", path, request.send()).await?;
    let id = answer.upload_id.ok_or_else(|| Failure::incomplete("s3:PutObject", &bucket.shown(path), "UploadId"))?;
    Ok(id)
}

async fn upload(bucket: &Bucket, path: &LakePath, bytes: &Bytes, id: &str) -> Result<Vec<CompletedPart>, S3Error> {
    let parts = (1..).zip((0..bytes.len()).step_by(PART)).map(|(number, start)| {
        let part = bytes.slice(start..bytes.len().min(start + PART));
        let request = bucket
            .client
            .upload_part()
            .bucket(&bucket.place.bucket)
            .key(bucket.key(path))
            .upload_id(id)
            .part_number(number)
            .body(ByteStream::from(part));
        async move {
            let answer = bucket.call("s3:PutObject", path, request.send()).await?;
            let tag = answer.e_tag.ok_or_else(|| Failure::incomplete("s3:PutObject", &bucket.shown(path), "ETag"))?;
            Ok::<_, S3Error>(CompletedPart::builder().part_number(number).e_tag(tag).build())
        }
    });
    futures::stream::iter(parts).buffered(PARTS).try_collect().await
}

async fn complete(
    bucket: &Bucket,
    path: &LakePath,
    id: &str,
    parts: Vec<CompletedPart>,
    condition: &Precondition,
) -> Result<Etag, S3Error> {
    let request = bucket
        .client
        .complete_multipart_upload()
        .bucket(&bucket.place.bucket)
        .key(bucket.key(path))
        .upload_id(id)
        .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
    let request = match condition {
        Precondition::None => request,
        Precondition::Absent => request.if_none_match("*"),
        Precondition::Matches(Etag(tag)) => request.if_match(tag),
    };
    let answer = bucket.call("s3:PutObject", path, request.send()).await?;
    let etag = answer.e_tag.ok_or_else(|| Failure::incomplete("s3:PutObject", &bucket.shown(path), "ETag"))?;
    Ok(Etag(etag))
}
