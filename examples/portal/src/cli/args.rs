//! Every command and option.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Who owns this, and why: an internal developer portal that knows your services, resources and teams.
#[derive(Debug, Parser)]
#[command(
    name = "portal",
    version,
    max_term_width = 100,
    after_help = "\
Typical use:
  portal demo --no-serve                    try it, no accounts needed
  portal collect && portal ingest           read the configured sources, then bring the store up to date
  portal why arn:aws:rds:eu-west-1:…:db:x   who owns a database, and by what evidence
  portal list resources --ownership unowned what nobody owns

Exit codes: 0 done; 1 failed; 2 usage; 3 done, but something was partial, denied or held;
4 not found or ambiguous; 5 `check` found violations."
)]
pub(super) struct Arguments {
    /// Configuration file (default: portal.toml, if it is there)
    #[arg(long, global = true, env = "PORTAL_CONFIG", value_name = "FILE", hide_env_values = true)]
    pub(super) config: Option<PathBuf>,

    /// Store: sqlite:PATH or postgres://USER@HOST/DATABASE (default: sqlite:portal.db)
    #[arg(long, global = true, env = "PORTAL_STORE", value_name = "URL", hide_env_values = true)]
    pub(super) store: Option<String>,

    /// Lake: a folder, file:PATH or s3://BUCKET/PREFIX (default: ./lake)
    #[arg(long, global = true, env = "PORTAL_LAKE", value_name = "URL", hide_env_values = true)]
    pub(super) lake: Option<String>,

    /// Form of the answer
    #[arg(short, long, global = true, value_enum, default_value_t = Output::Table, value_name = "FORM")]
    pub(super) output: Output,

    /// Say more on standard error; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// What to do
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    Table,
    /// For machines.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Try it: a realistic estate, collected, ingested, and a few answers; no accounts needed
    Demo(DemoArguments),
    /// Read the configured sources into the lake
    #[command(after_help = "A source, account, region or namespace that cannot be read stops no other: it is \
marked with the reason, what was known of it stays, and the exit code is 3.")]
    Collect(CollectArguments),
    /// Bring the store to what the lake says, and say what changed
    Ingest,
    /// Serve the API until SIGTERM or Ctrl-C
    Serve(ServeArguments),
    /// Who owns something
    Owner {
        /// A ref (service:payments/orders-api), an ARN, or a name
        #[arg(value_name = "REF")]
        entity: String,
    },
    /// Why something exists: owner, users, origin, each with its evidence
    Why {
        /// A ref (service:payments/orders-api), an ARN, or a name
        #[arg(value_name = "REF")]
        entity: String,
    },
    /// One entity with its relations
    Show {
        /// A ref (service:payments/orders-api), an ARN, or a name
        #[arg(value_name = "REF")]
        entity: String,
    },
    /// Entities of a type; several values of one option mean any of them
    List(ListArguments),
    /// What each source could read, and what not
    #[command(args_conflicts_with_subcommands = true)]
    Sources {
        /// What of the sources
        #[command(subcommand)]
        command: Option<SourcesCommand>,
    },
    /// Mass deletes that wait for a person
    #[command(args_conflicts_with_subcommands = true)]
    Holds {
        /// What to do with them
        #[command(subcommand)]
        command: Option<HoldsCommand>,
    },
    /// API keys for `portal serve --auth keys`
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make or update the store's tables
    Migrate,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Only print; do not serve the page
    #[arg(long)]
    pub(super) no_serve: bool,
    /// Address and port to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Serve also where others reach it: whoever does may read and change everything
    #[arg(long)]
    pub(super) insecure: bool,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Also collect and ingest: each source at the cadence of its `every`
    #[arg(long)]
    pub(super) schedule: bool,
    /// Whether requests need an API key (default: none on loopback, keys elsewhere and behind a proxy)
    #[arg(long, value_enum, value_name = "HOW")]
    pub(super) auth: Option<AuthArgument>,
    /// Allow `--auth none` where others reach it: whoever does may read and change everything
    #[arg(long)]
    pub(super) insecure: bool,
    /// Also serve under this name, such as portal.corp.example; may be given several times
    #[arg(long, value_name = "NAME[:PORT]")]
    pub(super) allow_host: Vec<String>,
    /// Believe X-Forwarded-For of proxies in this network; may be given several times
    #[arg(long, value_name = "NETWORK")]
    pub(super) trust_proxy: Vec<String>,
    /// Ask no service whether it works, and only show what other replicas find
    #[arg(long)]
    pub(super) no_health: bool,
}

