//! What stands in a `[[source]]` table of type `aws`, and what is wrong with it.
//!
//! Knows words and forms only; whether an account, role or region is there is found out in [`super::run`].

use std::fmt;

use portal_core::Text;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::kinds::{ACCOUNTS, Kind};

/// The configuration of an AWS source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Read every account of the organization. Needs `role`, and credentials of the management account or of a
    /// delegated administrator.
    pub organization: bool,
    /// Read these accounts: ids as text of twelve digits. Without them and without `organization` it is the account
    /// of the credentials, read with the credentials themselves.
    #[serde(deserialize_with = "account_ids")]
    pub accounts: Vec<Text>,
    /// The role that is assumed in each account: its name, or its full ARN if there is one account only.
    pub role: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The session name in CloudTrail; `portal` without it.
    pub session_name: Option<String>,
    /// Assume the role also in the account of the credentials, which is otherwise read with the credentials.
    pub assume_in_own_account: bool,
    /// The profile of the credentials. With it, environment variables with keys are not looked at.
    pub profile: Option<String>,
    /// A file in the form of `~/.aws/credentials` that is read instead of it and of `~/.aws/config`.
    pub credentials_file: Option<String>,
    /// One address for every AWS service, for simulators and private endpoints; `AWS_ENDPOINT_URL` without it.
    pub endpoint_url: Option<String>,
    /// `"enabled"` (each account's own enabled regions), or a list.
    pub regions: Regions,
    /// The region of the calls that belong to no region; the one of the AWS configuration chain, or us-east-1.
    pub home_region: Option<String>,
    /// What is read; all of it without the key.
    pub kinds: Option<Vec<String>>,
    /// How many requests to one service of one account run at the same time, 1 to 64; 8 without it.
    pub concurrency: Option<usize>,
}

impl Config {
    /// Every key, for messages about unknown ones.
    pub const KEYS: &'static [&'static str] = &[
        "organization",
        "accounts",
        "role",
        "external_id",
        "session_name",
        "assume_in_own_account",
        "profile",
        "credentials_file",
        "endpoint_url",
        "regions",
        "home_region",
        "kinds",
        "concurrency",
    ];

    /// What to read, after a look at everything that can be wrong without asking AWS.
    pub(super) fn check(&self) -> Result<Vec<Kind>, String> {
        if self.organization && !self.accounts.is_empty() {
            return Err("`organization` and `accounts` exclude each other; remove one of them".to_owned());
        }
        if self.organization && !cfg!(feature = "aws-organizations") {
            return Err("`organization` needs a build with the feature `aws-organizations`; list `accounts`".to_owned());
        }
        self.check_accounts()?;
        self.check_role()?;
        if let Regions::Listed(regions) = &self.regions {
            check_regions(regions)?;
        }
        if let Some(home) = &self.home_region {
            check_region(home)?;
        }
        if let Some(url) = &self.endpoint_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(format!("`endpoint_url` is `{url}`; it has to begin with https:// or http://"));
        }
        if let Some(concurrency) = self.concurrency
            && !(1..=64).contains(&concurrency)
        {
            return Err(format!("`concurrency` is {concurrency}; it has to be from 1 to 64"));
        }
        self.read_kinds()
    }

    fn check_accounts(&self) -> Result<(), String> {
        for (at, account) in self.accounts.iter().enumerate() {
            if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!(
                    "`{account}` in `accounts` is no account id; it has to be twelve digits, with leading zeros"
                ));
            }
            if self.accounts[..at].contains(account) {
                return Err(format!("`accounts` names {account} twice; remove one"));
            }
        }
        Ok(())
    }

    fn check_role(&self) -> Result<(), String> {
        let Some(role) = &self.role else {
            return if self.organization {
                Err("`organization` needs `role`: the name of a role that is there in every account".to_owned())
            } else {
                Ok(())
            };
        };
        let account = Role::parse(role)?.account;
        match (account, &self.accounts[..]) {
            (None, []) if !self.organization => Err(format!(
                "`role` is `{role}`, but nothing says in which accounts; add `accounts = [\"…\"]` or \
                 `organization = true`"
            )),
            (Some(account), []) if !self.organization => Err(format!(
                "`role` is in account {account}, which is not to be read; add `accounts = [\"{account}\"]`"
            )),
            (Some(account), accounts) if accounts != [Text::from(account)] => Err(format!(
                "`role` is the ARN of one role in account {account}, but it is to be assumed in other accounts too; \
                 give its name only"
            )),
            _ => self.check_session_name(),
        }
    }

    fn check_session_name(&self) -> Result<(), String> {
        let fine = |name: &String| {
            (2..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
        };
        match &self.session_name {
            Some(name) if !fine(name) => {
                Err(format!("`session_name` is `{name}`; AWS takes 2 to 64 letters, digits and `_+=,.@-`"))
            }
            _ => Ok(()),
        }
    }

    fn read_kinds(&self) -> Result<Vec<Kind>, String> {
        let Some(words) = &self.kinds else { return Ok(Kind::ALL.to_vec()) };
        if words.is_empty() {
            return Err("`kinds` is empty, so nothing would be read; remove it to read all".to_owned());
        }
        let mut kinds = Vec::new();
        for word in words {
            // The accounts are read with the organization anyway; to name them is no mistake.
            if word == ACCOUNTS && self.organization {
                continue;
            }
            let found: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.word() == word).collect();
            if found.is_empty() {
                return Err(unknown_kind(word));
            }
            kinds.extend(found);
        }
        kinds.sort_unstable();
        kinds.dedup();
        Ok(kinds)
    }
}

