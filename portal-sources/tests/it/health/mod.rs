//! The probe over real sockets: answers of every kind, hosts that do not answer, and names that lead elsewhere.

mod server;
mod trust;

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use portal_core::model::Health::{self, Degraded, Down, Healthy, Unknown};
use portal_sources::health::{Answer, Guard, Probe, ProbeOptions, Reach, Resolve};

use server::Server;

/// Options for a probe that may ask these.
fn options(allow: &[&str]) -> ProbeOptions {
    let allow = allow.iter().map(|rule| rule.parse().expect("a rule")).collect();
    ProbeOptions {
        timeout: Duration::from_millis(1_500),
        connect_timeout: Duration::from_millis(700),
        guard: Guard::new(allow, Vec::new()),
        ..ProbeOptions::default()
    }
}

fn probe(allow: &[&str]) -> Probe {
    Probe::new(&options(allow))
}

#[track_caller]
fn is(answer: &Answer, health: Health, detail: &str) {
    assert!(answer.health == health && answer.detail.starts_with(detail), "{detail}: {answer:?}");
}

/// A resolver with answers of the test's own: one after the other, the last one for ever.
struct Names {
    answers: Mutex<Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Names {
    fn of(answers: &[&[&'static str]]) -> Arc<Names> {
        let answers = Mutex::new(answers.iter().map(|answer| answer.to_vec()).collect());
        Arc::new(Names { answers, asked: AtomicUsize::new(0) })
    }

    fn next(&self) -> Vec<&'static str> {
        let mut answers = self.answers.lock().expect("no panic");
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.next();
        if answer == ["never"] {
            std::future::pending::<()>().await;
        }
        Ok(answer.iter().map(|address| address.parse().expect("an address")).collect())
    }
}

#[tokio::test]
async fn what_is_answered_decides() {
    let (server, probe) = (Server::start().await, probe(&["127.0.0.1"]));
    for (path, health, detail) in [
        ("/200", Healthy, "200 in "),
        ("/204", Healthy, "204 in "),
        ("/299", Healthy, "299 in "),
        ("/304", Degraded, "304 in "),
        ("/404", Degraded, "404 in "),
        ("/500", Degraded, "500 in "),
        ("/503?token=secret", Degraded, "503 in "),
        ("/close", Down, "connection closed without an answer"),
        ("/no-http", Down, "the answer is no HTTP"),
        ("/endless-head", Down, "the answer is no HTTP"),
        ("/half-a-head", Down, "no answer in 1.5 s"),
        ("/silent", Down, "no answer in 1.5 s"),
    ] {
        let answer = probe.ask(&server.url(path)).await;
        is(&answer, health, detail);
        assert_eq!(answer.reach, Reach::There, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_not_waited_for() {
    let (server, probe) = (Server::start().await, probe(&["127.0.0.1"]));
    for path in ["/slow-body", "/endless-body"] {
        let began = Instant::now();
        is(&probe.ask(&server.url(path)).await, Healthy, "200 in ");
        assert!(began.elapsed() < Duration::from_secs(1), "{path}");
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let (server, elsewhere, probe) = (Server::start().await, Server::start().await, probe(&["127.0.0.1"]));
    for to in [elsewhere.url("/200"), "http://169.254.169.254/latest/meta-data/".to_owned()] {
        let answer = probe.ask(&server.url(&format!("/redirect?{to}"))).await;
        is(&answer, Degraded, "302 in ");
        assert!(answer.detail.ends_with("not followed") && !answer.detail.contains("169"), "{answer:?}");
    }
    assert!(elsewhere.heads().is_empty());
}

#[tokio::test]
async fn a_connection_that_is_refused_is_down_and_one_that_is_not_made_is_in_doubt() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let answer = probe(&["127.0.0.1"]).ask(&format!("http://{closed}/")).await;
    is(&answer, Down, "connection refused");
    assert_eq!(answer.reach, Reach::There);

    // A listener that nobody empties takes a few connections, and then answers no more.
    let full = socket_that_takes_nobody();
    let answer = probe(&["127.0.0.1"]).ask(&format!("http://{}/", full.address)).await;
    is(&answer, Down, "no connection in 700 ms");
    assert_eq!(answer.reach, Reach::Nowhere);
}

/// Its queue of connections is full.
struct Full {
    address: std::net::SocketAddr,
    _listener: tokio::net::TcpListener,
    _waiting: Vec<std::net::TcpStream>,
}

fn socket_that_takes_nobody() -> Full {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(1).expect("it listens");
    let address = listener.local_addr().expect("an address");
    let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let waiting = std::iter::from_fn(connect).take(64).collect();
    Full { address, _listener: listener, _waiting: waiting }
}

#[tokio::test]
async fn a_name_without_an_address_is_down_and_in_doubt() {
    let probe = Probe::with_resolver(&options(&[]), Names::of(&[&[]]));
    let answer = probe.ask("http://gone.example/").await;
    is(&answer, Down, "the name has no address");
    assert_eq!(answer.reach, Reach::Nowhere);
    let probe = Probe::with_resolver(&options(&[]), Names::of(&[&["never"]]));
    is(&probe.ask("http://slow.example/").await, Down, "no connection in 700 ms");
    is(&Probe::new(&options(&[])).ask("http://a.invalid/").await, Down, "");
}

#[tokio::test]
async fn what_is_not_asked_is_unknown_and_nothing_is_sent() {
    let (server, probe) = (Server::start().await, probe(&[]));
    for url in [server.url("/200"), format!("http://localhost:{}/200", server.address.port())] {
        let answer = probe.ask(&url).await;
        is(&answer, Unknown, "not asked: the host is the portal's own machine (loopback)");
        assert_eq!(answer.reach, Reach::NotSent);
    }
    is(&probe.ask("http://user:secret@example.org/").await, Unknown, "not asked: the URL holds a user name");
    is(&probe.ask("file:///etc/passwd").await, Unknown, "not asked: only http and https");
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_does_not_get_through() {
    // Two hosts behind one port: one that may be asked, and one that may not.
    let good = Server::on("127.0.0.2:0", None).await;
    let port = good.address.port();
    let bad = Server::on(&format!("127.0.0.1:{port}"), None).await;
    let names = Names::of(&[&["127.0.0.2"], &["127.0.0.1"], &["127.0.0.2", "127.0.0.1"], &["169.254.169.254"]]);
    let probe = Probe::with_resolver(&options(&["127.0.0.2"]), Arc::clone(&names) as Arc<dyn Resolve>);
    let url = format!("http://rebind.example:{port}/200");
    is(&probe.ask(&url).await, Healthy, "200 in ");
    assert_eq!(names.asked(), 1, "the address that was judged is the one that was connected to");
    is(&probe.ask(&url).await, Unknown, "not asked: the host is the portal's own machine");
    is(&probe.ask(&url).await, Unknown, "not asked: the host is the portal's own machine");
    is(&probe.ask(&url).await, Unknown, "not asked: the host is a metadata service");
    assert_eq!(names.asked(), 4, "each connection asks once");
    assert_eq!((good.heads().len(), bad.heads().len()), (1, 0));
}

#[tokio::test]
async fn a_host_is_allowed_by_name_wherever_it_leads() {
    let server = Server::start().await;
    let names = Names::of(&[&["127.0.0.1"]]);
    let probe = Probe::with_resolver(&options(&["status.internal"]), names);
    let port = server.address.port();
    is(&probe.ask(&format!("http://STATUS.internal:{port}/200")).await, Healthy, "200 in ");
    is(&probe.ask(&format!("http://other.internal:{port}/200")).await, Unknown, "not asked");
}

#[tokio::test]
async fn each_question_says_who_asks_and_nothing_of_the_one_before() {
    let (server, probe) = (Server::start().await, probe(&["127.0.0.1"]));
    for _ in 0..2 {
        is(&probe.ask(&server.url("/200?a=b")).await, Healthy, "200 in ");
    }
    for head in server.heads() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("get /200?a=b http/1.1\r\n") && head.contains("\r\nuser-agent: portal/"), "{head}");
        for never in ["cookie:", "authorization:", "referer:"] {
            assert!(!head.contains(never), "{head}");
        }
    }
}

#[tokio::test]
async fn slow_hosts_do_not_delay_the_others() {
    let (server, probe) = (Server::start().await, probe(&["127.0.0.1"]));
    let slow: Vec<_> = (0..20).map(|_| probe.clone()).collect();
    let slow = futures::future::join_all(slow.iter().map(|probe| {
        let url = server.url("/silent");
        async move { probe.ask(&url).await }
    }));
    let began = Instant::now();
    let fast = async {
        is(&probe.ask(&server.url("/200")).await, Healthy, "200 in ");
        began.elapsed()
    };
    let (slow, fast) = futures::join!(slow, fast);
    assert!(fast < Duration::from_millis(1_000), "{fast:?}");
    assert!(slow.iter().all(|answer| answer.health == Down));
}
