//! What each service's file reads with: requests in their turn, objects out, and notes of what could not be read.

use aws_config::SdkConfig;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use futures::future::BoxFuture;
use futures::stream::StreamExt;
use portal_core::SnapshotWriter;
use serde_json::Value;

use super::accounts::Account;
use super::error::Failure;

/// So many single things that could not be read are named one by one; the rest are counted.
const NAMED_UNREAD: usize = 100;

/// What the file of a service needs to read one kind of one account in one region.
pub(super) struct Reader<'r> {
    pub(super) account: &'r Account,
    /// With the account's credentials, in the region.
    pub(super) config: &'r SdkConfig,
    pub(super) region: &'r str,
    pub(super) kind: &'static str,
    pub(super) out: &'r SnapshotWriter,
}

impl Reader<'_> {
    /// Sends a request when it is its turn.
    pub(super) fn call<'c, T, E>(
        &'c self,
        action: &'static str,
        request: impl Future<Output = Result<T, SdkError<E>>> + Send + 'c,
    ) -> BoxFuture<'c, Result<T, Failure>>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + Send + 'static,
    {
        self.account.connection().call(&self.account.id, action, request)
    }

    /// Writes one object.
    pub(super) fn object(&self, name: &str, value: impl Into<Value>) {
        self.out.object(self.kind, name, value.into());
    }

    /// Starts the kind again.
    pub(super) fn restart(&self) {
        self.out.restart(self.kind);
    }

    /// How many things of one list are looked at at the same time.
    pub(super) fn width(&self) -> usize {
        self.account.connection().width()
    }

    /// Says which single things could not be read.
    pub(super) fn unread(&self, mut notes: Vec<String>) {
        notes.sort();
        let more = notes.len().saturating_sub(NAMED_UNREAD);
        notes.truncate(NAMED_UNREAD);
        if more > 0 {
            notes.push(format!("and {more} more like these"));
        }
        for note in notes {
            self.out.unread(self.kind, note);
        }
    }

    /// The ARN of something in this account and region, for services that do not say it.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.account.partition, self.region, self.account.id)
    }
}

/// What looking at one thing of a list came to.
pub(super) enum Looked {
    /// Written; perhaps without something that could not be read.
    Written(Option<String>),
    /// It was deleted since it was listed.
    Gone,
    /// It is there and could not be read.
    Unread(Failure),
}

/// Looks at each thing of a list, a few at a time.
///
/// A thing that could not be read at all makes the list a part; if none could, its failure is that of the kind.
pub(super) async fn look_at_each<F>(reader: &Reader<'_>, things: Vec<F>) -> Result<(), Failure>
where
    F: Future<Output = Looked> + Send,
{
    let total = things.len();
    let looked: Vec<Looked> = futures::stream::iter(things).buffer_unordered(reader.width()).collect().await;
    let mut notes = Vec::new();
    let mut failures = Vec::new();
    for one in looked {
        match one {
            Looked::Written(note) => notes.extend(note),
            Looked::Gone => {}
            Looked::Unread(failure) => failures.push(failure),
        }
    }
    reader.unread(notes);
    let failed = failures.len();
    let Some(first) = failures.into_iter().next() else { return Ok(()) };
    if failed == total {
        return Err(first);
    }
    let text = format!("{failed} of {total} could not be read, the first because: {}", first.text);
    Err(first.saying(text).midway())
}
