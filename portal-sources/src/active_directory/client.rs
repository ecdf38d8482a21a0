//! One connection to one server: made, encrypted, logged in, and asked page by page.
//!
//! The library's connection is a future that somebody has to drive. It is not given to a task: each request drives it
//! until its own answer is there, so that nothing is left when a request is dropped.

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use ldap3::asn1::{StructureTag, parse_tag};
use ldap3::controls::{Control, ControlType, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, StdStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address::Server;
use super::config::Plan;
use super::entry::Entry;
use super::failure::{self, Failure};

/// How many pages in a row may be empty. Active Directory gives such pages while it looks for something that fits.
const EMPTY_PAGES: u32 = 1000;

/// A name and a password.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) password: String,
}

/// A connection that is logged in.
pub(super) struct Connection {
    server: String,
    ldap: Ldap,
    driver: Driver,
    is_anonymous: bool,
    timeout: Duration,
    page_size: i32,
}

/// What is looked for below the base.
pub(super) struct Search<'s> {
    pub(super) base: &'s str,
    pub(super) filter: &'s str,
    pub(super) attributes: &'s [&'s str],
}

struct Driver {
    future: BoxFuture<'static, Result<(), LdapError>>,
    /// Whether the connection has ended, and must not be driven any more.
    ended: bool,
    /// What it ended with.
    error: Option<LdapError>,
}

struct Page {
    entries: Vec<Entry>,
    result: LdapResult,
}

