//! Which addresses are asked: people write status URLs, and none of them may lead to what only this machine can reach.
//!
//! A URL is judged by its text, and a name again by every address that it leads to: the one that is judged is the one
//! that is connected to. Private networks are where a company's services live, and are asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use url::{Host, Url};

/// Which hosts are asked, and which are not, beyond what every [`Guard`] refuses.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

/// A host name, an address or a network (`status.internal`, `127.0.0.1`, `10.0.0.0/8`).
///
/// A name means exactly that host, wherever it leads and on every port; an address or network means every host that
/// leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// In lower case, without a dot at the end.
    Name(String),
    /// An address is the network of it alone.
    Net(Net),
}

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u8,
}

/// The text is no host name, address or network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host; write a name (status.internal), an address (10.0.0.7) or a network (10.0.0.0/8)")]
pub struct InvalidRule(String);

/// A URL that may be asked, as far as its text says.
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) url: Url,
}

/// Why something is not asked. The words name neither the URL nor an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No URL at all.
    #[error("this is no URL")]
    NoUrl,
    /// Another scheme than `http` and `https`.
    #[error("only http and https are asked")]
    Scheme,
    /// A name or password in front of the host.
    #[error("the URL holds a user name or password; take it out")]
    UserInfo,
    /// An address that is written as a number, in octal or hexadecimal digits, or with parts left out.
    #[error("the address is not written as four numbers from 0 to 255; write it so")]
    Disguised,
    /// A port that other protocols live on.
    #[error("port {0} belongs to another protocol than HTTP; the configuration can allow the host by name")]
    Port(u16),
    /// An address that only this machine or its network can reach, or that is none of a single host.
    #[error("the host is {0}; the configuration can allow it")]
    Place(Place),
    /// The configuration says so.
    #[error("the configuration denies this host")]
    Denied,
}

/// What an address that is not asked is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This machine.
    Loopback,
    /// Its own network segment.
    LinkLocal,
    /// Where a cloud hands out credentials.
    Metadata,
    /// `0.0.0.0` and the like: this machine again.
    Unspecified,
    /// Many hosts.
    Multicast,
    /// All hosts.
    Broadcast,
    /// No host: addresses of examples.
    Documentation,
    /// An address inside of another one (`::ffff:`, NAT64, 6to4, Teredo).
    Translated,
    /// Nobody's.
    Reserved,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Place::Loopback => "the portal's own machine (loopback)",
            Place::LinkLocal => "a link-local address",
            Place::Metadata => "a metadata service",
            Place::Unspecified => "no address (unspecified)",
            Place::Multicast => "a multicast address",
            Place::Broadcast => "a broadcast address",
            Place::Documentation => "an address for documentation",
            Place::Translated => "an IPv4 address inside of an IPv6 address",
            Place::Reserved => "a reserved address",
        })
    }
}

/// The first that fits counts.
const V4: &[(Ipv4Addr, u8, Place)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, Place::Unspecified),
    (Ipv4Addr::new(100, 100, 100, 200), 32, Place::Metadata), // Alibaba
    (Ipv4Addr::new(127, 0, 0, 0), 8, Place::Loopback),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Place::Metadata), // Azure, a public address
    (Ipv4Addr::new(169, 254, 169, 254), 32, Place::Metadata),
    (Ipv4Addr::new(169, 254, 170, 0), 24, Place::Metadata), // credentials of containers on AWS
    (Ipv4Addr::new(169, 254, 0, 0), 16, Place::LinkLocal),
    (Ipv4Addr::new(192, 0, 0, 192), 32, Place::Metadata), // Oracle
    (Ipv4Addr::new(192, 0, 0, 0), 24, Place::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Place::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Place::Translated),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Place::Reserved),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Place::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Place::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Place::Multicast),
    (Ipv4Addr::BROADCAST, 32, Place::Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Place::Reserved),
];

/// The first that fits counts.
const V6: &[(Ipv6Addr, u8, Place)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, Place::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Place::Loopback),
    (Ipv6Addr::UNSPECIFIED, 96, Place::Translated),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, Place::Translated),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, Place::Translated),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Place::Translated),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Place::Translated), // Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Place::Documentation),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Place::Reserved),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Place::Translated), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Place::Documentation),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, Place::Metadata), // AWS
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, Place::Metadata), // Google
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Place::LinkLocal),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Place::Multicast),
];

