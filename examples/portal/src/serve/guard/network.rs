//! Where a request comes from: the peer, or what a proxy that is trusted says about it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// More proxies than this do not stand in a row.
const MOST_HOPS: usize = 32;

/// A network: `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// IPv4 is written into IPv6, so that both are one kind of number.
    bits: u128,
    prefix: u32,
}

/// A text that names no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network; write an address such as 10.0.0.7 or a network such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(bits(address), self.prefix) == self.bits
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Network, NotANetwork> {
        let wrong = || NotANetwork(text.chars().take(80).collect());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            // Digits only: `parse` would take a sign.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
        };
        if prefix > width {
            return Err(wrong());
        }
        let prefix = prefix + (128 - width);
        Ok(Network { bits: masked(bits(address), prefix), prefix })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv6Addr::from_bits(self.bits), self.prefix)
    }
}

/// Who sent a request: the last address in the chain that no trusted proxy has, because everything before it can be
/// invented by whoever sent it.
pub(super) fn sender(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut at = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(at) {
        return at;
    }
    let values = headers.get_all(FORWARDED_FOR).into_iter().collect::<Vec<_>>().into_iter().rev();
    let hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops.take(MOST_HOPS) {
        // What cannot be read was not written by a proxy that can be trusted.
        let Some(next) = address(hop.trim()) else { break };
        at = next;
        if !is_trusted(at) {
            break;
        }
    }
    at
}

/// What counts as one sender: a person or a program has one IPv4 address, but 2^64 of IPv6.
pub(super) fn place(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(_) => bits(address),
        IpAddr::V6(_) => masked(bits(address), 64),
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(bits: u128, prefix: u32) -> u128 {
    if prefix == 0 { 0 } else { bits & (u128::MAX << (128 - prefix)) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_holds_its_addresses_in_either_form() {
        let holds = |network: &str, address: &str| network.parse::<Network>().expect(network).contains(ip(address));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && holds("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "2001:db8::1") && holds("::/0", "8.8.8.8"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
    }

    #[test]
    fn a_text_that_is_no_network_is_repeated_with_the_form() {
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::/129", "10.0.0.0/8/8"] {
            let told = wrong.parse::<Network>().expect_err(wrong).to_string();
            assert!(told.contains(&format!("`{wrong}`")) && told.contains("10.0.0.0/8"), "{told}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "::1"].iter().map(|text| text.parse().expect("a network")).collect();
        let sent = |peer: &str, chains: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for chain in chains {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(chain));
            }
            sender(ip(peer), &headers, &trusted).to_string()
        };
        assert_eq!(sent("192.0.2.9", &["203.0.113.1"]), "192.0.2.9", "no proxy of ours");
        assert_eq!(sent("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(sent("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(sent("::ffff:10.0.0.1", &["203.0.113.1:55"]), "203.0.113.1", "a listener for both");
        assert_eq!(sent("10.0.0.1", &["6.6.6.6, 203.0.113.1, 10.0.0.2"]), "203.0.113.1", "what a client invents");
        assert_eq!(sent("10.0.0.1", &["6.6.6.6", "203.0.113.1"]), "203.0.113.1", "the last header is the nearest");
        assert_eq!(sent("::1", &["[2001:db8::7]:80"]), "2001:db8::7");
        assert_eq!(sent("10.0.0.1", &["203.0.113.1, rubbish, 10.0.0.2"]), "10.0.0.2", "beyond it nothing is known");
        assert_eq!(sent("10.0.0.1", &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn a_sender_of_ipv6_is_its_whole_network() {
        assert_eq!(place(ip("2001:db8::1")), place(ip("2001:db8::ffff:2")));
        assert_ne!(place(ip("2001:db8::1")), place(ip("2001:db8:0:1::1")));
        assert_ne!(place(ip("192.0.2.1")), place(ip("192.0.2.2")));
        assert_eq!(place(ip("192.0.2.1")), place(ip("::ffff:192.0.2.1")));
    }
}
