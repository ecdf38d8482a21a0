//! Waiting for the head to move: one task per store asks the database, and any number of callers wait for it.
//!
//! How it asks is the database's part. The task begins with the first caller and ends with the store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portal_core::error::{ErrorKind, StoreError};
use portal_core::store::Head;
use tokio::sync::{Notify, watch};

/// What a store's callers wait on.
#[derive(Default)]
pub(super) struct Watch {
    bell: Arc<Bell>,
    /// Holding one end keeps the task alive between two calls.
    seen: Mutex<Option<watch::Receiver<Seen>>>,
}

/// What the task has seen last.
#[derive(Clone, Default)]
struct Seen {
    /// How often it has asked.
    readings: u64,
    answer: Answer,
}

#[derive(Clone, Default, PartialEq)]
enum Answer {
    #[default]
    None,
    Head(Head),
    Failed(ErrorKind, Arc<str>),
}

/// The task's end: it tells what it sees, and may be asked to look at once.
pub(super) struct Teller {
    seen: watch::Sender<Seen>,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct Bell {
    rung: Notify,
    /// How many callers want to be told of every reading.
    doubts: AtomicUsize,
}

impl Watch {
    /// Waits for a head that differs; `follow` is the task.
    pub(super) async fn newer_than<F>(&self, asked: &Head, follow: impl Fn(Teller) -> F) -> Result<Head, StoreError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut seen = self.seen(&follow);
        let mut first = seen.borrow().readings;
        let mut doubt: Option<Doubt<'_>> = None;
        loop {
            let Seen { readings, answer } = seen.borrow_and_update().clone();
            match answer {
                Answer::Head(head) if is_same(&head, asked) => doubt = None,
                Answer::Head(head) if is_behind(&head, asked) => {
                    // Either the task has not yet seen what the caller has, or the store was replaced by an older one. The
                    // second reading from now on has begun after now, and tells which it is.
                    let doubt = doubt.get_or_insert_with(|| Doubt::new(&self.bell, readings));
                    if readings >= doubt.since + 2 {
                        return Ok(head);
                    }
                    self.bell.rung.notify_one();
                }
                Answer::Head(head) => return Ok(head),
                Answer::Failed(kind, message) if readings > first => return Err(StoreError::new(kind, &*message)),
                Answer::Failed(..) | Answer::None => {}
            }
            if seen.changed().await.is_err() {
                // The runtime that the task was on is gone.
                seen = self.seen(&follow);
                first = seen.borrow().readings;
                doubt = None;
            }
        }
    }

    /// Has the task look at once: this process has written.
    #[cfg(any(feature = "sqlite", test))]
    pub(super) fn ring(&self) {
        self.bell.rung.notify_one();
    }

    /// An end of the running task, which is started if it does not run.
    fn seen<F>(&self, follow: &impl Fn(Teller) -> F) -> watch::Receiver<Seen>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut kept = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = kept.as_ref().filter(|seen| seen.has_changed().is_ok()) {
            return seen.clone();
        }
        let (sender, receiver) = watch::channel(Seen::default());
        let over = sender.clone();
        let following = follow(Teller { seen: sender, bell: Arc::clone(&self.bell) });
        tokio::spawn(async move {
            tokio::select! {
                () = over.closed() => {}
                () = following => {}
            }
        });
        kept.insert(receiver).clone()
    }
}

impl Teller {
    /// Tells what was read. Nobody is woken for the same again, unless somebody doubts it.
    pub(super) fn tell(&self, read: Result<Head, StoreError>) {
        let answer = match read {
            Ok(head) => Answer::Head(head),
            Err(error) => Answer::Failed(error.kind(), portal_core::error::chain(&error).into()),
        };
        self.seen.send_if_modified(|seen| {
            seen.readings += 1;
            // A failure that goes on is news to whoever came after it began.
            let is_news = seen.answer != answer || matches!(answer, Answer::Failed(..));
            seen.answer = answer;
            is_news || self.bell.doubts.load(Ordering::SeqCst) > 0
        });
    }

    /// Makes the next rest, or the one that is on, a short one.
    #[cfg(feature = "postgres")]
    pub(super) fn ring(&self) {
        self.bell.rung.notify_one();
    }

    /// Until somebody wants it to look, but no longer than this.
    pub(super) async fn rest(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.bell.rung.notified()).await;
    }
}

/// A caller that wants to be told of every reading, for as long as this lives.
struct Doubt<'b> {
    bell: &'b Bell,
    since: u64,
}

impl Doubt<'_> {
    fn new(bell: &Bell, since: u64) -> Doubt<'_> {
        bell.doubts.fetch_add(1, Ordering::SeqCst);
        Doubt { bell, since }
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        self.bell.doubts.fetch_sub(1, Ordering::SeqCst);
    }
}

fn is_same(one: &Head, two: &Head) -> bool {
    (one.revision, one.generation) == (two.revision, two.generation)
}

/// Whether a head is not one that follows another.
fn is_behind(head: &Head, asked: &Head) -> bool {
    head.revision < asked.revision || head.generation < asked.generation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: u64) -> Head {
        Head { revision, ..Head::default() }
    }

    /// A task that tells one number after the other, each when it is asked to look.
    fn telling(heads: &'static [u64]) -> impl Fn(Teller) -> futures::future::BoxFuture<'static, ()> {
        move |teller| {
            Box::pin(async move {
                for revision in heads {
                    teller.tell(Ok(head(*revision)));
                    teller.bell.rung.notified().await;
                }
                std::future::pending::<()>().await;
            })
        }
    }

    #[tokio::test]
    async fn a_task_that_lags_behind_the_caller_gives_no_older_head() {
        let watch = Watch::default();
        let known = head(5);
        let newer = watch.newer_than(&known, telling(&[3, 5, 6]));
        let mut newer = std::pin::pin!(newer);
        let early = tokio::time::timeout(Duration::from_millis(50), &mut newer).await;
        assert!(early.is_err(), "it waits at 5: {early:?}");
        watch.ring();
        assert_eq!(newer.await.expect("a head").revision, 6);
    }

    #[tokio::test]
    async fn a_store_that_was_replaced_by_an_older_one_is_told() {
        let watch = Watch::default();
        let known = head(5);
        assert_eq!(watch.newer_than(&known, telling(&[3, 3, 3, 3])).await.expect("a head").revision, 3);
        assert_eq!(watch.bell.doubts.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_task_whose_runtime_ended_is_started_again() {
        let watch = Watch::default();
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let newer = runtime.block_on(watch.newer_than(&head(1), telling(&[2])));
            assert_eq!(newer.expect("a head").revision, 2);
        }
    }

    #[tokio::test]
    async fn a_failure_that_goes_on_is_told_to_everybody_and_not_at_once() {
        let watch = Watch::default();
        let failing = |teller: Teller| async move {
            loop {
                teller.tell(Err(StoreError::new(ErrorKind::Unavailable, "gone")));
                teller.rest(Duration::from_millis(20)).await;
            }
        };
        for _ in 0..3 {
            let error = watch.newer_than(&head(1), failing).await.expect_err("gone");
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, "gone"));
        }
    }
}