impl Connection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// If the server cannot be reached or trusted, or does not take the account.
    pub(super) async fn open(
        server: &Server,
        tls: &Arc<rustls::ClientConfig>,
        account: Option<&Account>,
        plan: &Plan,
    ) -> Result<Connection, Failure> {
        let opened = tokio::time::timeout(plan.connect_timeout, async {
            let mut connection = Connection::connect(server, tls, plan).await?;
            if let Some(account) = account {
                connection.log_in(account).await?;
            }
            Ok(connection)
        });
        opened.await.unwrap_or_else(|_| Err(silence(&server.url, plan.connect_timeout, "connecting and logging in")))
    }

    /// Gives each entry that fits to `take`. The text says at which limit the server stopped; without one that was all.
    ///
    /// # Errors
    /// If a page cannot be read. What was taken before is of no use then.
    pub(super) async fn search(
        &mut self,
        search: &Search<'_>,
        mut take: impl FnMut(Entry) + Send,
    ) -> Result<Option<String>, Failure> {
        let (mut cookie, mut empty) = (Vec::new(), 0);
        loop {
            let first = cookie.is_empty();
            let page = self.page(search, cookie).await?;
            empty = if page.entries.is_empty() { empty + 1 } else { 0 };
            page.entries.into_iter().for_each(&mut take);
            let result = page.result;
            if result.rc != 0 {
                if !first && failure::is_expired(&result) {
                    let words = failure::one_line(&result.text);
                    return Err(Failure::Expired(format!(
                        "{} forgot where it was in a list of pages (code {}: {words})",
                        self.server, result.rc
                    )));
                }
                let limit = failure::limit(&result, &self.server);
                return limit.map(Some).ok_or_else(|| self.refusal(&result, search));
            }
            cookie = next_cookie(&result).ok_or_else(|| self.gibberish())?;
            if cookie.is_empty() {
                return Ok(None);
            }
            if empty == EMPTY_PAGES {
                return Err(Failure::Server(format!(
                    "{} gave {EMPTY_PAGES} empty pages in a row; is there an index for objectClass?",
                    self.server
                )));
            }
        }
    }

    /// How many entries the first page has.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn glance(&mut self, search: &Search<'_>) -> Result<usize, Failure> {
        let page = self.page(search, Vec::new()).await?;
        let fine = page.result.rc == 0 || failure::limit(&page.result, &self.server).is_some();
        if fine { Ok(page.entries.len()) } else { Err(self.refusal(&page.result, search)) }
    }

    /// The server as people know it.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    async fn connect(server: &Server, tls: &Arc<rustls::ClientConfig>, plan: &Plan) -> Result<Connection, Failure> {
        let of_io = |error: io::Error| failure::of_io(&error, &server.url);
        let mut stream = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(of_io)?;
        if server.starttls {
            // The library would give this to a task of its own.
            start_tls(&mut stream, &server.url).await?;
        }
        let stream = StdStream::Tcp(stream.into_std().map_err(of_io)?);
        let settings = LdapConnSettings::new().set_config(Arc::clone(tls)).set_std_stream(stream);
        let url = format!("ldaps://{}:{}", server.host, server.port);
        let made = LdapConnAsync::with_settings(settings, &url).await;
        let (connection, ldap) = made.map_err(|error| failure::of_library(&error, &server.url))?;
        let driver = Driver { future: connection.drive().boxed(), ended: false, error: None };
        let (timeout, page_size) = (plan.timeout, plan.page_size);
        Ok(Connection { server: server.url.clone(), ldap, driver, is_anonymous: true, timeout, page_size })
    }

    async fn log_in(&mut self, account: &Account) -> Result<(), Failure> {
        let asked = self.ldap.simple_bind(&account.name, &account.password);
        let answer = self.driver.drive(self.timeout, asked).await;
        let result = answer.map_err(|broken| broken.at(&self.server, self.timeout, "logging in"))?;
        if result.rc != 0 {
            return Err(failure::of_bind(&result, &self.server, &account.name));
        }
        self.is_anonymous = false;
        Ok(())
    }

    async fn page(&mut self, search: &Search<'_>, cookie: Vec<u8>) -> Result<Page, Failure> {
        let Connection { ldap, driver, page_size, .. } = self;
        let control = PagedResults { size: *page_size, cookie };
        let asked = async {
            ldap.with_controls(vec![control.into()]);
            let attributes = search.attributes.to_vec();
            let mut stream = ldap.streaming_search(search.base, Scope::Subtree, search.filter, attributes).await?;
            let mut tags = Vec::new();
            while let Some(item) = stream.next().await? {
                // Other servers that may hold more are not followed: they may be anybody's.
                if !item.is_ref() && !item.is_intermediate() {
                    tags.push(item.0);
                }
            }
            Ok((tags, stream.finish().await))
        };
        let answer = driver.drive(self.timeout, asked).await;
        let (tags, result) = answer.map_err(|broken| broken.at(&self.server, self.timeout, "a page"))?;
        let entries: Option<Vec<Entry>> = tags.into_iter().map(Entry::read).collect();
        Ok(Page { entries: entries.ok_or_else(|| self.gibberish())?, result })
    }

    fn refusal(&self, result: &LdapResult, search: &Search<'_>) -> Failure {
        failure::of_result(result, &self.server, search.base, self.is_anonymous)
    }

    fn gibberish(&self) -> Failure {
        gibberish(&self.server)
    }
}

/// Why there is no answer.
enum Broken {
    Silence,
    Gibberish,
    Lost,
    Library(LdapError),
}

impl Broken {
    fn at(self, server: &str, waited: Duration, what: &str) -> Failure {
        match self {
            Broken::Silence => silence(server, waited, what),
            Broken::Gibberish => gibberish(server),
            Broken::Lost => failure::lost(server),
            Broken::Library(error) => failure::of_library(&error, server),
        }
    }
}

