//! Servers as processes of their own, so that their CPU seconds and memory are their own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, measure};

/// The program that was built beside this one.
pub(crate) fn portal() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?.with_file_name("portal");
    if program.exists() {
        Ok(program)
    } else {
        Err("build it first: cargo build --release --workspace --bin portal".into())
    }
}

/// A process that listens on a port of its own, and ends with this.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Result<Server, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let process = command.args(["--listen", &address]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Server { process, address })
    }

    pub(crate) fn wait_for(&self, path: &str) -> Result<(), Failure> {
        let end = Instant::now() + Duration::from_secs(120);
        while self.get(path).is_err() {
            if Instant::now() > end {
                return Err(format!("{}{path} does not answer 200", self.address).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.ask("GET", path, "")
    }

    /// The body of an answer that says yes.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>, Failure> {
        let mut stream = TcpStream::connect(&self.address)?;
        let (host, length) = (&self.address, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("an answer without headers")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        if !head.starts_with("HTTP/1.1 20") || head.to_lowercase().contains("transfer-encoding: chunked") {
            return Err(format!("{method} {path}: {head}").into());
        }
        Ok(answer.split_off(end + 4))
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn cpu_seconds(&self) -> f64 {
        measure::cpu_seconds(&self.process.id().to_string())
    }

    pub(crate) fn mebibytes(&self, field: &str) -> u64 {
        measure::mebibytes(&self.process.id().to_string(), field)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
