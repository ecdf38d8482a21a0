//! What can go wrong with a bucket, and what a person can do about it.
//!
//! The SDK's errors stop here: they print poorly, so their text is put together anew.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use portal_core::{ErrorKind, LakeError};

use super::place::Place;

/// The longest text of the server's own that is passed on.
const LONGEST_MESSAGE: usize = 400;

/// An error of a lake in a bucket. Places are shown as `s3://bucket/key`.
#[derive(Debug, thiserror::Error)]
pub(super) enum S3Error {
    #[error("{0}")]
    Url(String),
    #[error(transparent)]
    Request(#[from] Failure),
    #[error("{place} ended after {got} of {length} bytes, {tries} times in a row; check the network and repeat")]
    Cut { place: String, got: u64, length: u64, tries: u32 },
    #[error(
        "the server sends {place} without its length, so that half of it could be taken for the whole; put a server \
         or proxy there that sends Content-Length"
    )]
    NoLength { place: String },
    #[error("{place} is {bytes} bytes long, and no object of a lake is longer than {limit}; take it out of the lake")]
    TooLarge { place: String, bytes: u64, limit: u64 },
    #[error("cannot write {place}: {wrong}")]
    Key { place: String, wrong: &'static str },
    #[error("{place} {state}: somebody else was faster; read it again and repeat")]
    Precondition { place: String, state: &'static str },
    #[error(
        "{place} is held by another collector ({holder}); wait for it to end, or let each collect scopes of its own"
    )]
    Held { place: String, holder: String },
    #[error(
        "{place} is not written: the lock on it could not be kept, and another collector may hold it now; collect again"
    )]
    LockLost { place: String },
    #[error("there is no lake at {location}; run `portal collect` first, or check --lake")]
    NoLake { location: String },
    #[error(
        "the server of {location} ignores `{header}`, so that two collectors would overwrite each other; take one \
         that knows conditional writes (AWS and most others of 2025 and later do), or a lake on a disk"
    )]
    Unconditional { location: String, header: &'static str },
    #[error("the list of {place} does not end: the server gave the same page twice")]
    EndlessList { place: String },
    #[error("the thread that renews locks does not start")]
    NoKeeper { source: std::io::Error },
}

impl S3Error {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            S3Error::Request(failure) => failure.kind,
            S3Error::Cut { .. } => ErrorKind::Unavailable,
            S3Error::Url(_) | S3Error::TooLarge { .. } | S3Error::Key { .. } | S3Error::Unconditional { .. } => {
                ErrorKind::Invalid
            }
            S3Error::Precondition { .. } | S3Error::Held { .. } | S3Error::LockLost { .. } => ErrorKind::Conflict,
            S3Error::NoLake { .. } => ErrorKind::NotFound,
            S3Error::NoLength { .. } | S3Error::EndlessList { .. } | S3Error::NoKeeper { .. } => ErrorKind::Unexpected,
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self {
            S3Error::Request(failure) => failure.status,
            _ => None,
        }
    }

    pub(super) fn code(&self) -> &str {
        match self {
            S3Error::Request(failure) => &failure.code,
            _ => "",
        }
    }
}

impl From<S3Error> for LakeError {
    fn from(error: S3Error) -> LakeError {
        let public = LakeError::new(error.kind(), error.to_string());
        match error {
            S3Error::NoKeeper { source } => public.caused_by(source),
            _ => public,
        }
    }
}

/// A request that brought nothing, in one readable line with the next step.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Failure {
    kind: ErrorKind,
    text: String,
    status: Option<u16>,
    /// What the server calls it; empty if it said nothing.
    code: String,
}

impl Failure {
    /// Reads an SDK error. `action` is the IAM action that the request needs, `shown` what it was about.
    pub(super) fn new<E>(action: &'static str, shown: &str, place: &Place, error: &SdkError<E>) -> Failure
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let code = error.code().unwrap_or_default().to_owned();
        let (kind, text) = if let Some(cause) = causes(error).find_map(|cause| cause.downcast_ref::<CredentialsError>())
        {
            (ErrorKind::Unavailable, no_credentials(cause))
        } else if let Some(status) = status {
            let region = response.and_then(|response| response.headers().get("x-amz-bucket-region"));
            let said = said(&code, error.message().unwrap_or_default(), status);
            advice(action, shown, place, &Answer { status, code: &code, said, region, message: error.message() })
        } else {
            let endpoint = place.endpoint.as_deref().unwrap_or("S3");
            let why = one_line(&innermost(error));
            let text = format!(
                "{action} on {shown} got no answer from {endpoint}: {why}; check the region, `endpoint` or \
                 AWS_ENDPOINT_URL, the network and HTTPS_PROXY"
            );
            (ErrorKind::Unavailable, text)
        };
        Failure { kind, text, status, code }
    }

