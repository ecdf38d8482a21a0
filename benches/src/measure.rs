//! CPU time and memory of this process and of a server beside it, as the kernel counts them.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often the memory of a server is looked at: its processes come and go.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A step that is being measured.
pub(crate) struct Measure {
    wall: Instant,
    own: f64,
    server: Option<Beside>,
}

/// The server that a step works with.
struct Beside {
    pid: u32,
    cpu: f64,
    /// The most memory of all its processes together so far, in KiB. Who holds the other end is the step.
    peak: Arc<AtomicU64>,
}

impl Measure {
    /// Begins a step of this process alone.
    pub(crate) fn start() -> Measure {
        Measure::beside(None)
    }

    /// Begins a step that a server works for: the process with this id and all below it.
    pub(crate) fn beside(server: Option<u32>) -> Measure {
        Measure { wall: Instant::now(), own: cpu_seconds("self"), server: server.map(Beside::new) }
    }

    /// Ends it and prints what it took: this process, the server, wall time, peak memory of this process since it began,
    /// and of the server in this step.
    pub(crate) fn end(self, what: &str) {
        let own = cpu_seconds("self") - self.own;
        let server = self.server.map(|server| {
            let (seconds, peak) = (family_cpu(server.pid) - server.cpu, server.peak.load(Ordering::Relaxed) / 1024);
            format!("+ {seconds:>6.2} in the server, {peak:>5} MiB peak")
        });
        let server = server.unwrap_or_default();
        let (wall, peak) = (self.wall.elapsed().as_secs_f64(), mebibytes("self", "VmHWM"));
        println!("{own:>9.3} CPU s {server} {wall:>9.3} s {peak:>7} MiB peak  {what}");
    }
}

/// User and system time so far, with that of children that have ended; `/proc` counts in hundredths of a second.
pub(crate) fn cpu_seconds(process: &str) -> f64 {
    fields(process).iter().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

impl Beside {
    /// Begins to look at a server; that ends with this.
    fn new(pid: u32) -> Beside {
        let peak = Arc::new(AtomicU64::new(0));
        let seen = Arc::downgrade(&peak);
        std::thread::spawn(move || {
            while let Some(peak) = seen.upgrade() {
                peak.fetch_max(family(pid).iter().map(|process| share(process)).sum(), Ordering::Relaxed);
                drop(peak);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Beside { pid, cpu: family_cpu(pid), peak }
    }
}

/// A process and those that it started and that still run.
fn family(pid: u32) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let pid = pid.to_string();
    let mut family: Vec<String> = names.filter(|name| fields(name).get(1) == Some(&pid)).collect();
    family.push(pid);
    family
}

/// CPU seconds of a process and of those that it started and that still run.
fn family_cpu(pid: u32) -> f64 {
    family(pid).iter().map(|process| cpu_seconds(process)).sum()
}

/// The memory of a process in KiB, of what it shares with others only its share.
fn share(process: &str) -> u64 {
    kibibytes(&format!("/proc/{process}/smaps_rollup"), "Pss:")
}

/// What `/proc` says of a process, from its state on.
fn fields(process: &str) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; the fields count from behind it.
    stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// A figure of `/proc/PROCESS/status` that counts in KiB, such as `VmRSS` or `VmHWM`.
pub(crate) fn mebibytes(process: &str, field: &str) -> u64 {
    kibibytes(&format!("/proc/{process}/status"), field) / 1024
}

fn kibibytes(file: &str, field: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
