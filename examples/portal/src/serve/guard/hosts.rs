//! Whether a request was meant for this portal, and whether a page of somebody else's made a browser send it.
//!
//! A page on the web can have a name of its own lead to this machine (DNS rebinding): the browser then takes the portal
//! for a part of that page. The name gives it away, so a portal that needs no key serves only names that it knows. An
//! address is no name: nobody can rebind one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode, Uri};

use crate::serve::problem::{Kind, Problem};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MISDIRECTED: Kind = Kind::of("unknown-host", StatusCode::MISDIRECTED_REQUEST, "Unknown host");
const CROSS_SITE: Kind = Kind::of("cross-site", StatusCode::FORBIDDEN, "Request of another site");

/// Which names the portal is served under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    /// All.
    #[default]
    Any,
    /// `localhost`, loopback addresses, and these.
    Local(Vec<Host>),
    /// Every address, `localhost`, and these.
    Named(Vec<Host>),
}

/// A name, or a name and a port: `portal.corp.example`, `portal.corp.example:8443`. Without a port it is all ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

/// A text that is no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host; write a name such as portal.corp.example, with a port if only that one is meant")]
pub struct NotAHost(String);

impl FromStr for Host {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Host, NotAHost> {
        let usable = |host: &Host| !host.name.is_empty() && (is_address(&host.name) || host.name.bytes().all(in_name));
        let host = split(text).filter(usable).ok_or_else(|| NotAHost(text.chars().take(80).collect()))?;
        Ok(host)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Hosts {
    /// Lets those through that ask for this portal.
    ///
    /// # Errors
    /// 400 if it cannot be told which host is asked; 421 if it is another one.
    pub(super) fn check(&self, request: &Parts) -> Result<(), Problem> {
        let names = match self {
            Hosts::Any => return Ok(()),
            Hosts::Local(names) | Hosts::Named(names) => names,
        };
        let host = asked(&request.uri, &request.headers)?;
        let known = is_loopback(&host.name)
            || (matches!(self, Hosts::Named(_)) && is_address(&host.name))
            || names.iter().any(|name| name.name == host.name && (name.port.is_none() || name.port == host.port));
        if known {
            return Ok(());
        }
        let detail = format!(
            "this portal is not served under the name `{}`; whoever runs it allows a name with `--allow-host NAME`, \
             or with `allow_hosts` below `[serve]` in portal.toml",
            shown(&host.name)
        );
        Err(Problem::new(MISDIRECTED, detail).at("Host", "this host is not known here"))
    }

    /// Refuses what the page of another site had a browser send. Reading is left to browsers: they keep the answer from
    /// that page.
    ///
    /// # Errors
    /// 403.
    pub(super) fn check_site(&self, request: &Parts) -> Result<(), Problem> {
        if request.method.is_safe() {
            return Ok(());
        }
        let headers = &request.headers;
        let mut sites = headers.get_all(FETCH_SITE).iter();
        let own = match (sites.next(), sites.next()) {
            // The browser says it itself, and no page can make it say otherwise.
            (Some(site), None) => matches!(site.as_bytes(), b"same-origin" | b"none"),
            (Some(_), Some(_)) => false,
            // A program, or a browser that reaches the portal without TLS.
            (None, _) => self.is_own_origin(request),
        };
        if own {
            return Ok(());
        }
        let detail = "this change was sent by a page of another site; it has to come from the portal's own page, or from \
                      a program without `Origin`";
        Err(Problem::new(CROSS_SITE, detail).at("Origin", "it is another site's"))
    }

    fn is_own_origin(&self, request: &Parts) -> bool {
        let mut origins = request.headers.get_all(ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (None, _) => return true,
            (Some(origin), None) => origin.to_str().ok(),
            (Some(_), Some(_)) => None,
        };
        // `null` is what a page of a sandbox sends, which is nobody's.
        let Some((scheme, authority)) = origin.and_then(|origin| origin.split_once("://")) else { return false };
        let usual = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        let Some(origin) = split(authority) else { return false };
        let port = |host: &Host| host.port.unwrap_or(usual);
        let is_asked = asked(&request.uri, &request.headers)
            .is_ok_and(|host| host.name == origin.name && port(&host) == port(&origin));
        // A proxy may ask for another name than the browser did. Then the name without a port is that of the usual one:
        // what listens on another port of the same machine may be anything.
        let listed = |names: &[Host]| names.iter().any(|name| name.name == origin.name && port(name) == port(&origin));
        is_asked || matches!(self, Hosts::Local(names) | Hosts::Named(names) if listed(names))
    }
}

/// The host that a request names: in its target, or else in its one header `Host`.
fn asked(uri: &Uri, headers: &HeaderMap) -> Result<Host, Problem> {
    let unclear = |detail: &str| Problem::new(Kind::BAD_REQUEST, detail).at("Host", detail);
    let mut hosts = headers.get_all(HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(unclear("a request names one host, and this one names several")),
        (header, None) => header.and_then(|value| value.to_str().ok()),
    };
    let named = uri.authority().map(http::uri::Authority::as_str).or(header);
    named.and_then(split).ok_or_else(|| unclear("the request does not say which host it is for"))
}

/// A name in lower case without the root's dot, and the port.
fn split(text: &str) -> Option<Host> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(name, rest)| (name, rest.strip_prefix(':')))?,
        // An address of IPv6 without brackets has colons of its own.
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port))),
    };
    let port = match port {
        None | Some("") => None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    Some(Host { name, port })
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

fn is_address(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
}

/// Browsers, too, resolve `localhost` and what is below it themselves.
fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// What a client sent, as far as it is worth repeating.
fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use http::{Method, Request};

    use super::*;

    fn hosts(names: &[&str], make: impl Fn(Vec<Host>) -> Hosts) -> Hosts {
        make(names.iter().map(|name| name.parse().expect("a host")).collect())
    }

    fn request(method: Method, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn serves(hosts: &Hosts, host: &str) -> bool {
        let checked = hosts.check(&request(Method::GET, "/", &[("host", host)]));
        if let Err(problem) = &checked {
            assert_eq!(problem.kind().status, StatusCode::MISDIRECTED_REQUEST);
            assert!(problem.detail().contains("--allow-host"), "{}", problem.detail());
        }
        checked.is_ok()
    }

    #[test]
    fn on_loopback_only_loopback_and_what_is_allowed_is_served() {
        let local = hosts(&["portal.corp.example", "dev.example:8443"], Hosts::Local);
        for own in
            ["localhost", "LOCALHOST:8080", "localhost.:1", "a.localhost", "127.0.0.1:8080", "127.8.8.8", "[::1]:80"]
        {
            assert!(serves(&local, own), "{own}");
        }
        assert!(serves(&local, "Portal.Corp.Example.:1234") && serves(&local, "dev.example:8443"));
        let foreign =
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost", "192.168.1.5"];
        for foreign in
            foreign.into_iter().chain(["2130706433", "0x7f.1", "dev.example", "user@localhost", "localhost:80@evil"])
        {
            let checked = local.check(&request(Method::GET, "/", &[("host", foreign)]));
            assert!(checked.is_err(), "{foreign}");
        }
    }

    #[test]
    fn elsewhere_addresses_and_names_that_are_allowed_are_served() {
        let named = hosts(&["portal.corp.example"], Hosts::Named);
        for own in ["portal.corp.example", "10.1.2.3:8080", "[2001:db8::1]:8080", "localhost:8080"] {
            assert!(serves(&named, own), "{own}");
        }
        assert!(!serves(&named, "evil.example") && !serves(&named, "10.1.2.3.nip.example"));
        assert!(serves(&Hosts::Any, "evil.example"));
    }

    #[test]
    fn a_request_that_does_not_say_for_whom_it_is_is_refused() {
        let local = hosts(&[], Hosts::Local);
        let status = |headers: &[(&str, &str)], uri: &str| {
            local.check(&request(Method::GET, uri, headers)).map_err(|problem| problem.kind().status)
        };
        assert_eq!(status(&[], "/"), Err(StatusCode::BAD_REQUEST));
        assert_eq!(status(&[("host", "localhost"), ("host", "evil")], "/"), Err(StatusCode::BAD_REQUEST));
        assert_eq!(status(&[("host", "localhost:x")], "/"), Err(StatusCode::BAD_REQUEST));
        let whole = status(&[("host", "localhost")], "http://evil.example/");
        assert_eq!(whole, Err(StatusCode::MISDIRECTED_REQUEST), "the target counts, not the header");
    }

    #[test]
    fn a_change_is_made_by_the_own_page_or_a_program() {
        let named = hosts(&["portal.corp.example", "alt.example:8443"], Hosts::Named);
        let may = |headers: &[(&str, &str)]| {
            let headers = [&[("host", "portal:8080")], headers].concat();
            named.check_site(&request(Method::POST, "/", &headers)).is_ok()
        };
        assert!(may(&[]), "a program");
        assert!(may(&[("sec-fetch-site", "same-origin"), ("origin", "https://behind.a.proxy")]));
        assert!(may(&[("sec-fetch-site", "none")]));
        assert!(may(&[("origin", "http://portal:8080")]) && may(&[("origin", "http://PORTAL:8080")]));
        assert!(may(&[("origin", "https://portal.corp.example")]) && may(&[("origin", "https://alt.example:8443")]));
        for site in ["cross-site", "same-site", "", "Same-Origin", "x"] {
            assert!(!may(&[("sec-fetch-site", site), ("origin", "http://portal:8080")]), "{site}");
        }
        assert!(!may(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]));
        for origin in ["null", "", "https://evil.example", "http://portal:8081", "https://portal.corp.example:444"] {
            assert!(!may(&[("origin", origin)]), "{origin}");
        }
        assert!(!may(&[("origin", "http://portal:8080"), ("origin", "http://evil.example")]));
        let usual = request(Method::POST, "/", &[("host", "portal.x:443"), ("origin", "https://portal.x")]);
        assert!(Hosts::Any.check_site(&usual).is_ok(), "the usual port may be written or not");
    }

    #[test]
    fn reading_is_left_to_browsers() {
        let read = request(Method::GET, "/", &[("host", "portal"), ("sec-fetch-site", "cross-site")]);
        assert!(Hosts::Any.check_site(&read).is_ok());
    }

    #[test]
    fn what_is_no_host_is_told() {
        for wrong in
            ["", "https://portal.corp.example", "portal.corp.example/x", "*.corp.example", "a b", "portal:http"]
        {
            let told = wrong.parse::<Host>().expect_err(wrong).to_string();
            assert!(told.contains(&format!("`{wrong}`")), "{told}");
        }
        assert_eq!("Portal.Corp.Example:8443".parse::<Host>().expect("a host").to_string(), "portal.corp.example:8443");
    }
}
