//! Reads one account in one region: every kind at the same time, each with its own end.

use aws_config::SdkConfig;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use portal_core::{Coverage, ErrorKind, Outcome, Scope, SnapshotWriter, SourceError};
use serde_json::Value;

use super::accounts::Account;
use super::config::Config;
use super::error::Failure;
#[cfg(feature = "aws-organizations")]
use super::kinds::ACCOUNTS;
use super::kinds::Kind;
use super::run::Run;

/// So many single things that could not be read are named one by one; the rest are counted.
const NAMED_UNREAD: usize = 100;

/// Reads a scope of a run.
pub(super) async fn collect(
    run: &Run,
    config: &Config,
    kinds: &[Kind],
    scope: &Scope,
    out: &SnapshotWriter,
) -> Result<(), SourceError> {
    let Scope::Aws { account, region } = scope else {
        return Err(SourceError::new(ErrorKind::Invalid, format!("{scope} is no account and region of AWS")));
    };
    let account = run.account(account, config);
    out.expect(kinds.iter().map(|kind| kind.name()));
    #[cfg(feature = "aws-organizations")]
    write_organization(run, scope, out);
    match Box::pin(open(&account, region)).await {
        Err(outcome) => {
            for kind in kinds {
                out.finish(kind.name(), outcome.clone());
            }
        }
        Ok(entered) => {
            let at_home = *region == run.connection.home;
            let each = kinds.iter().map(|kind| {
                let reader = Reader { account: &account, config: &entered, region, kind: kind.name(), out };
                read_kind(*kind, reader, at_home)
            });
            each.collect::<FuturesUnordered<BoxFuture<'_, ()>>>().collect::<()>().await;
        }
    }
    Ok(())
}

/// Enters the account; the error is what is said of every kind.
async fn open(account: &Account, region: &str) -> Result<SdkConfig, Outcome> {
    if let Some(why) = &account.closed {
        return Err(Outcome::not(Coverage::Absent, why));
    }
    let entered = account.enter(region).await.map_err(|failure| failure.outcome(true))?;
    // Without the right to list regions the services themselves say that this one is not for us.
    let disabled = match account.regions().await {
        Ok(regions) => !regions.iter().any(|known| known.enabled && known.name == region),
        Err(_) => false,
    };
    if disabled {
        let why = format!("region {region} is not enabled in account {}", account.id);
        return Err(Outcome::not(Coverage::Absent, why));
    }
    Ok(entered)
}

fn read_kind<'r>(kind: Kind, reader: Reader<'r>, at_home: bool) -> BoxFuture<'r, ()> {
    Box::pin(async move {
        let read: Result<(), Failure> = match kind {
            #[cfg(feature = "aws-s3")]
            Kind::S3 => super::s3::read(&reader).await,
            #[cfg(feature = "aws-rds")]
            Kind::Rds => super::rds::instances(&reader).await,
            #[cfg(feature = "aws-rds")]
            Kind::RdsClusters => super::rds::clusters(&reader).await,
            #[cfg(feature = "aws-dynamodb")]
            Kind::Dynamodb => super::dynamodb::read(&reader).await,
            #[cfg(feature = "aws-lambda")]
            Kind::Lambda => super::lambda::read(&reader).await,
            #[cfg(feature = "aws-cloudformation")]
            Kind::Cloudformation => super::cloudformation::read(&reader).await,
            #[cfg(feature = "aws-tagging")]
            Kind::Tagged => super::tagging::read(&reader).await,
        };
        let outcome = match read {
            Ok(()) => Outcome::complete(),
            Err(failure) => failure.outcome(at_home),
        };
        reader.out.finish(reader.kind, outcome);
    })
}

/// The organization's accounts were listed with the scopes; they are written where the run says.
#[cfg(feature = "aws-organizations")]
fn write_organization(run: &Run, scope: &Scope, out: &SnapshotWriter) {
    if let Some((place, members)) = &run.organization
        && place == scope
    {
        for member in members {
            out.object(ACCOUNTS, member.id.clone(), member.value.clone());
        }
        out.finish(ACCOUNTS, Outcome::complete());
    }
}

/// What the file of a service needs to read one kind of one account in one region.
pub(super) struct Reader<'r> {
    pub(super) account: &'r Account,
    /// With the account's credentials, in the region.
    pub(super) config: &'r SdkConfig,
    pub(super) region: &'r str,
    kind: &'static str,
    out: &'r SnapshotWriter,
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
