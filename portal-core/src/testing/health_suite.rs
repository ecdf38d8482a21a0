//! What every health log has to prove: one function per clause of the contract of [`HealthLog`].

use std::pin::pin;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::{join_all, poll_immediate};
use jiff::{SignedDuration, Timestamp};

use crate::health::{Checked, HealthLog, Span};
use crate::id::{Ref, Text};
use crate::model::Health::{self, Degraded, Down, Healthy, Unknown};
use crate::testing::estate::time;

/// One empty health log, which can be opened as often as a clause needs.
#[async_trait]
pub trait HealthFixture: Send + Sync {
    /// Another handle to the same log, as another process would open it.
    async fn open(&self) -> Box<dyn HealthLog>;

    /// The time by the clock that judges leases and says when something was recorded.
    async fn now(&self) -> Timestamp;
}

/// Makes a named test of every clause of [`health_suite`](mod@crate::testing::health_suite).
///
/// `block_on` drives a future to its end; `fixture` is evaluated anew for each test.
#[macro_export]
macro_rules! health_suite {
    (block_on: $block_on:expr, fixture: $fixture:expr $(,)?) => {
        $crate::health_suite! { @clauses $block_on, $fixture;
            an_empty_log_has_nothing
            a_result_comes_back_as_it_was
            a_result_replaces_the_one_before
            an_older_result_changes_nothing
            a_result_that_is_recorded_twice_counts_once
            a_span_grows_while_the_status_is_the_same
            spans_of_services_are_apart
            results_of_one_service_in_one_round_all_count
            results_are_sorted_and_those_of_late_can_be_asked_for
            spans_that_reach_beyond_a_time_are_given
            what_is_old_is_forgotten
            two_rounds_at_once_count_both
            thousands_of_results_are_kept_at_once
            who_calls_is_alive_and_who_does_not_is_out
            a_zero_lease_takes_out_at_once
            many_may_call_at_once
        }
    };
    (@clauses $block_on:expr, $fixture:expr; $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let fixture = $fixture;
                ($block_on)($crate::testing::health_suite::$clause(&fixture));
            }
        )*
    };
}

/// Nothing is known of a service that was never asked.
pub async fn an_empty_log_has_nothing(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    assert_eq!(log.checked(None).await.expect("results"), []);
    assert_eq!(spans(&*log, "a").await, []);
    assert_eq!(log.forget(time(9)).await.expect("a number"), 0);
    log.record(&[]).await.expect("nothing to do");
}

/// All of it, whatever a foreign server answered.
pub async fn a_result_comes_back_as_it_was(fixture: &dyn HealthFixture) {
    let (log, other) = (fixture.open().await, fixture.open().await);
    let hostile = "'; DROP TABLE health; -- \" \\ \u{0}\u{1} ﷽ \u{1F600} \\u0000 </script>";
    let exact = time(3) + SignedDuration::from_nanos(123_456_789);
    let result = Checked {
        url: hostile.into(),
        detail: hostile.into(),
        newest: Down,
        recent: vec![Down, Healthy, Degraded, Unknown],
        since: exact - SignedDuration::from_nanos(1),
        ..checked("a", Healthy, exact)
    };
    log.record(std::slice::from_ref(&result)).await.expect("kept");
    assert_eq!(other.checked(None).await.expect("results"), [result]);
}

/// The newest result is the one that is known.
pub async fn a_result_replaces_the_one_before(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    record(&*log, &[("a", Healthy, 1)]).await;
    record(&*log, &[("a", Down, 2)]).await;
    assert_eq!(log.checked(None).await.expect("results"), [checked("a", Down, time(2))]);
}

/// A result that comes late changes neither what is known nor the spans.
pub async fn an_older_result_changes_nothing(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    record(&*log, &[("a", Healthy, 5)]).await;
    record(&*log, &[("a", Down, 4), ("b", Healthy, 1)]).await;
    let known = log.checked(None).await.expect("results");
    assert_eq!(known, [checked("a", Healthy, time(5)), checked("b", Healthy, time(1))]);
    assert_eq!(spans(&*log, "a").await, [span(Healthy, 5, 5, 1)]);
}

/// Who does not know whether a round was kept may record it once more.
pub async fn a_result_that_is_recorded_twice_counts_once(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    for _ in 0..2 {
        record(&*log, &[("a", Healthy, 5)]).await;
    }
    assert_eq!(spans(&*log, "a").await, [span(Healthy, 5, 5, 1)]);
}

