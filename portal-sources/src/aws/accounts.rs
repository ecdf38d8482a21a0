//! One account: how it is entered, and what is asked once for all its regions.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use portal_core::Text;
use tokio::sync::{Mutex, OnceCell};

use super::client::{Connection, client, retries};
use super::config::{Config, Role};
use super::error::{Failure, FailureKind};
use super::regions::{self, RegionState};

/// Assumed credentials are renewed so long before they end.
const RENEWAL: Duration = Duration::from_secs(300);

/// Who the credentials of the configuration belong to.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: Text,
    pub(super) arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub(super) partition: String,
}

impl Caller {
    /// Asks STS.
    pub(super) async fn ask(connection: &Connection) -> Result<Caller, Failure> {
        let action = "sts:GetCallerIdentity";
        // Who mistyped an address or sits behind a firewall should not wait for all the attempts.
        let builder = client!(@builder aws_sdk_sts, &connection.config, "caller");
        let sts = aws_sdk_sts::Client::from_conf(builder.retry_config(retries().with_max_attempts(4)).build());
        let said = connection.call("caller", action, sts.get_caller_identity().send()).await?;
        let (Some(account), Some(arn)) = (said.account(), said.arn()) else {
            return Err(Failure::other(action, format!("{action} named no account; check the endpoint")));
        };
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        Ok(Caller { account: Text::from(account), arn: arn.to_owned(), partition })
    }
}

/// One account in one run.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: Text,
    pub(super) partition: String,
    /// Why there is nothing to read, if the organization says so: suspended, closed.
    pub(super) closed: Option<String>,
    role: Option<AssumedRole>,
    connection: Arc<Connection>,
    entered: Once<SdkConfig>,
    regions: Once<Vec<RegionState>>,
    #[cfg(feature = "aws-s3")]
    pub(super) buckets: Once<super::s3::Listing>,
}

#[derive(Debug)]
struct AssumedRole {
    arn: String,
    external_id: Option<String>,
    session_name: String,
    caller: String,
}

impl Account {
    /// An account that nobody has entered yet.
    pub(super) fn new(
        id: Text,
        closed: Option<String>,
        caller: &Caller,
        config: &Config,
        connection: &Arc<Connection>,
    ) -> Account {
        let own = id == caller.account;
        let role = config.role.as_deref().filter(|_| !own || config.assume_in_own_account).map(|role| AssumedRole {
            arn: Role::parse(role).expect("checked when the source was made").arn_in(&caller.partition, &id),
            external_id: config.external_id.clone(),
            session_name: config.session_name.clone().unwrap_or_else(|| "portal".to_owned()),
            caller: caller.arn.clone(),
        });
        Account {
            id,
            partition: caller.partition.clone(),
            closed,
            role,
            connection: Arc::clone(connection),
            entered: Once::default(),
            regions: Once::default(),
            #[cfg(feature = "aws-s3")]
            buckets: Once::default(),
        }
    }

    /// The connection that it is reached through.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The configuration with its credentials, in a region.
    pub(super) async fn enter(&self, region: &str) -> Result<SdkConfig, Failure> {
        let config = self.entered.get(self.assume()).await?;
        Ok(config.to_builder().region(Region::new(region.to_owned())).build())
    }

    /// The same in the home region.
    pub(super) async fn enter_home(&self) -> Result<SdkConfig, Failure> {
        self.enter(&self.connection.home).await
    }

    /// Its regions, enabled or not.
    pub(super) async fn regions(&self) -> Result<&[RegionState], Failure> {
        self.regions.get(async { regions::list(self, &self.enter_home().await?).await }).await.map(Vec::as_slice)
    }