/// Of all other IPv6 addresses those that hosts have: global ones and private ones.
const V6_HOSTS: &[(Ipv6Addr, u8)] =
    &[(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3), (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7)];

/// Ports on which a server of another protocol would take a request for its own, as the Fetch standard lists them.
const OTHER_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

impl Guard {
    /// A guard with exceptions from the configuration. What is denied is denied, also where it is allowed.
    pub fn new(allow: Vec<Rule>, deny: Vec<Rule>) -> Guard {
        Guard { allow, deny }
    }

    /// Judges what stands in a URL.
    ///
    /// # Errors
    /// If it is not asked, with the reason.
    pub fn target(&self, text: &str) -> Result<Target, Refused> {
        let url = Url::parse(text).map_err(|_| Refused::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => {
                let name = plain(name);
                if self.deny.iter().any(|rule| rule.names(&name)) {
                    return Err(Refused::Denied);
                }
                name
            }
            Some(Host::Ipv4(address)) => {
                if written_host(text) != address.to_string() {
                    return Err(Refused::Disguised);
                }
                self.judge("", address.into())?;
                String::new()
            }
            Some(Host::Ipv6(address)) => {
                self.judge("", address.into())?;
                String::new()
            }
            None => return Err(Refused::NoUrl),
        };
        let port = url.port_or_known_default().unwrap_or(0);
        if OTHER_PORTS.contains(&port) && !self.is_trusted(&host) {
            return Err(Refused::Port(port));
        }
        Ok(Target { url })
    }

    /// Judges an address that a host leads to.
    ///
    /// # Errors
    /// If it is not asked, with the reason.
    pub fn judge(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        if self.deny.iter().any(|rule| rule.holds(address)) {
            return Err(Refused::Denied);
        }
        if self.is_trusted(&plain(host)) {
            return Ok(());
        }
        let allowed = self.allow.iter().any(|rule| rule.holds(address));
        match place(address).filter(|_| !allowed) {
            Some(place) => Err(Refused::Place(place)),
            // Whoever allows a way of translation does not allow every address behind it.
            None => inside(address).map_or(Ok(()), |inner| self.judge("", inner.into())),
        }
    }

    fn is_trusted(&self, name: &str) -> bool {
        self.allow.iter().any(|rule| rule.names(name))
    }
}

impl Target {
    /// The host, as it is connected to.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl Rule {
    fn names(&self, name: &str) -> bool {
        matches!(self, Rule::Name(own) if own == name)
    }

    fn holds(&self, address: IpAddr) -> bool {
        matches!(self, Rule::Net(net) if net.holds(address))
    }
}

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Rule, InvalidRule> {
        let invalid = || InvalidRule(text.to_owned());
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| invalid())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(invalid)?;
            return Ok(Rule::Net(Net { address, bits }));
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            return Ok(Rule::Net(Net { address, bits }));
        }
        // The same reading as that of a URL: `Straße.example` is the host that a URL with it leads to.
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !text.is_empty() && !name.contains('*') => Ok(Rule::Name(plain(&name))),
            _ => Err(invalid()),
        }
    }
}

impl Net {
    fn holds(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => holds_v4(net, self.bits, address),
            (IpAddr::V6(net), IpAddr::V6(address)) => holds_v6(net, self.bits, address),
            _ => false,
        }
    }
}

/// What an address is that is not asked by itself; [`None`] for one of a host.
fn place(address: IpAddr) -> Option<Place> {
    match address {
        IpAddr::V4(v4) => V4.iter().find(|(net, bits, _)| holds_v4(*net, *bits, v4)).map(|(.., place)| *place),
        IpAddr::V6(v6) => match V6.iter().find(|(net, bits, _)| holds_v6(*net, *bits, v6)) {
            Some((.., place)) => Some(*place),
            None if V6_HOSTS.iter().any(|(net, bits)| holds_v6(*net, *bits, v6)) => None,
            None => Some(Place::Reserved),
        },
    }
}

/// The IPv4 address that an IPv6 address carries.
fn inside(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    if place(address) != Some(Place::Translated) {
        return None;
    }
    let [_, b, c, .., g, h] = v6.segments();
    let bits = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    Some(match v6.segments()[0] {
        0x2002 => bits(b, c),
        0x2001 => bits(!g, !h),
        _ => bits(g, h),
    })
}

