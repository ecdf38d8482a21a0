//! `serve`: the API, until the process is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use portal_sources::health::Guard;
use portal_store::SqlStore;
use tokio::net::TcpListener;

use super::args::{DemoArguments, ServeArguments};
use super::collect;
use super::context::Context;
use super::error::Usage;
use super::exit::Exit;
use super::protect;
use crate::config::Config;
use crate::demo;
use crate::serve::guard::Protection;
use crate::serve::schedule::{Planned, Schedule};
use crate::serve::{self, Background, Options, Portal, checker};

pub(super) async fn run(context: &Context, arguments: &ServeArguments) -> anyhow::Result<Exit> {
    // Before anything is read: who would be let in by mistake is not let in for a moment.
    let protection = protect::serve(arguments, &context.config.serve)?;
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
    let store = Arc::new(SqlStore::open(&context.store_url).await?);
    let services = TcpListener::bind((demo::status::HOST, 0)).await?;
    demo::status::say_where(store.as_ref(), services.local_addr()?).await?;
    let mut health = checker::Settings { every: demo::status::EVERY, ..checker::Settings::default() };
    health.probe.guard = Guard::new(vec![demo::status::HOST.parse()?], Vec::new());
    let portal = Portal::new(store, options(context, protect::demo(arguments.listen), health));
    let mut background = portal.start();
    background.spawn("the demo's services", |stopping| demo::status::answer(services, stopping));
    listen(portal, arguments.listen, background).await
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
