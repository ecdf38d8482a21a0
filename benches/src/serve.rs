//! The whole portal behind HTTP, asked by wrk, beside a bare handler that returns the same bytes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::routing::get;
use portal_core::{Catalog, Ref};

use crate::Failure;
use crate::estate::{self, Estate, TEAM};
use crate::measure::Measure;
use crate::server::{self, Server};
use crate::wrk::{Asked, wrk};

/// Serves a store with so many resources, and asks it.
pub(crate) async fn serve(resources: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("portal.db").display());
    let questions = fill(resources, folder.path(), &url).await?;
    let started = Instant::now();
    let portal = Server::start(Command::new(server::portal()?).args(["serve", "--store", &url]))?;
    portal.wait_for("/readyz")?;
    println!(
        "ready after {:.2} s; {} MiB now, {} MiB at most",
        started.elapsed().as_secs_f64(),
        portal.mebibytes("VmRSS"),
        portal.mebibytes("VmHWM")
    );
    let idle = portal.cpu_seconds();
    tokio::time::sleep(Duration::from_secs(10)).await;
    println!("idle: {:.2} % of a core", (portal.cpu_seconds() - idle) * 10.0);
    let figures = "requests/s | p99 ms | CPU µs";
    println!(
        "\n| question | bytes | connections | answered anew: {figures} | kept: {figures} | bare: {figures} | CPU to bare: anew | kept |"
    );
    println!("| {}", "--- | ".repeat(14).trim_end());
    for (what, path) in questions {
        let body = portal.get(&path)?;
        let file = folder.path().join("body");
        std::fs::write(&file, &body)?;
        let bare = Server::start(Command::new(std::env::current_exe()?).arg("bare").arg(&file))?;
        bare.wait_for("/")?;
        for connections in [1, 32] {
            let anew = wrk(&portal, &path, connections, Asked::Anew)?;
            let kept = wrk(&portal, &path, connections, Asked::Again)?;
            let floor = wrk(&bare, "/", connections, Asked::Again)?;
            println!(
                "| {what} | {} | {connections} | {} | {} | {} | {:.1} | {:.1} |",
                body.len(),
                anew.cells(),
                kept.cells(),
                floor.cells(),
                anew.cpu / floor.cpu,
                kept.cpu / floor.cpu
            );
        }
    }
    println!("\nafterwards: {} MiB now, {} MiB at most", portal.mebibytes("VmRSS"), portal.mebibytes("VmHWM"));
    Ok(())
}

/// The floor: a handler that does nothing but return what stands in a file.
pub(crate) async fn bare(file: &str, listen: &str) -> Result<(), Failure> {
    let body = bytes::Bytes::from(std::fs::read(file)?);
    let handler = move || std::future::ready(([("content-type", "application/json")], body.clone()));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, axum::Router::new().route("/", get(handler))).await?;
    Ok(())
}

/// Fills a store, and names what will be asked.
async fn fill(resources: usize, folder: &Path, url: &str) -> Result<Vec<(&'static str, String)>, Failure> {
    let estate = Estate::new(resources);
    let lake = portal_store::open_lake(&folder.join("lake").to_string_lossy()).await?;
    crate::collect(&estate, lake.as_ref()).await?;
    let store = portal_store::open(url).await?;
    let step = Measure::start();
    portal_core::ingest(lake.as_ref(), store.as_ref(), &estate::rules()).await?;
    step.end("ingested");
    // One that has an owner, and one of a team that nobody knows: who might own that is looked for.
    let (entity, orphan) = (estate.refs()[resources / 2 + 50].clone(), estate.refs()[resources / 2].clone());
    let catalog = Catalog::around(store.as_ref(), std::slice::from_ref(&entity)).await?;
    let account = catalog.why(&entity)?.environments.first().map(|e| e.entity.local().to_owned()).unwrap_or_default();
    let encoded =
        |entity: &Ref| -> String { url::form_urlencoded::byte_serialize(entity.local().as_bytes()).collect() };
    let arn = encoded(&entity);
    let api = |tail: String| format!("/api/v1alpha/{tail}");
    Ok(vec![
        ("one resource", api(format!("resources/{arn}"))),
        ("one resource of an unknown team", api(format!("resources/{}", encoded(&orphan)))),
        ("owner with evidence", api(format!("owner?ref={arn}"))),
        ("why", api(format!("why?ref={arn}"))),
        ("services of a team, page of 50", api(format!("services?team={TEAM}&limit=50"))),
        ("resources of a team, page of 100", api(format!("resources?team={TEAM}&limit=100"))),
        (
            "filtered page of 100 resources",
            api(format!("resources?account={account}&ownership=owned&ownership=unowned&limit=100")),
        ),
        (
            "page of 100, another order",
            api("resources?type=table&region=eu-west-1&sort=-first_seen&limit=100".to_owned()),
        ),
        ("facets", api("facets?of=resources".to_owned())),
        ("facets of a team", api(format!("facets?of=resources&team={TEAM}"))),
        ("search", api("search?q=orders-12".to_owned())),
        ("all that a team owns", api(format!("teams/{TEAM}?expand=services,resources"))),
    ])
}
