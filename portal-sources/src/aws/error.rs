//! What a refused or failed request means: for the coverage of a kind, and for the person who has to mend it.
//!
//! The SDK's errors stop here. They print poorly, so their text is put together anew: what happened, what AWS said,
//! what to do next, in one line.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use portal_core::{Coverage, ErrorKind, Outcome, SourceError};

/// How often one request is sent before it counts as failed.
pub(super) const ATTEMPTS: u32 = 8;

/// The longest text of AWS's own that is passed on; encoded authorization messages run to kilobytes.
const LONGEST_MESSAGE: usize = 400;

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// A right is missing.
    Denied,
    /// The organization forbids it: there can be nothing of it here.
    ForbiddenByPolicy,
    /// The account never signed up for it.
    NotSubscribed,
    /// The credentials are not known, at least not in this region.
    UnknownCredentials,
    /// The credentials were good once, or there are none.
    NoCredentials,
    /// No answer.
    Unreachable,
    /// AWS asked to go slower, to the last attempt.
    Throttled,
    /// All else.
    Other,
}

/// A request that brought nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Failure {
    pub(super) kind: FailureKind,
    /// What AWS calls it; empty if AWS said nothing.
    pub(super) code: String,
    /// One readable line with the next step.
    pub(super) text: String,
    /// The IAM action that was asked for.
    pub(super) action: &'static str,
    /// Whether a part of the list was read before.
    midway: bool,
}

impl Failure {
    /// Reads an SDK error. `endpoint` is the configured address, if there is one.
    pub(super) fn new<E>(action: &'static str, error: &SdkError<E>, endpoint: Option<&str>) -> Failure
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        // A role that could not be assumed again says so itself.
        if let Some(failure) = causes(error).find_map(|cause| cause.downcast_ref::<Failure>()) {
            return failure.clone();
        }
        if let Some(cause) = causes(error).find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
            return Failure::of_credentials(action, cause);
        }
        match error {
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => Failure::of_answer(action, error, endpoint),
            SdkError::ConstructionFailure(_) => {
                Failure::other(action, format!("{action} could not be asked: {}", innermost(error)))
            }
            _ => Failure::unreachable(action, &innermost(error), endpoint),
        }
    }

    /// What failed, in words that are the same each time: AWS's own text may hold the number of the request.
    pub(super) fn in_short(&self) -> String {
        format!("{} to {}", if self.code.is_empty() { "no answer" } else { &self.code }, self.action)
    }

    /// A failure that is neither a refusal nor an outage.
    pub(super) fn other(action: &'static str, text: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Other, code: String::new(), text: text.into(), action, midway: false }
    }

    fn of_answer<E>(action: &'static str, error: &SdkError<E>, endpoint: Option<&str>) -> Failure
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let status = status(error);
        let code = match error.code() {
            Some(code) => code.to_owned(),
            None => status.map_or("no status".to_owned(), |status| format!("status {status}")),
        };
        let said = match error.message() {
            Some(message) => format!("{code}: {}", one_line(message)),
            None => code.clone(),
        };
        let kind = classify(&code, error.message().unwrap_or_default(), status);
        let text = match kind {
            FailureKind::Denied => format!("{said}; grant {action}"),
            FailureKind::ForbiddenByPolicy => {
                format!("{action} is forbidden by a policy of the organization, so it is taken for not in use: {said}")
            }
            FailureKind::NotSubscribed => format!("the account does not use this service: {said}"),
            FailureKind::UnknownCredentials => {
                format!("{action}: AWS does not know the credentials: {said}; check the access key and its account")
            }
            FailureKind::NoCredentials => {
                format!("the AWS credentials have expired: {said}; run `aws sso login` or renew the session keys")
            }
            FailureKind::Throttled => format!(
                "{action} was throttled {ATTEMPTS} times in a row: {said}; lower `concurrency`, or ask AWS for a higher \
                 quota"
            ),
            FailureKind::Unreachable => format!("{action}: AWS has a fault of its own: {said}; collect again later"),
            FailureKind::Other if code == "SignatureDoesNotMatch" => {
                format!("{action}: {said}; check the secret access key")
            }
            FailureKind::Other if code.starts_with("RequestTimeTooSkewed") || code == "RequestExpired" => {
                format!("{action}: {said}; set this machine's clock")
            }
            FailureKind::Other if error.code().is_none() => format!(
                "{action} got an answer that AWS does not give ({said}) from {}; check `endpoint_url` and HTTPS_PROXY",
                endpoint.unwrap_or("what stands between here and AWS"),
            ),
            FailureKind::Other => format!("{action} failed: {said}"),
        };
        Failure { kind, code, text, action, midway: false }
    }

    fn of_credentials(action: &'static str, error: &CredentialsError) -> Failure {
        let why = one_line(&innermost(error));
        let text = match error {
            // From the end of the chain. A profile that was named and is not there says so itself.
            CredentialsError::CredentialsNotLoaded(_) if why.contains(" in chain") => format!(
                "no AWS credentials were found in the environment, profiles, SSO, web identity, container or instance \
                 metadata: {}, run `aws sso login`, or run where a role is attached",
                std::env::var("AWS_PROFILE").map_or("set AWS_PROFILE or `profile`".to_owned(), |profile| format!(
                    "check the profile `{profile}` that AWS_PROFILE names"
                ))
            ),
            CredentialsError::ProviderTimedOut(_) => {
                format!("the AWS credentials could not be loaded: {error}; check the profile and the network")
            }
            _ => format!(
                "the AWS credentials could not be loaded: {why}; check `profile` and `credentials_file`, or run `aws sso login`"
            ),
        };
        Failure { kind: FailureKind::NoCredentials, code: String::new(), text, action, midway: false }
    }

    fn unreachable(action: &'static str, why: &str, endpoint: Option<&str>) -> Failure {
        let service = action.split(':').next().unwrap_or(action);
        let text = match endpoint {
            _ if why.contains("certificate") => format!(
                "{action} does not trust who answers for {}: {why}; if a proxy of yours does, put its CA into the file \
                 that SSL_CERT_FILE names",
                endpoint.unwrap_or(service)
            ),
            Some(endpoint) => format!(
                "{action} got no answer from {endpoint}: {why}; check `endpoint_url` or AWS_ENDPOINT_URL, and that it \
                 is up"
            ),
            None => format!(
                "{action} got no answer from {service}: {why}; check the region's name, the network and HTTPS_PROXY"
            ),
        };
        Failure { kind: FailureKind::Unreachable, code: String::new(), text, action, midway: false }
    }

    /// The same with a text that knows more of what was tried.
    pub(super) fn saying(mut self, text: impl Into<String>) -> Failure {
        self.text = text.into();
        self
    }

    /// The same as a plain refusal.
    pub(super) fn denied(mut self) -> Failure {
        self.kind = FailureKind::Denied;
        self
    }

    /// The same, with the thing that it is about.
    pub(super) fn in_thing(self, what: &str, name: &str) -> Failure {
        let text = format!("{what} {name}: {}", self.text);
        self.saying(text)
    }

    /// The same, after a part of the list was read.
    pub(super) fn midway(mut self) -> Failure {
        self.midway = true;
        self
    }

    /// The same; midway if there was a page before this one.
    pub(super) fn after<T>(self, token: &Option<T>) -> Failure {
        if token.is_some() { self.midway() } else { self }
    }

    /// Whether asking again in the same run would bring the same.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self.kind, FailureKind::Unreachable | FailureKind::Throttled | FailureKind::NoCredentials)
    }

    /// What it says about the kind that was read. `at_home` is whether the region is the one whose answers proved
    /// that the credentials are good.
    pub(super) fn outcome(&self, at_home: bool) -> Outcome {
        if self.midway {
            let permission = (self.kind == FailureKind::Denied).then(|| self.action.to_owned());
            let reason = Some(format!("the list was cut short: {}", self.text));
            return Outcome { coverage: Coverage::Partial, reason, permission };
        }
        match self.kind {
            FailureKind::Denied => Outcome::denied(self.action, &self.text),
            FailureKind::ForbiddenByPolicy | FailureKind::NotSubscribed => Outcome::not(Coverage::Absent, &self.text),
            FailureKind::UnknownCredentials if !at_home => Outcome::not(
                Coverage::Absent,
                format!(
                    "the region refuses credentials that are good elsewhere: it is not enabled here ({})",
                    self.code
                ),
            ),
            _ => Outcome::not(Coverage::Failed, &self.text),
        }
    }

    /// As the error of a whole source; `what` says what could not be done, and what else to try.
    pub(super) fn into_error(self, what: impl Into<String>) -> SourceError {
        let kind = match self.kind {
            FailureKind::Denied | FailureKind::ForbiddenByPolicy => ErrorKind::Denied,
            FailureKind::Other => ErrorKind::Unexpected,
            FailureKind::NotSubscribed | FailureKind::UnknownCredentials => ErrorKind::Invalid,
            FailureKind::NoCredentials | FailureKind::Unreachable | FailureKind::Throttled => ErrorKind::Unavailable,
        };
        SourceError::new(kind, what).caused_by(self)
    }
}