    async fn assume(&self) -> Result<SdkConfig, Failure> {
        let base = &self.connection.config;
        let Some(role) = &self.role else { return Ok(base.clone()) };
        let credentials = RoleCredentials {
            sts: client!(aws_sdk_sts, base, self.id),
            account: self.id.clone(),
            arn: role.arn.clone(),
            external_id: role.external_id.clone(),
            session_name: role.session_name.clone(),
            connection: Arc::clone(&self.connection),
            held: Mutex::new(None),
        };
        credentials.fetch().await.map_err(|failure| self.explain(role, failure))?;
        Ok(base
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // A cache of its own: one role for all services and regions of the account, and no other's.
            .identity_cache(
                IdentityCache::lazy()
                    .load_timeout(Duration::from_secs(120))
                    .buffer_time(Duration::from_secs(60))
                    .build(),
            )
            .build())
    }

    /// Says what to look at when a role cannot be assumed.
    fn explain(&self, role: &AssumedRole, failure: Failure) -> Failure {
        if !matches!(failure.kind, FailureKind::Denied | FailureKind::ForbiddenByPolicy) {
            let text = format!("the role {} could not be assumed: {}", role.arn, failure.text);
            return failure.saying(text);
        }
        let id = match &role.external_id {
            Some(_) => "asks for this `external_id`",
            None => "asks for no external id, or set `external_id`",
        };
        let text = format!(
            "{} was refused the role {} ({}); check in account {} that the role exists, and that its trust policy \
             names that principal and {id}",
            role.caller, role.arn, failure.code, self.id
        );
        // Also a policy of the organization closes only this door: what is behind it is still there.
        failure.denied().saying(text)
    }
}

/// Assumes a role whenever its last credentials are about to end; role chaining limits them to one hour.
#[derive(Debug)]
struct RoleCredentials {
    sts: aws_sdk_sts::Client,
    account: Text,
    arn: String,
    external_id: Option<String>,
    session_name: String,
    connection: Arc<Connection>,
    held: Mutex<Option<Credentials>>,
}

impl RoleCredentials {
    async fn fetch(&self) -> Result<Credentials, Failure> {
        let mut held = self.held.lock().await;
        let good =
            |credentials: &&Credentials| credentials.expiry().is_none_or(|end| end > SystemTime::now() + RENEWAL);
        if let Some(credentials) = held.as_ref().filter(good) {
            return Ok(credentials.clone());
        }
        let action = "sts:AssumeRole";
        let request = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.session_name)
            .set_external_id(self.external_id.clone())
            .send();
        // Not through the gates: a request that has its turn may be waiting for these credentials.
        let answer = Box::pin(request).await.map_err(|e| Failure::new(action, &e, self.connection.endpoint()))?;
        let Some(given) = answer.credentials() else {
            return Err(Failure::other(action, format!("{action} gave no credentials for {}", self.arn)));
        };
        let mut credentials = Credentials::builder()
            .access_key_id(given.access_key_id())
            .secret_access_key(given.secret_access_key())
            .session_token(given.session_token())
            .account_id(self.account.as_str())
            .provider_name("portal-assume-role");
        if let Ok(end) = SystemTime::try_from(*given.expiration()) {
            credentials = credentials.expiry(end);
        }
        Ok(held.insert(credentials.build()).clone())
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.fetch().await.map_err(CredentialsError::provider_error) })
    }
}

/// Asked once in a run, by whoever comes first. A failure that may pass is asked again.
#[derive(Debug)]
pub(super) struct Once<T>(OnceCell<Result<T, Failure>>);

impl<T> Default for Once<T> {
    fn default() -> Once<T> {
        Once(OnceCell::new())
    }
}

impl<T> Once<T> {
    /// What was asked before, or what `ask` brings now.
    pub(super) async fn get(&self, ask: impl Future<Output = Result<T, Failure>>) -> Result<&T, Failure> {
        let asked = self.0.get_or_try_init(|| async {
            match ask.await {
                Err(failure) if !failure.is_final() => Err(failure),
                settled => Ok(settled),
            }
        });
        asked.await?.as_ref().map_err(Clone::clone)
    }
}
