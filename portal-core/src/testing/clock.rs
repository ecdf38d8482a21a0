//! Time without waiting.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;

use crate::collect::Clock;

/// A clock that a test moves by hand.
///
/// [`Clock::now`] shows a second more on each call, so that no two times of a test are equal by chance.
/// [`Clock::sleep`] ends only through [`ManualClock::advance`], whatever `now` shows: a test of a deadline decides when
/// it passes, and one that is about something else never runs into it.
///
/// ```
/// use std::time::Duration;
/// use futures::FutureExt as _;
/// use portal_core::{Clock as _, testing::ManualClock};
///
/// let clock = ManualClock::at("2026-01-01T00:00:00Z".parse()?);
/// assert!(clock.sleep(Duration::from_secs(60)).now_or_never().is_none());
/// let sleep = clock.sleep(Duration::from_secs(60));
/// clock.advance(Duration::from_secs(60));
/// assert!(sleep.now_or_never().is_some());
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct ManualClock(Mutex<State>);

#[derive(Debug)]
struct State {
    next: Timestamp,
    /// What `advance` was given so far; sleeps are measured against it alone.
    advanced: Duration,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    /// A clock whose first `now` is this time.
    pub fn at(start: Timestamp) -> ManualClock {
        ManualClock(Mutex::new(State { next: start, advanced: Duration::ZERO, sleepers: Vec::new() }))
    }

    /// Makes this time the next `now`, be it earlier or later; no sleep ends through it.
    pub fn set(&self, now: Timestamp) {
        self.lock().next = now;
    }

    /// Lets time pass and ends the sleeps that are over.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.lock();
        state.next += duration;
        state.advanced += duration;
        let sleepers = std::mem::take(&mut state.sleepers);
        drop(state);
        for waker in sleepers {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let mut state = self.lock();
        let now = state.next;
        state.next += Duration::from_secs(1);
        now
    }

    // Not an `async fn`: a sleep begins when it is asked for, not when it is polled first, or a test that advances the
    // clock in between would wait for ever.
    fn sleep<'life0, 'async_trait>(
        &'life0 self,
        duration: Duration,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let over = self.lock().advanced + duration;
        Box::pin(futures::future::poll_fn(move |context| {
            let mut state = self.lock();
            if state.advanced >= over {
                return Poll::Ready(());
            }
            state.sleepers.push(context.waker().clone());
            Poll::Pending
        }))
    }
}