impl Driver {
    /// Drives the connection until a request has its answer.
    async fn drive<T>(
        &mut self,
        longest: Duration,
        asked: impl Future<Output = Result<T, LdapError>> + Send,
    ) -> Result<T, Broken> {
        let answer = {
            let mut asked = pin!(asked);
            let both = std::future::poll_fn(|context| {
                if !self.ended
                    && let Poll::Ready(end) = self.future.poll_unpin(context)
                {
                    self.ended = true;
                    self.error = end.err();
                }
                // After the connection has ended, what came before that can still be an answer.
                asked.as_mut().poll(context)
            });
            // The library panics at answers that are no LDAP; that must not end more than this request.
            tokio::time::timeout(longest, AssertUnwindSafe(both).catch_unwind()).await
        };
        match answer {
            Ok(Ok(Ok(answer))) => Ok(answer),
            // How the connection ended says more than that the answer is missing.
            Ok(Ok(Err(_))) if self.ended => Err(self.error.take().map_or(Broken::Lost, Broken::Library)),
            Ok(Ok(Err(error))) => Err(Broken::Library(error)),
            Ok(Err(_)) => {
                self.ended = true;
                Err(Broken::Gibberish)
            }
            Err(_) => Err(Broken::Silence),
        }
    }
}

/// Where the next page begins; empty after the last one, and `None` if that cannot be read.
fn next_cookie(result: &LdapResult) -> Option<Vec<u8>> {
    let control = result.ctrls.iter().find_map(|control| match control {
        Control(Some(ControlType::PagedResults), raw) => Some(raw),
        _ => None,
    });
    // A server that knows no pages gives all at once.
    let Some(control) = control else { return Some(Vec::new()) };
    let (_, tag) = parse_tag(control.val.as_deref()?).ok()?;
    tag.expect_constructed()?.into_iter().nth(1)?.expect_primitive()
}

/// Asks for encryption (RFC 4511, 4.14).
async fn start_tls(stream: &mut TcpStream, server: &str) -> Result<(), Failure> {
    const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
    const SEQUENCE: u8 = 0x30;
    const LONGEST_ANSWER: usize = 16 * 1024;
    let of_io = |error: io::Error| failure::of_io(&error, server);
    stream.write_all(REQUEST).await.map_err(of_io)?;
    let mut answer = Vec::new();
    let tag = loop {
        if stream.read_buf(&mut answer).await.map_err(of_io)? == 0 {
            return Err(failure::lost(server));
        }
        match parse_tag(&answer) {
            // What comes before the encryption could be anybody's, and is not taken for part of what comes after.
            Ok(([], tag)) => break tag,
            Err(error) if error.is_incomplete() && answer[0] == SEQUENCE && answer.len() < LONGEST_ANSWER => {}
            _ => return Err(gibberish(server)),
        }
    };
    match extended_result(tag) {
        Some((0, _)) => Ok(()),
        Some((code, words)) => Err(Failure::Server(format!(
            "{server} cannot encrypt the connection (code {code}: {}); does it have a certificate? Otherwise use ldaps://",
            failure::one_line(&words)
        ))),
        None => Err(gibberish(server)),
    }
}

/// Code and words of an extended response.
fn extended_result(message: StructureTag) -> Option<(u8, String)> {
    const EXTENDED_RESPONSE: u64 = 24;
    let response = message.expect_constructed()?.into_iter().nth(1)?.match_id(EXTENDED_RESPONSE)?;
    let mut parts = response.expect_constructed()?.into_iter();
    let code = *parts.next()?.expect_primitive()?.last()?;
    let words = parts.nth(1)?.expect_primitive()?;
    Some((code, String::from_utf8_lossy(&words).into_owned()))
}

fn gibberish(server: &str) -> Failure {
    Failure::Server(format!("{server} answered with something that is no LDAP; is `url` the address of a directory?"))
}

fn silence(server: &str, waited: Duration, what: &str) -> Failure {
    let (seconds, advice) = match what {
        "a page" => (waited.as_secs(), "raise `timeout`, or lower `page_size`"),
        _ => (waited.as_secs(), "is `url` right, is a firewall in the way? Otherwise raise `connect_timeout`"),
    };
    Failure::Server(format!("{server} took more than {seconds} s for {what}; {advice}"))
}
