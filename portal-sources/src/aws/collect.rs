//! Reads one account in one region: every kind at the same time, each with its own end.

use aws_config::SdkConfig;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use portal_core::{Coverage, ErrorKind, Outcome, Scope, SnapshotWriter, SourceError};

use super::accounts::Account;
use super::config::Config;
use super::error::Failure;
#[cfg(feature = "aws-organizations")]
use super::kinds::ACCOUNTS;
use super::kinds::Kind;
use super::reader::Reader;
use super::run::Run;

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
