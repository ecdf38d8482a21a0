//! wrk (Debian's package), which asks one question for a while.

use std::process::Command;

use crate::Failure;
use crate::server::Server;

/// How long each question is asked.
const SECONDS: u32 = 5;

/// Whether the server may have the answer already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Word for word the same, again and again.
    Again,
    /// Each time with a header that it was never asked with: the answer has to be made.
    Anew,
}

/// Adds a coding that nobody knows to what the client takes: the answer is the same and never a kept one.
const ANEW: &str = r#"
local count = 0
request = function()
  count = count + 1
  return wrk.format(nil, nil, { ["Accept-Encoding"] = "x-" .. count })
end
"#;

/// What wrk saw.
pub(crate) struct Seen {
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) median: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
    /// Microseconds of the server's CPU time a request.
    pub(crate) cpu: f64,
}

impl Seen {
    /// As cells of a table.
    pub(crate) fn cells(&self) -> String {
        format!("{:.0} | {:.2} | {:.0}", self.rate, self.p99, self.cpu)
    }
}

/// Asks a server for a path.
pub(crate) fn wrk(server: &Server, path: &str, connections: u32, asked: Asked) -> Result<Seen, Failure> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("anew.lua");
    std::fs::write(&script, ANEW)?;
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--latency", "--connections", &connections.to_string()]);
    if asked == Asked::Anew {
        command.arg("--script").arg(&script);
    }
    let before = server.cpu_seconds();
    let ran = command
        .args(["--duration", &format!("{SECONDS}s"), &format!("http://{}{path}", server.address())])
        .output()
        .map_err(|error| format!("wrk does not start ({error}); on Debian: apt-get install wrk"))?;
    let cpu = server.cpu_seconds() - before;
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("not every request of {path} was answered:\n{text}").into());
    }
    let after = |word: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(word));
        line.and_then(|line| line.split_whitespace().nth(1)).ok_or_else(|| format!("wrk says no {word}:\n{text}"))
    };
    let rate: f64 = after("Requests/sec:")?.parse()?;
    let total: f64 = rate * f64::from(SECONDS);
    Ok(Seen { rate, median: milliseconds(after("50%")?)?, p99: milliseconds(after("99%")?)?, cpu: cpu / total * 1e6 })
}

/// `1.20ms`, `830.00us`, `1.01s`.
fn milliseconds(text: &str) -> Result<f64, Failure> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let factor = match &text[digits.len()..] {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        unit => return Err(format!("wrk counts in `{unit}`").into()),
    };
    Ok(digits.parse::<f64>()? * factor)
}