/// Whether requests need a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuthArgument {
    /// Everybody who reaches the address may do everything
    None,
    /// Whoever has a key may do what it allows
    Keys,
}

/// Options of `collect`.
#[derive(Debug, Args)]
pub(super) struct CollectArguments {
    /// Only this source; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) source: Vec<String>,
    /// Believe a source also when most of what earlier runs saw is gone
    #[arg(long)]
    pub(super) allow_vanished: bool,
    /// How many scopes of a source are read at the same time
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(super) concurrency: usize,
    /// How long one scope may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(super) deadline: u64,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    /// What the business sells or runs
    Products,
    /// Teams
    Teams,
    /// What engineers deploy
    Services,
    /// Infrastructure
    Resources,
    /// Accounts
    Environments,
}

/// A state of ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    /// A claim names a known team
    Owned,
    /// Read whole, and nothing claims it
    Unowned,
    /// A claim names a team that nobody knows
    Unregistered,
    /// Claims of the same rank name different teams
    Conflict,
    /// What could carry a claim could not be read
    Unknown,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// What to list
    pub(super) what: Listed,
    /// Owned by this team (name or alias)
    #[arg(long, value_name = "TEAM")]
    pub(super) team: Vec<String>,
    /// Part of this product
    #[arg(long, value_name = "PRODUCT")]
    pub(super) product: Vec<String>,
    /// In this environment (name or account id)
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(super) environment: Vec<String>,
    /// Of this type: bucket, database, … for resources; kubernetes, serverless, function, … for services
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// In this region
    #[arg(long, value_name = "REGION")]
    pub(super) region: Vec<String>,
    /// With this tag or label
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) tag: Vec<(String, String)>,
    /// In this state of ownership
    #[arg(long, value_enum, value_name = "STATE")]
    pub(super) ownership: Vec<State>,
    /// With this text in the name or ref
    #[arg(long = "q", value_name = "TEXT")]
    pub(super) text: Option<String>,
    /// At most so many (default: all)
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
}

/// What of the sources.
#[derive(Debug, Subcommand)]
pub(super) enum SourcesCommand {
    /// The rights that the configured sources need, ready to grant
    Permissions,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key and print it, once
    #[command(after_help = "The key goes into the header `Authorization: Bearer KEY`. Only its hash is kept: what is \
lost cannot be shown again, only revoked.")]
    Create {
        /// What people call it; edits that are made with it are signed with this
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What it allows, each with what stands before it
        #[arg(long, value_enum, default_value_t = ScopeArgument::Read, value_name = "SCOPE")]
        scope: ScopeArgument,
        /// From when on it is no longer good, such as 90d or 12h (default: never)
        #[arg(long, value_name = "AGE")]
        expires: Option<String>,
    },
    /// All keys, also those that are good no longer
    List,
    /// End a key for good; servers refuse it within a second
    Revoke {
        /// The key's id, as `portal keys list` prints it
        id: String,
    },
}

/// What a key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ScopeArgument {
    /// To read
    Read,
    /// To edit, to ask for a check
    Write,
    /// To release holds
    Admin,
}

/// What to do with held mass deletes.
#[derive(Debug, Subcommand)]
pub(super) enum HoldsCommand {
    /// Retire what a hold kept
    Release {
        /// The hold's id, as `portal holds` prints it
        id: String,
    },
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as team=payments".to_owned()),
    }
}
