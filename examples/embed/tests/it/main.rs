//! The example as its readers run it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn another_service_answers_beside_the_api_that_it_nests() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("portal.db").display());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(portal_store::open(&url)).expect("an empty store");
    let mut command = Command::new(env!("CARGO_BIN_EXE_embed"));
    let child = command.args([&url, "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().expect("piped")).read_line(&mut line).expect("its first line");
    let address = line.trim().strip_prefix("listening on http://").expect("it says where").to_owned();

    let hello = when_ready(&address, "/hello");
    assert!(hello.contains("hello; 0 things are known"), "{hello}");
    let list = get(&address, "/portal/api/v1alpha/teams");
    assert!(list.contains(r#"{"items":[],"total":0,"next_cursor":null}"#), "{list}");
    let nothing = get(&address, "/portal/api/v1alpha/nothing");
    assert!(nothing.contains(r#""instance":"/portal/api/v1alpha/nothing""#), "{nothing}");
}

fn when_ready(address: &str, path: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = get(address, path);
        if answer.starts_with("HTTP/1.1 200") {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer}");
        std::thread::yield_now();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}
