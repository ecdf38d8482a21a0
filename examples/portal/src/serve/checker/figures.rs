//! Figures about checking, for Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use portal_core::model::Health;

use crate::serve::metrics::head;

/// The upper ends of the histogram's buckets, in milliseconds.
const BUCKETS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// Counts of checks, and how the checker stands.
#[derive(Debug, Default)]
pub(super) struct Figures {
    results: [AtomicU64; Health::ALL.len()],
    buckets: [AtomicU64; BUCKETS.len()],
    took_us: AtomicU64,
    /// The most by which a turn was late since the last picture, and what that was at the last picture.
    lag_us: AtomicU64,
    lag_shown_us: AtomicU64,
    pictures: AtomicU64,
    pub(super) services: AtomicUsize,
    pub(super) running: AtomicUsize,
    pub(super) replicas: AtomicUsize,
    pub(super) unrecorded: AtomicUsize,
    pub(super) lost: AtomicU64,
    pub(super) cut_off: AtomicBool,
}

impl Figures {
    /// Counts a check.
    pub(super) fn count(&self, health: Health, took: Duration) {
        let at = Health::ALL.iter().position(|known| *known == health).unwrap_or_default();
        self.results[at].fetch_add(1, Ordering::Relaxed);
        if let Some(at) = BUCKETS.iter().position(|end| took <= Duration::from_millis(*end)) {
            self.buckets[at].fetch_add(1, Ordering::Relaxed);
        }
        self.took_us.fetch_add(us(took), Ordering::Relaxed);
    }

    /// Notes by how much a turn was late.
    pub(super) fn lag(&self, lag: Duration) {
        self.lag_us.fetch_max(us(lag), Ordering::Relaxed);
    }

    /// Counts a picture that was put together with new results.
    pub(super) fn picture(&self) {
        self.lag_shown_us.store(self.lag_us.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        self.pictures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn write(&self, out: &mut String) {
        let name = "portal_health_checks_total";
        head(out, name, "counter", "Checks of services, by what they found.");
        let mut count = 0;
        for (health, result) in Health::ALL.iter().zip(&self.results) {
            let checks = result.load(Ordering::Relaxed);
            count += checks;
            let _ = writeln!(out, "{name}{{result=\"{}\"}} {checks}", health.as_str());
        }
        let name = "portal_health_check_seconds";
        head(out, name, "histogram", "How long checks took.");
        let mut below = 0;
        for (end, bucket) in BUCKETS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {below}", *end as f64 / 1e3);
        }
        let count = count.max(below);
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum {}", self.took_us.load(Ordering::Relaxed) as f64 / 1e6);
        let _ = writeln!(out, "{name}_count {count}");
        let mut one = |name: &str, kind: &str, help: &str, value: f64| {
            head(out, name, kind, help);
            let _ = writeln!(out, "{name} {value}");
        };
        let number = |number: &AtomicUsize| number.load(Ordering::Relaxed) as f64;
        let lag = self.lag_shown_us.load(Ordering::Relaxed) as f64 / 1e6;
        one("portal_health_lag_seconds", "gauge", "The most by which a check was late before the newest picture.", lag);
        one("portal_health_services", "gauge", "Services that this replica checks.", number(&self.services));
        one("portal_health_running", "gauge", "Checks that wait for an answer.", number(&self.running));
        one("portal_health_replicas", "gauge", "Replicas that share the checks.", number(&self.replicas));
        let cut_off = f64::from(u8::from(self.cut_off.load(Ordering::Relaxed)));
        one("portal_health_cut_off", "gauge", "Whether this replica reaches nobody.", cut_off);
        let pictures = self.pictures.load(Ordering::Relaxed) as f64;
        one(
            "portal_health_picture_updates_total",
            "counter",
            "Times that results were put into the picture.",
            pictures,
        );
        one("portal_health_unrecorded", "gauge", "Results that wait for the store.", number(&self.unrecorded));
        let lost = self.lost.load(Ordering::Relaxed) as f64;
        one("portal_health_lost_total", "counter", "Results that the store was away for too long to keep.", lost);
    }
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_counted_by_result_and_time() {
        let figures = Figures::default();
        for (health, ms) in [(Health::Healthy, 3), (Health::Healthy, 30), (Health::Down, 20_000)] {
            figures.count(health, Duration::from_millis(ms));
        }
        figures.lag(Duration::from_millis(1_500));
        figures.picture();
        let mut text = String::new();
        figures.write(&mut text);
        for line in [
            "portal_health_checks_total{result=\"healthy\"} 2",
            "portal_health_checks_total{result=\"down\"} 1",
            "portal_health_check_seconds_bucket{le=\"0.005\"} 1",
            "portal_health_check_seconds_bucket{le=\"10\"} 2",
            "portal_health_check_seconds_bucket{le=\"+Inf\"} 3",
            "portal_health_check_seconds_sum 20.033",
            "portal_health_lag_seconds 1.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
