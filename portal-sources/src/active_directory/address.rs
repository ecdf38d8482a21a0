//! The address of a server, and that the way there is encrypted.

/// A server to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// As it stands in the configuration.
    pub(super) url: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether the connection has to be encrypted first.
    pub(super) starttls: bool,
}

impl Server {
    /// Reads an address. Nothing but the server stands in it: the base has a key of its own.
    pub(super) fn read(url: &str, starttls: bool) -> Result<Server, String> {
        if url.contains('@') {
            // A password may stand there, and must not stand in a message.
            return Err("`url` has an account in it; write the server alone, and the account into `bind_dn` and \
                        `password_file`"
                .to_owned());
        }
        let wrong = |problem: &str| {
            let shown = url.escape_debug();
            Err(format!("`url` is `{shown}`, {problem}; write such as url = \"ldaps://dc1.corp.example\""))
        };
        let Some((scheme, rest)) = url.split_once("://") else { return wrong("which has no ldaps:// in front") };
        let (starttls, default_port) = match (scheme.to_ascii_lowercase().as_str(), starttls) {
            ("ldaps", _) => (false, 636),
            ("ldap", true) => (true, 389),
            ("ldap", false) => {
                return wrong(
                    "over which the password would travel in clear text; add `starttls = true`, or use ldaps://",
                );
            }
            _ => return wrong("which is neither ldaps:// nor ldap://"),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('[') {
            return wrong("a bare IPv6 address; certificates are made out for names");
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok().filter(|port| *port > 0)),
            None => (rest, Some(default_port)),
        };
        let Some(port) = port else { return wrong("whose port is no number from 1 to 65535") };
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || !host.chars().all(fine) {
            return wrong(
                "which has more or less than the name of a server in it; `base` and the account have own keys",
            );
        }
        Ok(Server { url: format!("{}://{rest}", scheme.to_ascii_lowercase()), host: host.to_owned(), port, starttls })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn problem(url: &str) -> String {
        Server::read(url, false).expect_err(url)
    }

    #[test]
    fn an_address_is_a_scheme_a_name_and_perhaps_a_port() {
        let server = Server::read("LDAPS://DC1.corp.example/", false).expect("an address");
        assert_eq!((server.url.as_str(), server.port), ("ldaps://DC1.corp.example", 636));
        let server = Server::read("ldap://dc_1:3268", true).expect("an address");
        assert_eq!((server.host.as_str(), server.port, server.starttls), ("dc_1", 3268, true));
    }

    #[test]
    fn addresses_say_what_is_wrong_with_them() {
        assert!(problem("ldap://dc1").contains("add `starttls = true`"));
        assert!(problem("ldap://127.0.0.1").contains("clear text"));
        assert!(problem("dc1.corp.example").contains("no ldaps:// in front"));
        assert!(problem("https://dc1").contains("neither ldaps:// nor ldap://"));
        assert!(problem("ldaps://dc1:0").contains("no number"));
        assert!(problem("ldaps://dc1/DC=corp").contains("own keys"));
        assert!(problem("ldaps://").contains("own keys"));
        assert!(problem("ldaps://[::1]").contains("IPv6"));
        let secret = problem("ldaps://u:hunter2@dc1");
        assert!(secret.contains("`bind_dn`") && !secret.contains("hunter2"), "{secret}");
    }
}
