//! Measurements on generated estates: `cargo run --release -p benches -- ingest 100000`, `… -- ingest 100000 postgres`,
//! `… -- lake 5000`, `… -- serve 100000`, `… -- health 2000`,
//! `… -- catalog 1000000`.
//!
//! Prints CPU seconds of this process, which compare across moments of a shared machine, and peak memory.

#[path = "../../portal-store/tests/it/bed.rs"]
mod bed;
mod catalog;
mod estate;
mod health;
mod measure;
mod postgres;
mod serve;
mod server;
mod wrk;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use measure::Measure;
use portal_core::lake::Precondition;
use portal_core::{Catalog, CollectOptions, Lake, LakePath, Source, Store};
use portal_sources::SystemClock;

use estate::Estate;
use postgres::Postgres;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    match arguments.first().map(String::as_str) {
        Some("ingest") => ingest(size, arguments.get(2).is_some_and(|store| store == "postgres")).await,
        Some("lake") => lake(size).await,
        Some("serve") => serve::serve(size).await,
        Some("catalog") => catalog::catalog(size),
        Some("health") => health::health(size).await,
        // What `health` starts beside itself.
        Some("hosts") => health::hosts().await,
        // What `serve` starts beside the portal: `bare FILE --listen ADDRESS`.
        Some("bare") if arguments.len() == 4 => serve::bare(&arguments[1], &arguments[3]).await,
        _ => Err("usage: benches ingest RESOURCES [postgres] | benches lake FILES | benches serve RESOURCES \
             | benches health SERVICES | benches catalog RESOURCES"
            .into()),
    }
}

/// Collect, first ingest, the same again, 1 % changed; then the questions.
async fn ingest(resources: usize, in_postgres: bool) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let postgres = in_postgres.then(Postgres::start);
    let server = postgres.as_ref().and_then(Postgres::pid);
    let lake = portal_store::open_lake(&folder.path().join("lake").to_string_lossy()).await?;
    let url = match &postgres {
        Some(postgres) => postgres.url().to_owned(),
        None => format!("sqlite:{}", folder.path().join("portal.db").display()),
    };
    let store = portal_store::open(&url).await?;
    let rules = estate::rules();
    println!("{resources} resources, {}, lake on disk", if in_postgres { "PostgreSQL" } else { "SQLite" });
    let mut estate = Estate::new(resources);
    collect(&estate, lake.as_ref()).await?;
    let step = Measure::beside(server);
    let report = portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?;
    step.end(&format!("first ingest: {} entities", report.added));
    if let Some(postgres) = &postgres {
        postgres.floor(folder.path()).await?;
    }
    let step = Measure::beside(server);
    portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?;
    step.end("unchanged again, nothing collected");
    collect(&estate, lake.as_ref()).await?;
    let step = Measure::beside(server);
    let report = portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?;
    step.end(&format!("unchanged again, all scopes collected anew: {} changed", report.changed));
    estate.change_owners();
    collect(&estate, lake.as_ref()).await?;
    let step = Measure::beside(server);
    let report = portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?;
    step.end(&format!("1 % of owners changed: {} changed", report.changed));
    ask(store.as_ref(), &estate).await
}

/// How many small files a second reach the disk.
async fn lake(files: usize) -> Result<(), Failure> {
    for (folders, at_a_time) in [(1, 1), (1, 16), (50, 16), (1_000, 16)] {
        let folder = tempfile::tempdir_in(".")?;
        let lake = portal_store::DirLake::open(folder.path())?;
        let step = Measure::start();
        let puts = (0..files).map(|at| {
            let key = LakePath::parse(&format!("k8s-collector/1/eu/c/{}/deployments/{at}.json", at % folders));
            let lake = &lake;
            async move { lake.put(&key?, "x".repeat(1_500).into(), Precondition::None).await }
        });
        futures::stream::iter(puts).buffer_unordered(at_a_time).try_for_each(|_| async { Ok(()) }).await?;
        step.end(&format!("{files} files of 1.5 kB in {folders} folders, {at_a_time} at a time"));
    }
    Ok(())
}

async fn ask(store: &dyn Store, estate: &Estate) -> Result<(), Failure> {
    let step = Measure::start();
    let catalog = Catalog::load(store).await?;
    step.end("catalog loaded");
    let refs = estate.refs();
    let step = Measure::start();
    let owned = refs.iter().filter(|entity| catalog.owner(entity).is_ok_and(|owner| owner.team.is_some())).count();
    step.end(&format!("owner of every resource with its evidence: {owned} of {} owned", refs.len()));
    let one = refs[refs.len() / 2].clone();
    let step = Measure::start();
    let around = Catalog::around(store, std::slice::from_ref(&one)).await?;
    let why = around.why(&one)?;
    step.end(&format!("why one, from the store: {}", why.owner.verdict()));
    Ok(())
}

async fn collect(estate: &Estate, lake: &dyn portal_core::Lake) -> Result<(), Failure> {
    let sources: Vec<Box<dyn Source>> = vec![Box::new(estate.clone())];
    let step = Measure::start();
    let report = portal_core::collect(&sources, lake, &CollectOptions::new(Arc::new(SystemClock))).await?;
    step.end("collected from memory into the lake");
    if report.is_whole() { Ok(()) } else { Err("the generated estate was not read whole".into()) }
}
