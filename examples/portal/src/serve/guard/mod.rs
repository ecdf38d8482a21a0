//! Who may come in: the right host, the own page, a key that is good, not too often.
//!
//! This stands before every route and decides from the request's head alone, before anything is read. What needs no key
//! is a short list; all else does, also paths that nobody thought of. What a key allows is asked again by the routes
//! that change something ([`Caller::may`]); a route that forgets is caught here.

mod document;
mod headers;
mod hosts;
mod limit;
mod network;
mod ring;

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use portal_core::{KeyScope, Text};

use super::caller::Caller;
use super::problem::{Kind, Problem};
use super::{Portal, Stopping, page};
use crate::key::Key;
use limit::{Limiter, Taken};
use ring::{Ring, Verdict};

pub(super) use document::describe;
pub use hosts::{Host, Hosts, NotAHost};
pub use limit::Limits;
pub use network::{Network, NotANetwork};

const UNAUTHENTICATED: Kind = Kind::of("unauthenticated", StatusCode::UNAUTHORIZED, "An API key is needed");
const TOO_MANY: Kind = Kind::of("too-many-requests", StatusCode::TOO_MANY_REQUESTS, "Too many requests");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Orchestrators ask these by address, without a key, and are never told to come later.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/api/health"];
/// What stands in these stands in the source of the program, too.
const OPEN: [&str; 3] = ["/openapi.json", "/docs", "/docs/docs.css"];

/// What protects the portal. By default it asks for no key and counts nothing: a service that nests the API has its own
/// ways for that.
#[derive(Clone, Debug)]
pub struct Protection {
    /// Whether a key is needed.
    pub auth: Auth,
    /// Which names it is served under.
    pub hosts: Hosts,
    /// How often somebody may ask. Who has no key goes by the address: for that the request needs axum's
    /// [`ConnectInfo`], and all requests without one are one sender.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// How long keys that were good go on reading when the store, which would know of their end, does not answer.
    pub grace: Duration,
}

/// Whether a key is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Everybody who reaches the portal may do everything.
    #[default]
    None,
    /// Whoever has a key may do what the key allows.
    Keys,
}

impl Default for Protection {
    fn default() -> Protection {
        Protection {
            auth: Auth::None,
            hosts: Hosts::Any,
            limits: Limits::OFF,
            trusted_proxies: Vec::new(),
            grace: Duration::from_secs(3600),
        }
    }
}

/// What was found out about a request: for the log, and for the answer's headers.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    /// The id of the key that was shown, if there is one of that id.
    pub(super) key: Option<Text>,
    /// Why it was not let in.
    pub(super) refused: Option<&'static str>,
    /// Where it came from, if it was not let in.
    pub(super) from: Option<IpAddr>,
    /// What is left of the limit, and which one it is.
    quota: Option<(HeaderValue, HeaderValue)>,
}

/// The guard's memory.
pub(super) struct Guard {
    protection: Protection,
    ring: Ring,
    limiter: Option<Limiter>,
    policies: Policies,
}

/// `RateLimit-Policy` of each kind of request.
struct Policies {
    reads: HeaderValue,
    writes: HeaderValue,
    failures: HeaderValue,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kept {
    Reads,
    Writes,
    Failures,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender<'k> {
    Key(&'k str),
    Place(u128),
    /// Nobody said where it comes from.
    Unknown,
}

impl Guard {
    pub(super) fn new(protection: Protection) -> Guard {
        let limits = protection.limits;
        let policy = |kept: Kept, quota: u32| {
            HeaderValue::try_from(format!("\"{}\";q={quota};w=60", kept.word())).expect("letters and digits")
        };
        let policies = Policies {
            reads: policy(Kept::Reads, limits.reads_per_minute),
            writes: policy(Kept::Writes, limits.writes_per_minute),
            failures: policy(Kept::Failures, limits.failures_per_minute),
        };
        let limiter = (limits != Limits::OFF).then(Limiter::new);
        Guard { ring: Ring::new(protection.grace), protection, limiter, policies }
    }

    /// Whether nobody can be let in yet.
    pub(super) fn is_starting(&self) -> bool {
        self.protection.auth == Auth::Keys && self.ring.is_empty()
    }

    /// Decides about a request, and says who sends it.
    async fn admit(&self, request: &mut Parts, note: &mut Note) -> Result<Option<Caller>, Problem> {
        let path = request.uri.path();
        if request.method.is_safe() && PROBES.contains(&path) {
            return Ok(None);
        }
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        note.from = peer.map(|peer| network::sender(peer, &request.headers, &self.protection.trusted_proxies));
        note.refused = Some("host");
        self.protection.hosts.check(request)?;
        note.refused = Some("site");
        self.protection.hosts.check_site(request)?;
        note.refused = Some("key in the address");
        refuse_key_in_address(request)?;
        let place = note.from.map_or(Sender::Unknown, |address| Sender::Place(network::place(address)));
        let (is_open, to_change) = (is_open(request), !request.method.is_safe());
        // What is not there any more cannot be written into a log.
        let shown: Vec<HeaderValue> = match request.headers.entry(AUTHORIZATION) {
            http::header::Entry::Occupied(shown) => shown.remove_entry_mult().1.collect(),
            http::header::Entry::Vacant(_) => Vec::new(),
        };
        let kept = if to_change { Kept::Writes } else { Kept::Reads };
        if self.protection.auth == Auth::None || is_open {
            self.count(place, kept, note)?;
            if is_open {
                // Browsers keep it for others.
                note.quota = None;
            }
            note.refused = None;
            return Ok(None);
        }
        let key = match shown.as_slice() {
            [] => {
                self.count(place, kept, note)?;
                note.refused = Some("no key");
                let detail = "this portal asks for an API key, as `Authorization: Bearer pk_…`; `portal keys create` \
                              makes one";
                return Err(Problem::new(UNAUTHENTICATED, detail)
                    .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"portal\"")));
            }
            [one] => bearer(one),
            _ => None,
        };
        let held = match self.ring.judge(key.unwrap_or_default(), to_change).await {
            Verdict::Good(held) => held,
            Verdict::Refused { id, why } => {
                note.key = id;
                self.count(place, Kept::Failures, note)?;
                note.refused = Some(why);
                return Err(refused());
            }
            Verdict::CannotTell => {
                self.count(place, kept, note)?;
                note.refused = Some("keys not known");
                let detail = "whether this API key is good cannot be told at the moment, because the store does not \
                              answer; try again soon";
                return Err(Problem::new(Kind::UNAVAILABLE, detail).retry_after(2));
            }
        };
        note.key = Some(held.id.clone());
        self.count(Sender::Key(&held.id), kept, note)?;
        let caller = Caller { name: held.name.clone(), scope: held.scope };
        note.refused = Some("scope");
        caller.may(if to_change { KeyScope::Write } else { KeyScope::Read })?;
        note.refused = None;
        Ok(Some(caller))
    }

