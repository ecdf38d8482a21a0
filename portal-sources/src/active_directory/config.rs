//! What stands in the `[[source]]` table of a source of type `active-directory`.
//!
//! Checks what can be known without looking outside: files and servers are looked at when something is read.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use portal_core::dn;
use portal_core::pattern::GroupPattern;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::address::Server;

/// How to reach a directory, and which of its groups are teams and products.
///
/// The way there is always encrypted: `ldaps://`, or `ldap://` with `starttls = true`. Certificate and host name are
/// always checked. The account is named by `bind_dn`, and its password stands in a file or in the environment variable
/// `PORTAL_AD_PASSWORD`; without `bind_dn` the directory is read anonymously. Kerberos (GSSAPI) is not spoken: it would
/// need C libraries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// One server or several, such as `ldaps://dc1.corp.example`; when one fails, the next one is asked.
    #[serde(deserialize_with = "one_or_several")]
    pub url: Vec<String>,
    /// The certificate authorities of the servers, in PEM; without it those of this machine count.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Encrypt connections to `ldap://` before anything else is said.
    #[serde(default)]
    pub starttls: bool,
    /// The account: a name such as `CN=portal,OU=Services,DC=corp,DC=example`; Active Directory also takes
    /// `portal@corp.example`.
    #[serde(default)]
    pub bind_dn: Option<String>,
    /// A file with the password; without it the environment variable `PORTAL_AD_PASSWORD` counts.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The entry below which groups and people are looked for, such as `DC=corp,DC=example`.
    pub base: String,
    /// The domain's name in the portal; without it the `DC` parts of `base` make it.
    #[serde(default)]
    pub domain: Option<String>,
    /// Which groups are teams; its group `name` finds the team's name.
    #[serde(default = "default_team_groups")]
    pub team_groups: String,
    /// Which groups are products, if any; its group `name` finds the product's name.
    #[serde(default)]
    pub product_groups: Option<String>,
    /// An LDAP filter that groups have to pass besides.
    #[serde(default)]
    pub group_filter: Option<String>,
    /// An LDAP filter that people have to pass besides.
    #[serde(default)]
    pub user_filter: Option<String>,
    /// How many entries are asked for at a time; Active Directory gives 1,000 at most.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
    /// How many seconds connecting to a server may take, encryption and log-in included.
    #[serde(default = "default_connect_timeout")]
    pub connect_timeout: u64,
    /// How many seconds one page may take.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
}

/// What a configuration means.
pub(super) struct Plan {
    pub(super) servers: Vec<Server>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) bind_dn: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) base: String,
    pub(super) domain: String,
    patterns: Vec<GroupPattern>,
    pub(super) group_filter: String,
    pub(super) user_filter: String,
    pub(super) page_size: i32,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
}

/// Groups of Active Directory and of other directories.
const GROUPS: &str = "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))";

/// People: in Active Directory computers are users too, and only the category tells them apart.
const PEOPLE: &str = "(|(&(objectCategory=person)(objectClass=user))(objectClass=inetOrgPerson))";

