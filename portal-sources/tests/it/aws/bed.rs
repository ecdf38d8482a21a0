//! The AWS bed: an organization in moto whose owners are known, as a child process of the test.
//!
//! Needs nothing but std and `serde_json`, so that other crates can include it with `#[path]`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running bed; it ends when this is dropped, and when the test's process ends.
pub(crate) struct Bed {
    child: Child,
    /// The port on 127.0.0.1 where all services answer.
    pub(crate) port: u16,
    /// What is true of the estate: accounts, resources by ARN, teams.
    pub(crate) truth: Value,
}

impl Bed {
    /// Starts a bed with the arguments of `aws_estate.py` and waits until it answers.
    pub(crate) fn start(arguments: &[&str]) -> Bed {
        let workspace = workspace();
        let script = workspace.join("portal-sources/tests/beds/aws_estate.py");
        let python = python(&workspace);
        let mut child = Command::new(&python)
            .arg(&script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start ({e}); {HELP}", python.display()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("the bed's stdout");
        let started: Value = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("{} did not start the bed ({e}: {line:?}); {HELP}", python.display()));
        let path = started["truth"].as_str().expect("the path of the truth");
        let truth = std::fs::read_to_string(path).expect("the truth");
        Bed {
            child,
            port: u16::try_from(started["port"].as_u64().expect("a port")).expect("a port"),
            truth: serde_json::from_str(&truth).expect("the truth is JSON"),
        }
    }

    /// The address of all services.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A text of the truth, such as the `role`.
    pub(crate) fn said(&self, key: &str) -> &str {
        self.truth[key].as_str().unwrap_or_else(|| panic!("the truth says no `{key}`"))
    }

    /// Asks the control endpoint: `deny`, `allow`, `throttle`, `delete`, `tag`, `log`.
    pub(crate) fn control(&self, what: &str, asked: &Value) -> Value {
        let body = asked.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the bed answers");
        let length = body.len();
        write!(
            stream,
            "POST /_bed/{what} HTTP/1.1\r\nHost: bed\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        assert!(head.contains(" 200 "), "/_bed/{what} {asked}: {answer}");
        serde_json::from_str(body).expect("the answer is JSON")
    }

    /// How often the bed was asked for an action of a service.
    pub(crate) fn count(&self, service: &str, action: &str) -> u64 {
        let log = self.control("log", &Value::Null);
        let calls = log.as_array().expect("a list").iter();
        let asked = calls.filter(|call| call["service"] == service && call["action"] == action);
        asked.map(|call| call["count"].as_u64().expect("a number")).sum()
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HELP: &str = "make a virtual environment in .tools/venv with portal-sources/tests/beds/requirements.txt, or set \
                    PORTAL_TEST_PYTHON to a python that has them";

/// The folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let is_it = |folder: &&Path| folder.join("portal-sources/tests/beds").is_dir();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(is_it).expect("the beds are in the workspace").to_owned()
}

/// The Python that has what the beds need.
pub(crate) fn python(workspace: &Path) -> PathBuf {
    if let Some(python) = std::env::var_os("PORTAL_TEST_PYTHON") {
        return PathBuf::from(python);
    }
    let own = workspace.join(".tools/venv/bin/python");
    if own.exists() { own } else { PathBuf::from("python3") }
}