/// The same status lengthens the newest span, another one begins a new span; an earlier one of that status stays.
pub async fn a_span_grows_while_the_status_is_the_same(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    for (at, status) in [(1, Healthy), (2, Healthy), (3, Healthy), (4, Down), (5, Healthy), (6, Healthy), (7, Unknown)]
    {
        record(&*log, &[("a", status, at)]).await;
    }
    let expected = [span(Healthy, 1, 3, 3), span(Down, 4, 4, 1), span(Healthy, 5, 6, 2), span(Unknown, 7, 7, 1)];
    assert_eq!(spans(&*log, "a").await, expected);
}

/// One service's spans are nobody else's.
pub async fn spans_of_services_are_apart(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    record(&*log, &[("a", Healthy, 1), ("b", Down, 1), ("c", Degraded, 1)]).await;
    record(&*log, &[("a", Healthy, 2), ("b", Healthy, 2)]).await;
    assert_eq!(spans(&*log, "a").await, [span(Healthy, 1, 2, 2)]);
    assert_eq!(spans(&*log, "b").await, [span(Down, 1, 1, 1), span(Healthy, 2, 2, 1)]);
    assert_eq!(spans(&*log, "c").await, [span(Degraded, 1, 1, 1)]);
    assert_eq!(log.checked(None).await.expect("results").len(), 3);
}

/// A round may hold several results of a service, one after the other.
pub async fn results_of_one_service_in_one_round_all_count(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    record(&*log, &[("a", Healthy, 1), ("b", Down, 1), ("a", Healthy, 2), ("a", Down, 3), ("b", Down, 1)]).await;
    assert_eq!(spans(&*log, "a").await, [span(Healthy, 1, 2, 2), span(Down, 3, 3, 1)]);
    assert_eq!(spans(&*log, "b").await, [span(Down, 1, 1, 1)]);
}

/// By ref; with a time only those that were recorded since then, whenever they were checked.
pub async fn results_are_sorted_and_those_of_late_can_be_asked_for(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    record(&*log, &[("b", Healthy, 9), ("c", Healthy, 9)]).await;
    let between = fixture.now().await;
    record(&*log, &[("c", Healthy, 10), ("a", Down, 1)]).await;
    let names = async |since: Option<Timestamp>| -> Vec<String> {
        let known = log.checked(since).await.expect("results");
        known.iter().map(|checked| checked.service.local().to_owned()).collect()
    };
    assert_eq!(names(None).await, ["test/a", "test/b", "test/c"]);
    assert_eq!(names(Some(Timestamp::MIN)).await.len(), 3);
    assert_eq!(names(Some(between)).await, ["test/a", "test/c"]);
    assert_eq!(names(Some(fixture.now().await + SignedDuration::from_hours(1))).await.len(), 0);
}

/// A span counts while its end is later than the time that is asked for.
pub async fn spans_that_reach_beyond_a_time_are_given(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    for (at, status) in [(1, Healthy), (2, Healthy), (3, Down), (4, Down), (5, Healthy)] {
        record(&*log, &[("a", status, at)]).await;
    }
    for (since, expected) in [(0, 3), (1, 3), (2, 2), (3, 2), (4, 1), (5, 0)] {
        let found = log.spans(&service("a"), time(since)).await.expect("spans");
        assert_eq!(found.len(), expected, "since {since}: {found:?}");
    }
}

/// Spans that ended before a time go and are counted, and so do services that nobody asked since then.
pub async fn what_is_old_is_forgotten(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    for (at, status) in [(1, Healthy), (2, Down), (3, Down), (5, Healthy)] {
        record(&*log, &[("a", status, at)]).await;
    }
    record(&*log, &[("b", Healthy, 2)]).await;
    assert_eq!(log.forget(time(1)).await.expect("a number"), 0, "what ends at that time stays");
    assert_eq!(log.forget(time(3)).await.expect("a number"), 2);
    assert_eq!(spans(&*log, "a").await, [span(Down, 2, 3, 2), span(Healthy, 5, 5, 1)]);
    assert_eq!(log.checked(None).await.expect("results"), [checked("a", Healthy, time(5))]);
    record(&*log, &[("b", Healthy, 1)]).await;
    assert_eq!(spans(&*log, "b").await, [span(Healthy, 1, 1, 1)], "it begins anew");
}

/// Rounds of two replicas do not lose each other's results.
pub async fn two_rounds_at_once_count_both(fixture: &dyn HealthFixture) {
    let logs = join_all((0..4).map(|_| fixture.open())).await;
    for at in 1..=5_u64 {
        let rounds = logs.iter().enumerate().map(|(number, log)| async move {
            // All of them know of one service, and each of one of its own.
            let own = format!("own-{number}");
            record(&**log, &[("shared", Healthy, at), (&own, Healthy, at)]).await;
        });
        join_all(rounds).await;
    }
    for name in ["shared", "own-0", "own-1", "own-2", "own-3"] {
        assert_eq!(spans(&*logs[0], name).await, [span(Healthy, 1, 5, 5)], "{name}");
    }
}

