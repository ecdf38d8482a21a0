//! The connection to AWS: configuration chain, HTTP client, retries, and how many requests run at the same time.
//!
//! Made at the first use of a source. What is asked stands in the services' files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::config::SharedHttpClient;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use super::config::Config;
use super::error::{ATTEMPTS, Failure};

/// How many requests run at the same time over all accounts and services.
const REQUESTS: usize = 64;

/// How many requests run at the same time to one service of one account, where the configuration does not say.
pub(super) const REQUESTS_PER_SERVICE: usize = 8;

/// Where there is no other region to be had.
const FALLBACK_REGION: &str = "us-east-1";

/// What all clients of a source share.
#[derive(Debug)]
pub(super) struct Connection {
    /// With the credentials of the configuration, in the home region.
    pub(super) config: SdkConfig,
    /// The region of the calls that belong to none.
    pub(super) home: String,
    gates: Gates,
}

impl Connection {
    /// Loads what the AWS configuration chain says, where the source's configuration does not.
    pub(super) async fn open(config: &Config) -> Connection {
        let http = http_client();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .identity_cache(IdentityCache::lazy().load_timeout(Duration::from_secs(30)).build());
        if let Some(home) = &config.home_region {
            loader = loader.region(Region::new(home.clone()));
        }
        if let Some(url) = &config.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let mut loaded = with_profile(loader, config, http).load().await;
        let home = match loaded.region() {
            Some(region) => region.to_string(),
            None => {
                loaded = loaded.into_builder().region(Region::from_static(FALLBACK_REGION)).build();
                FALLBACK_REGION.to_owned()
            }
        };
        let width = config.concurrency.unwrap_or(REQUESTS_PER_SERVICE);
        Connection { config: loaded, home, gates: Gates::new(width) }
    }

    /// The one address of all services, if there is one.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    /// How many requests to one service of one account run at the same time.
    pub(super) fn width(&self) -> usize {
        self.gates.width
    }

    /// Sends a request when it is its turn. `action` is the IAM action that it needs.
    pub(super) fn call<'r, T, E>(
        &'r self,
        account: &'r str,
        action: &'static str,
        request: impl Future<Output = Result<T, SdkError<E>>> + Send + 'r,
    ) -> BoxFuture<'r, Result<T, Failure>>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + Send + 'static,
    {
        // The SDK's futures run to tens of kilobytes: boxed at once they stay out of those that wait for them.
        let request = Box::pin(request);
        let service = action.split(':').next().unwrap_or(action);
        let gate = self.gates.of(account, service);
        Box::pin(async move {
            let _turn = gate.acquire().await.expect("a gate is never closed");
            let _place = self.gates.all.acquire().await.expect("a gate is never closed");
            request.await.map_err(|error| Failure::new(action, &error, self.endpoint()))
        })
    }
}

/// Bounds what runs at the same time: AWS counts per account, region and service.
#[derive(Debug)]
struct Gates {
    width: usize,
    all: Semaphore,
    each: Mutex<HashMap<(String, String), Arc<Semaphore>>>,
}

impl Gates {
    fn new(width: usize) -> Gates {
        Gates { width, all: Semaphore::new(REQUESTS), each: Mutex::default() }
    }

    fn of(&self, account: &str, service: &str) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = each.entry((account.to_owned(), service.to_owned()));
        Arc::clone(gate.or_insert_with(|| Arc::new(Semaphore::new(self.width))))
    }
}

/// Takes the credentials from a profile, if the configuration names one: what is written down for this source
/// precedes what the environment happens to hold, as with the AWS CLI's `--profile`.
fn with_profile(mut loader: ConfigLoader, config: &Config, http: SharedHttpClient) -> ConfigLoader {
    if config.profile.is_none() && config.credentials_file.is_none() {
        return loader;
    }
    let home = config.home_region.clone().unwrap_or_else(|| FALLBACK_REGION.to_owned());
    let provider = ProviderConfig::without_region().with_region(Some(Region::new(home))).with_http_client(http);
    let mut credentials = ProfileFileCredentialsProvider::builder().configure(&provider);
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
        credentials = credentials.profile_name(profile);
    }
    if let Some(file) = &config.credentials_file {
        let files = EnvConfigFiles::builder().with_file(EnvConfigFileKind::Credentials, file).build();
        loader = loader.profile_files(files.clone());
        credentials = credentials.profile_files(files);
    }
    loader.credentials_provider(credentials.build())
}

/// One client for all services: connections and TLS sessions are shared. A proxy is taken from the environment.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).proxy_config(ProxyConfig::from_env()).build()
    })
}

/// Exponential, with full jitter. Not the adaptive mode: it slows a whole client down for minutes after one refusal,
/// and the gates hold the rate already.
pub(super) fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(20))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build()
}

/// Retries what a proxy or gateway refuses with 429 alone: the SDK looks for the name of an error in it.
#[derive(Debug)]
pub(super) struct TooManyRequests;

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

/// A client of one service, with a retry budget of its own per account and region: `client!(crate, config, account)`.
macro_rules! client {
    ($sdk:ident, $config:expr, $account:expr) => {
        $sdk::Client::from_conf($crate::aws::client::client!(@builder $sdk, $config, $account).build())
    };
    (@builder $sdk:ident, $config:expr, $account:expr) => {{
        let config: &aws_config::SdkConfig = $config;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let budget = format!("{} {} {}", stringify!($sdk), $account, region);
        $sdk::config::Builder::from(config)
            .retry_partition($sdk::config::retry::RetryPartition::new(budget))
            .retry_classifier($crate::aws::client::TooManyRequests)
    }};
}
pub(super) use client;
