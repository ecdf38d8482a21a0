//! The listener: connections in, and an end in which no request is lost.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use futures::FutureExt;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tower::ServiceExt;

use super::{Background, Portal};

/// How long a client may take for the head of a request; an idle connection is closed after it, too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest head of a request, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long background tasks may take to end.
const TASKS_END: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT, and then ends well. A second one ends at once.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    portal: &Portal,
    background: Background,
) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut told = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let open = accept(&listener, &router, portal, told()).await;
    tracing::info!("stopping: requests that run go on to their end");
    background.tell();
    tokio::select! {
        () = end(listener, router, portal, open, background) => {}
        () = told() => tracing::warn!("told twice to stop; requests that ran were cut off"),
    }
    Ok(())
}

struct Open {
    http: Arc<http1::Builder>,
    connections: GracefulShutdown,
}

async fn accept(listener: &TcpListener, router: &Router, portal: &Portal, told: impl Future<Output = ()>) -> Open {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LIMIT);
    let open = Open { http: Arc::new(http), connections: GracefulShutdown::new() };
    open.accept_until(listener, router, told).await;
    portal.stop();
    open
}

/// No request is lost: for a moment everything is answered as before, but every answer asks the client to go elsewhere;
/// then connections that the system has taken for us already are taken as well, and only then no more.
async fn end(listener: TcpListener, router: Router, portal: &Portal, open: Open, background: Background) {
    let options = portal.options();
    open.accept_until(&listener, &router, tokio::time::sleep(options.farewell)).await;
    while let Some(Ok((stream, from))) = listener.accept().now_or_never() {
        open.take(stream, from, &router);
    }
    drop(listener);
    if tokio::time::timeout(options.drain, open.connections.shutdown()).await.is_err() {
        tracing::warn!("requests were still running after {:?} and were cut off", options.drain);
    }
    background.stop(TASKS_END).await;
}

impl Open {
    async fn accept_until(&self, listener: &TcpListener, router: &Router, until: impl Future<Output = ()>) {
        let mut until = std::pin::pin!(until);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut until => return,
            };
            match accepted {
                Ok((stream, from)) => self.take(stream, from, router),
                Err(error) => pause_after(&error).await,
            }
        }
    }

    fn take(&self, stream: TcpStream, from: SocketAddr, router: &Router) {
        // Small answers are not held back to wait for more.
        let _ = stream.set_nodelay(true);
        let service = router.clone().map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(from));
            request.map(axum::body::Body::new)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = self.connections.watch(connection);
        tokio::spawn(async move {
            // A client that goes away in the middle is no error of ours.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
}

/// A connection that ended before it was taken is nothing; no free file descriptors is worth a pause.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
