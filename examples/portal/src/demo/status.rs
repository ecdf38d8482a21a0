//! Something to check, for `portal demo`: a few of the company's services answer on this machine's loopback address.
//!
//! The checks are real. What answers is not the services, of which there are none, but a dozen lines below.

use std::net::SocketAddr;
use std::time::Duration;

use portal_core::curated::Edit;
use portal_core::{Catalog, Curated, Ref, Store, StoreError, Text};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::serve::Stopping;

/// The host that all of them are at; nothing else of this machine is asked by the demo.
pub const HOST: &str = "127.0.0.1";

/// How often the demo checks: often enough that a visitor sees it.
pub const EVERY: Duration = Duration::from_secs(15);

/// What each answers; [`None`] hangs up without a word.
const ANSWERS: &[(&str, Option<&str>)] = &[
    ("storefront/web-frontend", Some("200 OK")),
    ("storefront/mobile-bff", Some("200 OK")),
    ("checkout/checkout-api", Some("200 OK")),
    ("checkout/order-api", Some("204 No Content")),
    ("checkout/gift-cards", None),
    ("payments/payments-api", Some("200 OK")),
    ("pricing/pricing-api", Some("200 OK")),
    ("search/search-api", Some("503 Service Unavailable")),
    ("fulfilment/inventory-api", Some("200 OK")),
    ("identity/identity-api", Some("200 OK")),
    ("identity/customer-profile", Some("302 Found")),
];

/// Gives the services their status URLs, unless somebody gave them others.
///
/// # Errors
/// If the store cannot be read or written.
pub async fn say_where(store: &dyn Store, at: SocketAddr) -> Result<(), StoreError> {
    let services: Vec<Ref> = ANSWERS.iter().filter_map(|(name, _)| format!("service:{name}").parse().ok()).collect();
    let catalog = Catalog::around(store, &services).await?;
    let ours = format!("http://{HOST}:");
    let edits = services.into_iter().filter_map(|entity| {
        let said = catalog.curated(&entity);
        let mut curated = said.map(|said| said.curated.clone()).unwrap_or_else(Curated::default);
        if !catalog.contains(&entity) || curated.status_url.as_ref().is_some_and(|url| !url.starts_with(&ours)) {
            return None;
        }
        curated.status_url = Some(Text::from(format!("http://{at}/{}", entity.local())));
        Some(Edit { seen: said.map_or(0, |said| said.version), curated: Some(curated), entity })
    });
    let edits: Vec<Edit> = edits.collect();
    if edits.is_empty() {
        return Ok(());
    }
    store.edit("the demo", &edits).await.map(drop)
}

/// Answers until it is time to stop.
pub async fn answer(listener: TcpListener, mut stopping: Stopping) {
    loop {
        let accepted = tokio::select! {
            () = stopping.wait() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => drop(tokio::spawn(tokio::time::timeout(Duration::from_secs(5), one(stream)))),
            Err(error) => {
                tracing::debug!(%error, "the demo's services cannot be reached");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn one(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = [0; 1024];
    let mut read = 0;
    while read < head.len() && !head[..read].windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut head[read..]).await? {
            0 => break,
            more => read += more,
        }
    }
    let asked = String::from_utf8_lossy(&head[..read]);
    let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let answer = ANSWERS.iter().find(|(name, _)| *name == path).map_or(Some("404 Not Found"), |(_, answer)| *answer);
    if let Some(answer) = answer {
        let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
