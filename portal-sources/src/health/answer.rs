//! What came back, in a few words of our own: those of libraries may hold the URL, and with it what is secret.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use portal_core::Text;
use portal_core::model::Health;

use super::guard::Refused;
use super::resolve::Unresolved;

/// What asking one URL came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says about the service.
    pub health: Health,
    /// In words: `200 in 12 ms`, `connection refused`. Never the URL, nor what the other side wrote.
    pub detail: Text,
    /// How far the question came.
    pub reach: Reach,
    /// How long it took.
    pub took: Duration,
}

/// How far a question came. Whoever gets nowhere with everybody is cut off himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Something at the other side did something, if only to refuse the connection.
    There,
    /// No name, no route, no connection: the fault may be at either side.
    Nowhere,
    /// It was not sent: the guard refused it, or this machine could not send it.
    NotSent,
}

/// The waits that an error may have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub(super) total: Duration,
    pub(super) connect: Duration,
}

impl Answer {
    pub(super) fn of_status(status: u16, took: Duration) -> Answer {
        // An answer in no time at all is none that anybody believes.
        let ms = took.as_millis().max(1);
        let (health, rest) = match status {
            200..=299 => (Health::Healthy, ""),
            300..=399 => (Health::Degraded, ", not followed"),
            _ => (Health::Degraded, ""),
        };
        Answer { health, detail: Text::from(format!("{status} in {ms} ms{rest}")), reach: Reach::There, took }
    }

    pub(super) fn refused(refused: Refused, took: Duration) -> Answer {
        let detail = Text::from(format!("not asked: {refused}"));
        Answer { health: Health::Unknown, detail, reach: Reach::NotSent, took }
    }

    pub(super) fn of_error(error: &reqwest::Error, waits: Waits, took: Duration) -> Answer {
        match cause::<Unresolved>(error) {
            Some(Unresolved::Refused(refused)) => return Answer::refused(*refused, took),
            Some(Unresolved::NoAddress(_)) => {
                return Answer::down("the name has no address", Reach::Nowhere, took);
            }
            None => {}
        }
        if let Some(error) = cause::<rustls::Error>(error) {
            return Answer::down(of_tls(error), Reach::There, took);
        }
        if error.is_timeout() {
            let (what, wait, reach) = if error.is_connect() {
                ("connection", waits.connect, Reach::Nowhere)
            } else {
                ("answer", waits.total, Reach::There)
            };
            return Answer::down(&format!("no {what} in {}", words(wait)), reach, took);
        }
        if let Some(error) = cause::<io::Error>(error) {
            return Answer::of_io(error, took);
        }
        let detail = match cause::<hyper::Error>(error) {
            Some(error) if error.is_incomplete_message() => "connection closed without an answer",
            Some(error) if error.is_parse() => "the answer is no HTTP",
            _ if error.is_connect() => "no connection",
            _ => "no answer",
        };
        Answer::down(detail, Reach::There, took)
    }

    fn of_io(error: &io::Error, took: Duration) -> Answer {
        use io::ErrorKind as Kind;
        /// The process, or the system, has no file descriptors left; Rust has no word for it.
        const TOO_MANY_FILES: [i32; 2] = [23, 24];
        let own = |detail: &'static str| Answer {
            health: Health::Unknown,
            detail: Text::new_static(detail),
            reach: Reach::NotSent,
            took,
        };
        match error.kind() {
            Kind::ConnectionRefused => Answer::down("connection refused", Reach::There, took),
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
                Answer::down("connection reset", Reach::There, took)
            }
            Kind::UnexpectedEof => Answer::down("connection closed without an answer", Reach::There, took),
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
                Answer::down("no route to the host", Reach::Nowhere, took)
            }
            Kind::TimedOut => Answer::down("no connection", Reach::Nowhere, took),
            Kind::AddrNotAvailable | Kind::AddrInUse | Kind::OutOfMemory => {
                own("not asked: the portal's machine has no sockets left")
            }
            Kind::PermissionDenied => own("not asked: the portal's machine does not let it out"),
            _ if error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code)) => {
                own("not asked: the portal's machine has no sockets left")
            }
            _ => Answer::down("no connection", Reach::Nowhere, took),
        }
    }

    fn down(detail: &str, reach: Reach, took: Duration) -> Answer {
        Answer { health: Health::Down, detail: Text::from(detail), reach, took }
    }
}

fn of_tls(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext, Revoked,
        UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => "certificate expired",
        rustls::Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. }) => "certificate not valid yet",
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            "certificate is for another name"
        }
        rustls::Error::InvalidCertificate(UnknownIssuer) => "certificate of an unknown issuer",
        rustls::Error::InvalidCertificate(Revoked) => "certificate revoked",
        rustls::Error::InvalidCertificate(_) => "certificate not valid",
        rustls::Error::InvalidMessage(_) => "no TLS at that port",
        _ => "TLS handshake failed",
    }
}

/// The first error of a type on the way to the root. Errors of the system carry others inside.
fn cause<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| cause_of_boxed::<E>(inner)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn cause_of_boxed<'e, E: StdError + 'static>(error: &'e (dyn StdError + Send + Sync + 'static)) -> Option<&'e E> {
    cause::<E>(error)
}

/// `10 s`, `1.5 s`, `200 ms`.
fn words(time: Duration) -> String {
    if time < Duration::from_secs(1) { format!("{} ms", time.as_millis()) } else { format!("{} s", time.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_it_is_healthy_and_how_long_it_took() {
        let of = |status| Answer::of_status(status, Duration::from_millis(12));
        assert_eq!((of(204).health, of(204).detail.as_str()), (Health::Healthy, "204 in 12 ms"));
        assert_eq!((of(302).health, of(302).detail.as_str()), (Health::Degraded, "302 in 12 ms, not followed"));
        for status in [199, 400, 404, 418, 500, 503, 599] {
            assert_eq!(of(status).health, Health::Degraded, "{status}");
        }
    }

    #[test]
    fn what_this_machine_cannot_do_says_nothing_about_the_service() {
        let of = |error: io::Error| Answer::of_io(&error, Duration::ZERO);
        for own in [
            io::Error::from_raw_os_error(24),
            io::ErrorKind::AddrNotAvailable.into(),
            io::ErrorKind::PermissionDenied.into(),
        ] {
            assert_eq!((of(own).health, of(io::Error::from_raw_os_error(23)).reach), (Health::Unknown, Reach::NotSent));
        }
        let refused = of(io::ErrorKind::ConnectionRefused.into());
        assert_eq!((refused.health, refused.reach), (Health::Down, Reach::There));
        let no_route = of(io::ErrorKind::HostUnreachable.into());
        assert_eq!((no_route.health, no_route.reach), (Health::Down, Reach::Nowhere));
    }

    #[test]
    fn a_wait_is_told_as_people_say_it() {
        let of = |ms| words(Duration::from_millis(ms));
        assert_eq!([of(10_000), of(1_500), of(200)], ["10 s", "1.5 s", "200 ms"]);
    }
}
