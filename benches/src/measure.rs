//! CPU time and memory of this process and of a server beside it, as the kernel counts them.

use std::fs;
use std::time::Instant;

/// A step that is being measured.
pub(crate) struct Measure {
    wall: Instant,
    own: f64,
    server: Option<(u32, f64)>,
}

impl Measure {
    /// Begins a step of this process alone.
    pub(crate) fn start() -> Measure {
        Measure::beside(None)
    }

    /// Begins a step that a server works for: the process with this id and all below it.
    pub(crate) fn beside(server: Option<u32>) -> Measure {
        Measure { wall: Instant::now(), own: cpu_seconds("self"), server: server.map(|pid| (pid, family(pid))) }
    }

    /// Ends it and prints what it took: this process, the server, wall time, peak memory of this process.
    pub(crate) fn end(self, what: &str) {
        let own = cpu_seconds("self") - self.own;
        let server = self.server.map(|(pid, before)| family(pid) - before);
        let server = server.map(|seconds| format!("+ {seconds:>6.2} in the server")).unwrap_or_default();
        let (wall, peak) = (self.wall.elapsed().as_secs_f64(), mebibytes("self", "VmHWM"));
        println!("{own:>9.3} CPU s {server} {wall:>9.3} s {peak:>7} MiB peak  {what}");
    }
}

/// User and system time so far, with that of children that have ended; `/proc` counts in hundredths of a second.
pub(crate) fn cpu_seconds(process: &str) -> f64 {
    fields(process).iter().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// CPU seconds of a process and of those that it started and that still run.
fn family(pid: u32) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let children = names.filter(|name| fields(name).get(1).is_some_and(|parent| *parent == pid.to_string()));
    cpu_seconds(&pid.to_string()) + children.map(|child| cpu_seconds(&child)).sum::<f64>()
}

/// What `/proc` says of a process, from its state on.
fn fields(process: &str) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; the fields count from behind it.
    stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// A figure of `/proc/PROCESS/status` that counts in KiB, such as `VmRSS` or `VmHWM`.
pub(crate) fn mebibytes(process: &str, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
