//! A service of one's own with the portal's API inside, below `/portal`.
//!
//! `embed STORE [ADDRESS]`, such as `embed sqlite:portal.db 127.0.0.1:8081`; then ask
//! `/portal/api/v1alpha/services`, and `/hello`, which is this service's own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use portal::serve::{self, Options, Portal, Problem};
use portal_store::SqlStore;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().context("say which store: embed sqlite:portal.db")?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let listener = tokio::net::TcpListener::bind(address.parse::<SocketAddr>()?).await?;

    // What the portal knows is in memory, and follows the store from now on.
    let portal = Portal::new(Arc::new(SqlStore::open_existing(&url).await?), Options::default());
    let background = portal.start();

    // The API is a router like any other. Its documents, errors and redirects know that they are below `/portal`.
    let app =
        Router::new().route("/hello", get(hello)).with_state(portal.clone()).nest("/portal", serve::router(&portal));

    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    background.stop(Duration::from_secs(5)).await;
    Ok(())
}

/// The service's own handlers ask the same catalog, without HTTP in between.
async fn hello(State(portal): State<Portal>) -> Result<String, Problem> {
    let catalog = portal.catalog()?;
    Ok(format!("hello; {} things are known as of revision {}\n", catalog.len(), catalog.revision()))
}
