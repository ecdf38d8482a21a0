//! `serve`: the API, until the process is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use portal_sources::health::Guard;
use portal_store::SqlStore;
use tokio::net::TcpListener;

use super::args::{AuthArgument, DemoArguments, ServeArguments};
use super::collect;
use super::context::Context;
use super::error::Usage;
use super::exit::Exit;
use crate::config::{AuthConfig, Config, ServeConfig};
use crate::demo;
use crate::serve::guard::{Auth, Hosts, Limits, Protection};
use crate::serve::schedule::{Planned, Schedule};
use crate::serve::{self, Background, Options, Portal, checker};

pub(super) async fn run(context: &Context, arguments: &ServeArguments) -> anyhow::Result<Exit> {
    // Before anything is read: who would be let in by mistake is not let in for a moment.
    let protection = protection(arguments, &context.config.serve)?;
    let health = checker::Settings::of_table(&context.config.health);
    let mut health = health.map_err(|error| Usage(error.to_string()))?;
    health.enabled &= !arguments.no_health;
    let store = Arc::new(SqlStore::open(&context.store_url).await?);
    let portal = Portal::new(Arc::clone(&store), options(context, protection, health));
    let mut background = portal.start();
    if arguments.schedule {
        schedule(context, store).await?.start(&mut background);
    }
    listen(portal, arguments.listen, background).await
}

/// Serves what the demo put into the store and a few services that can be checked, without keys: what it shows is
/// nobody's.
pub(super) async fn demo(context: &Context, arguments: &DemoArguments) -> anyhow::Result<Exit> {
    let hosts = if is_loopback(arguments.listen) { Hosts::Local(Vec::new()) } else { Hosts::Named(Vec::new()) };
    let protection = Protection { hosts, ..Protection::default() };
    let store = Arc::new(SqlStore::open(&context.store_url).await?);
    let services = TcpListener::bind((demo::status::HOST, 0)).await?;
    demo::status::say_where(store.as_ref(), services.local_addr()?).await?;
    let mut health = checker::Settings { every: demo::status::EVERY, ..checker::Settings::default() };
    health.probe.guard = Guard::new(vec![demo::status::HOST.parse()?], Vec::new());
    let portal = Portal::new(store, options(context, protection, health));
    let mut background = portal.start();
    background.spawn("the demo's services", |stopping| demo::status::answer(services, stopping));
    listen(portal, arguments.listen, background).await
}

/// Whether the demo may be served where it was asked for.
pub(super) fn check_demo(arguments: &DemoArguments) -> Result<(), Usage> {
    if is_loopback(arguments.listen) || arguments.insecure {
        return Ok(());
    }
    let address = arguments.listen;
    Err(Usage(format!(
        "the demo asks for no key, and on {address} others reach it\n  hint: say `--insecure` if they may"
    )))
}

/// What was asked for, by flags before the file, and what follows from the address.
fn protection(arguments: &ServeArguments, config: &ServeConfig) -> Result<Protection, Usage> {
    let here = is_loopback(arguments.listen);
    let asked = arguments.auth.map(|auth| match auth {
        AuthArgument::None => Auth::None,
        AuthArgument::Keys => Auth::Keys,
    });
    let written = config.auth.map(|auth| match auth {
        AuthConfig::None => Auth::None,
        AuthConfig::Keys => Auth::Keys,
    });
    let auth = asked.or(written).unwrap_or(if here { Auth::None } else { Auth::Keys });
    if auth == Auth::None && !here && !arguments.insecure {
        let said = if asked.is_some() { "`--auth none`" } else { "`auth = \"none\"` in portal.toml" };
        return Err(Usage(format!(
            "with {said} on {}, everybody who reaches that address may read and change everything\n  hint: leave it out \
             and make a key with `portal keys create --name NAME`, or say `--insecure` as well",
            arguments.listen
        )));
    }
    let names = parsed("--allow-host", &arguments.allow_host, "allow_hosts", &config.allow_hosts)?;
    let hosts = match auth {
        _ if here => Hosts::Local(names),
        // Whoever asks under a foreign name has no key.
        Auth::Keys if names.is_empty() => Hosts::Any,
        _ => Hosts::Named(names),
    };
    let trusted_proxies = parsed("--trust-proxy", &arguments.trust_proxy, "trust_proxy", &config.trust_proxy)?;
    // Without keys and on loopback there is one person, who may do as she likes.
    let usual = if auth == Auth::None && here { Limits::OFF } else { Limits::USUAL };
    let limits = Limits {
        reads_per_minute: config.limits.reads_per_minute.unwrap_or(usual.reads_per_minute),
        writes_per_minute: config.limits.writes_per_minute.unwrap_or(usual.writes_per_minute),
        failures_per_minute: config.limits.failures_per_minute.unwrap_or(usual.failures_per_minute),
    };
    Ok(Protection { auth, hosts, limits, trusted_proxies, ..Protection::default() })
}

/// Everything that flags and file name: a flag adds to what the file allows everywhere.
fn parsed<T>(flag: &str, flags: &[String], key: &str, written: &[String]) -> Result<Vec<T>, Usage>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let key = format!("`{key}` below [serve] in portal.toml");
    let flag = format!("`{flag}`");
    let all = flags.iter().map(|text| (&flag, text)).chain(written.iter().map(|text| (&key, text)));
    all.map(|(place, text)| text.parse().map_err(|error| Usage(format!("{place}: {error}")))).collect()
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn options(context: &Context, protection: Protection, health: checker::Settings) -> Options {
    Options { rules: context.rules(), protection, health, ..Options::default() }
}

async fn listen(portal: Portal, address: SocketAddr, background: Background) -> anyhow::Result<Exit> {
    serve::run(portal, address, background)
        .await
        .with_context(|| format!("cannot listen on {address}; `--listen 127.0.0.1:0` takes a free port"))?;
    Ok(Exit::Done)
}

async fn schedule(context: &Context, store: Arc<SqlStore>) -> anyhow::Result<Schedule> {
    let cadences = context.config.cadences()?;
    if cadences.is_empty() {
        let hint =
            "`--schedule` has nothing to collect: no source is configured\n  hint: put a [[source]] into portal.toml";
        return Err(Usage(hint.to_owned()).into());
    }
    // A table that is wrong is told now, and not at its first turn.
    context.config.sources(&[])?;
    let config: Arc<Config> = Arc::clone(&context.config);
    let planned = cadences.into_iter().map(|(name, every)| {
        let (config, wanted) = (Arc::clone(&config), name.clone());
        let make = move || config.sources(std::slice::from_ref(&wanted)).map_err(|error| error.to_string());
        Planned { name, every, make: Box::new(make) }
    });
    let rules = context.rules();
    let mut options = collect::options(&rules);
    options.layout = context.config.layout;
    Ok(Schedule { planned: planned.collect(), lake: Arc::from(context.lake().await?), store, rules, options })
}
