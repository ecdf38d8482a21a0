//! What can go wrong between here and an API server, and how it reads to a person.
//!
//! Every text says what happened, to which cluster, and what to do next. What it means for a kind's coverage is decided
//! in [`super::collect`].

use std::error::Error as StdError;
use std::fmt;
use std::io;

use kube::client::AuthError;

/// How often one request is sent at most.
pub(super) const ATTEMPTS: u32 = 4;

/// An API server as people know it.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Its cluster, address and context.
    pub(super) label: String,
    /// The program that gives the credentials, if one does.
    pub(super) plugin: Option<String>,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// Why there is no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The server could not be reached, or not be trusted: no other request will do better in this run.
    #[error("{0}")]
    Unreachable(String),
    /// The server does not take the credentials: no other request will do better in this run.
    #[error("{0}")]
    Unauthorized(String),
    /// The right is missing; the server's own words.
    #[error("{0}")]
    Forbidden(String),
    /// There is nothing at that path. `by_api_server` tells an API server's answer from that of any web server.
    #[error("{message}")]
    NotFound {
        /// The server's words, or ours.
        message: String,
        /// Whether the answer had the form that API servers give it.
        by_api_server: bool,
    },
    /// The continue token is too old, or not one of this server's.
    #[error("{0}")]
    Expired(String),
    /// Anything else, after all retries.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Whether every further request to the same server would end in the same way.
    pub(super) fn concerns_all(&self) -> bool {
        matches!(self, Failure::Unreachable(_) | Failure::Unauthorized(_))
    }
}

/// What a failed attempt to send a request was.
pub(super) struct Broken {
    /// What happened and what to do.
    pub(super) failure: Failure,
    /// How many attempts it is worth in all.
    pub(super) attempts: u32,
}

impl Broken {
    /// Another attempt would end in the same way.
    pub(super) fn for_good(failure: Failure) -> Broken {
        Broken { failure, attempts: 1 }
    }

    /// It may be over in a moment.
    pub(super) fn in_passing(failure: Failure) -> Broken {
        Broken { failure, attempts: ATTEMPTS }
    }

    /// It may be over soon, but every attempt costs a whole timeout.
    pub(super) fn in_silence(failure: Failure) -> Broken {
        Broken { failure, attempts: 2 }
    }
}

/// Reads an error of the client library; `server` is how people know the cluster.
pub(super) fn of_client(error: &kube::Error, server: &Server) -> Broken {
    if let kube::Error::Auth(auth) = error {
        return credentials(auth, server);
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(auth) = inner.downcast_ref::<AuthError>() {
            return credentials(auth, server);
        }
        if let Some(tls) = tls_error(inner) {
            return untrusted(tls, server);
        }
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return of_io(io, error, server);
        }
        cause = inner.source();
    }
    let text = format!("the connection to {server} broke off: {}; the next run tries again", last_words(error));
    Broken::in_passing(Failure::Other(text))
}

/// Why a client could not even be made.
pub(super) fn of_setup(error: &kube::Error, server: &Server) -> String {
    match error {
        kube::Error::Auth(auth) => credentials(auth, server).failure.to_string(),
        kube::Error::RustlsTls(_) => format!(
            "cannot prepare a trusted connection to {server}: {}; are the certificate authority and the client certificate \
             whole PEM files, and does this machine have root certificates?",
            last_words(error)
        ),
        _ => format!("cannot prepare a connection to {server}: {}", last_words(error)),
    }
}

fn of_io(io: &io::Error, whole: &kube::Error, server: &Server) -> Broken {
    match io.kind() {
        io::ErrorKind::ConnectionRefused => Broken::in_passing(Failure::Unreachable(format!(
            "cannot connect to {server}: connection refused; is the address right, and does the API server run?"
        ))),
        io::ErrorKind::TimedOut => Broken::in_silence(Failure::Unreachable(format!(
            "cannot connect to {server}: no answer in time; is the address right, and is a VPN or firewall in the way?"
        ))),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Broken::in_passing(Failure::Unreachable(
            format!("cannot connect to {server}: no way leads there from here; is a VPN or firewall in the way?"),
        )),
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            Broken::in_passing(Failure::Other(format!("{server} cut the connection ({io}); the next run tries again")))
        }
        _ => Broken::in_passing(Failure::Unreachable(format!(
            "cannot connect to {server}: {}; is the address right, and can this machine resolve it?",
            last_words(whole)
        ))),
    }
}

/// A TLS error hides inside of one or more I/O errors, whose `source` jumps over it.
fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => tls_error(io.get_ref()?),
        None => error.downcast_ref::<rustls::Error>(),
    }
}

fn untrusted(error: &rustls::Error, server: &Server) -> Broken {
    use rustls::CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
    };
    let advice = match error {
        rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature) => {
            "its authority is not known here: set the right `ca_file`, or certificate-authority in the kubeconfig"
        }
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            "it is made out for another name: use the name that it has, or tls-server-name in the kubeconfig"
        }
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => {
            "it has expired: have it renewed, and look at this machine's clock"
        }
        rustls::Error::InvalidMessage(_) => {
            let text = format!("{server} does not speak TLS ({error}); is it http, or another port?");
            return Broken::for_good(Failure::Unreachable(text));
        }
        _ => "look at the certificate and at what stands between here and there",
    };
    let text =
        format!("cannot trust the certificate of {server} ({error}); {advice}. The check cannot be switched off");
    Broken::for_good(Failure::Unreachable(text))
}

fn credentials(error: &AuthError, server: &Server) -> Broken {
    let plugin = server.plugin.as_deref().map(|name| format!("the credential plugin `{name}`"));
    let plugin = plugin.unwrap_or_else(|| "the credential plugin".to_owned());
    // What a plugin printed may hold a token, and its command line too: only what it complained of is shown.
    let text = match error {
        AuthError::AuthExecRun { out, .. } => format!(
            "{plugin} for {server} failed ({}): {}; log in again, and try the same context with kubectl",
            out.status,
            one_line(&String::from_utf8_lossy(&out.stderr)),
        ),
        AuthError::AuthExecStart(io) => {
            format!("cannot start {plugin} for {server} ({io}); install it where the PATH finds it")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            format!("{plugin} gave no credentials for {server}; update it, and try the same context with kubectl")
        }
        AuthError::InvalidBearerToken(_) | AuthError::InvalidBasicAuth(_) => format!(
            "the token or password for {server} has characters that none can have; is it cut or quoted wrongly?"
        ),
        other => format!("cannot get credentials for {server}: {}; log in again", one_line(&other.to_string())),
    };
    Broken::for_good(Failure::Unauthorized(text))
}

/// The innermost cause: the outer ones say only through which layer it came.
fn last_words(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    one_line(&last.to_string())
}

/// Text of others, fit for one line of ours.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 400;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|c| !c.is_control()).collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_stays_on_one_line() {
        assert_eq!(one_line("a\n b\u{1b}[31m\r\n"), "a b[31m");
        assert_eq!(one_line(&"ä".repeat(500)).chars().count(), 401);
    }
}
