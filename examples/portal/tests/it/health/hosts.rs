//! Hosts that health checks ask: each path behaves as the test says, and every question is counted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// What a path does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Answers with a status.
    Status(u16),
    /// Answers 200 after a while.
    Slow(Duration),
    /// Takes the question, and never answers.
    Silent,
}

/// One host on a port of its own.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    _runtime: Runtime,
}

#[derive(Default)]
struct State {
    manners: Mutex<HashMap<String, Manner>>,
    asked: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Host {
    /// Answers 200 everywhere until the test says otherwise.
    pub(crate) fn start() -> Host {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state: Arc<State> = Arc::default();
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, Arc::clone(&shared)));
                }
            }
        });
        Host { address, state, _runtime: runtime }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on this path behaves so.
    pub(crate) fn behave(&self, path: &str, manner: Manner) {
        self.state.manners.lock().expect("no panic").insert(path.to_owned(), manner);
    }

    /// When a path was asked.
    pub(crate) fn asked(&self, path: &str) -> Vec<Instant> {
        self.state.asked.lock().expect("no panic").get(path).cloned().unwrap_or_default()
    }

    /// How often each path was asked since a moment.
    pub(crate) fn since(&self, moment: Instant) -> HashMap<String, usize> {
        let asked = self.state.asked.lock().expect("no panic");
        asked.iter().map(|(path, times)| (path.clone(), times.iter().filter(|at| **at >= moment).count())).collect()
    }
}

async fn answer(mut stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    let mut head = [0; 2048];
    let mut read = 0;
    while !head[..read].windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut head[read..]).await? {
            0 => return Ok(()),
            more => read += more,
        }
    }
    let path = String::from_utf8_lossy(&head[..read]).split(' ').nth(1).unwrap_or_default().to_owned();
    state.asked.lock().expect("no panic").entry(path.clone()).or_default().push(Instant::now());
    let manner = state.manners.lock().expect("no panic").get(&path).copied().unwrap_or(Manner::Status(200));
    let status = match manner {
        Manner::Status(status) => status,
        Manner::Slow(time) => {
            tokio::time::sleep(time).await;
            200
        }
        Manner::Silent => {
            // Until the other side goes.
            while stream.read(&mut head).await? > 0 {}
            return Ok(());
        }
    };
    let answer = format!("HTTP/1.1 {status} Some\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    stream.write_all(answer.as_bytes()).await
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}/", listener.local_addr().expect("an address"))
}
