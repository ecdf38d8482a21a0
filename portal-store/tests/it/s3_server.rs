//! An S3 server in the test's own process, with a gateway in front that misbehaves on demand.
//!
//! `s3s` speaks the protocol: XML, errors, and signatures, which it checks. What is stored is kept here, in memory: the
//! storage that goes with `s3s` looks and writes in two steps, so that two create-only writes can both win, takes a folder
//! for an object, and fails on long keys. The server has a thread and a runtime of its own, so that a test may block.
//!
//! This file needs nothing of the crate that it stands in; other crates' tests include it with `#[path]`.

// Each crate's tests need a part of it.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use hyper::header::{DATE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::*;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};

/// Who may ask.
pub(crate) const ACCESS_KEY: &str = "AKIAPORTALTESTSERVER";
pub(crate) const SECRET_KEY: &str = "a-secret-of-the-test-server";

/// A running server. It ends when it is dropped.
pub(crate) struct S3Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the gateway does with a request.
pub(crate) enum Fault {
    /// Lets it through.
    None,
    /// Refuses it with a status, a code and a message.
    Refuse(u16, &'static str, &'static str),
    /// Refuses it with this answer.
    Answer(Box<Response<Bytes>>),
    /// Lets it through, and says that it failed.
    LoseAnswer,
    /// Ends the connection in the middle of the answer's body.
    CutBody,
    /// Lets it through after a while.
    Slow(Duration),
    /// Lets it through at once, and answers after a while.
    SlowAnswer(Duration),
}

/// A request as the gateway saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Its number, from zero.
    pub(crate) number: usize,
    pub(crate) method: Method,
    /// Without the bucket and its slashes.
    pub(crate) key: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

type Rule = Box<dyn Fn(&Seen) -> Fault + Send + Sync>;

#[derive(Default)]
struct Shared {
    buckets: Mutex<BTreeMap<String, BTreeMap<String, Object>>>,
    uploads: Mutex<HashMap<String, Upload>>,
    counter: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    rule: Mutex<Option<Rule>>,
    /// How many keys a page of a list has at most.
    page: AtomicUsize,
    /// Every second page of a list is empty and has a token.
    empty_pages: AtomicBool,
    ignore_if_none_match: AtomicBool,
    ignore_if_match: AtomicBool,
    /// Seconds by which the server's clock is ahead.
    ahead: AtomicI64,
}

#[derive(Clone)]
struct Object {
    bytes: Bytes,
    etag: String,
    modified: SystemTime,
    metadata: Option<Metadata>,
}

#[derive(Default)]
struct Upload {
    metadata: Option<Metadata>,
    parts: BTreeMap<i32, Bytes>,
}

