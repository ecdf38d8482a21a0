//! Reads objects and lists of a bucket.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::EncodingType;
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use portal_core::LakePath;
use portal_core::lake::{Etag, Listed, Listing};

use super::client::Bucket;
use super::error::{Failure, S3Error};
use super::write;

/// An object is read as a whole, so there is a length that is more likely a mistake than a snapshot.
const LONGEST: u64 = 1 << 30;

/// An object as the server gave it.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    pub(super) etag: Etag,
    /// When it was written, by the server's clock.
    pub(super) modified: Option<DateTime>,
    /// When it was read, by the server's clock.
    pub(super) now: Option<DateTime>,
}

pub(super) async fn get(bucket: &Bucket, path: &LakePath) -> Result<Option<Read>, S3Error> {
    if path.as_str().is_empty() {
        return Ok(None);
    }
    let mut tries = 0;
    loop {
        tries += 1;
        match bucket.turn(get_once(bucket, path)).await {
            Ok(read) => return Ok(read),
            // The SDK repeats requests, not the reading of bodies.
            Err(S3Error::Cut { .. }) if tries < bucket.options.attempts => {
                tracing::debug!(key = path.as_str(), tries, "the body was cut");
                tokio::time::sleep(write::pause(tries)).await;
            }
            Err(S3Error::Cut { place, got, length, .. }) => return Err(S3Error::Cut { place, got, length, tries }),
            Err(error) => return Err(error),
        }
    }
}

async fn get_once(bucket: &Bucket, path: &LakePath) -> Result<Option<Read>, S3Error> {
    let date = ServerDate::default();
    let request = bucket.client.get_object().bucket(&bucket.place.bucket).key(bucket.key(path));
    let sent = Box::pin(request.customize().interceptor(date.clone()).send()).await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            let error = bucket.failure("s3:GetObject", path, &error);
            let missing = error.status() == Some(404) && error.code() != "NoSuchBucket";
            return if missing { Ok(None) } else { Err(error) };
        }
    };
    let shown = bucket.shown(path);
    let Some(length) = answer.content_length.and_then(|length| u64::try_from(length).ok()) else {
        return Err(S3Error::NoLength { place: shown });
    };
    if length > LONGEST {
        return Err(S3Error::TooLarge { place: shown, bytes: length, limit: LONGEST });
    }
    let Some(etag) = answer.e_tag else {
        return Err(Failure::incomplete("s3:GetObject", &shown, "ETag").into());
    };
    let bytes = whole(answer.body, length, bucket.options.attempt_timeout).await.map_err(|got| S3Error::Cut {
        place: shown,
        got,
        length,
        tries: 1,
    })?;
    Ok(Some(Read { bytes, etag: Etag(etag), modified: answer.last_modified, now: date.seen() }))
}

/// Reads a body to its announced end; else says how far it went.
async fn whole(mut body: ByteStream, length: u64, patience: Duration) -> Result<Bytes, u64> {
    // The announced length is the server's word: no more memory than this is taken on it alone.
    let mut bytes = BytesMut::with_capacity(usize::try_from(length.min(1 << 20)).unwrap_or(0));
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(patience, body.next()).await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > length {
            break;
        }
    }
    if bytes.len() as u64 == length { Ok(bytes.freeze()) } else { Err(bytes.len() as u64) }
}

pub(super) async fn list(bucket: &Bucket, folder: &LakePath) -> Result<Listing, S3Error> {
    if folder.as_str().split('/').any(|part| part.starts_with('.')) {
        return Ok(Listing::default());
    }
    let prefix = bucket.place.below(folder);
    let mut names = Names::default();
    let mut token: Option<String> = None;
    loop {
        let request = bucket
            .client
            .list_objects_v2()
            .bucket(&bucket.place.bucket)
            .prefix(&prefix)
            .delimiter("/")
            // Keys that somebody else wrote may hold what XML cannot.
            .encoding_type(EncodingType::Url)
            .set_continuation_token(token.clone());
        let page = bucket.call("s3:ListBucket", folder, request.send()).await?;
        names.add(&page, &prefix);
        // A page may be empty and not the last: only the token tells.
        let next = page.next_continuation_token.filter(|_| page.is_truncated.unwrap_or(false));
        match next {
            None => break,
            Some(next) if token.as_ref() == Some(&next) => {
                return Err(S3Error::EndlessList { place: bucket.shown(folder) });
            }
            Some(next) => token = Some(next),
        }
    }
    if folder.as_str().is_empty() && names.count == 0 {
        return Err(S3Error::NoLake { location: bucket.place.location() });
    }
    names.objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(Listing { folders: names.folders.into_iter().collect(), objects: names.objects })
}

/// What the pages of a list have shown so far.
#[derive(Default)]
struct Names {
    folders: BTreeSet<String>,
    objects: Vec<Listed>,
    /// Everything that stands there, also what is in no list.
    count: usize,
}

impl Names {
    fn add(&mut self, page: &ListObjectsV2Output, prefix: &str) {
        let decode = |text: &str| match page.encoding_type {
            Some(EncodingType::Url) => decoded(text),
            _ => text.to_owned(),
        };
        for folder in page.common_prefixes() {
            self.count += 1;
            let name = decode(folder.prefix().unwrap_or_default());
            if let Some(name) = name.strip_prefix(prefix).and_then(|name| name.strip_suffix('/')).filter(is_listed) {
                self.folders.insert(name.to_owned());
            }
        }
        for object in page.contents() {
            let key = decode(object.key().unwrap_or_default());
            let Some(name) = key.strip_prefix(prefix) else { continue };
            // Consoles make an empty object that stands for the folder itself.
            self.count += usize::from(!name.is_empty());
            if is_listed(&name) {
                self.objects.push(Listed {
                    name: name.to_owned(),
                    size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                    modified: object.last_modified().and_then(timestamp),
                    version: object.e_tag().map(str::to_owned),
                });
            }
        }
    }
}

/// What cannot be a key of the lake cannot be asked for either.
fn is_listed(name: &&str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains('/') && LakePath::parse(name).is_ok()
}

/// The form of keys in lists: that of HTML forms.
fn decoded(text: &str) -> String {
    let pair = format!("key={}", text.replace('&', "%26"));
    let value = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    value.unwrap_or_default()
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// The time that the server's answer carries.
#[derive(Clone, Debug, Default)]
struct ServerDate(Arc<Mutex<Option<DateTime>>>);

impl ServerDate {
    fn seen(&self) -> Option<DateTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ServerDate {
    fn name(&self) -> &'static str {
        "the server's date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), aws_sdk_s3::error::BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
