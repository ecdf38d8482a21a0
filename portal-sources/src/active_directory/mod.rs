//! Reads teams, products and their people from Active Directory, or another directory that speaks LDAP.
//!
//! - [`config`](Config) is what stands in `portal.toml`, `address` a server of it;
//! - `servers` says who is asked and who is asked next, `client` is one connection, `failure` says what went wrong with it;
//! - `groups` and `people` read what is kept, `entry` knows what values mean;
//! - `collect` is one domain in one run.
//!
//! Of people it asks for name, mail address, and what says whether they are there; nothing else. Which group is which
//! team is decided by the core.

mod address;
mod client;
mod collect;
mod config;
mod entry;
mod failure;
mod groups;
mod people;
mod servers;

use async_trait::async_trait;
use portal_core::{ErrorKind, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError, Text};

pub use self::config::Config;

use self::collect::{GROUPS, USERS, right_to_groups, right_to_users};
use self::config::Plan;

/// A source that reads the groups and people of one domain.
///
/// ```
/// use portal_core::Source;
/// use portal_sources::active_directory::{ActiveDirectory, Config};
///
/// let config = Config::new("ldaps://dc1.corp.example", "DC=corp,DC=example");
/// let source = ActiveDirectory::new("active-directory", config)?;
/// assert_eq!(source.permissions()[1].action, "read member of groups below DC=corp,DC=example");
/// # Ok::<(), String>(())
/// ```
pub struct ActiveDirectory {
    name: String,
    plan: Plan,
}

impl ActiveDirectory {
    /// Makes the source. Touches nothing outside.
    ///
    /// # Errors
    /// If a value of the configuration cannot be used; the text says what to do.
    pub fn new(name: &str, config: Config) -> Result<ActiveDirectory, String> {
        Ok(ActiveDirectory { name: name.to_owned(), plan: config.check()? })
    }

    fn scope(&self) -> Scope {
        Scope::Directory { domain: Text::from(self.plan.domain.as_str()) }
    }
}

#[async_trait]
impl Source for ActiveDirectory {
    fn name(&self) -> &str {
        &self.name
    }

    fn folder(&self) -> &str {
        "ad"
    }

    /// Active Directory gives them to everybody who can log in, unless somebody took them away.
    fn permissions(&self) -> Vec<Permission> {
        let base = &self.plan.base;
        let rights = [
            (GROUPS, format!("list groups below {base}")),
            (GROUPS, right_to_groups(base)),
            (USERS, format!("list users below {base}")),
            (USERS, right_to_users(base)),
        ];
        let permission = |(kind, action)| Permission {
            system: Text::new_static("ldap"),
            action: Text::from(action),
            kind: Text::new_static(kind),
        };
        rights.into_iter().map(permission).collect()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        // The one domain is all that this source reads.
        Ok(Scopes { scopes: vec![self.scope()], whole_below: vec![Vec::new()], unread: Vec::new() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        if *scope != self.scope() {
            return Err(SourceError::new(
                ErrorKind::Invalid,
                format!("{scope} is not the domain of source `{}`; ask it for its scopes first", self.name),
            ));
        }
        collect::collect(&self.plan, out).await;
        Ok(())
    }
}
