//! One run: whose credentials they are, which accounts and regions there are, and so which scopes.
//!
//! What is found out here once is shared by all scopes of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use portal_core::source::Unread;
use portal_core::{ErrorKind, Outcome, Scope, Scopes, SourceError, Text};

use super::accounts::{Account, Caller};
use super::client::Connection;
use super::config::{Config, Regions};
use super::error::Failure;
use super::regions;

/// How many accounts are asked for their regions at the same time.
const ACCOUNTS_AT_ONCE: usize = 16;

/// What one run found out.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) connection: Arc<Connection>,
    caller: Caller,
    accounts: BTreeMap<Text, Arc<Account>>,
    /// The organization's accounts, to be written in this scope.
    #[cfg(feature = "aws-organizations")]
    pub(super) organization: Option<(Scope, Vec<super::organizations::Member>)>,
}

/// The accounts to read, and what the organization says of them.
struct Listed {
    accounts: Vec<(Text, Option<String>)>,
    #[cfg(feature = "aws-organizations")]
    members: Option<Vec<super::organizations::Member>>,
}

impl Run {
    /// Finds out what there is to read.
    pub(super) async fn start(connection: Arc<Connection>, config: &Config) -> Result<(Run, Scopes), SourceError> {
        let caller = Caller::ask(&connection)
            .await
            .map_err(|failure| failure.into_error("cannot find out which AWS account the credentials belong to"))?;
        let listed = list_accounts(&connection, &caller, config).await?;
        let accounts: BTreeMap<Text, Arc<Account>> = listed
            .accounts
            .into_iter()
            .map(|(id, closed)| (id.clone(), Arc::new(Account::new(id, closed, &caller, config, &connection))))
            .collect();
        let own = match accounts.get(&caller.account) {
            Some(own) => Arc::clone(own),
            None => Arc::new(Account::new(caller.account.clone(), None, &caller, config, &connection)),
        };
        let scopes = match &config.regions {
            Regions::Listed(regions) => listed_regions(&own, &accounts, regions).await?,
            Regions::Enabled => enabled_regions(&own, &accounts, config.organization).await?,
        };
        #[cfg(feature = "aws-organizations")]
        let organization = listed.members.and_then(|members| {
            let management = super::organizations::management(&members).unwrap_or(&caller.account).clone();
            let scope = organization_scope(&scopes.scopes, &management, &connection.home)?;
            Some((scope, members))
        });
        let run = Run {
            connection,
            caller,
            accounts,
            #[cfg(feature = "aws-organizations")]
            organization,
        };
        Ok((run, scopes))
    }

    /// An account by its id; one that the run did not list is tried as it is.
    pub(super) fn account(&self, id: &Text, config: &Config) -> Arc<Account> {
        match self.accounts.get(id) {
            Some(account) => Arc::clone(account),
            None => Arc::new(Account::new(id.clone(), None, &self.caller, config, &self.connection)),
        }
    }
}

async fn list_accounts(connection: &Connection, caller: &Caller, config: &Config) -> Result<Listed, SourceError> {
    #[cfg(feature = "aws-organizations")]
    if config.organization {
        let members = super::organizations::list(connection, caller).await.map_err(|failure| {
            failure.into_error(format!(
                "cannot list the accounts of the organization as {} in account {}; that works from the management \
                 account or a delegated administrator with organizations:ListAccounts only; change the credentials, or \
                 list the accounts with `accounts = [...]`",
                caller.arn, caller.account
            ))
        })?;
        let accounts = members.iter().map(|member| (member.id.clone(), member.closed.clone())).collect();
        return Ok(Listed { accounts, members: Some(members) });
    }
    let _ = connection;
    let accounts: Vec<Text> =
        if config.accounts.is_empty() { vec![caller.account.clone()] } else { config.accounts.clone() };
    if config.role.is_none()
        && let Some(other) = accounts.iter().find(|account| **account != caller.account)
    {
        return Err(SourceError::new(
            ErrorKind::Invalid,
            format!(
                "account {other} cannot be entered: the credentials belong to account {} and no `role` is set; set \
                 `role` to the name of a role in account {other} that {} may assume",
                caller.account, caller.arn
            ),
        ));
    }
    Ok(Listed {
        accounts: accounts.into_iter().map(|id| (id, None)).collect(),
        #[cfg(feature = "aws-organizations")]
        members: None,
    })
}