    /// A request that was answered without what every answer has.
    pub(super) fn incomplete(action: &'static str, shown: &str, what: &str) -> Failure {
        let text = format!("the answer to {action} on {shown} has no {what}; is it an S3 server that answers there?");
        Failure { kind: ErrorKind::Unexpected, text, status: None, code: String::new() }
    }
}

/// What a server answered.
struct Answer<'a> {
    status: u16,
    code: &'a str,
    said: String,
    region: Option<&'a str>,
    message: Option<&'a str>,
}

/// What an answer means here, and what to do next.
fn advice(action: &str, shown: &str, place: &Place, answer: &Answer<'_>) -> (ErrorKind, String) {
    let Answer { status, code, said, .. } = answer;
    let bucket = &place.bucket;
    match (*code, *status) {
        ("NoSuchBucket", _) => {
            (ErrorKind::NotFound, format!("there is no bucket `{bucket}` ({said}); check --lake, or make the bucket"))
        }
        (
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "IncorrectEndpoint",
            _,
        )
        | (_, 301 | 307) => {
            let hint = match answer.region.map(str::to_owned).or_else(|| region_in(answer.message.unwrap_or_default()))
            {
                Some(region) => {
                    format!("it is in {region}: add `?region={region}` to the lake's URL, or set AWS_REGION")
                }
                None => "add `?region=…` with the bucket's region to the lake's URL, or set AWS_REGION".to_owned(),
            };
            (ErrorKind::Invalid, format!("the bucket `{bucket}` is in another region ({said}); {hint}"))
        }
        ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired", _) => (
            ErrorKind::Unavailable,
            format!("the AWS credentials have expired ({said}); run `aws sso login` or renew the session keys"),
        ),
        ("InvalidAccessKeyId" | "InvalidToken" | "NotSignedUp" | "SignatureDoesNotMatch", _) => (
            ErrorKind::Invalid,
            format!(
                "the server of {} does not know the credentials ({said}); check the access key, its secret and its account",
                place.location()
            ),
        ),
        ("RequestTimeTooSkewed" | "RequestExpired", _) => {
            (ErrorKind::Invalid, format!("{action} on {shown} was refused ({said}); set this machine's clock"))
        }
        ("SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded", _) | (_, 429) => (
            ErrorKind::Unavailable,
            format!(
                "{action} on {shown} was throttled to the last try ({said}); collect fewer scopes at a time, or later"
            ),
        ),
        (_, 401 | 403) => {
            let mut text = format!("no right {action} on {shown} ({said}); grant it");
            if action == "s3:GetObject" {
                text.push_str(&format!(
                    ", and s3:ListBucket on {bucket}: without that S3 says the same of an object that is not there"
                ));
            }
            if code.starts_with("KMS") || answer.message.is_some_and(|message| message.contains("kms:")) {
                text.push_str(
                    "; the key of KMS has rights of its own: kms:GenerateDataKey to write, kms:Decrypt to read",
                );
            }
            (ErrorKind::Denied, text)
        }
        (_, 500..) => (
            ErrorKind::Unavailable,
            format!("{action} on {shown}: the server has a fault of its own ({said}); repeat later"),
        ),
        ("", _) => (
            ErrorKind::Unexpected,
            format!(
                "{action} on {shown} got an answer that S3 does not give ({said}) from {}; check `endpoint` and HTTPS_PROXY",
                place.endpoint.as_deref().unwrap_or("what stands between here and S3")
            ),
        ),
        _ => (ErrorKind::Unexpected, format!("{action} on {shown} failed ({said})")),
    }
}

fn no_credentials(error: &CredentialsError) -> String {
    let why = one_line(&innermost(error));
    match error {
        CredentialsError::CredentialsNotLoaded(_) if why.contains(" in chain") => {
            "no AWS credentials were found for the lake; set AWS_PROFILE (or `?profile=…` in the lake's URL), set \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run `aws sso login`, or run where a role is attached"
                .to_owned()
        }
        _ => format!(
            "the AWS credentials for the lake could not be loaded: {why}; check the profile, or run `aws sso login`"
        ),
    }
}

/// AWS names the right region in this message, and in a header only for some answers.
fn region_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("expecting '")?;
    rest.split_once('\'').map(|(region, _)| region.to_owned())
}

fn said(code: &str, message: &str, status: u16) -> String {
    match (code, message) {
        ("", "") => format!("status {status}"),
        ("", message) => one_line(message),
        (code, "") => code.to_owned(),
        (code, message) => format!("{code}: {}", one_line(message)),
    }
}

fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn StdError + 'static)| (*error).source())
}

/// The cause that says the most: the last one.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn one_line(message: &str) -> String {
    let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST_MESSAGE {
        line = line.chars().take(LONGEST_MESSAGE).collect::<String>() + "…";
    }
    line.trim_end_matches('.').to_owned()
}