fn holds_v4(net: Ipv4Addr, bits: u8, address: Ipv4Addr) -> bool {
    let differing = u32::from(net) ^ u32::from(address);
    differing.leading_zeros() >= u32::from(bits)
}

fn holds_v6(net: Ipv6Addr, bits: u8, address: Ipv6Addr) -> bool {
    let differing = u128::from(net) ^ u128::from(address);
    differing.leading_zeros() >= u32::from(bits)
}

/// A host name as names are compared.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The host as it stands in a URL, before it is understood.
fn written_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(guard: &Guard, url: &str) -> Option<String> {
        guard.target(url).err().map(|refused| format!("{refused:?}"))
    }

    fn with(allow: &[&str], deny: &[&str]) -> Guard {
        let rules = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a rule")).collect();
        Guard::new(rules(allow), rules(deny))
    }

    /// More than a hundred URLs, each with what becomes of it.
    #[test]
    fn a_url_is_asked_or_refused_for_the_right_reason() {
        let asked = [
            "http://example.org/health",
            "https://example.org",
            "HTTPS://EXAMPLE.ORG:8443/a?b=c#d",
            "http://status.internal./",
            "http://10.0.0.1/",
            "http://10.255.255.255/",
            "http://172.16.0.1:8080/",
            "http://172.31.255.254/",
            "http://192.168.0.1/",
            "http://100.64.0.1/",
            "http://100.100.100.201/",
            "http://8.8.8.8/",
            "http://1.1.1.1:80/",
            "http://168.63.129.17/",
            "http://192.0.1.1/",
            "http://198.17.255.255/",
            "http://198.20.0.0/",
            "http://223.255.255.255/",
            "http://126.255.255.255/",
            "http://128.0.0.1/",
            "http://169.253.255.255/",
            "http://169.255.0.0/",
            "http://[2606:4700:4700::1111]/",
            "http://[2a00:1450:4001:81b::200e]:8080/",
            "http://[fc00::1]/",
            "http://[fd12:3456:789a::1]/",
            "http://[2001:4860:4860::8888]/",
            "http://[fd00:ec1:ffff::1]/",
            "http://xn--bcher-kva.example/",
            "http://bücher.example/",
            "http://localhost.example.org/",
            "http://example.org:9090/-/healthy",
            "http://0x7f.example.org/",
        ];
        let refused = [
            ("", "NoUrl"),
            ("health", "NoUrl"),
            ("/health", "NoUrl"),
            ("http://", "NoUrl"),
            ("http:///", "NoUrl"),
            ("http://[::1/", "NoUrl"),
            ("http://[fe80::1%25eth0]/", "NoUrl"),
            ("http://a b/", "NoUrl"),
            ("http://256.256.256.256/", "NoUrl"),
            ("http://example.org:99999/", "NoUrl"),
            ("ftp://example.org/", "Scheme"),
            ("file:///etc/passwd", "Scheme"),
            ("gopher://127.0.0.1:6379/_FLUSHALL", "Scheme"),
            ("dict://127.0.0.1:11211/stats", "Scheme"),
            ("javascript:alert(1)", "Scheme"),
            ("data:text/plain,x", "Scheme"),
            ("unix:///run/docker.sock", "Scheme"),
            ("ws://example.org/", "Scheme"),
            ("http://user@example.org/", "UserInfo"),
            ("http://user:word@example.org/", "UserInfo"),
            ("http://:word@example.org/", "UserInfo"),
            ("http://example.org@169.254.169.254/", "UserInfo"),
            ("http://example.org%40@169.254.169.254/", "UserInfo"),
            ("http://2130706433/", "Disguised"),
            ("http://017700000001/", "Disguised"),
            ("http://0x7f000001/", "Disguised"),
            ("http://0177.0.0.1/", "Disguised"),
            ("http://0x7f.0.0.1/", "Disguised"),
            ("http://0x7F.1/", "Disguised"),
            ("http://127.1/", "Disguised"),
            ("http://127.0.1/", "Disguised"),
            ("http://127.0.0.1./", "Disguised"),
            ("http://127.0.0.01/", "Disguised"),
            ("http://%31%32%37.0.0.1/", "Disguised"),
            ("http://１２７.0.0.1/", "Disguised"),
            ("http://①②⑦.0.0.1/", "Disguised"),
            ("http://127。0。0。1/", "Disguised"),
            ("http://2852039166/latest/meta-data/", "Disguised"),
            ("http://0xA9FEA9FE/", "Disguised"),
            ("http://0251.0376.0251.0376/", "Disguised"),
            ("http://169.254.43518/", "Disguised"),
            ("http:\\\\127.0.0.1\\", "Disguised"),
            ("http:127.0.0.1/", "Disguised"),
            ("http://167772161/", "Disguised"),
            ("http://0/", "Disguised"),
            ("http://127.0.0.1/", "Place(Loopback)"),
            ("http://127.0.0.1:8080/", "Place(Loopback)"),
            ("http://127.255.255.254/", "Place(Loopback)"),
            ("http://127.0.0.53/", "Place(Loopback)"),
            ("http://[::1]/", "Place(Loopback)"),
            ("http://[0:0:0:0:0:0:0:1]/", "Place(Loopback)"),
            ("http://0.0.0.0/", "Place(Unspecified)"),
            ("http://0.1.2.3/", "Place(Unspecified)"),
            ("http://[::]/", "Place(Unspecified)"),
            ("http://169.254.169.254/latest/meta-data/", "Place(Metadata)"),
            ("http://169.254.170.2/v2/credentials", "Place(Metadata)"),
            ("http://169.254.170.23/v1/credentials", "Place(Metadata)"),
            ("http://100.100.100.200/", "Place(Metadata)"),
            ("http://168.63.129.16/", "Place(Metadata)"),
            ("http://192.0.0.192/", "Place(Metadata)"),
            ("http://[fd00:ec2::254]/", "Place(Metadata)"),
            ("http://[fd00:ec2::23]/", "Place(Metadata)"),
            ("http://[fd20:ce::254]/", "Place(Metadata)"),
            ("http://169.254.0.1/", "Place(LinkLocal)"),
            ("http://169.254.255.255/", "Place(LinkLocal)"),
            ("http://[fe80::1]/", "Place(LinkLocal)"),
            ("http://[febf::1]/", "Place(LinkLocal)"),
            ("http://224.0.0.1/", "Place(Multicast)"),
            ("http://239.255.255.255/", "Place(Multicast)"),
            ("http://[ff02::1]/", "Place(Multicast)"),
            ("http://255.255.255.255/", "Place(Broadcast)"),
            ("http://240.0.0.1/", "Place(Reserved)"),
            ("http://192.0.0.8/", "Place(Reserved)"),
            ("http://198.18.0.1/", "Place(Reserved)"),
            ("http://198.19.255.255/", "Place(Reserved)"),
            ("http://[fec0::1]/", "Place(Reserved)"),
            ("http://[100::1]/", "Place(Reserved)"),
            ("http://[2001:10::1]/", "Place(Reserved)"),
            ("http://[2001:20::1]/", "Place(Reserved)"),
            ("http://[5f00::1]/", "Place(Reserved)"),
            ("http://[4000::1]/", "Place(Reserved)"),
            ("http://192.0.2.1/", "Place(Documentation)"),
            ("http://198.51.100.7/", "Place(Documentation)"),
            ("http://203.0.113.255/", "Place(Documentation)"),
            ("http://[2001:db8::1]/", "Place(Documentation)"),
            ("http://[3fff::1]/", "Place(Documentation)"),
            ("http://[::ffff:127.0.0.1]/", "Place(Translated)"),
            ("http://[::ffff:7f00:1]/", "Place(Translated)"),
            ("http://[::ffff:169.254.169.254]/", "Place(Translated)"),
            ("http://[::ffff:8.8.8.8]/", "Place(Translated)"),
            ("http://[::127.0.0.1]/", "Place(Translated)"),
            ("http://[::a9fe:a9fe]/", "Place(Translated)"),
            ("http://[64:ff9b::7f00:1]/", "Place(Translated)"),
            ("http://[64:ff9b::169.254.169.254]/", "Place(Translated)"),
            ("http://[64:ff9b:1::a9fe:a9fe]/", "Place(Translated)"),
            ("http://[2002:7f00:1::]/", "Place(Translated)"),
            ("http://[2002:a9fe:a9fe::1]/", "Place(Translated)"),
            ("http://[2001:0:1::5601:5601]/", "Place(Translated)"),
            ("http://192.88.99.1/", "Place(Translated)"),
            ("http://example.org:22/", "Port(22)"),
            ("http://example.org:25/", "Port(25)"),
            ("https://example.org:0/", "Port(0)"),
            ("http://10.0.0.1:6667/", "Port(6667)"),
        ];
        assert!(asked.len() + refused.len() > 130);
        let guard = Guard::default();
        for url in asked {
            assert_eq!(refusal(&guard, url), None, "{url}");
        }
        for (url, reason) in refused {
            assert_eq!(refusal(&guard, url).as_deref(), Some(reason), "{url}");
        }
    }

    #[test]
    fn an_address_is_judged_again_when_a_name_led_to_it() {
        let guard = Guard::default();
        let judged = |address: &str| guard.judge("rebind.example", address.parse().expect("an address")).is_ok();
        for good in ["10.0.0.1", "93.184.215.14", "fd12::1", "2606:4700::1111"] {
            assert!(judged(good), "{good}");
        }
        for bad in ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00:ec2::254", "0.0.0.0"] {
            assert!(!judged(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_is_allowed_wherever_it_leads_and_a_network_whoever_leads_there() {
        let guard = with(&["Status.Internal.", "127.0.0.0/8", "::1"], &[]);
        let loopback: IpAddr = "127.0.0.9".parse().expect("an address");
        let metadata: IpAddr = "169.254.169.254".parse().expect("an address");
        assert!(guard.judge("any.example", loopback).is_ok());
        assert!(guard.judge("status.internal", metadata).is_ok());
        assert!(guard.judge("other.internal", metadata).is_err());
        assert!(guard.judge("a.status.internal", metadata).is_err(), "a name is that host alone");
        for asked in ["http://127.0.0.1:8080/", "http://[::1]/", "http://status.internal:22/"] {
            assert_eq!(refusal(&guard, asked), None, "{asked}");
        }
        for (refused, reason) in [
            ("http://2130706433/", "Disguised"),
            ("http://user@status.internal/", "UserInfo"),
            ("file://status.internal/x", "Scheme"),
            ("http://127.0.0.1:22/", "Port(22)"),
            ("http://[::ffff:127.0.0.1]/", "Place(Translated)"),
        ] {
            assert_eq!(refusal(&guard, refused).as_deref(), Some(reason), "{refused}");
        }
    }

    #[test]
    fn what_is_denied_is_denied_although_it_is_allowed() {
        let guard = with(&["db.internal", "10.0.0.0/8"], &["10.0.0.0/16", "db.internal"]);
        assert_eq!(refusal(&guard, "http://10.0.3.4/").as_deref(), Some("Denied"));
        assert_eq!(refusal(&guard, "http://10.1.3.4/"), None);
        assert_eq!(refusal(&guard, "http://DB.internal/").as_deref(), Some("Denied"));
        assert!(guard.judge("a.example", "10.0.0.1".parse().expect("an address")).is_err());
    }

    #[test]
    fn who_allows_a_translation_does_not_allow_what_it_leads_to() {
        let guard = with(&["64:ff9b::/96"], &[]);
        assert_eq!(refusal(&guard, "http://[64:ff9b::8.8.8.8]/"), None);
        assert_eq!(refusal(&guard, "http://[64:ff9b::a9fe:a9fe]/").as_deref(), Some("Place(Metadata)"));
        let guard = with(&["2002::/16", "2001::/32"], &[]);
        assert_eq!(refusal(&guard, "http://[2002:7f00:1::]/").as_deref(), Some("Place(Loopback)"));
        assert_eq!(refusal(&guard, "http://[2001:0:1::80ff:fffe]/").as_deref(), Some("Place(Loopback)"));
    }

    #[test]
    fn a_rule_that_means_nothing_is_refused() {
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "*.internal", "a b", "http://x/", "10.0.0.1/x", "1.2"] {
            assert!(text.parse::<Rule>().is_err(), "{text}");
        }
        assert_eq!("[::1]".parse::<Rule>(), "::1/128".parse::<Rule>());
    }
}
