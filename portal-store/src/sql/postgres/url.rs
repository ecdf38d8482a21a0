//! Where a PostgreSQL store is: what a URL can say.

use std::fmt;
use std::time::Duration;

use portal_core::error::{ErrorKind, StoreError};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;

/// The parameters that a URL can have, by PostgreSQL's names.
const PARAMETERS: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// How long to wait for a server that does not answer.
const CONNECT: Duration = Duration::from_secs(10);

/// After how long without a sign of life the other side is taken for dead. Firewalls forget sooner than the two hours
/// that systems wait by default.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 3;

/// Where a store is, and how to get there.
pub(in crate::sql) struct Place {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
    /// Whether a connection without TLS will do when one with TLS does not come about.
    pub(super) plain_will_do: bool,
    shown: String,
}

impl Place {
    /// Understands `postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE`.
    pub(in crate::sql) fn parse(url: &str) -> Result<Place, StoreError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        // A password with one of these characters as it is would be cut, and its rest be shown as a host or parameter.
        let authority = base.split_once("://").map_or("", |(_, rest)| rest);
        if authority.matches('@').count() > 1 || query.contains('@') || base.contains('#') || query.contains('#') {
            return Err(invalid(
                "the store's URL has an `@`, `?` or `#` where none can be; in a password write %40, %3F and %23",
            ));
        }
        let mut mode = None;
        let mut root = None;
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => root = Some(decoded(value)?),
                _ if PARAMETERS.contains(&name) => rest.push(pair),
                _ => return Err(unknown(name)),
            }
        }
        let mut config: Config = format!("{base}?{}", rest.join("&")).parse().map_err(|error| {
            invalid("the store's URL cannot be read; write postgres://USER:PASSWORD@HOST:PORT/DATABASE")
                .caused_by(error)
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(invalid("the store's URL names no host; write postgres://USER@HOST/DATABASE"));
        }
        let (ssl_mode, tls) = tls::parse(mode.unwrap_or("prefer"), root.as_deref())?;
        config.ssl_mode(ssl_mode);
        defaults(&mut config, &rest);
        let shown = shown(&config);
        Ok(Place { plain_will_do: ssl_mode == SslMode::Prefer, config, tls, shown })
    }

    /// The database's name; without one in the URL it is the user's, as everywhere in PostgreSQL.
    pub(super) fn database(&self) -> &str {
        self.config.get_dbname().or(self.config.get_user()).unwrap_or("postgres")
    }

    /// The user that the URL names.
    pub(super) fn user(&self) -> &str {
        self.config.get_user().unwrap_or("this user")
    }

    /// The arguments with which PostgreSQL's own programs reach the same server.
    pub(super) fn arguments(&self) -> String {
        let host = self.config.get_hosts().first().map(host_text).unwrap_or_default();
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("-h {host} -p {port} -U {}", self.user())
    }

    /// Whether the user set a parameter of the session in `options`.
    pub(super) fn sets(&self, parameter: &str) -> bool {
        self.config.get_options().is_some_and(|options| options.contains(&format!("{parameter}=")))
    }
}

/// Without the password, and without parameters, in which there may be one.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What the user did not say.
fn defaults(config: &mut Config, said: &[&str]) {
    let says = |name: &str| said.iter().any(|pair| pair.split('=').next() == Some(name));
    if config.get_application_name().is_none() {
        config.application_name("portal");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_password().is_none()
        && let Ok(password) = std::env::var("PGPASSWORD")
    {
        config.password(password);
    }
    if !says("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    if !says("tcp_user_timeout") {
        config.tcp_user_timeout(KEEPALIVE_IDLE);
    }
}

fn shown(config: &Config) -> String {
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let ports = config.get_ports();
    let names: Vec<String> = match config.get_hosts() {
        [] => config.get_hostaddrs().iter().map(ToString::to_string).collect(),
        hosts => hosts.iter().map(host_text).collect(),
    };
    let hosts = names.iter().enumerate().map(|(at, host)| match ports.get(at).or(ports.first()) {
        Some(5432) | None => host.clone(),
        Some(port) => format!("{host}:{port}"),
    });
    let database = config.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    format!("postgres://{user}{}{database}", hosts.collect::<Vec<_>>().join(","))
}

fn host_text(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

fn unknown(name: &str) -> StoreError {
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    let nearest = PARAMETERS.iter().min_by_key(|known| distance(known)).filter(|known| distance(known) <= 4);
    let hint = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("known are {}", PARAMETERS.join(", ")),
    };
    invalid(&format!("the store's URL has a parameter `{name}` that is not known here; {hint}"))
}

/// Undoes `%2F` and the like.
fn decoded(text: &str) -> Result<String, StoreError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else { return Err(bad_escape()) };
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are a byte"));
    }
    String::from_utf8(bytes).map_err(|_| bad_escape())
}