/// One condition has many names: each service took its own.
fn classify(code: &str, message: &str, status: Option<u16>) -> FailureKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "UnauthorizedOperation"
        | "UnauthorizedException"
        | "NotAuthorized"
        | "AllAccessDisabled" => {
            // AWS says this in the text and nowhere else.
            if message.contains("explicit deny in a service control policy") {
                FailureKind::ForbiddenByPolicy
            } else {
                FailureKind::Denied
            }
        }
        "OptInRequired" | "SubscriptionRequiredException" | "NotSignedUp" => FailureKind::NotSubscribed,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "IllegalLocationConstraintException" => FailureKind::UnknownCredentials,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => FailureKind::NoCredentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "BandwidthLimitExceeded"
        | "ProvisionedThroughputExceededException" => FailureKind::Throttled,
        _ => match status {
            Some(403) if code == "status 403" || code == "Forbidden" => FailureKind::Denied,
            Some(429) => FailureKind::Throttled,
            Some(500..) => FailureKind::Unreachable,
            _ => FailureKind::Other,
        },
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn StdError + 'static)| (*error).source())
}

/// The cause that says the most: the last one. Those around it only say that something went wrong.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(|cause| one_line(&cause.to_string())).unwrap_or_default()
}

fn one_line(message: &str) -> String {
    let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST_MESSAGE {
        line = line.chars().take(LONGEST_MESSAGE).collect::<String>() + "…";
    }
    line.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_many_names_of_one_condition_mean_the_same() {
        for code in ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"] {
            assert_eq!(classify(code, "no", Some(403)), FailureKind::Denied, "{code}");
        }
        for code in
            ["Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"]
        {
            assert_eq!(classify(code, "slow", Some(400)), FailureKind::Throttled, "{code}");
        }
        assert_eq!(classify("status 429", "", Some(429)), FailureKind::Throttled);
        assert_eq!(classify("InternalFailure", "", Some(500)), FailureKind::Unreachable);
    }

    #[test]
    fn a_service_control_policy_means_that_there_is_nothing() {
        let said = "User: x is not authorized to perform: rds:DescribeDBInstances with an explicit deny in a service \
                    control policy";
        assert_eq!(classify("AccessDenied", said, Some(403)), FailureKind::ForbiddenByPolicy);
    }
}
