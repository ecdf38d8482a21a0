//! Servers that tests need, started by `tools/bed`.
//!
//! Needs nothing but std and `serde_json`, so that other crates can include it with `#[path]`.
#![allow(dead_code, reason = "each crate that includes it uses another part")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running server; it ends when the last one that uses it ends.
pub(crate) struct Bed {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// What the server says about itself.
    pub(crate) told: Value,
}

impl Bed {
    /// Joins the server that all tests share, and starts it if it does not run.
    pub(crate) fn join(name: &str) -> Bed {
        Bed::start(&[name])
    }

    /// Starts a server that this test may stop.
    pub(crate) fn own(name: &str) -> Bed {
        Bed::start(&[name, "--own"])
    }

    fn start(arguments: &[&str]) -> Bed {
        let mut child = Command::new(program())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("tools/bed does not start ({error}); it needs python3"));
        let commands = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let told = answer(&mut answers)
            .unwrap_or_else(|| panic!("the bed {arguments:?} did not start, see above; `make beds` installs it"));
        Bed { child, commands, answers, told }
    }

    /// A text that the server said about itself, such as its `url`.
    pub(crate) fn said(&self, key: &str) -> &str {
        self.told[key].as_str().unwrap_or_else(|| panic!("the bed says no `{key}`: {}", self.told))
    }

    /// Has an own server `stop`, `start` again, or be `kill`ed; returns when it has.
    pub(crate) fn command(&mut self, command: &str) {
        let commands = self.commands.as_mut().expect("open until it is dropped");
        writeln!(commands, "{command}").and_then(|()| commands.flush()).expect("the bed listens");
        let done = answer(&mut self.answers).unwrap_or_else(|| panic!("the bed ended at `{command}`"));
        assert_eq!(done["done"], command, "{done}");
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

fn answer(answers: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the bed's stdout");
    serde_json::from_str(&line).ok()
}

fn program() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|folder| folder.join("tools/bed")).find(|path| path.is_file());
    found.expect("tools/bed is in the workspace")
}