impl Config {
    /// Every key that may stand in the table, beside `name`, `type` and `every`.
    pub const KEYS: &'static [&'static str] = &[
        "url",
        "ca_file",
        "starttls",
        "bind_dn",
        "password_file",
        "base",
        "domain",
        "team_groups",
        "product_groups",
        "group_filter",
        "user_filter",
        "page_size",
        "connect_timeout",
        "timeout",
    ];

    /// The teams `SG-Team-…` of one server, read anonymously.
    pub fn new(url: impl Into<String>, base: impl Into<String>) -> Config {
        Config {
            url: vec![url.into()],
            ca_file: None,
            starttls: false,
            bind_dn: None,
            password_file: None,
            base: base.into(),
            domain: None,
            team_groups: default_team_groups(),
            product_groups: None,
            group_filter: None,
            user_filter: None,
            page_size: default_page_size(),
            connect_timeout: default_connect_timeout(),
            timeout: default_timeout(),
        }
    }

    /// What the values mean, or what is wrong with them and what to do.
    pub(super) fn check(self) -> Result<Plan, String> {
        let servers = self.servers()?;
        self.check_account()?;
        if !dn::is_dn(&self.base) {
            return Err(format!(
                "`base` is `{}`, which is no name of an entry; write such as base = \"DC=corp,DC=example\"",
                self.base.escape_debug()
            ));
        }
        let domain = self.domain_name()?;
        let pattern = |key: &str, text: &str| {
            text.parse::<GroupPattern>()
                .map_err(|problem| format!("`{key}`: {problem}; write such as {key} = '^SG-Team-(?<name>.+)$'"))
        };
        let mut patterns = vec![pattern("team_groups", &self.team_groups)?];
        if let Some(products) = &self.product_groups {
            patterns.push(pattern("product_groups", products)?);
        }
        let group_filter = filter("group_filter", GROUPS, self.group_filter.as_deref())?;
        let user_filter = filter("user_filter", PEOPLE, self.user_filter.as_deref())?;
        let page_size = i32::try_from(self.page_size).unwrap_or(0);
        if page_size == 0 {
            return Err(format!(
                "`page_size` is {}; write how many entries to ask for at a time, such as 1000",
                self.page_size
            ));
        }
        for (key, seconds) in [("connect_timeout", self.connect_timeout), ("timeout", self.timeout)] {
            if !(1..=86_400).contains(&seconds) {
                return Err(format!("`{key}` is {seconds}; write how many seconds to wait at most, such as 30"));
            }
        }
        Ok(Plan {
            servers,
            ca_file: self.ca_file,
            bind_dn: self.bind_dn,
            password_file: self.password_file,
            base: self.base,
            domain,
            patterns,
            group_filter,
            user_filter,
            page_size,
            connect_timeout: Duration::from_secs(self.connect_timeout),
            timeout: Duration::from_secs(self.timeout),
        })
    }

    fn servers(&self) -> Result<Vec<Server>, String> {
        let mut servers: Vec<Server> = Vec::new();
        for url in &self.url {
            let server = Server::read(url, self.starttls)?;
            if servers.iter().any(|other| (&other.host, other.port) == (&server.host, server.port)) {
                return Err(format!("`url` names {}:{} twice; keep one", server.host, server.port));
            }
            servers.push(server);
        }
        if servers.is_empty() {
            return Err("`url` is an empty list; write such as url = \"ldaps://dc1.corp.example\"".to_owned());
        }
        if self.starttls && servers.iter().all(|server| !server.starttls) {
            return Err(
                "`starttls` belongs to ldap://, and every `url` begins with ldaps://, which is encrypted from \
                        the start; leave `starttls` out"
                    .to_owned(),
            );
        }
        Ok(servers)
    }

    fn check_account(&self) -> Result<(), String> {
        match (&self.bind_dn, &self.password_file) {
            (Some(account), _) if account.trim().is_empty() => {
                Err("`bind_dn` is empty; write the account's name, or leave the key out to read anonymously".to_owned())
            }
            (None, Some(_)) => Err("`password_file` belongs to `bind_dn`, which is missing; write such as \
                                    bind_dn = \"CN=portal,OU=Services,DC=corp,DC=example\""
                .to_owned()),
            _ => Ok(()),
        }
    }

    fn domain_name(&self) -> Result<String, String> {
        let domain = match &self.domain {
            Some(domain) => domain.trim().to_lowercase(),
            None => dn::domain(&self.base).ok_or_else(|| {
                format!(
                    "`domain` is missing, and `base` ({}) has no DC parts to make it from; write such as \
                     domain = \"corp.example\"",
                    self.base.escape_debug()
                )
            })?,
        };
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '/';
        if domain.is_empty() || domain.contains(odd) {
            return Err(format!(
                "`domain` is `{}`, which is no name; write such as domain = \"corp.example\"",
                domain.escape_debug()
            ));
        }
        Ok(domain)
    }
}

impl Plan {
    /// Whether a group of one of these names is a team or a product.
    pub(super) fn is_ours<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> bool {
        names.into_iter().any(|name| self.patterns.iter().any(|pattern| pattern.name(name).is_some()))
    }
}

/// A filter of ours and one of the configuration, both of which have to fit.
fn filter(key: &str, ours: &str, more: Option<&str>) -> Result<String, String> {
    let Some(more) = more else { return Ok(ours.to_owned()) };
    let more = more.trim();
    if !more.starts_with('(') || ldap3::parse_filter(more).is_err() {
        return Err(format!(
            "`{key}` is `{}`, which is no LDAP filter; write such as {key} = \"(!(description=old*))\"",
            more.escape_debug()
        ));
    }
    Ok(format!("(&{ours}{more})"))
}

fn default_team_groups() -> String {
    "^SG-Team-(?<name>.+)$".to_owned()
}

fn default_page_size() -> u32 {
    1000
}

fn default_connect_timeout() -> u64 {
    10
}

