//! Messages for people, and for programs that read logs, on standard error: standard output stays the answer.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// How many lines wait at most for a slow reader of the log.
const WAITING: usize = 8192;

/// For a command that does something and ends.
pub(super) fn command(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter(level))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .init();
}

/// For a server: a line for each request, for people on a terminal and as JSON elsewhere. The last lines are written
/// when what this returns is dropped.
pub(super) fn server(verbose: u8) -> Lines {
    let level = match verbose {
        0 => "info",
        1 => "debug",
        _ => "trace",
    };
    let lines = Lines::new();
    let format = tracing_subscriber::fmt().with_env_filter(filter(level)).with_writer(lines.writer()).with_timer(Now);
    if io::stderr().is_terminal() {
        format.with_ansi(true).init();
    } else {
        format.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    }
    // A panic is a line of the log like any other, and not one that a reader of JSON stumbles over.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, message = panic.payload_as_str().unwrap_or("no message"), "a defect: panic");
    }));
    lines
}

fn filter(level: &str) -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_env("PORTAL_LOG").unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new(format!(
            "error,portal={level},portal_core={level},portal_sources={level},portal_store={level}"
        ))
    })
}

/// The clock, to the millisecond.
struct Now;

impl FormatTime for Now {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{:.3}", Timestamp::now())
    }
}

/// Lines on their way to standard error, by a thread of their own: no request waits for whoever reads the log. Of a
/// reader that is too slow for long the oldest lines stay, and how many were left out is said.
pub(super) struct Lines {
    sender: Option<Sender>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Sender {
    lines: SyncSender<Vec<u8>>,
    lost: Arc<std::sync::atomic::AtomicU64>,
    end: Arc<OnceLock<()>>,
}

impl Lines {
    fn new() -> Lines {
        let (lines, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let lost = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let end: Arc<OnceLock<()>> = Arc::default();
        let sender = Sender { lines, lost: Arc::clone(&lost), end: Arc::clone(&end) };
        let thread = std::thread::spawn(move || {
            let mut together = Vec::new();
            while let Ok(line) = waiting.recv() {
                together.extend(line);
                together.extend(waiting.try_iter().take(256).flatten());
                let lost = lost.swap(0, std::sync::atomic::Ordering::Relaxed);
                if lost > 0 {
                    together.extend(format!("{{\"level\":\"WARN\",\"message\":\"{lost} lines left out\"}}\n").bytes());
                }
                // Nobody reads the log: that is no reason not to serve.
                let _ = io::stderr().lock().write_all(&together);
                together.clear();
                if end.get().is_some() {
                    break;
                }
            }
            let rest: Vec<u8> = waiting.try_iter().flatten().collect();
            let _ = io::stderr().lock().write_all(&rest);
        });
        Lines { sender: Some(sender), thread: Some(thread) }
    }

    fn writer(&self) -> Sender {
        self.sender.clone().expect("it is there until this is dropped")
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // The subscriber keeps a sender for ever, so the thread has to be told; an empty line wakes it.
        if let Some(sender) = self.sender.take() {
            let _ = sender.end.set(());
            let _ = sender.lines.send(Vec::new());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl<'w> MakeWriter<'w> for Sender {
    type Writer = Line<'w>;

    fn make_writer(&'w self) -> Line<'w> {
        Line { sender: self, bytes: Vec::with_capacity(256) }
    }
}

/// A line that is being written; it goes on its way when it is whole.
struct Line<'w> {
    sender: &'w Sender,
    bytes: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.bytes);
        if let Err(TrySendError::Full(_)) = self.sender.lines.try_send(line) {
            self.sender.lost.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