fn unknown_kind(word: &str) -> String {
    let mut known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    known.dedup();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("`kinds` names `{word}`, which is not known; did you mean `{near}`?"),
        None => format!("`kinds` names `{word}`, which is not known; known are {}", known.join(", ")),
    }
}

/// The known word that somebody may have meant.
pub(super) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// A role as it stands in the configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role<'r> {
    account: Option<&'r str>,
    name: &'r str,
}

impl<'r> Role<'r> {
    /// Takes `name`, `path/name` or a full ARN.
    pub(super) fn parse(role: &'r str) -> Result<Role<'r>, String> {
        let wrong = || format!("`role` is `{role}`; it has to be a role's name, or arn:aws:iam::<account>:role/<name>");
        let (account, name) = if role.starts_with("arn:") {
            let parts: Vec<&str> = role.splitn(6, ':').collect();
            let [_, _, "iam", "", account, rest] = parts[..] else { return Err(wrong()) };
            (Some(account), rest.strip_prefix("role/").ok_or_else(wrong)?)
        } else {
            (None, role.trim_start_matches('/'))
        };
        let fine = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
        if name.is_empty() || !name.chars().all(fine) { Err(wrong()) } else { Ok(Role { account, name }) }
    }

    /// Its ARN in an account.
    pub(super) fn arn_in(&self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:role/{}", self.name)
    }
}

/// Which regions are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Regions {
    /// Each account's own enabled regions.
    #[default]
    Enabled,
    /// These.
    Listed(Vec<Text>),
}

fn check_regions(regions: &[Text]) -> Result<(), String> {
    if regions.is_empty() {
        return Err("`regions` is empty, so nothing would be read; list some, or say \"enabled\"".to_owned());
    }
    for (at, region) in regions.iter().enumerate() {
        check_region(region)?;
        if regions[..at].contains(region) {
            return Err(format!("`regions` names {region} twice; remove one"));
        }
    }
    Ok(())
}

