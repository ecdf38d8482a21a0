//! What health checks found, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::super::step_aside;
use super::MemoryStore;
use crate::error::StoreError;
use crate::health::{Checked, HealthLog, Span};
use crate::id::{Ref, Text};
use crate::store::Store as _;

/// Results, spans and replicas.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// With the time of recording.
    newest: BTreeMap<Ref, (Checked, Timestamp)>,
    spans: BTreeMap<Ref, Vec<Span>>,
    /// Until when each is taken for alive.
    checkers: BTreeMap<Text, Timestamp>,
}

#[async_trait]
impl HealthLog for MemoryStore {
    async fn checkers(&self, me: &str, lease: SignedDuration) -> Result<Vec<Text>, StoreError> {
        step_aside().await;
        let now = self.now();
        let checkers = &mut self.lock().health.checkers;
        checkers.insert(me.into(), now.saturating_add(lease).unwrap_or(Timestamp::MAX));
        checkers.retain(|_, until| *until > now);
        Ok(checkers.keys().cloned().collect())
    }

    async fn record(&self, results: &[Checked]) -> Result<(), StoreError> {
        step_aside().await;
        let now = self.now();
        let mut state = self.lock();
        results.iter().for_each(|result| state.health.record(result, now));
        Ok(())
    }

    async fn checked(&self, since: Option<Timestamp>) -> Result<Vec<Checked>, StoreError> {
        self.read(|state| {
            let newest = state.health.newest.values();
            let wanted = newest.filter(|(_, recorded_at)| since.is_none_or(|since| *recorded_at >= since));
            wanted.map(|(checked, _)| checked.clone()).collect()
        })
        .await
    }

    async fn spans(&self, service: &Ref, since: Timestamp) -> Result<Vec<Span>, StoreError> {
        self.read(|state| {
            let spans = state.health.spans.get(service).into_iter().flatten();
            spans.filter(|span| span.to > since).copied().collect()
        })
        .await
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        step_aside().await;
        let health = &mut self.lock().health;
        let mut gone = 0;
        health.spans.retain(|_, spans| {
            let there = spans.len();
            spans.retain(|span| span.to >= before);
            gone += (there - spans.len()) as u64;
            !spans.is_empty()
        });
        health.newest.retain(|_, (checked, _)| checked.checked_at >= before);
        Ok(gone)
    }
}

impl Health {
    fn record(&mut self, result: &Checked, now: Timestamp) {
        if self.newest.get(&result.service).is_some_and(|(known, _)| known.checked_at >= result.checked_at) {
            return;
        }
        self.newest.insert(result.service.clone(), (result.clone(), now));
        let spans = self.spans.entry(result.service.clone()).or_default();
        let at = result.checked_at;
        match spans.last_mut().filter(|span| span.status == result.status) {
            Some(span) => {
                span.to = at;
                span.checks += 1;
            }
            None => spans.push(Span { status: result.status, from: at, to: at, checks: 1 }),
        }
    }
}
