//! What can go wrong between here and a directory, and how it reads to a person.
//!
//! Every text says what happened, at which server, and what to do next. What it means for a kind's coverage is decided
//! in [`super::collect`].

use std::error::Error as StdError;
use std::io;

use ldap3::{LdapError, LdapResult};

/// Why there is no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// This server cannot be used now; another one may do.
    #[error("{0}")]
    Server(String),
    /// The place in a list of pages is forgotten: the list has to be read again.
    #[error("{0}")]
    Expired(String),
    /// The account lacks a right.
    #[error("{0}")]
    Denied(String),
    /// Every server would say the same, until somebody changes something.
    #[error("{0}")]
    Refused(String),
}

/// Codes of RFC 4511, appendix A.
mod code {
    pub(super) const OPERATIONS_ERROR: u32 = 1;
    pub(super) const PROTOCOL_ERROR: u32 = 2;
    pub(super) const TIME_LIMIT: u32 = 3;
    pub(super) const SIZE_LIMIT: u32 = 4;
    pub(super) const AUTH_METHOD: u32 = 7;
    pub(super) const STRONGER_AUTH: u32 = 8;
    pub(super) const REFERRAL: u32 = 10;
    pub(super) const ADMIN_LIMIT: u32 = 11;
    pub(super) const UNAVAILABLE_EXTENSION: u32 = 12;
    pub(super) const CONFIDENTIALITY: u32 = 13;
    pub(super) const NO_SUCH_OBJECT: u32 = 32;
    pub(super) const INVALID_DN: u32 = 34;
    pub(super) const INAPPROPRIATE_AUTH: u32 = 48;
    pub(super) const INVALID_CREDENTIALS: u32 = 49;
    pub(super) const INSUFFICIENT_ACCESS: u32 = 50;
    pub(super) const BUSY: u32 = 51;
    pub(super) const UNAVAILABLE: u32 = 52;
    pub(super) const UNWILLING: u32 = 53;
}

/// Why a log-in was refused.
pub(super) fn of_bind(result: &LdapResult, server: &str, account: &str) -> Failure {
    let words = one_line(&result.text);
    let text = match result.rc {
        code::INVALID_CREDENTIALS => {
            let (what, advice) = reason_of_49(&result.text);
            return Failure::Refused(format!("{server} does not let `{account}` in: {what} ({words}); {advice}"));
        }
        code::STRONGER_AUTH | code::CONFIDENTIALITY => {
            format!(
                "{server} wants a stronger way to log in ({words}); use ldaps://, or ldap:// with `starttls = true`"
            )
        }
        code::AUTH_METHOD | code::INAPPROPRIATE_AUTH => format!(
            "{server} does not take a name with a password from `{account}` ({words}); use an account that may log in so"
        ),
        code::INVALID_DN => {
            format!("{server} says that `{account}` is no name of an account ({words}); correct `bind_dn`")
        }
        code::UNWILLING => format!("{server} refuses to log `{account}` in ({words}); is `bind_dn` a whole name?"),
        _ => return of_result(result, server, "the base", false),
    };
    Failure::Refused(text)
}

/// What Active Directory says with code 49 stands in the text alone, as `data 52e`: the number of a Windows error.
fn reason_of_49(text: &str) -> (&'static str, &'static str) {
    let number = text.split_once("data ").map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default());
    match number.unwrap_or_default().trim_start_matches('0') {
        "525" => ("there is no such account", "correct `bind_dn`"),
        "52e" => {
            ("the password is wrong, or there is no such account", "correct `password_file` or PORTAL_AD_PASSWORD")
        }
        "530" => ("the account may not log in at this time of day", "change its logon hours"),
        "531" => ("the account may not log in from this machine", "change its list of workstations"),
        "532" => ("the password has expired", "set a new one, and let service accounts' passwords not expire"),
        "533" => ("the account is disabled", "enable it, or use another one"),
        "701" => ("the account has expired", "extend it, or use another one"),
        "773" => ("the password has to be changed before the first log-in", "set one without that condition"),
        "775" => ("the account is locked", "unlock it, and look who else uses an old password"),
        _ => ("name or password is wrong", "correct `bind_dn`, and `password_file` or PORTAL_AD_PASSWORD"),
    }
}