fn bad_escape() -> StoreError {
    invalid("a `%` in the store's URL is no escape; write %25 for the character itself")
}

pub(super) fn invalid(message: &str) -> StoreError {
    StoreError::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use portal_core::error::chain;

    use super::*;

    fn refused(url: &str) -> String {
        let error = Place::parse(url).err().unwrap_or_else(|| panic!("{url} was understood"));
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}");
        chain(&error)
    }

    #[test]
    fn a_place_is_shown_without_secrets() {
        for (url, shown) in [
            ("postgres://portal:hunter2@db.example/portal", "postgres://portal@db.example/portal"),
            ("postgresql://portal:hunter2@db:6432/p?sslmode=require", "postgres://portal@db:6432/p"),
            ("postgres://portal@db/p?password=hunter2", "postgres://portal@db/p"),
            ("postgres://u:hunter2%40%3F@a:1,b:2/p", "postgres://u@a:1,b:2/p"),
            ("postgres://u:hunter2@%2Frun%2Fpostgresql/p", "postgres://u@/run/postgresql/p"),
            ("postgres:///p?host=db&user=u", "postgres://u@db/p"),
        ] {
            let place = Place::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(place.to_string(), shown, "{url}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_read_shows_no_secret() {
        for url in [
            "postgres://u:hunter2@x@db/p",
            "postgres://u:hunter2?x@db/p",
            "postgres://u:hunter2#x@db/p",
            "postgres://u:hunter2@db:port/p",
            "postgres://u:hunter2@/p",
            "postgres://u:hunter2@db/p?sslmode=perhaps",
            "postgres://u:hunter2@db/p?sslrootcert=%zz",
            "postgres://u:hunter2@db/p?connect_timeout=soon",
        ] {
            let text = refused(url);
            assert!(!text.contains("hunter2"), "{url}: {text}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_with_the_nearest() {
        let text = refused("postgres://u@db/p?ssl_mode=require");
        assert!(text.contains("`ssl_mode`") && text.contains("`sslmode`"), "{text}");
        let text = refused("postgres://u@db/p?sslcert=file");
        assert!(text.contains("`sslcert`"), "{text}");
        let text = refused("postgres://u@db/p?colour_of_the_bikeshed=green");
        assert!(text.contains("known are application_name"), "{text}");
    }

    #[test]
    fn what_the_url_says_goes_before_the_defaults() {
        let silent = Place::parse("postgres://u@db/p").expect("a place").config;
        assert_eq!((silent.get_application_name(), silent.get_connect_timeout()), (Some("portal"), Some(&CONNECT)));
        assert_eq!((silent.get_keepalives(), silent.get_keepalives_idle()), (true, KEEPALIVE_IDLE));
        let url = "postgres://u@db/p?application_name=x&connect_timeout=3&keepalives_idle=7&options=-c%20work_mem=1GB";
        let place = Place::parse(url).expect("a place");
        assert_eq!(place.config.get_application_name(), Some("x"));
        assert_eq!(place.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(place.config.get_keepalives_idle(), Duration::from_secs(7));
        assert!(place.sets("work_mem") && !place.sets("statement_timeout"));
    }
}
