//! The connection to a bucket: configuration chain, HTTP client, retries, and how many requests run at the same time.

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction, RetryPartition};
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_types::service_config::ServiceConfigKey;
use futures::future::BoxFuture;
use portal_core::LakePath;
use tokio::sync::Semaphore;

use super::S3Options;
use super::error::{Failure, S3Error};
use super::place::Place;

/// Where nothing says another one; servers other than AWS mostly take it too.
const FALLBACK_REGION: &str = "us-east-1";

/// A bucket with all that a request to it needs.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) client: aws_sdk_s3::Client,
    pub(super) place: Place,
    pub(super) options: S3Options,
    gate: Semaphore,
}

impl Bucket {
    /// Loads what the AWS configuration chain says, where the lake's URL does not.
    pub(super) async fn open(mut place: Place, options: S3Options) -> Bucket {
        let config = load(&place, &options).await;
        place.endpoint = endpoint(&place, &config);
        let budget = RetryPartition::new(format!("portal lake {}", place.location()));
        let mut builder = aws_sdk_s3::config::Builder::from(&config)
            .retry_partition(budget)
            .retry_classifier(TooManyRequests)
            .force_path_style(place.path_style.unwrap_or(place.endpoint.is_some()))
            // What newer SDKs send by default, trailing checksums in chunks, is more than many other servers take.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        builder.set_endpoint_url(place.endpoint.clone());
        let client = aws_sdk_s3::Client::from_conf(builder.build());
        let gate = Semaphore::new(options.requests.max(1));
        Bucket { client, place, options, gate }
    }

    /// Does something when it is its turn: a request, or a request with the reading of its body.
    pub(super) async fn turn<T>(&self, work: impl Future<Output = T> + Send) -> T {
        let _place = self.gate.acquire().await.expect("the gate is never closed");
        work.await
    }

    /// Sends a request when it is its turn. `action` is the IAM action that it needs.
    pub(super) fn call<'r, T, E>(
        &'r self,
        action: &'static str,
        path: &'r LakePath,
        request: impl Future<Output = Result<T, SdkError<E>>> + Send + 'r,
    ) -> BoxFuture<'r, Result<T, S3Error>>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + Send + 'static,
    {
        // The SDK's futures run to tens of kilobytes: boxed at once they stay out of those that wait for them.
        let request = Box::pin(request);
        Box::pin(async move { self.turn(request).await.map_err(|error| self.failure(action, path, &error)) })
    }

    pub(super) fn failure<E>(&self, action: &'static str, path: &LakePath, error: &SdkError<E>) -> S3Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Failure::new(action, &self.shown(path), &self.place, error).into()
    }

    /// A path of the lake in the form that people know.
    pub(super) fn shown(&self, path: &LakePath) -> String {
        self.place.shown(path.as_str())
    }

    /// The bucket's key of a path of the lake.
    pub(super) fn key(&self, path: &LakePath) -> String {
        self.place.key(path.as_str())
    }
}

async fn load(place: &Place, options: &S3Options) -> SdkConfig {
    let http = http_client();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(retries(options))
        .timeout_config(timeouts(options))
        .identity_cache(IdentityCache::lazy().load_timeout(Duration::from_secs(30)).build());
    let config = with_profile(with_region(loader, place), place, http).load().await;
    if config.region().is_some() {
        return config;
    }
    config.into_builder().region(Region::from_static(FALLBACK_REGION)).build()
}

fn with_region(loader: ConfigLoader, place: &Place) -> ConfigLoader {
    if let Some(region) = &place.region {
        return loader.region(Region::new(region.clone()));
    }
    let by_variable = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].iter().any(|name| std::env::var_os(name).is_some());
    if place.endpoint.is_none() && !by_variable {
        return loader;
    }
    // An own server has no region to speak of: nobody waits for the metadata service of a cloud to name one.
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &place.profile {
        profile = profile.profile_name(name);
    }
    let environment = aws_config::environment::EnvironmentVariableRegionProvider::new();
    let chain = RegionProviderChain::first_try(environment).or_else(profile.build());
    loader.region(chain.or_else(Region::from_static(FALLBACK_REGION)))
}

/// Takes the credentials from a profile, if the URL names one: what is written down for this lake precedes what the
/// environment happens to hold.
fn with_profile(mut loader: ConfigLoader, place: &Place, http: SharedHttpClient) -> ConfigLoader {
    if place.profile.is_none() && place.credentials_file.is_none() {
        return loader;
    }
    let region = place.region.clone().unwrap_or_else(|| FALLBACK_REGION.to_owned());
    let provider = ProviderConfig::without_region().with_region(Some(Region::new(region))).with_http_client(http);
    let mut credentials = ProfileFileCredentialsProvider::builder().configure(&provider);
    if let Some(profile) = &place.profile {
        loader = loader.profile_name(profile);
        credentials = credentials.profile_name(profile);
    }
    if let Some(file) = &place.credentials_file {
        let files = EnvConfigFiles::builder().with_file(EnvConfigFileKind::Credentials, file).build();
        loader = loader.profile_files(files.clone());
        credentials = credentials.profile_files(files);
    }
    loader.credentials_provider(credentials.build())
}

/// The server's address, if it is not AWS's own: from the URL, from variables, or from a profile; that of S3 alone
/// precedes that of all services.
fn endpoint(place: &Place, config: &SdkConfig) -> Option<String> {
    let of_s3 = || {
        let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
        config.service_config()?.load_config(key.ok()?)
    };
    place.endpoint.clone().or_else(of_s3).or_else(|| config.endpoint_url().map(str::to_owned))
}

/// A proxy is taken from the environment.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).proxy_config(ProxyConfig::from_env()).build()
    })
}

/// Exponential, with full jitter; the deadline of the whole operation ends them.
fn retries(options: &S3Options) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(options.attempts)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(10))
}

fn timeouts(options: &S3Options) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(options.connect_timeout)
        .operation_attempt_timeout(options.attempt_timeout)
        .operation_timeout(options.deadline)
        .build()
}

/// Retries what a proxy or gateway refuses with 429 alone: the SDK looks for the name of an error in it.
#[derive(Debug)]
struct TooManyRequests;

impl ClassifyRetry for TooManyRequests {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().map(|response| response.status().as_u16()) {
            Some(429) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "HTTP status 429"
    }
}