/// Refuses what could turn into another host's name.
fn check_region(region: &str) -> Result<(), String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || region.len() > 32 || !region.chars().all(fine) || region.starts_with('-') {
        return Err(format!("`{region}` is no region; write it as AWS does, such as eu-west-1"));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Regions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Regions, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Regions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`regions` to be \"enabled\" or a list such as [\"eu-west-1\"]")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Regions, E> {
                if word == "enabled" {
                    return Ok(Regions::Enabled);
                }
                Err(E::custom(format!("`regions` is \"{word}\"; write \"enabled\", or a list: [\"{word}\"]")))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Regions, A::Error> {
                let mut regions = Vec::new();
                while let Some(region) = seq.next_element::<Text>()? {
                    regions.push(region);
                }
                Ok(Regions::Listed(regions))
            }
        }
        deserializer.deserialize_any(Words)
    }
}

/// Account ids; a number is told how to become text, since it has lost its leading zeros.
fn account_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Text>, D::Error> {
    struct Id(Text);
    impl<'de> Deserialize<'de> for Id {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
            struct Digits;
            impl Visitor<'_> for Digits {
                type Value = Id;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("`accounts` to be a list of ids such as [\"012345678901\"]")
                }

                fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<Id, E> {
                    Ok(Id(Text::from(id)))
                }

                fn visit_i64<E: serde::de::Error>(self, id: i64) -> Result<Id, E> {
                    Err(E::custom(format!("an account id is text, since it may begin with 0; write \"{id:012}\"")))
                }
            }
            deserializer.deserialize_any(Digits)
        }
    }
    Ok(Vec::<Id>::deserialize(deserializer)?.into_iter().map(|id| id.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(table: &str, says: &str) {
        let read: Result<Config, _> = toml::from_str(table);
        let problem = match read {
            Ok(config) => config.check().expect_err("it is wrong"),
            Err(error) => error.message().to_owned(),
        };
        assert!(problem.contains(says), "{table}\n-> {problem}");
    }

    #[track_caller]
    fn accepted(table: &str) -> Config {
        let config: Config = toml::from_str(table).expect("it can be read");
        config.check().expect("it is right");
        config
    }

    #[test]
    fn the_key_list_is_that_of_the_struct() {
        let unknown = toml::from_str::<Config>("no_such_key = 1").expect_err("unknown").message().to_owned();
        for key in Config::KEYS {
            assert!(unknown.contains(&format!("`{key}`")), "{key} is no key: {unknown}");
        }
        assert_eq!(unknown.matches('`').count() / 2, Config::KEYS.len() + 1, "{unknown}");
    }

    #[test]
    fn what_the_documents_show_is_accepted() {
        let config = accepted("organization = true\nrole = \"portal-collector\"\nregions = \"enabled\"");
        assert_eq!(config.check().expect("kinds"), Kind::ALL);
        accepted("");
        accepted("accounts = [\"012345678901\"]");
        accepted("accounts = [\"012345678901\"]\nrole = \"arn:aws-cn:iam::012345678901:role/ops/portal\"");
    }

    #[test]
    fn mistakes_are_named_with_their_remedy() {
        refused("organization = true", "needs `role`");
        refused("organization = true\nrole = \"r\"\naccounts = [\"012345678901\"]", "exclude each other");
        refused("accounts = [12345678901]", "write \"012345678901\"");
        refused("accounts = [\"12345678901\"]", "twelve digits");
        refused("role = \"portal\"", "add `accounts = ");
        refused("role = \"arn:aws:iam::012345678901:role/portal\"", "add `accounts = [\"012345678901\"]`");
        refused("role = \"arn:aws:iam::012345678901:role/p\"\norganization = true", "give its name only");
        refused("role = \"two words\"\norganization = true", "it has to be a role's name");
        refused("regions = \"eu-west-1\"", "[\"eu-west-1\"]");
        refused("regions = []", "nothing would be read");
        refused("regions = [\"evil.example/\"]", "is no region");
        refused("kinds = [\"dynamo\"]", "did you mean `dynamodb`?");
        refused("kinds = []", "nothing would be read");
        refused("endpoint_url = \"localhost:5000\"", "begin with https://");
        refused("concurrency = 0", "from 1 to 64");
    }
}
