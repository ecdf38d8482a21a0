//! What protects a portal that serves: keys, hosts, headers, limits, and answers that tell nothing.

mod answers;
mod embedded;
mod headers;
mod hosts;
mod keys;
mod limits;
mod replicas;
mod requests;

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::server::{Answer, PATIENCE, Server, read_answer};

/// Somewhere that a key is needed.
const ASKED: &str = "/api/v1alpha/services";

/// Makes a key, and gives back its text.
#[track_caller]
fn key(program: &Program, arguments: &[&str]) -> String {
    let ran = program.expect(0, &[&["keys", "create", "--name", "a program"], arguments].concat());
    ran.says(&["shown this once"]);
    ran.out.trim_end().to_owned()
}

/// The id of a key.
fn id(key: &str) -> &str {
    key.split('_').nth(1).expect("pk_<id>_<secret>")
}

/// Asks with a key.
#[track_caller]
fn with(server: &Server, key: &str, method: &str, path: &str) -> Answer {
    server.ask(method, path, &[("Authorization", &format!("Bearer {key}"))], b"")
}

/// One request, written as the test has it; the last line is empty.
#[track_caller]
fn raw(server: &Server, head: &str) -> Answer {
    let mut stream = TcpStream::connect(&server.address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).expect("sent");
    let method = head.split(' ').next().expect("a method");
    read_answer(&mut BufReader::new(stream), method).unwrap_or_else(|error| panic!("{head}: {error}\n{}", server.log()))
}

/// How long it takes until something holds.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "not {what} in time");
        std::thread::sleep(Duration::from_millis(5));
    }
    began.elapsed()
}
