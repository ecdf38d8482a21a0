//! One round of health checks against hosts of a process of their own, beside bare sockets that ask the same.
//!
//! Of twenty services one takes two seconds, one answers 503, and one has nobody who listens. Then a portal that checks all
//! of them, and how it answers meanwhile.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use portal_core::model::Health;
use portal_sources::health::{Guard, Probe, ProbeOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;
use crate::measure::Measure;
use crate::server::{self, Server};
use crate::wrk::{Asked, wrk};

/// How many are asked at the same time, as the portal does where nobody says otherwise.
const AT_ONCE: usize = 256;
/// How many hosts there are.
const HOSTS: u8 = 8;
/// How long a slow service takes.
const SLOW: Duration = Duration::from_secs(2);

/// Asks so many services.
pub(crate) async fn health(services: usize) -> Result<(), Failure> {
    let hosts = Hosts::start()?;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let at = |n: usize| if n % 20 == 2 { nobody } else { hosts.addresses[n % hosts.addresses.len()] };
    let path = |n: usize| match n % 20 {
        0 => "slow",
        1 => "broken",
        _ => "well",
    };
    let asked: Arc<[(SocketAddr, &'static str)]> = (0..services).map(|n| (at(n), path(n))).collect();
    println!("{services} services, {AT_ONCE} at a time");

    let step = Measure::start();
    round(Arc::clone(&asked), |address, path| async move { drop(bare(address, path).await) }).await?;
    step.end("the floor: a connection, a question and an answer for each, without HTTP");

    let guard = Guard::new(vec!["127.0.0.0/8".parse()?], Vec::new());
    let probe = Probe::new(&ProbeOptions { guard, ..ProbeOptions::default() });
    let step = Measure::start();
    let found = round(asked, move |address, path| {
        let probe = probe.clone();
        async move { probe.ask(&format!("http://{address}/{path}")).await.health }
    })
    .await?;
    step.end("checked");
    let count = |health: Health| found.iter().filter(|found| **found == health).count();
    let counts = [Health::Healthy, Health::Degraded, Health::Down].map(count);
    println!("healthy, degraded, down: {counts:?}");
    let expected = |of: usize| (0..services).filter(|n| n % 20 == of).count();
    let wanted = [services - expected(1) - expected(2), expected(1), expected(2)];
    if counts != wanted {
        return Err(format!("that should have been {wanted:?}").into());
    }
    beside_the_api(services, |n| format!("http://{}/{}", at(n), path(n)))
}

/// The portal with so many services: how it answers while it checks nothing, and while it checks all of them without end.
fn beside_the_api(services: usize, status_url: impl Fn(usize) -> String) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = format!("sqlite:{}", folder.path().join("portal.db").display());
    let config = folder.path().join("portal.toml");
    std::fs::write(&config, "[health]\nevery = \"5s\"\nper_host = 64\nallow = [\"127.0.0.0/8\"]\n")?;
    let serve = |more: &[&str]| {
        let portal = Server::start(
            Command::new(server::portal()?).args(["serve", "--store", &store, "--config"]).arg(&config).args(more),
        )?;
        portal.wait_for("/readyz").map(|()| portal)
    };
    let portal = serve(&[])?;
    for n in 0..services {
        let body = format!("{{\"name\": \"service-{n}\", \"status_url\": \"{}\"}}", status_url(n));
        portal.ask("POST", "/api/v1alpha/services", &body)?;
    }
    drop(portal);
    println!(
        "\n| one service, 32 connections | requests/s | p50 ms | p99 ms | checks/s |\n| --- | --- | --- | --- | --- |"
    );
    for (what, more) in [("no checks", &["--no-health"][..]), ("all checked every 5 s", &[])] {
        let portal = serve(more)?;
        std::thread::sleep(Duration::from_secs(6));
        let (began, before) = (Instant::now(), checks(&portal)?);
        let seen = wrk(&portal, "/api/v1alpha/services/manual/service-7", 32, Asked::Anew)?;
        let rate = (checks(&portal)? - before) / began.elapsed().as_secs_f64();
        println!("| {what} | {:.0} | {:.2} | {:.2} | {rate:.0} |", seen.rate, seen.median, seen.p99);
    }
    Ok(())
}

/// How many checks a portal has made.
fn checks(portal: &Server) -> Result<f64, Failure> {
    let figures = String::from_utf8(portal.get("/metrics")?)?;
    let lines = figures.lines().filter_map(|line| line.strip_prefix("portal_health_check_seconds_count"));
    Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
}

/// Asks each in a task of its own, in the order in which there is room.
async fn round<T, F>(
    asked: Arc<[(SocketAddr, &'static str)]>,
    ask: impl Fn(SocketAddr, &'static str) -> F,
) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = asked.iter().map(|(address, path)| tokio::spawn(ask(*address, path)));
    // The iterator is lazy: a task begins when there is room for it.
    let ended = futures::stream::iter(tasks).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    Ok(ended.into_iter().collect::<Result<_, _>>()?)
}

async fn bare(address: SocketAddr, path: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let question = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The hosts, in a process of their own, whose CPU seconds are not ours.
struct Hosts {
    process: Child,
    addresses: Vec<SocketAddr>,
}

impl Hosts {
    fn start() -> Result<Hosts, Failure> {
        let mut process = Command::new(std::env::current_exe()?).arg("hosts").stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(process.stdout.take().ok_or("its output is piped")?).lines();
        let addresses =
            lines.take(usize::from(HOSTS)).map(|line| Ok(line?.parse()?)).collect::<Result<_, Failure>>()?;
        Ok(Hosts { process, addresses })
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What [`Hosts`] starts: says where it listens, and answers until it is killed.
pub(crate) async fn hosts() -> Result<(), Failure> {
    let mut listening = Vec::new();
    for host in 1..=HOSTS {
        let listener = TcpListener::bind((format!("127.0.0.{host}"), 0)).await?;
        println!("{}", listener.local_addr()?);
        listening.push(tokio::spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream));
                }
            }
        }));
    }
    futures::future::join_all(listening).await;
    Ok(())
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = [0; 1024];
    let mut read = 0;
    while !head[..read].ends_with(b"\r\n\r\n") {
        match stream.read(&mut head[read..]).await? {
            0 => return Ok(()),
            more => read += more,
        }
    }
    let status = match &head[..read] {
        asked if asked.starts_with(b"GET /broken") => "503 Service Unavailable",
        asked if asked.starts_with(b"GET /slow") => {
            tokio::time::sleep(SLOW).await;
            "200 OK"
        }
        _ => "200 OK",
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    stream.write_all(answer.as_bytes()).await
}
