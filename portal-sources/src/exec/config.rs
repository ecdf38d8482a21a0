//! What stands in the `[[source]]` table of a source of type `exec`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use portal_core::Scope;
use serde::Deserialize;

use crate::foreign::{self, check_kind, fits, folder_of_name, is_folder_word};

/// Which program to run, and how what it prints is to be taken.
///
/// With `kind` and `scope` every line is an object of that kind in that scope. Without both, the program says these
/// things itself, by the protocol.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The program and its arguments, as the system takes them: no shell reads them. A program with a `/` in its name
    /// is looked for from the current directory of the portal, another one in `PATH`.
    pub command: Vec<String>,
    /// The first word of the lake folder; without it, the source's name with `-` for all that a folder may not have.
    #[serde(default)]
    pub folder: Option<String>,
    /// What the objects are: `s3`, `deployments`, ….
    #[serde(default)]
    pub kind: Option<String>,
    /// Where they are.
    #[serde(default, deserialize_with = "foreign::strict")]
    pub scope: Option<Scope>,
    /// Environment variables for the program.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Names of variables of the portal's own environment that the program gets too; `AWS_*` stands for all that begin
    /// so.
    #[serde(default)]
    pub pass_env: Vec<String>,
    /// Where the program runs; a relative one is taken from the current directory of the portal, and is that directory
    /// by default.
    #[serde(default)]
    pub working_dir: Option<PathBuf>,
    /// After how many seconds the program is stopped. Before that the deadline of the whole run may come.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
    /// How much it may print in all, in MiB.
    #[serde(default = "default_max_output_mib")]
    pub max_output_mib: u64,
}

impl Config {
    /// Every key that may stand in the table, beside `name`, `type` and `every`.
    pub const KEYS: &'static [&'static str] =
        &["command", "folder", "kind", "scope", "env", "pass_env", "working_dir", "timeout", "max_output_mib"];

    /// A program that speaks the protocol.
    pub fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Config {
        Config {
            command: command.into_iter().map(Into::into).collect(),
            folder: None,
            kind: None,
            scope: None,
            env: BTreeMap::new(),
            pass_env: Vec::new(),
            working_dir: None,
            timeout: default_timeout(),
            max_output_mib: default_max_output_mib(),
        }
    }

    /// Says what is wrong with the values and what to do.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.command.first() {
            None => return Err("`command` is empty; write the program and its arguments".to_owned()),
            Some(program) if program.trim().is_empty() => {
                return Err("the first text of `command` is empty; write a program".to_owned());
            }
            Some(_) => {}
        }
        if self.command.iter().any(|text| text.contains('\0')) {
            return Err("`command` holds a NUL character".to_owned());
        }
        match (&self.kind, &self.scope) {
            (Some(kind), Some(_)) => check_kind(kind).map_err(|problem| format!("`kind`: {problem}"))?,
            (None, None) => {}
            (Some(_), None) => return Err("`kind` stands without `scope`; write both, or none of them".to_owned()),
            (None, Some(_)) => return Err("`scope` stands without `kind`; write both, or none of them".to_owned()),
        }
        if self.working_dir.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err("`working_dir` is empty; write a folder or leave the key out".to_owned());
        }
        let no_name = |name: &str| name.is_empty() || name.contains(['=', '\0']);
        if let Some((name, _)) = self.env.iter().find(|(name, value)| no_name(name) || value.contains('\0')) {
            return Err(format!("`env`: `{}` is no variable", name.escape_debug()));
        }
        if let Some(name) = self.pass_env.iter().find(|name| no_name(name)) {
            return Err(format!("`pass_env`: `{}` is no name of a variable", name.escape_debug()));
        }
        if let Some(name) = self.pass_env.iter().find(|name| is_of_the_portal(name)) {
            return Err(format!(
                "`pass_env`: `{name}` is not passed on, for PORTAL_ variables hold the portal's own secrets; give the \
                 program a variable of another name"
            ));
        }
        if self.timeout == 0 {
            return Err("`timeout` is 0; write how many seconds the program may take".to_owned());
        }
        if self.max_output_mib == 0 {
            return Err("`max_output_mib` is 0; write how much the program may print".to_owned());
        }
        Ok(())
    }

    /// The folder word for a source of this name.
    pub(super) fn folder_for(&self, name: &str) -> Result<String, String> {
        let word = match &self.folder {
            Some(word) if is_folder_word(word) => word.clone(),
            Some(word) => {
                return Err(format!("`folder`: `{}` is no folder word; use a-z, 0-9 and -", word.escape_debug()));
            }
            None => {
                folder_of_name(name).ok_or_else(|| format!("`{name}` gives no folder word; write one as `folder`"))?
            }
        };
        match &self.scope {
            Some(scope) if !fits(&word, scope) => Err(format!(
                "the lake folder `{word}` is for scopes of another form; write another `folder`, or correct `scope`"
            )),
            _ => Ok(word),
        }
    }

    /// Whether the program gets a variable of the portal's own environment.
    pub(super) fn passes(&self, name: &str) -> bool {
        let listed = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        };
        ALWAYS_PASSED.contains(&name) || (!is_of_the_portal(name) && self.pass_env.iter().any(listed))
    }
}

