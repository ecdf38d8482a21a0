//! One API server: sends a request, waits, retries, and reads the answer as JSON.
//!
//! Knows nothing of lists and kinds; [`super::list`] does.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;
use std::time::Duration;

use kube::client::Body;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::failure::{self, ATTEMPTS, Broken, Failure, Server, one_line};

/// How many requests to one API server run at the same time; its own limit for a client like this is not much higher.
const REQUESTS: usize = 8;

/// The longest wait before the second attempt; it doubles from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest wait that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The longest wait for a connection.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// A connection to one API server.
pub(super) struct Client {
    client: kube::Client,
    server: Server,
    timeout: Duration,
    requests: Semaphore,
    /// What will go wrong with every further request; asking again would only take time.
    lost: OnceLock<Failure>,
}

/// An answer with its status, before its body is understood.
struct Answer {
    status: http::StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Client {
    /// Prepares a connection; nothing is sent yet, but a credential plugin may run.
    ///
    /// # Errors
    /// If certificates or credentials cannot be used, in words for a person.
    pub(super) async fn new(mut config: kube::Config, label: &str, timeout: Duration) -> Result<Client, String> {
        // Two providers may be linked in; the first one that is installed wins, and all of them will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The library has no limit for reading; every request as a whole gets one below. Connecting has a shorter one,
        // so that the two can be told apart.
        config.connect_timeout = Some((timeout / 2).min(LONGEST_CONNECT));
        config.default_retry = false;
        config.accept_invalid_certs = false;
        // HTTPS_PROXY is meant for other ways than the one to an API server.
        config.proxy_url = None;
        let plugin = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone());
        let server = Server { label: label.to_owned(), plugin };
        // A credential plugin blocks, and may wait for a network that is not there.
        let made = tokio::task::spawn_blocking(move || kube::Client::try_from(config));
        let client = match tokio::time::timeout(timeout, made).await {
            Ok(Ok(made)) => made.map_err(|error| failure::of_setup(&error, &server))?,
            Ok(Err(_)) => {
                return Err(format!("the credentials for {label} cannot be used; is there a line break in the token?"));
            }
            Err(_) => {
                let seconds = timeout.as_secs();
                return Err(format!(
                    "the credential plugin for {label} gave no answer within {seconds} s; run it by hand, and log in again"
                ));
            }
        };
        let requests = Semaphore::new(REQUESTS);
        Ok(Client { client, server, timeout, requests, lost: OnceLock::new() })
    }

    /// How people know the cluster.
    pub(super) fn label(&self) -> &str {
        &self.server.label
    }

    /// Reads a path.
    ///
    /// # Errors
    /// If there is no answer that can be used after all retries.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let mut attempt = 1;
        loop {
            if let Some(lost) = self.lost.get() {
                return Err(lost.clone());
            }
            let permit = self.requests.acquire().await.map_err(|_| Failure::Other("the run has ended".to_owned()))?;
            let sent = tokio::time::timeout(self.timeout, self.send(path)).await;
            drop(permit);
            let (broken, pause) = match sent {
                Ok(Ok(answer)) => match self.understand(path, &answer) {
                    Ok(value) => return Ok(value),
                    Err(broken) => (broken, answer.retry_after),
                },
                Ok(Err(error)) => (failure::of_client(&error, &self.server), None),
                Err(_) => (self.silence(path), None),
            };
            let too_long = pause.is_some_and(|pause| pause > LONGEST_PAUSE);
            if attempt >= broken.attempts || too_long {
                if broken.failure.concerns_all() {
                    let _ = self.lost.set(broken.failure.clone());
                }
                return Err(broken.failure);
            }
            tracing::debug!(attempt, "{}; trying again", broken.failure);
            tokio::time::sleep(pause.unwrap_or_default() + jitter(attempt)).await;
            attempt += 1;
        }
    }

    async fn send(&self, path: &str) -> Result<Answer, kube::Error> {
        let request = http::Request::get(path)
            .header(http::header::ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(kube::Error::HttpError)?;
        let response = self.client.send(request).await?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|seconds| seconds.trim().parse().ok())
            .map(Duration::from_secs);
        let body = response.into_body().collect_bytes().await?.to_vec();
        Ok(Answer { status, retry_after, body })
    }

    fn understand(&self, path: &str, answer: &Answer) -> Result<Value, Broken> {
        let parsed = serde_json::from_slice::<Value>(&answer.body);
        if answer.status.is_success() {
            return parsed.map_err(|error| {
                let cut = error.is_eof() && !answer.body.is_empty();
                let what = if cut { "cut its answer off" } else { "answered with something that is no JSON" };
                let text = format!(
                    "{} {what} at {}; is there a proxy or a login page in the way?",
                    self.server,
                    without_query(path)
                );
                if cut { Broken::in_passing(Failure::Other(text)) } else { Broken::for_good(Failure::Other(text)) }
            });
        }
        let status = parsed.ok().filter(|value| value.get("kind").is_some_and(|kind| kind == "Status"));
        let words = status.as_ref().and_then(|status| status.get("message")).and_then(Value::as_str).map(one_line);
        let said = words.clone().map(|words| format!(": {words}")).unwrap_or_default();
        let code = answer.status.as_u16();
        Err(match code {
            401 => Broken::for_good(Failure::Unauthorized(format!(
                "{} does not accept the credentials (401{said}): the token is wrong or has expired; log in again, or renew \
                 the token",
                self.server
            ))),
            403 => {
                Broken::for_good(Failure::Forbidden(words.unwrap_or_else(|| format!("403 at {}", without_query(path)))))
            }
            404 => Broken::for_good(Failure::NotFound {
                message: format!("{} has nothing at {} (404{said})", self.server, without_query(path)),
                by_api_server: status.is_some(),
            }),
            410 => Broken::for_good(Failure::Expired(words.unwrap_or_else(|| "410 Gone".to_owned()))),
            // A token of another server, or of this one before an upgrade, is as good as an old one.
            400 if path.contains("continue=") => {
                Broken::for_good(Failure::Expired(words.unwrap_or_else(|| "400 Bad Request".to_owned())))
            }
            429 => Broken::in_passing(Failure::Other(format!(
                "{} turned requests for {} away: they are too many (429{said}); run less often, or ask its operators for a \
                 higher limit",
                self.server,
                without_query(path)
            ))),
            500..=599 => Broken::in_passing(Failure::Other(format!(
                "{} failed {ATTEMPTS} times at {} ({code}{said}); look at the API server, the next run tries again",
                self.server,
                without_query(path)
            ))),
            _ => Broken::for_good(Failure::Other(format!(
                "{} answered {code} at {}{said}; is that the address of an API server?",
                self.server,
                without_query(path)
            ))),
        })
    }

    fn silence(&self, path: &str) -> Broken {
        let text = format!(
            "{} gave no whole answer to {} within {} s; raise `timeout`, or lower `page_size`",
            self.server,
            without_query(path),
            self.timeout.as_secs()
        );
        Broken::in_silence(Failure::Other(text))
    }
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// A wait between nothing and twice the one before, so that many collectors do not come back together.
fn jitter(attempt: u32) -> Duration {
    let ceiling = FIRST_PAUSE * 2_u32.saturating_pow(attempt.saturating_sub(1));
    // The standard library seeds its hash maps at random; that is random enough for a pause.
    let random = RandomState::new().build_hasher().finish();
    let share = f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    ceiling.mul_f64(share)
}