/// Whether a search was ended by a limit, so that what came is true but not all; in words.
pub(super) fn limit(result: &LdapResult, server: &str) -> Option<String> {
    let (what, advice) = match result.rc {
        code::TIME_LIMIT => ("its limit of time", "lower `page_size`, or have its limit for this account raised"),
        code::SIZE_LIMIT => ("its limit of entries", "have its limit for this account raised (with pages included)"),
        code::ADMIN_LIMIT => {
            ("a limit of its operators", "lower `page_size`, or have the limit raised for this account")
        }
        _ => return None,
    };
    Some(format!("{server} stopped at {what} (code {}{}); {advice}", result.rc, said(&result.text)))
}

/// Whether the answer to a further page says that the directory forgot where it was: each has a code of its own for it.
pub(super) fn is_expired(result: &LdapResult) -> bool {
    matches!(result.rc, code::PROTOCOL_ERROR | code::UNAVAILABLE_EXTENSION | code::UNWILLING)
}

/// Why a search failed. The same code means another thing to who did not log in.
pub(super) fn of_result(result: &LdapResult, server: &str, base: &str, is_anonymous: bool) -> Failure {
    let (rc, said) = (result.rc, said(&result.text));
    match rc {
        code::NO_SUCH_OBJECT => Failure::Refused(format!(
            "{server} has no entry {base}, or does not show it to this account (code {rc}{said}); correct `base`, or let \
             the account read it"
        )),
        code::INVALID_DN => Failure::Refused(format!("{server} cannot read the name {base} ({said}); correct `base`")),
        code::REFERRAL => Failure::Refused(format!(
            "{server} does not hold {base} and names other servers for it, which are not followed; correct `base`, or name \
             a server of that domain in `url`"
        )),
        // What Active Directory says to those who did not log in.
        code::OPERATIONS_ERROR if is_anonymous => Failure::Denied(format!(
            "{server} does not let the account search below {base} (code {rc}{said}); it has to log in: set `bind_dn`"
        )),
        code::INSUFFICIENT_ACCESS | code::INAPPROPRIATE_AUTH => Failure::Denied(format!(
            "{server} does not let the account read below {base} (code {rc}{said}); give it the right"
        )),
        code::STRONGER_AUTH | code::CONFIDENTIALITY => Failure::Refused(format!(
            "{server} wants more protection (code {rc}{said}); use ldaps:// or `starttls = true`, and log in with `bind_dn`"
        )),
        code::BUSY => Failure::Server(format!("{server} is busy (code {rc}{said}); the next run tries again")),
        code::UNAVAILABLE => Failure::Server(format!(
            "{server} is shutting down or out of order (code {rc}{said}); the next run tries again"
        )),
        _ => Failure::Server(format!(
            "{server} answered with code {rc}{said}; look for that in its log, or try the same search with ldapsearch"
        )),
    }
}

/// Reads an error of the client library.
pub(super) fn of_library(error: &LdapError, server: &str) -> Failure {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(tls) = tls_error(inner) {
            return untrusted(tls, server);
        }
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return of_io(io, server);
        }
        cause = inner.source();
    }
    Failure::Server(format!("the connection to {server} broke off ({}); the next run tries again", last_words(error)))
}

/// A connection that ended in the middle.
pub(super) fn lost(server: &str) -> Failure {
    Failure::Server(format!("{server} closed the connection in the middle of an answer; the next run tries again"))
}

/// Reads an error of the network.
pub(super) fn of_io(error: &io::Error, server: &str) -> Failure {
    if let Some(tls) = tls_error(error) {
        return untrusted(tls, server);
    }
    Failure::Server(match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("cannot connect to {server}: connection refused; is `url` right, and does the directory run?")
        }
        io::ErrorKind::TimedOut => {
            format!("cannot connect to {server}: no answer in time; is a VPN or firewall in the way?")
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("cannot connect to {server}: no way leads there from here; is a VPN or firewall in the way?")
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe => {
            format!("{server} cut the connection ({error}); the next run tries again")
        }
        _ => format!(
            "cannot reach {server}: {}; is `url` right, and can this machine resolve it?",
            one_line(&error.to_string())
        ),
    })
}