/// A large round is kept whole.
pub async fn thousands_of_results_are_kept_at_once(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    for (at, status) in [(1, Healthy), (2, Healthy), (3, Down)] {
        let round: Vec<Checked> = (0..5_000).map(|n| checked(&format!("{n:04}"), status, time(at))).collect();
        log.record(&round).await.expect("kept");
        assert!(log.checked(None).await.expect("results") == round, "not all of it is there");
    }
    assert_eq!(spans(&*log, "4999").await, [span(Healthy, 1, 2, 2), span(Down, 3, 3, 1)]);
}

/// Who calls within its lease is named, sorted; who does not goes out when it is over, and may come back.
pub async fn who_calls_is_alive_and_who_does_not_is_out(fixture: &dyn HealthFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    let hour = SignedDuration::from_hours(1);
    assert_eq!(one.checkers("b", hour).await.expect("names"), names(&["b"]));
    assert_eq!(two.checkers("a'\u{1F600}", hour).await.expect("names"), names(&["a'\u{1F600}", "b"]));
    assert_eq!(one.checkers("b", hour).await.expect("names").len(), 2);
    two.checkers("short", SignedDuration::from_millis(1_500)).await.expect("names");
    let deadline = Instant::now() + Duration::from_secs(30);
    while one.checkers("b", hour).await.expect("names").contains(&"short".into()) {
        assert!(Instant::now() < deadline, "the lease does not end");
    }
    assert!(two.checkers("short", hour).await.expect("names").contains(&"short".into()), "it is back");
    assert!(one.checkers("long", SignedDuration::MAX).await.expect("names").contains(&"long".into()));
}

/// Who goes down in order says so; others stay.
pub async fn a_zero_lease_takes_out_at_once(fixture: &dyn HealthFixture) {
    let log = fixture.open().await;
    let hour = SignedDuration::from_hours(1);
    log.checkers("a", hour).await.expect("names");
    log.checkers("b", hour).await.expect("names");
    assert_eq!(log.checkers("a", SignedDuration::ZERO).await.expect("names"), names(&["b"]));
    assert_eq!(log.checkers("nobody", SignedDuration::ZERO).await.expect("names"), names(&["b"]));
    assert_eq!(log.checkers("b", -hour).await.expect("names"), names(&[]));
}

/// Calls side by side do not stand in each other's way, and one that is given up harms nobody.
pub async fn many_may_call_at_once(fixture: &dyn HealthFixture) {
    let logs = join_all((0..4).map(|_| fixture.open())).await;
    let hour = SignedDuration::from_hours(1);
    let callers: Vec<String> = (0..24).map(|at| format!("caller-{at:02}")).collect();
    let calls = callers.iter().enumerate().map(|(at, name)| logs[at % logs.len()].checkers(name, hour));
    for called in join_all(calls).await {
        called.expect("names");
    }
    let mut given_up = pin!(logs[0].checkers("given up", SignedDuration::ZERO));
    let _ = poll_immediate(&mut given_up).await;
    let alive = logs[1].checkers("caller-00", hour).await.expect("names");
    assert_eq!(alive, callers.iter().map(Text::from).collect::<Vec<_>>());
}

fn names(names: &[&str]) -> Vec<Text> {
    names.iter().map(|name| Text::from(*name)).collect()
}

fn service(name: &str) -> Ref {
    Ref::service("test", name)
}

fn checked(name: &str, status: Health, at: Timestamp) -> Checked {
    Checked {
        service: service(name),
        url: "https://example.org/health".into(),
        status,
        newest: status,
        detail: "200 in 12 ms".into(),
        recent: vec![status],
        checked_at: at,
        since: at,
    }
}

fn span(status: Health, from: u64, to: u64, checks: u64) -> Span {
    Span { status, from: time(from), to: time(to), checks }
}

async fn record(log: &dyn HealthLog, results: &[(&str, Health, u64)]) {
    let results: Vec<Checked> = results.iter().map(|(name, status, at)| checked(name, *status, time(*at))).collect();
    log.record(&results).await.unwrap_or_else(|error| panic!("{}", crate::error::chain(&error)));
}

async fn spans(log: &dyn HealthLog, name: &str) -> Vec<Span> {
    log.spans(&service(name), Timestamp::MIN).await.expect("spans")
}
