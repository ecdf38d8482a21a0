//! The listener: connections in, and an end in which no request is lost.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

use super::{Background, Portal};

/// How long a client may take for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest head of a request, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;

/// Serves until SIGTERM or SIGINT; then no connection is taken any more, and what runs goes on to its end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    portal: &Portal,
    background: Background,
) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    serve_until(listener, router, portal, background, told).await
}

async fn serve_until(
    listener: TcpListener,
    router: Router,
    portal: &Portal,
    background: Background,
    told: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LIMIT);
    let http = Arc::new(http);
    let mut told = std::pin::pin!(told);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told => break,
        };
        match accepted {
            Ok((stream, _)) => take(stream, &http, &router, &connections),
            Err(error) => pause_after(&error).await,
        }
    }
    tracing::info!("stopping: requests that run go on to their end");
    background.tell();
    drop(listener);
    if tokio::time::timeout(portal.options().drain, connections.shutdown()).await.is_err() {
        tracing::warn!("requests were still running after {:?} and were cut off", portal.options().drain);
    }
    background.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn take(stream: TcpStream, http: &http1::Builder, router: &Router, connections: &GracefulShutdown) {
    // Small answers are not held back to wait for more.
    let _ = stream.set_nodelay(true);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that goes away in the middle is no error of ours.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

/// A connection that ended before it was taken is nothing; no free file descriptors is worth a pause.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
