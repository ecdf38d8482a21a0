//! The HTTP server: answers from a picture in memory, which follows the store.
//!
//! [`Portal`] is what the handlers share, [`router`] is all of the API as a [`Router`] that another service can nest,
//! and [`run`] is the whole program around it: listener, background tasks, signals.

mod answers;
mod background;
pub mod body;
pub mod caller;
mod cell;
pub mod checker;
mod curate;
pub mod document;
pub mod etag;
pub mod extract;
mod frame;
pub mod guard;
mod listener;
pub mod lists;
pub mod lookup;
mod metrics;
mod page;
mod problem;
pub mod reader;
pub(crate) mod routes;
pub mod schedule;
pub mod texts;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use portal_core::{Catalog, Rules};
use portal_store::SqlStore;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, DefaultPredicate, Predicate, SizeAbove};

pub use background::{Background, Stopping};
pub use caller::Caller;
pub use cell::{Basis, Cell, Picture};
use checker::Checker;
pub use extract::{Asked, Json, Parameters, Path};
pub use frame::RequestId;
pub use guard::{Auth, Limits, Protection};
pub use metrics::Metrics;
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
    /// What was asked, and how long it took.
    pub metrics: Metrics,
    guard: guard::Guard,
    /// Whether services work.
    pub checker: Checker,
    options: Options,
    stopping: AtomicBool,
}

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// What protects it.
    pub protection: Protection,
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    /// How long a body may take to come.
    pub body_timeout: Duration,
    /// How long a request may take until its answer begins.
    pub deadline: Duration,
    /// How long everything goes on when the server stops, for clients and balancers to find another one.
    pub farewell: Duration,
    /// How long requests that run may go on after that.
    pub drain: Duration,
    /// What the estate is resolved by again when a hold is released: the rules of the ingest.
    pub rules: Rules,
    /// How services are checked.
    pub health: checker::Settings,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            protection: Protection::default(),
            body_limit: 256 * 1024,
            body_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(15),
            farewell: Duration::from_millis(500),
            drain: Duration::from_secs(20),
            rules: Rules::default(),
            health: checker::Settings::default(),
        }
    }
}

impl Portal {
    /// A portal on a store. Nothing is read yet: [`Portal::start`] does, and goes on following the store.
    pub fn new(store: Arc<SqlStore>, options: Options) -> Portal {
        Portal(Arc::new(Shared {
            store,
            cell: Cell::default(),
            metrics: Metrics::default(),
            guard: guard::Guard::new(options.protection.clone()),
            checker: Checker::new(options.health.clone()),
            options,
            stopping: AtomicBool::new(false),
        }))
    }

    /// How it behaves.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether the server is about to stop: it still answers, and asks to be left alone.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Says that the server is about to stop.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// What is known now.
    ///
    /// # Errors
    /// [`Kind::UNAVAILABLE`] until the first picture is loaded.
    pub fn catalog(&self) -> Result<Arc<Catalog>, Problem> {
        self.picture().map(|picture| Arc::clone(&picture.catalog))
    }

    /// What is known now, with what tells it from every other state.
    ///
    /// # Errors
    /// As [`Portal::catalog`].
    pub fn picture(&self) -> Result<Arc<Picture>, Problem> {
        self.cell.picture().ok_or_else(|| {
            Problem::new(Kind::UNAVAILABLE, "the portal is starting, and has not read its store yet").retry_after(1)
        })
    }

    /// Starts everything that runs beside the requests.
    pub fn start(&self) -> Background {
        let mut background = Background::default();
        let portal = self.clone();
        background.spawn("follow the store", |stopping| async move { cell::follow(&portal, stopping).await });
        let portal = self.clone();
        background.spawn("follow the keys", |stopping| async move { guard::follow(&portal, stopping).await });
        Checker::start(self, &mut background);
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
    let (router, document) = document::split();
    around(routes::with_document(router, &document), portal).with_state(portal.clone())
}

/// What stands around every route, the outermost last.
fn around(router: Router<Portal>, portal: &Portal) -> Router<Portal> {
    router
        .fallback(page::page)
        .layer(compression())
        .layer(from_fn_with_state(portal.clone(), answers::answers))
        .layer(from_fn_with_state(portal.clone(), guard::guard))
        .layer(from_fn_with_state(portal.clone(), frame::frame))
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
