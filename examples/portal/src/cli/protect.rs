//! What protects a server: what flags and file say, and what follows from the address that it listens on.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use super::args::{AuthArgument, DemoArguments, ServeArguments};
use super::error::Usage;
use crate::config::{AuthConfig, ServeConfig};
use crate::serve::guard::{Auth, Hosts, Limits, Protection};

/// The demo asks for no key: what it shows is nobody's.
pub(super) fn demo(listen: SocketAddr) -> Protection {
    let hosts = if is_loopback(listen) { Hosts::Local(Vec::new()) } else { Hosts::Named(Vec::new()) };
    Protection { hosts, ..Protection::default() }
}

/// Whether the demo may be served where it was asked for.
pub(super) fn check_demo(arguments: &DemoArguments) -> Result<(), Usage> {
    if is_loopback(arguments.listen) || arguments.insecure {
        return Ok(());
    }
    let address = arguments.listen;
    Err(Usage(format!(
        "the demo asks for no key, and on {address} others reach it\n  hint: say `--insecure` if they may"
    )))
}

/// What was asked for, by flags before the file, and what follows from the address.
pub(super) fn serve(arguments: &ServeArguments, config: &ServeConfig) -> Result<Protection, Usage> {
    let here = is_loopback(arguments.listen);
    let asked = arguments.auth.map(|auth| match auth {
        AuthArgument::None => Auth::None,
        AuthArgument::Keys => Auth::Keys,
    });
    let written = config.auth.map(|auth| match auth {
        AuthConfig::None => Auth::None,
        AuthConfig::Keys => Auth::Keys,
    });
    let trusted_proxies = parsed("--trust-proxy", &arguments.trust_proxy, "trust_proxy", &config.trust_proxy)?;
    // A proxy on this machine brings in everybody who reaches the proxy.
    let alone = here && trusted_proxies.is_empty();
    let auth = asked.or(written).unwrap_or(if alone { Auth::None } else { Auth::Keys });
    if auth == Auth::None && !here && !arguments.insecure {
        let said = if asked.is_some() { "`--auth none`" } else { "`auth = \"none\"` in portal.toml" };
        return Err(Usage(format!(
            "with {said} on {}, everybody who reaches that address may read and change everything\n  hint: leave it out \
             and make a key with `portal keys create --name NAME`, or say `--insecure` as well",
            arguments.listen
        )));
    }
    let names = parsed("--allow-host", &arguments.allow_host, "allow_hosts", &config.allow_hosts)?;
    let hosts = match auth {
        _ if here => Hosts::Local(names),
        // Whoever asks under a foreign name has no key.
        Auth::Keys if names.is_empty() => Hosts::Any,
        _ => Hosts::Named(names),
    };
    // Without keys, and with nobody in between, there is one person, who may do as she likes.
    let usual = if auth == Auth::None && alone { Limits::OFF } else { Limits::USUAL };
    let limits = Limits {
        reads_per_minute: config.limits.reads_per_minute.unwrap_or(usual.reads_per_minute),
        writes_per_minute: config.limits.writes_per_minute.unwrap_or(usual.writes_per_minute),
        failures_per_minute: config.limits.failures_per_minute.unwrap_or(usual.failures_per_minute),
    };
    Ok(Protection { auth, hosts, limits, trusted_proxies, ..Protection::default() })
}

/// Everything that flags and file name: a flag adds to what the file allows everywhere.
fn parsed<T>(flag: &str, flags: &[String], key: &str, written: &[String]) -> Result<Vec<T>, Usage>
where
    T: FromStr<Err: Display>,
{
    let key = format!("`{key}` below [serve] in portal.toml");
    let flag = format!("`{flag}`");
    let all = flags.iter().map(|text| (&flag, text)).chain(written.iter().map(|text| (&key, text)));
    all.map(|(place, text)| text.parse().map_err(|error| Usage(format!("{place}: {error}")))).collect()
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
