//! Asks a status URL whether a service works.
//!
//! Knows nothing of services, intervals and stores: when to ask, and what to believe, is the portal's part. One question
//! is one new connection, as a service's clients make it: an address that changed and a certificate that has expired are
//! noticed. Redirects are not followed, bodies are not read, no cookie and no proxy is used.

mod answer;
mod guard;
mod resolve;
mod roots;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use answer::{Answer, Reach};
pub use guard::{Guard, InvalidRule, Net, Place, Refused, Rule, Target};
pub use resolve::{Resolve, SystemResolver};
pub use roots::{InvalidRoots, Roots};

use answer::Waits;
use resolve::Guarded;

/// Who asks, as the other side's log shows it.
const USER_AGENT: &str = concat!("portal/", env!("CARGO_PKG_VERSION"), " (health check)");

/// How a [`Probe`] asks.
#[derive(Clone, Debug)]
pub struct ProbeOptions {
    /// How long everything up to the head of the answer may take.
    pub timeout: Duration,
    /// How long a connection may take: name, TCP and TLS. At most the whole time.
    pub connect_timeout: Duration,
    /// Who is asked.
    pub guard: Guard,
    /// Authorities that are trusted beside those of the operating system.
    pub roots: Roots,
}

impl Default for ProbeOptions {
    fn default() -> ProbeOptions {
        ProbeOptions {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            guard: Guard::default(),
            roots: Roots::default(),
        }
    }
}

/// Asks one URL at a time, and any number at the same time.
///
/// ```no_run
/// # async fn example() {
/// use portal_core::model::Health;
/// use portal_sources::health::{Probe, ProbeOptions};
///
/// let probe = Probe::new(&ProbeOptions::default());
/// let answer = probe.ask("https://status.example.org/health").await;
/// assert_eq!(answer.health, Health::Healthy);
/// assert_eq!(answer.detail, "200 in 12 ms");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Probe {
    client: reqwest::Client,
    guard: Arc<Guard>,
    waits: Waits,
}

impl Probe {
    /// A probe that resolves names as the operating system does. Reads the system's certificates.
    pub fn new(options: &ProbeOptions) -> Probe {
        Probe::with_resolver(options, Arc::new(SystemResolver::default()))
    }

    /// A probe with a resolver of one's own.
    pub fn with_resolver(options: &ProbeOptions, resolver: Arc<dyn Resolve>) -> Probe {
        let guard = Arc::new(options.guard.clone());
        let waits = Waits { total: options.timeout, connect: options.connect_timeout.min(options.timeout) };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(options.roots.client_config())
            .dns_resolver(Arc::new(Guarded { guard: Arc::clone(&guard), resolver }))
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // A proxy would look the name up itself, and the guard would judge nothing.
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(waits.connect)
            .timeout(waits.total)
            .build()
            .expect("only a TLS backend that cannot be used stops a client, and this one was made for it");
        Probe { client, guard, waits }
    }

    /// Asks with GET. Ends within the timeout, whatever the other side does; dropped in the middle it leaves nothing
    /// behind.
    pub async fn ask(&self, url: &str) -> Answer {
        let target = match self.guard.target(url) {
            Ok(target) => target,
            Err(refused) => return Answer::refused(refused, Duration::ZERO),
        };
        let began = Instant::now();
        let sent = self.client.get(target.url).header(reqwest::header::CONNECTION, "close").send().await;
        let took = began.elapsed();
        match sent {
            // The head is the answer. What follows is never read, however long it is and however slowly it comes.
            Ok(response) => Answer::of_status(response.status().as_u16(), took),
            Err(error) => Answer::of_error(&error, self.waits, took),
        }
    }
}
