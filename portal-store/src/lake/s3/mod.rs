//! A lake in a bucket of S3, or of a server that speaks S3's protocol.
//!
//! What stands beside the objects for the lake's own use begins with a dot, as in a lake on disk: `.lock` in a folder (a
//! collector is at work, or was), `.conditions` at the top (the server was asked whether it knows conditional writes).

mod client;
mod conditions;
mod error;
mod keeper;
mod lease;
mod multipart;
mod place;
mod read;
mod write;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use portal_core::lake::{Etag, LakeLock, LakePath, Listing, Precondition, Stored};
use portal_core::{Lake, LakeError};
use tokio::sync::OnceCell;

use client::Bucket;
use keeper::Keeper;
use place::Place;

/// A lake in a bucket.
///
/// - Its URL is `s3://bucket/prefix`, and credentials, region and endpoint come from where AWS's own tools look for them:
///   variables, profiles, SSO, web identity, container and instance roles, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_S3`.
///   Behind a question mark the URL may say more: `region`, `endpoint`, `path_style=true|false` (true by default where
///   there is an endpoint), `sse=AES256|aws:kms|aws:kms:dsse`, `kms_key_id`, `bucket_key=true|false`, `profile`,
///   `credentials_file`.
/// - A prefix without any object is a lake that is not there yet: listing its root says
///   [`ErrorKind::NotFound`](portal_core::ErrorKind::NotFound), as a folder that does not exist does.
/// - Create-only and compare-and-set are conditional writes of the server. One that ignores them is found out before the
///   first such write, and refused.
/// - A request that got no whole answer is sent again, with growing pauses, until a deadline. When a conditional write
///   was done and its answer got lost, the repeated one is refused by the server; a mark in the object's metadata tells
///   that from somebody else's write.
/// - Objects of 16 MiB and more are uploaded in parts. The parts of an upload that died stay invisible and are paid for:
///   give the bucket a lifecycle rule that aborts incomplete uploads after some days.
/// - A lock is a lease: an object that names its holder and is written anew three times per lease. When its holder dies,
///   the next one takes it over as soon as the lease is over; only the server's clock decides when that is.
/// - Names that begin with a dot are the lake's own.
///
/// The rights that it needs: `s3:ListBucket` on the bucket; `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` and
/// `s3:AbortMultipartUpload` on what is below the prefix; for reading alone the first two.
///
/// Its methods need a tokio runtime.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), portal_core::LakeError> {
/// use portal_core::Lake as _;
///
/// let url = "s3://my-lake/portal?region=eu-west-1&sse=aws:kms&bucket_key=true";
/// let lake = portal_store::S3Lake::open(url).await?;
/// assert_eq!(lake.location(), "s3://my-lake/portal");
/// let wrong = portal_store::S3Lake::open("s3://my-lake/portal?regoin=eu-west-1").await;
/// assert!(wrong.unwrap_err().to_string().contains("did you mean `region`?"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct S3Lake {
    bucket: Arc<Bucket>,
    /// Filled once the server has shown that it knows conditional writes.
    conditions: OnceCell<()>,
    /// From the first lock on.
    keeper: Mutex<Option<Arc<Keeper>>>,
    lost: keeper::Lost,
}

/// How to speak to a bucket.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// How long a lock outlives the last sign of its holder. Shorter ones cost more requests, three per lease.
    pub lease: Duration,
    /// How many requests run at the same time.
    pub requests: usize,
    /// How often one request is sent at most.
    pub attempts: u32,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long one try of a request may take, and how long a body may bring nothing.
    pub attempt_timeout: Duration,
    /// How long a request may take with all its tries.
    pub deadline: Duration,
}

impl Default for S3Options {
    /// A lease of a minute; 64 requests at the same time; eight tries of a minute at most, in five minutes.
    fn default() -> S3Options {
        S3Options {
            lease: Duration::from_secs(60),
            requests: 64,
            attempts: 8,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(60),
            deadline: Duration::from_secs(300),
        }
    }
}

impl S3Lake {
    /// Opens a bucket without asking it anything: the first request does.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](portal_core::ErrorKind::Invalid) if the URL is wrong; the text says where.
    pub async fn open(url: &str) -> Result<S3Lake, LakeError> {
        S3Lake::open_with(url, S3Options::default()).await
    }

    /// The same with options of your own.
    ///
    /// # Errors
    /// As [`S3Lake::open`].
    pub async fn open_with(url: &str, options: S3Options) -> Result<S3Lake, LakeError> {
        let place = Place::parse(url)?;
        let bucket = Box::pin(Bucket::open(place, options)).await;
        Ok(S3Lake {
            bucket: Arc::new(bucket),
            conditions: OnceCell::new(),
            keeper: Mutex::default(),
            lost: keeper::Lost::default(),
        })
    }

    /// Before the first write that relies on it: whether the server knows conditional writes.
    async fn check_conditions(&self) -> Result<(), LakeError> {
        self.conditions.get_or_try_init(|| conditions::check(&self.bucket)).await?;
        Ok(())
    }

    fn keeper(&self) -> Result<Arc<Keeper>, LakeError> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = &*keeper {
            return Ok(Arc::clone(keeper));
        }
        let started = Arc::new(Keeper::start(&self.bucket.place, &self.bucket.options)?);
        *keeper = Some(Arc::clone(&started));
        Ok(started)
    }
}

#[async_trait]
impl Lake for S3Lake {
    fn location(&self) -> String {
        self.bucket.place.location()
    }

    async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError> {
        Ok(read::list(&self.bucket, folder).await?)
    }

    async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError> {
        let read = read::get(&self.bucket, key).await?;
        Ok(read.map(|read| Stored { bytes: read.bytes, etag: read.etag }))
    }

    async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError> {
        write::check_key(&self.bucket, key)?;
        self.lost.refuse(&self.bucket, key)?;
        if condition != Precondition::None {
            self.check_conditions().await?;
        }
        Ok(write::put(&self.bucket, key, bytes, &condition).await?)
    }

    async fn delete(&self, key: &LakePath) -> Result<(), LakeError> {
        self.lost.refuse(&self.bucket, key)?;
        Ok(write::delete(&self.bucket, key).await?)
    }

    async fn lock(&self, folder: &LakePath) -> Result<LakeLock, LakeError> {
        self.check_conditions().await?;
        // First: a lease that nobody can keep is not taken.
        let keeper = self.keeper()?;
        let held = lease::take(&self.bucket, folder).await?;
        Ok(LakeLock::new(Keeper::keep(&keeper, held, self.lost.clone())))
    }
}
