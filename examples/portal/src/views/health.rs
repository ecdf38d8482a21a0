//! What health checks found of a service.

use jiff::Timestamp;
use portal_core::health::{Checked, Span, uptime};
use portal_core::model::Health;
use portal_core::{Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::HealthWord;

/// How many spans are shown at most: the newest ones.
const SPANS: usize = 1_000;

/// What health checks found of a service, now and before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthHistory)]
pub struct HealthView {
    /// The service's ref.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub service: Ref,
    /// Where health checks ask.
    #[schema(value_type = Option<String>, required)]
    pub status_url: Option<Text>,
    /// What is believed after the newest answers. What the running copies say is not in it.
    #[schema(value_type = HealthWord)]
    pub status: Health,
    /// Since when that is so.
    #[schema(required)]
    pub status_since: Option<Timestamp>,
    /// When a health check asked last.
    #[schema(required)]
    pub checked_at: Option<Timestamp>,
    /// The newest answer in words: `200 in 12 ms`, `connection refused`.
    #[schema(value_type = Option<String>, required)]
    pub detail: Option<Text>,
    /// What the last answers said, newest first.
    #[schema(value_type = Vec<HealthWord>)]
    pub recent: Vec<Health>,
    /// From when on history was asked for.
    pub since: Timestamp,
    /// The share of the known time since then in which it was healthy, from 0 to 1; null if nothing is known.
    #[schema(required)]
    pub uptime: Option<f64>,
    /// Times with one status, oldest first; at most the newest 1,000. Between two of them nobody knows.
    pub spans: Vec<SpanView>,
}

/// A time in which a service had one status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthSpan)]
pub struct SpanView {
    /// The status.
    #[schema(value_type = HealthWord)]
    pub status: Health,
    /// When it began; it may be before the time that was asked for.
    pub from: Timestamp,
    /// The newest check that still found it.
    pub to: Timestamp,
    /// How many checks found it.
    pub checks: u64,
}

impl HealthView {
    /// The view of a service.
    pub fn of(
        service: Ref,
        status_url: Option<Text>,
        checked: Option<&Checked>,
        spans: &[Span],
        since: Timestamp,
    ) -> HealthView {
        let shown = &spans[spans.len().saturating_sub(SPANS)..];
        HealthView {
            service,
            status_url,
            status: checked.map_or(Health::Unknown, |checked| checked.status),
            status_since: checked.map(|checked| checked.since),
            checked_at: checked.map(|checked| checked.checked_at),
            detail: checked.map(|checked| checked.detail.clone()),
            recent: checked.map(|checked| checked.recent.clone()).unwrap_or_default(),
            since,
            uptime: uptime(spans, since),
            spans: shown.iter().map(SpanView::of).collect(),
        }
    }
}

impl SpanView {
    fn of(span: &Span) -> SpanView {
        let Span { status, from, to, checks } = *span;
        SpanView { status, from, to, checks }
    }
}
