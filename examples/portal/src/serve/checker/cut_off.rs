//! Whether this replica is cut off: who reaches nobody says nothing about the services.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use portal_core::Ref;

/// From how many services on something can be told at all.
const LEAST: usize = 5;
/// So many services, those that were asked last, are looked at.
const MOST: usize = 20;
/// At most one in so many may have been reached.
const ONE_IN: usize = 10;

/// Which of the services that were asked last were reached.
#[derive(Debug, Default)]
pub(super) struct CutOff {
    /// Each service once, in the order in which they were asked.
    order: VecDeque<(Ref, Duration)>,
    reached: HashMap<Ref, bool>,
}

impl CutOff {
    /// Notes how a question ended.
    pub(super) fn note(&mut self, service: &Ref, reached: bool, now: Duration) {
        if self.reached.insert(service.clone(), reached).is_some() {
            self.order.retain(|(known, _)| known != service);
        }
        self.order.push_back((service.clone(), now));
        while self.order.len() > MOST {
            self.forget_first();
        }
    }

    /// Whether nearly nobody was reached of late. What is older than `horizon` says nothing any more.
    pub(super) fn is_on(&mut self, now: Duration, horizon: Duration) -> bool {
        while self.order.front().is_some_and(|(_, at)| *at + horizon < now) {
            self.forget_first();
        }
        let reached = self.reached.values().filter(|reached| **reached).count();
        self.order.len() >= LEAST && reached * ONE_IN <= self.order.len()
    }

    fn forget_first(&mut self) {
        if let Some((service, _)) = self.order.pop_front() {
            self.reached.remove(&service);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HORIZON: Duration = Duration::from_secs(120);

    fn noted(reached: impl Iterator<Item = bool>) -> CutOff {
        let mut cut_off = CutOff::default();
        for (n, reached) in reached.enumerate() {
            cut_off.note(&Ref::service("a", &n.to_string()), reached, Duration::from_secs(n as u64));
        }
        cut_off
    }

    #[test]
    fn who_reaches_nearly_nobody_is_cut_off() {
        let now = Duration::from_secs(60);
        assert!(noted([false; 6].into_iter()).is_on(now, HORIZON));
        assert!(noted((0..20).map(|n| n == 7)).is_on(now, HORIZON), "one of twenty is near by");
        assert!(!noted((0..20).map(|n| n % 4 == 0)).is_on(now, HORIZON), "a large failure is none of ours");
        assert!(!noted([false; 4].into_iter()).is_on(now, HORIZON), "four may well be down");
        assert!(!noted([true; 40].into_iter()).is_on(now, HORIZON));
    }

    #[test]
    fn what_was_before_is_forgotten() {
        let now = Duration::from_secs(60);
        let mut cut_off = noted((0..60).map(|n| n < 40));
        assert!(cut_off.is_on(now, HORIZON), "the last twenty count");
        assert!(!cut_off.is_on(now + HORIZON * 2, HORIZON), "and not for ever");
    }

    #[test]
    fn one_service_that_is_asked_often_counts_once() {
        let mut cut_off = noted([true, true, true, true, true, false].into_iter());
        for second in 10..40 {
            cut_off.note(&Ref::service("a", "5"), false, Duration::from_secs(second));
        }
        assert!(!cut_off.is_on(Duration::from_secs(40), HORIZON));
    }
}