impl S3Server {
    /// Starts a server on a free port, with one bucket.
    pub(crate) fn start(bucket: &str) -> S3Server {
        let shared = Arc::new(Shared { page: AtomicUsize::new(1000), ..Shared::default() });
        lock(&shared.buckets).insert(bucket.to_owned(), BTreeMap::new());
        let (end, ended) = tokio::sync::oneshot::channel();
        let (started, address) = std::sync::mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
                started.send(listener.local_addr().expect("an address")).expect("the test waits");
                tokio::select! { () = serve(listener, served) => {}, _ = ended => {} }
            });
        });
        let address = address.recv().expect("the server starts");
        S3Server { address, shared, end: Some(end), thread: Some(thread) }
    }

    /// Its address, `http://127.0.0.1:PORT`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The content of an AWS credentials file for it.
    pub(crate) fn credentials() -> String {
        format!("[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
    }

    /// Asks for a fault at every request from now on.
    pub(crate) fn misbehave(&self, rule: impl Fn(&Seen) -> Fault + Send + Sync + 'static) {
        *lock(&self.shared.rule) = Some(Box::new(rule));
    }

    /// Ends all faults.
    pub(crate) fn behave(&self) {
        *lock(&self.shared.rule) = None;
    }

    /// Pages of lists with this many keys, and perhaps an empty one after each.
    pub(crate) fn page(&self, keys: usize, empty_pages: bool) {
        self.shared.page.store(keys, Ordering::SeqCst);
        self.shared.empty_pages.store(empty_pages, Ordering::SeqCst);
    }

    /// Takes conditional writes for unconditional ones.
    pub(crate) fn ignore_conditions(&self, if_none_match: bool, if_match: bool) {
        self.shared.ignore_if_none_match.store(if_none_match, Ordering::SeqCst);
        self.shared.ignore_if_match.store(if_match, Ordering::SeqCst);
    }

    /// Moves the server's clock.
    pub(crate) fn set_clock_ahead(&self, seconds: i64) {
        self.shared.ahead.store(seconds, Ordering::SeqCst);
    }

    /// Everything that was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.seen).clone()
    }

    /// All objects of a bucket.
    pub(crate) fn contents(&self, bucket: &str) -> BTreeMap<String, Bytes> {
        let all = lock(&self.shared.buckets);
        all[bucket].iter().map(|(key, object)| (key.clone(), object.bytes.clone())).collect()
    }

    /// How many uploads in parts are neither completed nor aborted.
    pub(crate) fn open_uploads(&self) -> usize {
        lock(&self.shared.uploads).len()
    }

    /// Puts an object there, as somebody else's program would.
    pub(crate) fn place(&self, bucket: &str, key: &str, bytes: impl Into<Bytes>) {
        let object = self.shared.object(bytes.into(), None, None);
        lock(&self.shared.buckets).get_mut(bucket).expect("the bucket").insert(key.to_owned(), object);
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    let mut builder = S3ServiceBuilder::new(Storage(Arc::clone(&shared)));
    builder.set_auth(s3s::auth::SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    // The SDK follows the server's clock, which a test may have moved; s3s compares with the machine's.
    let mut config = s3s::config::S3Config::default();
    config.presigned_url_max_skew_time_secs = u32::MAX;
    builder.set_config(Arc::new(s3s::config::StaticConfigProvider::new(Arc::new(config))));
    let service = builder.build();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, shared) = (service.clone(), Arc::clone(&shared));
        let gateway = service_fn(move |request| {
            let (service, shared) = (service.clone(), Arc::clone(&shared));
            async move { Ok::<_, std::convert::Infallible>(pass(&service, &shared, request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), gateway));
    }
}

/// What the gateway does with one request.
async fn pass(service: &S3Service, shared: &Shared, request: Request<hyper::body::Incoming>) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/');
    let mut seen = Seen {
        number: 0,
        method: request.method().clone(),
        key: path.split_once('/').map_or("", |(_, key)| key).to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
    };
    let fault = {
        let mut all = lock(&shared.seen);
        seen.number = all.len();
        all.push(seen.clone());
        lock(&shared.rule).as_ref().map_or(Fault::None, |rule| rule(&seen))
    };
    match &fault {
        Fault::Refuse(status, code, message) => {
            // Read to its end, as gateways do: else the client hears of a broken connection.
            let _ = drain(request).await;
            return shared.dated(refusal(*status, code, message));
        }
        Fault::Answer(answer) => {
            let _ = drain(request).await;
            return shared.dated((**answer).clone().map(Body::from));
        }
        Fault::Slow(pause) => tokio::time::sleep(*pause).await,
        Fault::None | Fault::LoseAnswer | Fault::CutBody | Fault::SlowAnswer(_) => {}
    }
    let answer = hyper::service::Service::call(service, request).await;
    let answer = answer.unwrap_or_else(|_| refusal(500, "InternalError", "the test server failed"));
    match fault {
        Fault::LoseAnswer => shared.dated(refusal(503, "SlowDown", "the answer got lost")),
        Fault::CutBody => shared.dated(cut(answer).await),
        Fault::SlowAnswer(pause) => {
            tokio::time::sleep(pause).await;
            shared.dated(answer)
        }
        _ => shared.dated(answer),
    }
}

async fn drain(request: Request<hyper::body::Incoming>) {
    let mut body = Body::from(request.into_body());
    while let Some(Ok(_)) = body.next().await {}
}

