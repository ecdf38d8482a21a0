//! How often somebody may ask: a bucket of tokens for each, in memory of a fixed size.
//!
//! A bucket is one number: the time at which it will be full again (the generic cell rate algorithm). It holds the
//! requests of a minute, and fills evenly. Where there are more senders than places, the bucket that is nearest to full
//! makes room: forgetting it gives away least, and a sender that has used its bucket up cannot be pushed out by many
//! that have hardly begun.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an empty bucket takes to fill.
const WINDOW: u64 = 60 * 1_000_000_000;
const SETS: usize = 4096;
const PLACES: usize = 8;

/// How many requests a minute one sender may make; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Reads, by key or else by address.
    pub reads_per_minute: u32,
    /// Requests that change something, by key or else by address.
    pub writes_per_minute: u32,
    /// Keys that were refused, by address.
    pub failures_per_minute: u32,
}

impl Limits {
    /// No limit at all.
    pub const OFF: Limits = Limits { reads_per_minute: 0, writes_per_minute: 0, failures_per_minute: 0 };

    /// For a portal that others reach: no person and no sensible program comes near.
    pub const USUAL: Limits = Limits { reads_per_minute: 6000, writes_per_minute: 300, failures_per_minute: 60 };
}

/// Everybody's buckets.
pub(super) struct Limiter {
    sets: Box<[Mutex<[Bucket; PLACES]>]>,
    // With chance in it: nobody can choose addresses that share a set.
    hasher: RandomState,
    began: Instant,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    who: u64,
    /// When it is full again, in nanoseconds since the beginning.
    full_at: u64,
}

/// Whether there was a token, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// There was.
    One {
        /// How many are left.
        left: u32,
        /// How long until all are back.
        full_in: Duration,
    },
    /// There was none; there will be one after this time.
    None(Duration),
}

impl Limiter {
    pub(super) fn new() -> Limiter {
        let sets = (0..SETS).map(|_| Mutex::default()).collect();
        Limiter { sets, hasher: RandomState::new(), began: Instant::now() }
    }

    /// Takes a token from somebody's bucket.
    pub(super) fn take(&self, who: impl Hash, per_minute: u32) -> Taken {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        self.take_at(who, per_minute, now)
    }

    fn take_at(&self, who: impl Hash, per_minute: u32, now: u64) -> Taken {
        let who = self.hasher.hash_one(who);
        // A quota of none is not asked for; it would be a division by it.
        let each = (WINDOW / u64::from(per_minute.max(1))).max(1);
        let set = &self.sets[usize::try_from(who % SETS as u64).expect("fewer than 4096")];
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let at = set.iter().position(|bucket| bucket.who == who);
        let bucket = match at {
            Some(at) => &mut set[at],
            None => set.iter_mut().min_by_key(|bucket| bucket.full_at).expect("eight of them"),
        };
        let full_at = if at.is_some() { bucket.full_at.max(now) } else { now };
        let next = full_at + each;
        if next - now > WINDOW {
            return Taken::None(Duration::from_nanos(next - now - WINDOW));
        }
        *bucket = Bucket { who, full_at: next };
        let left = u32::try_from((WINDOW - (next - now)) / each).unwrap_or(u32::MAX);
        Taken::One { left, full_in: Duration::from_nanos(next - now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = WINDOW / 60;

    fn took(taken: Taken) -> bool {
        matches!(taken, Taken::One { .. })
    }

    #[test]
    fn a_bucket_holds_a_minute_and_fills_evenly() {
        for per_minute in [1, 7, 60, 6000, 1_000_000] {
            let limiter = Limiter::new();
            let taken = (0..per_minute + 5).filter(|_| took(limiter.take_at("a", per_minute, SECOND))).count();
            assert_eq!(taken, per_minute as usize);
            let Taken::None(wait) = limiter.take_at("a", per_minute, SECOND) else { panic!("it is empty") };
            let wait = u64::try_from(wait.as_nanos()).expect("a minute at most");
            assert!(!took(limiter.take_at("a", per_minute, SECOND + wait - 1)), "{per_minute}: too early");
            assert!(took(limiter.take_at("a", per_minute, SECOND + wait)), "{per_minute}: as it was told");
            assert!(!took(limiter.take_at("a", per_minute, SECOND + wait)), "{per_minute}: one, and no more");
            let later = SECOND + WINDOW * 2;
            assert_eq!((0..per_minute + 5).filter(|_| took(limiter.take_at("a", per_minute, later))).count(), taken);
        }
    }

    #[test]
    fn what_is_left_is_told() {
        let limiter = Limiter::new();
        let full_in = Duration::from_secs(1);
        assert_eq!(limiter.take_at("a", 60, SECOND), Taken::One { left: 59, full_in });
        assert_eq!(limiter.take_at("a", 60, SECOND), Taken::One { left: 58, full_in: full_in * 2 });
        assert_eq!(limiter.take_at("a", 60, SECOND * 2), Taken::One { left: 58, full_in: full_in * 2 });
    }

    #[test]
    fn nobody_pays_for_another() {
        let limiter = Limiter::new();
        while took(limiter.take_at("a", 60, SECOND)) {}
        assert!(took(limiter.take_at("b", 60, SECOND)));
        assert!(took(limiter.take_at(("a", "writes"), 60, SECOND)));
    }

    #[test]
    fn a_flood_of_senders_does_not_free_one_that_has_used_its_bucket_up() {
        let limiter = Limiter::new();
        while took(limiter.take_at("a", 60, SECOND)) {}
        for sender in 0..10 * SETS * PLACES {
            assert!(took(limiter.take_at(sender, 60, SECOND)));
        }
        assert!(!took(limiter.take_at("a", 60, SECOND)));
    }

    #[test]
    fn many_at_once_get_no_more_than_one_after_the_other() {
        let limiter = Limiter::new();
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..1000).filter(|_| took(limiter.take_at("a", 600, SECOND))).count()))
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(taken, 600);
    }
}
