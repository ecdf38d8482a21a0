//! Tasks beside the requests, and how they are told to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// Tasks that run beside the requests.
#[derive(Debug)]
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<&'static str>,
}

/// Says when it is time to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Default for Background {
    fn default() -> Background {
        Background { stop: watch::Sender::new(false), tasks: JoinSet::new() }
    }
}

impl Background {
    /// Starts a task. It ends soon after [`Stopping`] says so; the name is for the log.
    pub fn spawn<F>(&mut self, name: &'static str, task: impl FnOnce(Stopping) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let task = task(self.stopping());
        self.tasks.spawn(async move {
            task.await;
            name
        });
    }

    /// For a task that somebody else runs.
    pub fn stopping(&self) -> Stopping {
        Stopping(self.stop.subscribe())
    }

    /// Tells every task to stop, without waiting.
    pub fn tell(&self) {
        self.stop.send_replace(true);
    }

    /// Tells every task to stop, and ends those that have not done so in time.
    pub async fn stop(mut self, patience: Duration) {
        self.tell();
        let all = async {
            while let Some(ended) = self.tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a background task did not end as it should");
                }
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("background tasks were still running after {patience:?} and were ended");
            self.tasks.shutdown().await;
        }
    }
}

impl Stopping {
    /// Whether it is time.
    pub fn is_now(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is time.
    pub async fn wait(&mut self) {
        // Whoever started the tasks is gone: nobody wants them any more.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Sleeps, and says whether it slept to the end: `false` if it is time to stop.
    pub async fn sleep(&mut self, time: Duration) -> bool {
        tokio::select! {
            () = self.wait() => false,
            () = tokio::time::sleep(time) => true,
        }
    }
}