/// A TLS error hides inside of one or more I/O errors, whose `source` jumps over it.
fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => tls_error(io.get_ref()?),
        None => error.downcast_ref::<rustls::Error>(),
    }
}

fn untrusted(error: &rustls::Error, server: &str) -> Failure {
    use rustls::CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
    };
    let advice = match error {
        rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature) => {
            "its authority is not known here: set the right `ca_file`"
        }
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            "it is made out for another name: use the name that it has in `url`"
        }
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => {
            "it has expired: have it renewed, and look at this machine's clock"
        }
        rustls::Error::InvalidMessage(_) => {
            let text =
                format!("{server} does not speak TLS there ({error}); is it ldap:// with `starttls`, or another port?");
            return Failure::Server(text);
        }
        _ => "look at the certificate and at what stands between here and there",
    };
    // Another server may have another certificate.
    Failure::Server(format!(
        "cannot trust the certificate of {server} ({error}); {advice}. The check cannot be switched off"
    ))
}

/// The innermost cause: the outer ones say only through which layer it came.
fn last_words(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    one_line(&last.to_string())
}

fn said(text: &str) -> String {
    let words = one_line(text);
    if words.is_empty() { words } else { format!(": {words}") }
}

/// Text of others, fit for one line of ours.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let clean: String = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rc: u32, text: &str) -> LdapResult {
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls: Vec::new() }
    }

    #[test]
    fn each_reason_of_a_refused_log_in_is_told_in_words() {
        let told = [
            ("525", "no such account"),
            ("52e", "the password is wrong"),
            ("530", "time of day"),
            ("531", "from this machine"),
            ("532", "password has expired"),
            ("533", "disabled"),
            ("701", "account has expired"),
            ("773", "has to be changed"),
            ("775", "locked"),
            ("0", "name or password is wrong"),
        ];
        for (data, words) in told {
            let text =
                format!("80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data {data}, v4563\0");
            let failure = of_bind(&result(49, &text), "ldaps://dc1", "svc");
            assert!(matches!(&failure, Failure::Refused(text) if text.contains(words)), "{data}: {failure}");
        }
        let bare = of_bind(&result(49, ""), "ldaps://dc1", "svc").to_string();
        assert!(bare.contains("name or password is wrong"), "{bare}");
    }

    #[test]
    fn every_code_ends_as_what_it_is() {
        let of = |rc| of_result(&result(rc, "words"), "ldaps://dc1", "DC=x", false);
        let anonymous = |rc| of_result(&result(rc, "words"), "ldaps://dc1", "DC=x", true);
        assert!(matches!(of(50), Failure::Denied(text) if text.contains("give it the right")));
        assert!(matches!(anonymous(1), Failure::Denied(text) if text.contains("`bind_dn`")));
        assert!(matches!(of(1), Failure::Server(text) if text.contains("code 1: words")));
        assert!(matches!(of(8), Failure::Refused(text) if text.contains("use ldaps://")));
        assert!(matches!(of(32), Failure::Refused(text) if text.contains("correct `base`")));
        assert!(matches!(of(10), Failure::Refused(text) if text.contains("not followed")));
        assert!(matches!(of(51), Failure::Server(text) if text.contains("busy")));
        assert!(matches!(of(52), Failure::Server(_)));
        assert!(matches!(of(80), Failure::Server(text) if text.contains("code 80: words")));
        for rc in [3, 4, 11] {
            assert!(limit(&result(rc, ""), "ldaps://dc1").is_some());
        }
        assert!(limit(&result(0, ""), "ldaps://dc1").is_none());
        let plain = of_bind(&result(8, "BindSimple: Transport encryption required."), "ldap://dc1", "svc");
        assert!(matches!(plain, Failure::Refused(text) if text.contains("starttls")));
    }

    #[test]
    fn a_foreign_text_stays_on_one_line() {
        assert_eq!(one_line("a\n b\u{1b}[31m\r\n\0"), "a b[31m");
        assert_eq!(one_line(&"ä".repeat(500)).chars().count(), 301);
    }
}