fn default_timeout() -> u64 {
    60
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct OneOrSeveral;

    impl<'de> Visitor<'de> for OneOrSeveral {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an address or a list of them, such as [\"ldaps://dc1.corp.example\"]")
        }

        fn visit_str<E: serde::de::Error>(self, url: &str) -> Result<Vec<String>, E> {
            Ok(vec![url.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut urls: A) -> Result<Vec<String>, A::Error> {
            let mut all = Vec::new();
            while let Some(url) = urls.next_element()? {
                all.push(url);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_any(OneOrSeveral)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Result<Plan, String> {
        toml::from_str::<Config>(table).expect("the table has the right types").check()
    }

    #[track_caller]
    fn problem(more: &str) -> String {
        let table = format!("base = 'DC=corp,DC=example'\n{more}");
        let table = if more.contains("url") { table } else { format!("url = 'ldaps://dc1'\n{table}") };
        read(&table).err().unwrap_or_else(|| panic!("{table} is taken"))
    }

    #[test]
    fn every_key_of_the_table_is_listed() {
        let table = "url='ldap://a'\nca_file='c'\nstarttls=true\nbind_dn='b'\npassword_file='p'\nbase='DC=x'\n\
                     domain='d'\nteam_groups='(?<name>.)'\nproduct_groups='(?<name>.)'\ngroup_filter='(a=b)'\n\
                     user_filter='(a=b)'\npage_size=1\nconnect_timeout=1\ntimeout=1";
        read(table).map(|_| ()).expect("each key is known");
        let written: Vec<&str> = table.lines().filter_map(|line| line.split('=').next()).collect();
        assert_eq!(written, Config::KEYS);
        for word in ["insecure = true", "tls_verify = false", "allow_plaintext = true"] {
            toml::from_str::<Config>(&format!("url='ldaps://a'\nbase='DC=x'\n{word}")).expect_err("no way around TLS");
        }
    }

    #[test]
    fn one_server_or_several_can_be_named() {
        let plan = read("url = ['ldaps://DC1.corp.example/', 'LDAPS://dc2:3269']\nbase = 'OU=x,DC=Corp,DC=Example'");
        let plan = plan.expect("two servers");
        let found: Vec<(&str, u16)> = plan.servers.iter().map(|s| (s.host.as_str(), s.port)).collect();
        assert_eq!(found, [("DC1.corp.example", 636), ("dc2", 3269)]);
        assert_eq!((plan.domain.as_str(), plan.page_size), ("corp.example", 1000));
        let plan = read("url = 'ldap://dc1'\nstarttls = true\nbase = 'DC=x'").expect("a server");
        assert_eq!((plan.servers[0].port, plan.servers[0].starttls), (389, true));
    }

    #[test]
    fn servers_say_what_is_wrong_with_them() {
        assert!(problem("url = 'ldap://dc1'").contains("add `starttls = true`"));
        assert!(problem("url = 'ldaps://dc1'\nstarttls = true").contains("leave `starttls` out"));
        assert!(problem("url = []").contains("empty list"));
        assert!(problem("url = ['ldaps://a', 'ldaps://a:636']").contains("twice"));
        let wrong = toml::from_str::<Config>("url = 1\nbase = 'DC=x'").expect_err("a number is no address");
        assert!(wrong.message().contains("an address or a list"), "{wrong}");
    }

    #[test]
    fn values_that_do_not_fit_say_what_to_do() {
        assert!(problem("bind_dn = ''").contains("read anonymously"));
        assert!(problem("password_file = 'p'").contains("`bind_dn`, which is missing"));
        assert!(problem("domain = 'a b'").contains("corp.example"));
        assert!(problem("team_groups = '^SG-.+$'").contains("no group `name`"));
        assert!(problem("product_groups = '('").contains("`product_groups`"));
        assert!(problem("group_filter = 'cn=a'").contains("no LDAP filter"));
        assert!(problem("user_filter = '(cn=a'").contains("`user_filter`"));
        assert!(problem("user_filter = '(a=b)(c=d)'").contains("no LDAP filter"));
        assert!(problem("page_size = 0").contains("such as 1000"));
        assert!(problem("page_size = 4294967295").contains("such as 1000"));
        assert!(problem("timeout = 0").contains("`timeout` is 0"));
        assert!(problem("connect_timeout = 0").contains("`connect_timeout` is 0"));
        let no_name = read("url = 'ldaps://a'\nbase = 'corp.example'").err().expect("no name");
        assert!(no_name.contains("DC=corp,DC=example"), "{no_name}");
        let no_domain = read("url = 'ldaps://a'\nbase = 'O=corp'").err().expect("no domain");
        assert!(no_domain.contains("`domain` is missing"), "{no_domain}");
    }

    #[test]
    fn a_filter_of_the_configuration_narrows_ours() {
        let plan = read("url='ldaps://a'\nbase='DC=x'\ngroup_filter=' (ou=a) '").expect("a filter");
        assert_eq!(plan.group_filter, format!("(&{GROUPS}(ou=a))"));
        for filter in [&plan.group_filter, &plan.user_filter] {
            assert!(ldap3::parse_filter(filter).is_ok(), "{filter}");
        }
    }
}
