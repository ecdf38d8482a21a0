//! Figures for Prometheus: what was asked, and how the portal stands.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use portal_core::EntityType;
use portal_core::catalog::{Filter, Hidden, Paging};

use super::Portal;
use super::cell::Basis;

/// The upper ends of the histogram's buckets, in microseconds.
const BUCKETS: [u64; 12] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000, 10_000_000];

/// Counts of requests.
#[derive(Debug, Default)]
pub struct Metrics {
    series: RwLock<HashMap<Key, Arc<Series>>>,
    kept: AtomicU64,
}

/// The route, not the path, so that there are few series; and the method, of which clients can invent any number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    route: Arc<str>,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Default)]
struct Series {
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counts a request.
    pub fn count(&self, route: Option<&str>, method: &http::Method, status: u16, took: Duration) {
        let key = Key { route: Arc::from(route.unwrap_or("none")), method: known(method), status };
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let series = series.unwrap_or_else(|| {
            Arc::clone(self.series.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
        });
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(at) = BUCKETS.iter().position(|end| us <= *end) {
            series.buckets[at].fetch_add(1, Ordering::Relaxed);
        }
        series.count.fetch_add(1, Ordering::Relaxed);
        series.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Counts an answer that was kept.
    pub(super) fn count_kept(&self) {
        self.kept.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self, out: &mut String) {
        let mut all: Vec<(Key, Arc<Series>)> = {
            let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
            series.iter().map(|(key, series)| (key.clone(), Arc::clone(series))).collect()
        };
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let name = "portal_http_request_seconds";
        head(out, name, "histogram", "How long requests took, by route, method and status.");
        for (Key { route, method, status }, series) in &all {
            let labels = format!("route=\"{}\",method=\"{method}\",status=\"{status}\"", escaped(route));
            let mut below = 0;
            for (end, bucket) in BUCKETS.iter().zip(&series.buckets) {
                below += bucket.load(Ordering::Relaxed);
                let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{}\"}} {below}", seconds(*end));
            }
            let count = series.count.load(Ordering::Relaxed).max(below);
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
            let _ = writeln!(out, "{name}_sum{{{labels}}} {}", seconds(series.sum_us.load(Ordering::Relaxed)));
            let _ = writeln!(out, "{name}_count{{{labels}}} {count}");
        }
    }
}

/// Everything, in the text format 0.0.4.
pub(super) fn text(portal: &Portal) -> String {
    let mut out = String::with_capacity(16 * 1024);
    portal.metrics.write(&mut out);
    portal.checker.write_figures(&mut out);
    let (swaps, loads) = portal.cell.swaps_and_loads();
    let mut one = |name: &str, kind: &str, help: &str, value: f64| {
        head(&mut out, name, kind, help);
        let _ = writeln!(out, "{name} {value}");
    };
    let lost = portal.cell.lost_for();
    one("portal_store_up", "gauge", "Whether the store answers.", if lost.is_none() { 1.0 } else { 0.0 });
    let age = lost.unwrap_or_default().as_secs_f64();
    one("portal_picture_age_seconds", "gauge", "How long the picture could not be compared with the store.", age);
    one("portal_picture_swaps_total", "counter", "Pictures that were put in place of older ones.", swaps as f64);
    one("portal_picture_loads_total", "counter", "Pictures that were loaded whole.", loads as f64);
    let kept = portal.metrics.kept.load(Ordering::Relaxed);
    one(
        "portal_kept_answers_total",
        "counter",
        "Requests that got an answer which was kept from an earlier one.",
        kept as f64,
    );
    if let Some(picture) = portal.cell.picture() {
        let bytes: usize = Basis::ALL.map(|basis| picture.answers(basis).count_and_bytes().1).iter().sum();
        one("portal_kept_answers_bytes", "gauge", "What kept answers take.", bytes as f64);
        let catalog = &picture.catalog;
        one("portal_revision", "gauge", "The revision that is served.", catalog.revision() as f64);
        let at = catalog.revised_at().map_or(0.0, |at| at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64());
        one("portal_revision_timestamp_seconds", "gauge", "When that revision was made.", at);
        one("portal_findings", "gauge", "What a person should look at.", catalog.findings().len() as f64);
        one("portal_holds", "gauge", "Mass deletes that wait for a person.", catalog.holds().count() as f64);
        let name = "portal_entities";
        head(&mut out, name, "gauge", "Entities, hidden ones too.");
        for of in EntityType::ALL {
            let filter = Filter { hidden: Hidden::With, ..Filter::default() };
            let paging = Paging { limit: 1, ..Paging::default() };
            let total = catalog.list(of, &filter, &paging).map_or(0, |page| page.total);
            let _ = writeln!(out, "{name}{{type=\"{of}\"}} {total}");
        }
    }
    out
}

pub(super) fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

fn known(method: &http::Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_all_that_is_below_their_end() {
        let metrics = Metrics::default();
        for ms in [0, 1, 4, 30_000] {
            metrics.count(Some("/a/{b}"), &http::Method::GET, 200, Duration::from_millis(ms));
        }
        metrics.count(None, &http::Method::from_bytes(b"BREW").expect("a method"), 404, Duration::ZERO);
        let mut text = String::new();
        metrics.write(&mut text);
        let labels = "route=\"/a/{b}\",method=\"GET\",status=\"200\"";
        for line in [
            format!("portal_http_request_seconds_bucket{{{labels},le=\"0.001\"}} 2"),
            format!("portal_http_request_seconds_bucket{{{labels},le=\"10\"}} 3"),
            format!("portal_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} 4"),
            format!("portal_http_request_seconds_count{{{labels}}} 4"),
            format!("portal_http_request_seconds_sum{{{labels}}} 30.005"),
            "portal_http_request_seconds_count{route=\"none\",method=\"other\",status=\"404\"} 1".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
