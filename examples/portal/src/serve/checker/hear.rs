//! What others found: results of other replicas come by way of the store, and those that nobody renews are doubted.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use portal_core::HealthLog;
use portal_core::error::chain;
use portal_core::health::Checked;

use super::believe::doubted;
use crate::serve::{Portal, Stopping};

/// The store's clock and this one may differ by so much.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Takes over results until it is time to stop.
pub(super) async fn run(portal: &Portal, mut stopping: Stopping) {
    let settings = &portal.checker.settings;
    let mut since: Option<Timestamp> = None;
    loop {
        let began = Timestamp::now();
        let heard = tokio::select! {
            () = stopping.wait() => return,
            heard = hear(portal, since, began) => heard,
        };
        if heard {
            since = began.saturating_sub(SKEW).ok();
            portal.checker.heard.send_replace(true);
        }
        // Alone there is little to hear: what others recorded whose lease is over, or who only asked once.
        let alone = settings.enabled && portal.checker.members.borrow().len() < 2;
        let part = if alone { 1 } else { 6 };
        let longest = Duration::from_secs(60 / u64::from(part));
        if !stopping.sleep((settings.every / part).clamp(Duration::from_millis(500), longest)).await {
            return;
        }
    }
}

/// Takes over what was recorded since a time, and says whether it could be read.
async fn hear(portal: &Portal, since: Option<Timestamp>, now: Timestamp) -> bool {
    let before = now.saturating_sub(portal.checker.settings.stale_after()).unwrap_or(Timestamp::MIN);
    let found = portal.store.checked(since).await;
    let heard = found.is_ok();
    match found {
        Ok(found) => {
            let current = |checked: Checked| if checked.checked_at < before { doubted(checked) } else { checked };
            portal.heard(found.into_iter().map(current).collect()).await;
        }
        Err(error) => tracing::debug!(error = chain(&error), "results of health checks cannot be read"),
    }
    portal.doubt(before).await;
    heard
}
