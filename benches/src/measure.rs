//! CPU time and memory of this process, as the kernel counts them.

use std::time::Instant;

/// A step that is being measured.
pub(crate) struct Measure {
    wall: Instant,
    cpu: f64,
}

impl Measure {
    /// Begins a step.
    pub(crate) fn start() -> Measure {
        Measure { wall: Instant::now(), cpu: cpu_seconds() }
    }

    /// Ends it and prints what it took.
    pub(crate) fn end(self, what: &str) {
        println!(
            "{:>9.3} CPU s {:>9.3} s {:>7} MiB peak  {what}",
            cpu_seconds() - self.cpu,
            self.wall.elapsed().as_secs_f64(),
            peak_mebibytes()
        );
    }
}

/// User and system time so far; `/proc` counts in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold anything; the fields count from behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