    /// Takes a token.
    fn count(&self, sender: Sender<'_>, kept: Kept, note: &mut Note) -> Result<(), Problem> {
        let Limits { reads_per_minute, writes_per_minute, failures_per_minute } = self.protection.limits;
        let (per_minute, policy) = match kept {
            Kept::Reads => (reads_per_minute, &self.policies.reads),
            Kept::Writes => (writes_per_minute, &self.policies.writes),
            Kept::Failures => (failures_per_minute, &self.policies.failures),
        };
        let Some(limiter) = self.limiter.as_ref().filter(|_| per_minute > 0) else { return Ok(()) };
        match limiter.take((sender, kept), per_minute) {
            Taken::One { left, full_in } => {
                note.quota = Some((policy.clone(), quota(kept, left, full_in)));
                Ok(())
            }
            Taken::None(wait) => {
                note.refused = Some("limit");
                let seconds = whole_seconds(wait).max(1);
                let detail = format!(
                    "more than {per_minute} {} came from you within a minute; the next one is welcome in {seconds} s",
                    kept.in_words()
                );
                note.quota = Some((policy.clone(), quota(kept, 0, wait)));
                Err(Problem::new(TOO_MANY, detail).retry_after(u32::try_from(seconds).unwrap_or(60)))
            }
        }
    }
}

impl Kept {
    fn word(self) -> &'static str {
        match self {
            Kept::Reads => "reads",
            Kept::Writes => "writes",
            Kept::Failures => "failures",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Kept::Reads => "requests",
            Kept::Writes => "changes",
            Kept::Failures => "keys that are not good",
        }
    }
}

/// The layer.
pub(super) async fn guard(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut note = Note::default();
    match portal.guard.admit(&mut parts, &mut note).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                parts.extensions.insert(caller);
            }
            note.from = None;
            let mut response = next.run(Request::from_parts(parts, body)).await;
            response.extensions_mut().insert(note);
            response
        }
        Err(problem) => {
            let mut response = problem.into_response();
            response.extensions_mut().insert(note);
            response
        }
    }
}

impl Note {
    /// Puts what clients should know into the headers, and what browsers should.
    pub(super) fn say(&mut self, headers: &mut HeaderMap, status: StatusCode) {
        if let Some((policy, quota)) = self.quota.take() {
            headers.insert(RATE_LIMIT_POLICY, policy);
            headers.insert(RATE_LIMIT, quota);
        }
        headers::put(headers, status);
    }
}

/// Keeps the keys at what the store says, until it is time to stop.
pub(super) async fn follow(portal: &Portal, stopping: Stopping) {
    if portal.guard.protection.auth == Auth::Keys {
        ring::follow(&portal.guard.ring, portal.store.as_ref(), stopping).await;
    }
}

/// Whether everybody may read it: the page, which asks for the key itself, and what describes the API.
fn is_open(request: &Parts) -> bool {
    let path = request.uri.path();
    let is_page = || request.extensions.get::<MatchedPath>().is_none() && !page::is_for_programs(path);
    request.method.is_safe() && (OPEN.contains(&path) || is_page())
}

/// Addresses stand in logs, histories and `Referer`.
fn refuse_key_in_address(request: &Parts) -> Result<(), Problem> {
    let is_in = |text: &str| Key::is_in(text);
    if is_in(request.uri.path()) || request.uri.query().is_some_and(is_in) {
        let detail = "an API key is no part of an address, where logs and histories keep it; send it as `Authorization: \
                      Bearer pk_…`, and have this one revoked";
        return Err(Problem::new(Kind::BAD_REQUEST, detail));
    }
    Ok(())
}

/// The key in `Bearer pk_…`. Names of schemes are compared without case (RFC 9110).
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The same for every reason, so that nobody learns which keys there are or were.
fn refused() -> Problem {
    let detail = "this API key is not good: it is unknown, mistyped, expired or revoked; `portal keys create` makes a new \
                  one";
    let challenge = HeaderValue::from_static("Bearer realm=\"portal\", error=\"invalid_token\"");
    Problem::new(UNAUTHENTICATED, detail).with_header(WWW_AUTHENTICATE, challenge)
}

/// `RateLimit`, in the form of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-10).
fn quota(kept: Kept, left: u32, until: Duration) -> HeaderValue {
    let mut text = String::with_capacity(32);
    let _ = write!(text, "\"{}\";r={left};t={}", kept.word(), whole_seconds(until));
    HeaderValue::try_from(text).expect("letters and digits")
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
