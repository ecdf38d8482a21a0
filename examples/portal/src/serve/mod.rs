//! The HTTP server: answers from a picture in memory, which follows the store.
//!
//! [`Portal`] is what the handlers share, [`router`] is all of the API as a [`Router`] that another service can nest,
//! and [`run`] is the whole program around it: listener, background tasks, signals.

mod background;
mod cell;
pub mod extract;
mod frame;
mod listener;
mod page;
mod problem;
mod routes;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use portal_core::Catalog;
use portal_store::SqlStore;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, DefaultPredicate, Predicate, SizeAbove};

pub use background::{Background, Stopping};
pub use cell::Cell;
pub use extract::{Asked, Json, Parameters, Path};
pub use frame::RequestId;
pub use problem::{Kind, Pointed, Problem, ProblemView};

/// What all handlers share. Cheap to clone.
#[derive(Clone)]
pub struct Portal(Arc<Shared>);

/// See [`Portal`], which leads to it.
pub struct Shared {
    /// Where what is known stays.
    pub store: Arc<SqlStore>,
    /// What is known now, in memory.
    pub cell: Cell,
    options: Options,
}

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    /// How long a body may take to come.
    pub body_timeout: Duration,
    /// How long a request may take until its answer begins.
    pub deadline: Duration,
    /// How long requests that run may go on when the server stops.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            body_limit: 256 * 1024,
            body_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(15),
            drain: Duration::from_secs(20),
        }
    }
}

impl Portal {
    /// A portal on a store. Nothing is read yet: [`Portal::start`] does, and goes on following the store.
    pub fn new(store: Arc<SqlStore>, options: Options) -> Portal {
        Portal(Arc::new(Shared { store, cell: Cell::default(), options }))
    }

    /// How it behaves.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What is known now.
    ///
    /// # Errors
    /// [`Kind::UNAVAILABLE`] until the first picture is loaded.
    pub fn catalog(&self) -> Result<Arc<Catalog>, Problem> {
        self.cell.catalog().ok_or_else(|| {
            Problem::new(Kind::UNAVAILABLE, "the portal is starting, and has not read its store yet").retry_after(1)
        })
    }

    /// Starts everything that runs beside the requests.
    pub fn start(&self) -> Background {
        let mut background = Background::default();
        let portal = self.clone();
        background.spawn("follow the store", |stopping| async move { cell::follow(&portal, stopping).await });
        background
    }
}

impl Deref for Portal {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The API, ready to be served or nested.
pub fn router(portal: &Portal) -> Router {
    let (router, _) = routes::all().split_for_parts();
    around(router, portal).with_state(portal.clone())
}

/// What stands around every route, the outermost last.
fn around(router: Router<Portal>, portal: &Portal) -> Router<Portal> {
    router.fallback(page::page).layer(compression()).layer(from_fn_with_state(portal.clone(), frame::frame))
}

/// Small answers are not worth it: they fit into one packet as they are.
fn compression() -> CompressionLayer<And<DefaultPredicate, SizeAbove>> {
    // The fastest level: half as many CPU seconds as the default one, for a tenth more bytes.
    CompressionLayer::new()
        .quality(tower_http::CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(1024)))
}

/// Serves until the process is told to stop, then finishes what runs.
///
/// # Errors
/// If the address cannot be listened on.
pub async fn run(portal: Portal, listen: SocketAddr, background: Background) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(listen).await?;
    // The first line of standard error says where, also for port 0.
    eprintln!("listening on http://{}", listener.local_addr()?);
    listener::serve(listener, router(&portal), &portal, background).await
}