fn refusal(status: u16, code: &str, message: &str) -> Response<Body> {
    let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = if code.is_empty() { Body::empty() } else { Body::from(xml) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

/// The same head with half of the body; then the connection breaks.
async fn cut(answer: Response<Body>) -> Response<Body> {
    let (mut head, mut body) = answer.into_parts();
    let mut bytes = BytesMut::new();
    while let Some(Ok(chunk)) = body.next().await {
        bytes.extend_from_slice(&chunk);
    }
    head.headers.insert("content-length", HeaderValue::from(bytes.len()));
    let half = bytes.split_to(bytes.len() / 2).freeze();
    let broken = stream::iter([Ok(half), Err(std::io::Error::other("the connection breaks"))]).then(async |part| {
        if part.is_err() {
            // The first half is on its way by then.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        part
    });
    Response::from_parts(head, Body::from(StreamingBlob::wrap(Box::pin(broken))))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let seconds = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { SystemTime::now() - seconds } else { SystemTime::now() + seconds }
    }

    fn dated(&self, mut response: Response<Body>) -> Response<Body> {
        let mut date = Vec::new();
        Timestamp::from(self.now()).format(TimestampFormat::HttpDate, &mut date).expect("a date");
        response.headers_mut().insert(DATE, HeaderValue::from_bytes(&date).expect("a header"));
        response
    }

    fn object(&self, bytes: Bytes, etag: Option<String>, metadata: Option<Metadata>) -> Object {
        let etag = etag.unwrap_or_else(|| hex(&md5(&bytes)));
        Object { bytes, etag, modified: self.now(), metadata }
    }

    /// Looks and writes in one step, as S3 does.
    fn write(
        &self,
        bucket: &str,
        key: &str,
        object: Object,
        if_match: Option<&ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<ETag> {
        let mut buckets = lock(&self.buckets);
        let objects = buckets.get_mut(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let there = objects.get(key);
        if if_none_match.is_some() && there.is_some() && !self.ignore_if_none_match.load(Ordering::SeqCst) {
            return Err(s3_error!(PreconditionFailed));
        }
        if let (Some(wanted), false) = (if_match, self.ignore_if_match.load(Ordering::SeqCst)) {
            let there = there.ok_or_else(|| s3_error!(NoSuchKey))?;
            if wanted.as_etag().is_some_and(|wanted| wanted.value() != there.etag) {
                return Err(s3_error!(PreconditionFailed));
            }
        }
        let etag = ETag::Strong(object.etag.clone());
        objects.insert(key.to_owned(), object);
        Ok(etag)
    }

    fn read(&self, bucket: &str, key: &str) -> S3Result<Object> {
        let buckets = lock(&self.buckets);
        let objects = buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }
}

/// What stands behind the protocol.
struct Storage(Arc<Shared>);

#[async_trait::async_trait]
impl S3 for Storage {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let object = self.0.object(whole(input.body).await?, None, input.metadata);
        let (if_match, if_none_match) = (input.if_match.as_ref(), input.if_none_match.as_ref());
        let etag = self.0.write(&input.bucket, &input.key, object, if_match, if_none_match)?;
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(etag), ..Default::default() }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let object = self.0.read(&request.input.bucket, &request.input.key)?;
        let length = i64::try_from(object.bytes.len()).expect("a length");
        let body = StreamingBlob::wrap(stream::iter([Ok::<_, std::io::Error>(object.bytes)]));
        Ok(S3Response::new(GetObjectOutput {
            body: Some(body),
            content_length: Some(length),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            ..Default::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.0.read(&request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(i64::try_from(object.bytes.len()).expect("a length")),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            ..Default::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let mut buckets = lock(&self.0.buckets);
        let objects = buckets.get_mut(&request.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.remove(&request.input.key);
        Ok(S3Response::with_status(DeleteObjectOutput::default(), StatusCode::NO_CONTENT))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let buckets = lock(&self.0.buckets);
        let objects = buckets.get(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let encode = |text: &str| match &input.encoding_type {
            Some(_) => url_encoded(text),
            None => text.to_owned(),
        };
        let prefix = input.prefix.clone().unwrap_or_default();
        // A token is the last name that was shown; an exclamation mark before it asks for an empty page.
        let token = input.continuation_token.clone().unwrap_or_default();
        let (is_empty, after) = token.strip_prefix('!').map_or((false, token.as_str()), |after| (true, after));
        let limit = if is_empty { 0 } else { self.0.page.load(Ordering::SeqCst) };
        let (mut contents, mut folders, mut last, mut more) = (Vec::new(), BTreeSet::new(), after.to_owned(), false);
        for (key, object) in objects.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
            let folder = input.delimiter.as_deref().and_then(|delimiter| {
                key[prefix.len()..].find(delimiter).map(|at| key[..prefix.len() + at + delimiter.len()].to_owned())
            });
            let name = folder.as_ref().unwrap_or(key);
            if name.as_str() <= after || folders.contains(name) {
                continue;
            }
            if contents.len() + folders.len() == limit {
                more = true;
                break;
            }
            last.clone_from(name);
            match folder {
                Some(folder) => drop(folders.insert(folder)),
                None => contents.push(self::Object::listed(key, object, &encode)),
            }
        }
        let next = if !is_empty && self.0.empty_pages.load(Ordering::SeqCst) { format!("!{last}") } else { last };
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix.as_deref().map(encode),
            delimiter: input.delimiter,
            encoding_type: input.encoding_type.clone(),
            key_count: i32::try_from(contents.len() + folders.len()).ok(),
            is_truncated: Some(more),
            next_continuation_token: more.then_some(next),
            common_prefixes: Some(folders.iter().map(|folder| CommonPrefix { prefix: Some(encode(folder)) }).collect()),
            contents: Some(contents),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let id = format!("upload-{}", self.0.counter.fetch_add(1, Ordering::SeqCst));
        let upload = Upload { metadata: request.input.metadata, ..Upload::default() };
        lock(&self.0.uploads).insert(id.clone(), upload);
        Ok(S3Response::new(CreateMultipartUploadOutput { upload_id: Some(id), ..Default::default() }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let bytes = whole(input.body).await?;
        let etag = ETag::Strong(hex(&md5(&bytes)));
        let mut uploads = lock(&self.0.uploads);
        let upload = uploads.get_mut(&input.upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
        upload.parts.insert(input.part_number, bytes);
        Ok(S3Response::new(UploadPartOutput { e_tag: Some(etag), ..Default::default() }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let mut uploads = lock(&self.0.uploads);
        let upload = uploads.get(&input.upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
        let named = input.multipart_upload.and_then(|named| named.parts).unwrap_or_default();
        let (mut bytes, mut sums) = (BytesMut::new(), Vec::new());
        for (at, part) in named.iter().enumerate() {
            let number = part.part_number.ok_or_else(|| s3_error!(InvalidPart))?;
            let part = upload.parts.get(&number).ok_or_else(|| s3_error!(InvalidPart))?;
            if at + 1 < named.len() && part.len() < 5 << 20 {
                return Err(s3_error!(EntityTooSmall));
            }
            sums.extend(md5(part));
            bytes.extend_from_slice(part);
        }
        let etag = format!("{}-{}", hex(&md5(&sums)), named.len());
        let object = self.0.object(bytes.freeze(), Some(etag), upload.metadata.clone());
        let (if_match, if_none_match) = (input.if_match.as_ref(), input.if_none_match.as_ref());
        let etag = self.0.write(&input.bucket, &input.key, object, if_match, if_none_match)?;
        uploads.remove(&input.upload_id);
        Ok(S3Response::new(CompleteMultipartUploadOutput { e_tag: Some(etag), ..Default::default() }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let gone = lock(&self.0.uploads).remove(&request.input.upload_id);
        gone.map(|_| S3Response::new(AbortMultipartUploadOutput::default())).ok_or_else(|| s3_error!(NoSuchUpload))
    }
}

impl Object {
    fn listed(key: &str, object: &Object, encode: &impl Fn(&str) -> String) -> s3s::dto::Object {
        s3s::dto::Object {
            key: Some(encode(key)),
            size: i64::try_from(object.bytes.len()).ok(),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(object.modified.into()),
            ..Default::default()
        }
    }
}

async fn whole(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    let mut body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| s3_error!(IncompleteBody))?);
    }
    Ok(bytes.freeze())
}

/// The form that S3 has for keys in lists.
fn url_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte);
    text.bytes().fold(String::new(), |out, byte| match byte {
        b' ' => out + "+",
        byte if plain(byte) => out + char::from(byte).encode_utf8(&mut [0; 4]),
        byte => out + &format!("%{byte:02X}"),
    })
}

fn md5(bytes: &[u8]) -> [u8; 16] {
    let mut hash = Md5::new();
    hash.update(bytes);
    hash.finalize()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