/// The configured regions in each account. The list says nothing about what is gone.
async fn listed_regions(
    own: &Account,
    accounts: &BTreeMap<Text, Arc<Account>>,
    regions: &[Text],
) -> Result<Scopes, SourceError> {
    // Without the right to list regions a wrong name shows as an address that is not there.
    if let Ok(known) = own.regions().await
        && let Some(problem) = regions.iter().find_map(|region| regions::unknown(region, known))
    {
        return Err(SourceError::new(ErrorKind::Invalid, problem));
    }
    let names: BTreeSet<Text> = regions.iter().cloned().collect();
    let scopes = accounts.keys().flat_map(|account| scopes_of(account, &names)).collect();
    Ok(Scopes { scopes, ..Scopes::default() })
}

/// Each account's own regions; for one that cannot be asked, those of the caller's account.
async fn enabled_regions(
    own: &Account,
    accounts: &BTreeMap<Text, Arc<Account>>,
    whole_organization: bool,
) -> Result<Scopes, SourceError> {
    let asked = accounts.values().filter(|account| account.closed.is_none());
    let asked = asked.map(|account| async { (account.id.clone(), enabled(account).await) });
    let mut found: BTreeMap<Text, Result<BTreeSet<Text>, Failure>> =
        futures::stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
    let fallback = match enabled(own).await {
        Ok(regions) => regions,
        Err(failure) => {
            let others: BTreeSet<Text> = found.values().flatten().flatten().cloned().collect();
            if others.is_empty() {
                return Err(failure.into_error(format!(
                    "cannot find out which regions account {} uses; list them with `regions = [...]`, or grant \
                     account:ListRegions",
                    own.id
                )));
            }
            others
        }
    };
    let mut scopes = Scopes::default();
    for (id, account) in accounts {
        match found.remove(id) {
            Some(Ok(regions)) => {
                scopes.scopes.extend(scopes_of(id, &regions));
                scopes.whole_below.push(vec![id.clone()]);
            }
            Some(Err(failure)) => {
                scopes.scopes.extend(scopes_of(id, &fallback));
                let outcome = unlisted(&failure);
                scopes.unread.push(Unread { below: vec![id.clone()], outcome });
            }
            None => {
                debug_assert!(account.closed.is_some(), "every open account was asked");
                scopes.scopes.extend(scopes_of(id, &fallback));
            }
        }
    }
    // Accounts that could not be listed stand in `unread`: they are marked, not taken for gone.
    if whole_organization {
        scopes.whole_below = vec![Vec::new()];
    }
    Ok(scopes)
}

async fn enabled(account: &Account) -> Result<BTreeSet<Text>, Failure> {
    let regions = account.regions().await?;
    Ok(regions.iter().filter(|region| region.enabled).map(|region| Text::from(&region.name)).collect())
}

/// What is said of the regions that earlier runs saw and that could not be listed now.
fn unlisted(failure: &Failure) -> Outcome {
    // At home: a region that is not enabled has no part in this.
    let mut outcome = failure.outcome(true);
    if outcome.coverage.is_whole() {
        outcome.coverage = portal_core::Coverage::Denied;
    }
    outcome
}

fn scopes_of<'s>(account: &'s Text, regions: &'s BTreeSet<Text>) -> impl Iterator<Item = Scope> + 's {
    regions.iter().map(|region| Scope::Aws { account: account.clone(), region: region.clone() })
}

/// Where the organization's accounts are written: the management account's home region, or its first one.
#[cfg(feature = "aws-organizations")]
fn organization_scope(scopes: &[Scope], management: &Text, home: &str) -> Option<Scope> {
    let own = || scopes.iter().filter(|scope| scope.account() == Some(management));
    let at_home = own().find(|scope| scope.region().is_some_and(|region| region == home));
    at_home.or_else(|| own().next()).cloned()
}