/// Variables that every program gets. Whatever else it is to have stands in the configuration, so that a program sees
/// no secret that nobody gave it.
const ALWAYS_PASSED: [&str; 6] = ["HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ"];

fn is_of_the_portal(name: &str) -> bool {
    name.to_ascii_uppercase().starts_with("PORTAL_")
}

/// A minute less than what the core gives a scope, so that the reason tells of this program.
fn default_timeout() -> u64 {
    540
}

fn default_max_output_mib() -> u64 {
    256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(table: &str) -> Config {
        toml::from_str(table).expect("the table can be read")
    }

    /// What is wrong with a table; nothing if it makes a source.
    fn wrong(table: &str) -> String {
        let config = match toml::from_str::<Config>(&format!("command = ['true']\n{table}")) {
            Ok(config) => config,
            Err(error) => return error.message().to_owned(),
        };
        config.check().and_then(|()| config.folder_for("On-Prem_DBs").map(drop)).err().unwrap_or_default()
    }

    #[test]
    fn every_key_of_the_table_is_listed() {
        let table = "command=['a']\nfolder='f'\nkind='s3'\nscope={path=['a']}\nenv={A='b'}\npass_env=['C']\n\
                     working_dir='d'\ntimeout=1\nmax_output_mib=1";
        of(table);
        let written: Vec<&str> = table.lines().filter_map(|line| line.split('=').next()).collect();
        assert_eq!(written, Config::KEYS);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key() {
        for (table, told) in [
            ("folder = 'A/b'", "`folder`: `A/b`"),
            ("folder = ''", "`folder`"),
            ("kind = 's3'", "`kind` stands without `scope`"),
            ("scope = {domain = 'd'}", "`scope` stands without `kind`"),
            ("kind = '_a'\nscope = {domain = 'd'}", "`kind`: `_a` cannot be a kind"),
            ("kind = 'a/b'\nscope = {domain = 'd'}", "`kind`: `a/b`"),
            ("kind = 's3'\nscope = {account = '1'}", "`account` and `region`"),
            ("kind = 's3'\nscope = {account = '1', region = 'r', nation = 'x'}", "nation"),
            ("kind = 's3'\nscope = {account = '1', region = ' '}", "`region` is empty"),
            ("kind = 's3'\nscope = {path = []}", "`path` is empty"),
            ("kind = 's3'\nscope = {path = ['a', '_']}", "`path`"),
            ("kind = 's3'\nscope = {path = ['a'], domain = 'd'}", "path"),
            ("kind = 's3'\nscope = {domain = 'd'}\nfolder = 'aws'", "`folder`"),
            ("kind = 's3'\nscope = {account = '1', region = 'r'}\nfolder = 'k8s'", "`folder`"),
            ("env = {'A=B' = 'c'}", "`env`: `A=B`"),
            ("pass_env = ['']", "`pass_env`"),
            ("pass_env = ['PORTAL_STORE']", "`pass_env`: `PORTAL_STORE`"),
            ("pass_env = ['portal_*']", "`pass_env`"),
            ("working_dir = ''", "`working_dir`"),
            ("timeout = 0", "`timeout`"),
            ("max_output_mib = 0", "`max_output_mib`"),
            ("comand = ['x']", "comand"),
        ] {
            let problem = wrong(table);
            assert!(problem.contains(told), "{table}: {problem:?}");
        }
        for command in ["[]", "['']", "['a', \"b\\u0000\"]"] {
            let problem = of(&format!("command = {command}")).check().expect_err("no command");
            assert!(problem.contains("`command`"), "{problem}");
        }
    }

    #[test]
    fn a_folder_that_promises_a_form_takes_scopes_of_that_form() {
        for table in [
            "kind = 's3'\nscope = {account = '0001', region = 'r'}\nfolder = 'aws'",
            "kind = 'groups'\nscope = {domain = 'd'}\nfolder = 'ad'",
            "kind = 'deployments'\nscope = {cluster = 'c', namespace = 'n'}\nfolder = 'k8s'",
            "kind = 'x'\nscope = {path = ['a', 'b']}",
        ] {
            assert_eq!(wrong(table), "", "{table}");
        }
    }

    #[test]
    fn the_name_becomes_a_folder_word() {
        let config = Config::new(["true"]);
        assert_eq!(config.folder_for("On-Prem_DBs").as_deref(), Ok("on-prem-dbs"));
        assert!(config.folder_for("_").expect_err("no letter").contains("`folder`"));
    }

    #[test]
    fn no_variable_of_the_portal_is_passed_on() {
        let config = Config { pass_env: vec!["*".into()], ..Config::new(["true"]) };
        assert!(config.passes("AWS_PROFILE") && config.passes("PATH"));
        assert!(!config.passes("PORTAL_AD_PASSWORD") && !config.passes("portal_store"));
        let config = Config { pass_env: vec!["AWS_*".into(), "TOKEN".into()], ..Config::new(["true"]) };
        assert!(config.passes("AWS_PROFILE") && config.passes("TOKEN") && config.passes("HOME"));
        assert!(!config.passes("TOKENS") && !config.passes("LD_PRELOAD"));
    }
}
