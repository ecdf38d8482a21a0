//! The task that checks: it starts whose turn it is, and tells what came back at most once a second.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::FutureExt;
use jiff::Timestamp;
use portal_core::health::Checked;
use portal_core::model::Health;
use portal_core::store::Head;
use portal_core::{Ref, Text};
use portal_sources::health::{Answer, Probe, Reach};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::believe::{Heard, Measures, believe};
use super::cut_off::CutOff;
use super::plan::{Pace, Plan, Target, Turn};
use super::settings::Settings;
use super::{FAREWELL, share};
use crate::serve::{Portal, Stopping};

/// The least time between two pictures.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether services came, went or moved.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A picture may take one part in so many of this task's time.
const PICTURES_TAKE: u32 = 50;
/// The most that services are spread over that nothing is known of.
const FIRST_WITHIN: Duration = Duration::from_secs(3);
/// After so long an answer that contradicts is asked for again; a sixth of the interval, and at most this.
const AGAIN_WITHIN: Duration = Duration::from_secs(10);
/// How long earlier results and other replicas are waited for before the first check.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came back from a turn.
struct Outcome {
    turn: Turn,
    answer: Answer,
    at: Timestamp,
}

/// What the task holds.
struct Run<'p> {
    portal: &'p Portal,
    probe: Arc<Probe>,
    members: watch::Receiver<Vec<Text>>,
    /// The time since 1970 when the task began, and the moment: a clock that is set changes no turn.
    epoch: (Duration, Instant),
    plan: Plan,
    /// The picture that the plan was made from.
    seen: Option<Head>,
    looked_at: Instant,
    running: JoinSet<Outcome>,
    cut_off: CutOff,
    /// Waiting for what the canary says.
    held: Vec<Outcome>,
    /// How many of these came before it was asked.
    canary: Option<(usize, JoinHandle<Answer>)>,
    news: Vec<Outcome>,
    telling: Option<JoinHandle<Duration>>,
    tell_at: Instant,
}

/// Checks until it is time to stop.
pub(super) async fn run(portal: &Portal, mut stopping: Stopping) {
    let checker = &portal.checker;
    let mut members = checker.members.subscribe();
    let mut heard = checker.heard.subscribe();
    // Without what was found before, every first answer would be taken for the first ever.
    let ready = async {
        drop(heard.wait_for(|heard| *heard).await);
        drop(members.wait_for(|known| !known.is_empty()).await);
    };
    tokio::select! {
        () = stopping.wait() => return,
        _ = tokio::time::timeout(PATIENCE, ready) => {}
    }
    let mut run = Run::new(portal, checker.probe().await, members);
    while run.step(&mut stopping).await {}
    run.end().await;
}

impl<'p> Run<'p> {
    fn new(portal: &'p Portal, probe: Arc<Probe>, members: watch::Receiver<Vec<Text>>) -> Run<'p> {
        let settings = &portal.checker.settings;
        let now = Instant::now();
        let since_1970 = Duration::try_from(Timestamp::now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
        let pace = Pace {
            every: settings.every,
            first_within: FIRST_WITHIN.min(settings.every),
            again: (settings.every / 6).clamp(Duration::from_secs(1), AGAIN_WITHIN).min(settings.every),
            per_host: settings.per_host,
        };
        Run {
            portal,
            probe,
            members,
            epoch: (since_1970, now),
            plan: Plan::new(pace),
            seen: None,
            looked_at: now,
            running: JoinSet::new(),
            cut_off: CutOff::default(),
            held: Vec::new(),
            canary: None,
            news: Vec::new(),
            telling: None,
            tell_at: now,
        }
    }

    fn settings(&self) -> &'p Settings {
        &self.portal.checker.settings
    }

    fn now(&self) -> Duration {
        self.epoch.0 + self.epoch.1.elapsed()
    }

    /// One thing after the other; `false` when it is time to stop.
    async fn step(&mut self, stopping: &mut Stopping) -> bool {
        self.look();
        self.start();
        self.ask_canary();
        self.tell();
        let wake = self.wake();
        tokio::select! {
            () = stopping.wait() => return false,
            Some(ended) = self.running.join_next(), if !self.running.is_empty() => {
                self.ended(ended);
                while let Some(ended) = self.running.try_join_next() {
                    self.ended(ended);
                }
            }
            (asked, said) = of_canary(&mut self.canary) => self.heard_canary(asked, said),
            took = of_telling(&mut self.telling) => {
                self.telling = None;
                self.tell_at = Instant::now() + TELL_EVERY.max(took * PICTURES_TAKE);
            }
            Ok(()) = self.members.changed() => self.seen = None,
            () = tokio::time::sleep_until(wake.into()) => {}
        }
        true
    }

    /// Takes over which services there are, and which of them are this replica's.
    fn look(&mut self) {
        if self.seen.is_some() && self.looked_at.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked_at = Instant::now();
        let Some(catalog) = self.portal.cell.catalog() else { return };
        if self.seen.as_ref() == Some(catalog.head()) {
            return;
        }
        self.seen = Some(catalog.head().clone());
        let checker = &self.portal.checker;
        let members = self.members.borrow().clone();
        let fresh = Timestamp::now().saturating_sub(self.settings().stale_after()).unwrap_or(Timestamp::MIN);
        let mut targets: HashMap<Ref, Target> = HashMap::new();
        for said in catalog.all_curated() {
            let Some(url) = &said.curated.status_url else { continue };
            let service = &said.entity;
            let is_there = said.curated.hidden.is_none() && catalog.contains(service);
            if is_there && share::is_mine(&checker.me, &members, service.as_str()) {
                // One that is refused for its text is asked nowhere, and waits for nobody.
                let target = checker.settings.probe.guard.target(url);
                let host = target.map(|target| Text::from(target.host())).unwrap_or_default();
                let is_known = catalog.checked(service).is_some_and(|checked| checked.checked_at >= fresh);
                targets.insert(service.clone(), Target { url: url.clone(), host, is_known });
            }
        }
        let now = self.now();
        self.plan.set(&targets, now);
        checker.figures.services.store(self.plan.len(), Ordering::Relaxed);
        checker.figures.replicas.store(members.len(), Ordering::Relaxed);
    }

    fn start(&mut self) {
        let figures = &self.portal.checker.figures;
        while self.running.len() < self.settings().concurrency {
            let Some(turn) = self.plan.next(self.now()) else { break };
            figures.lag(turn.lag);
            let probe = Arc::clone(&self.probe);
            self.running.spawn(async move {
                let asked = AssertUnwindSafe(probe.ask(&turn.url)).catch_unwind().await;
                let answer = asked.unwrap_or_else(|_| Answer {
                    health: Health::Unknown,
                    detail: Text::new_static("not asked: a defect of the portal; its log says more"),
                    reach: Reach::NotSent,
                    took: Duration::ZERO,
                });
                Outcome { turn, answer, at: Timestamp::now() }
            });
        }
        figures.running.store(self.running.len(), Ordering::Relaxed);
    }

    fn ended(&mut self, ended: Result<Outcome, tokio::task::JoinError>) {
        let outcome = match ended {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "a health check did not end as it should");
                return;
            }
        };
        let Outcome { turn, answer, .. } = &outcome;
        let now = self.now();
        let reached = answer.reach == Reach::There;
        if answer.reach != Reach::NotSent {
            self.cut_off.note(&turn.service, reached, now);
        }
        let catalog = self.portal.cell.catalog();
        let known = catalog.as_ref().and_then(|catalog| catalog.checked(&turn.service));
        let doubtful = reached && known.is_some_and(|known| known.status != answer.health);
        self.plan.done(turn, doubtful, now);
        match answer.reach {
            Reach::Nowhere if self.settings().canary.is_some() => self.held.push(outcome),
            Reach::Nowhere => {
                let is_on = self.cut_off.is_on(now, self.settings().every * 2);
                self.is_cut_off(is_on);
                self.news.push(if is_on { outcome.of_cut_off() } else { outcome });
            }
            Reach::There | Reach::NotSent => {
                if reached && self.settings().canary.is_none() {
                    let is_on = self.cut_off.is_on(now, self.settings().every * 2);
                    self.is_cut_off(is_on);
                }
                self.news.push(outcome);
            }
        }
    }

    fn is_cut_off(&self, is_on: bool) {
        if self.portal.checker.figures.cut_off.swap(is_on, Ordering::Relaxed) != is_on {
            if is_on {
                tracing::warn!("health checks reach nearly nobody: is this machine cut off? What they find is unknown");
            } else {
                tracing::info!("health checks reach services again");
            }
        }
    }

    /// Whether the canary answers decides about those who did not.
    fn ask_canary(&mut self) {
        let Some(canary) = self.settings().canary.clone().filter(|_| self.canary.is_none() && !self.held.is_empty())
        else {
            return;
        };
        let probe = Arc::clone(&self.probe);
        self.canary = Some((self.held.len(), tokio::spawn(async move { probe.ask(&canary).await })));
    }

    fn heard_canary(&mut self, asked: usize, said: Option<Answer>) {
        self.canary = None;
        let is_on = said.is_some_and(|answer| answer.reach == Reach::Nowhere);
        self.is_cut_off(is_on);
        let waited = self.held.drain(..asked);
        self.news.extend(waited.map(|outcome| if is_on { outcome.of_cut_off() } else { outcome }));
    }

    /// Puts what came back into the picture, unless one is being made.
    fn tell(&mut self) {
        if self.news.is_empty() || self.telling.is_some() || Instant::now() < self.tell_at {
            return;
        }
        let (portal, news) = (self.portal.clone(), std::mem::take(&mut self.news));
        self.telling = Some(tokio::spawn(async move {
            let began = Instant::now();
            tell(&portal, news).await;
            began.elapsed()
        }));
    }

    /// When there is something to do, if nothing happens before.
    fn wake(&self) -> Instant {
        let now = Instant::now();
        let mut wake = now + LOOK_EVERY;
        if self.running.len() < self.settings().concurrency
            && let Some(due) = self.plan.wakes()
        {
            wake = wake.min(now + due.saturating_sub(self.now()));
        }
        if !self.news.is_empty() && self.telling.is_none() {
            wake = wake.min(self.tell_at);
        }
        wake
    }

    /// Tells what came back so far. What still waits for an answer is given up.
    async fn end(mut self) {
        self.running.abort_all();
        self.portal.checker.figures.running.store(0, Ordering::Relaxed);
        let last = async {
            if let Some(telling) = self.telling.take() {
                let _ = telling.await;
            }
            tell(self.portal, self.news).await;
        };
        let _ = tokio::time::timeout(FAREWELL, last).await;
        self.portal.checker.recorder.record_soon(self.portal).await;
    }
}

impl Outcome {
    /// What an answer is worth of which nobody can say whose fault it is.
    fn of_cut_off(mut self) -> Outcome {
        self.answer.health = Health::Unknown;
        self.answer.detail = Text::from(format!("the portal reaches nobody at the moment ({})", self.answer.detail));
        self
    }
}

/// Believes answers, shows them and hands them on to be recorded.
async fn tell(portal: &Portal, news: Vec<Outcome>) {
    let Some(catalog) = portal.cell.catalog().filter(|_| !news.is_empty()) else { return };
    let checker = &portal.checker;
    let settings = &checker.settings;
    let measures = Measures { confirm: settings.confirm, stale_after: settings.stale_after(), at_once: false };
    let mut newest: HashMap<Ref, Checked> = HashMap::new();
    let mut results = Vec::with_capacity(news.len());
    for Outcome { turn: Turn { service, url, .. }, answer, at } in news {
        checker.figures.count(answer.health, answer.took);
        // An answer from an address that the service has no more says nothing.
        let current = catalog.curated(&service).is_some_and(|said| said.curated.status_url.as_ref() == Some(&url));
        if !current {
            continue;
        }
        let heard = Heard { service: service.clone(), url, health: answer.health, detail: answer.detail, at };
        let after = believe(newest.get(&service).or_else(|| catalog.checked(&service)), heard, measures);
        newest.extend(after.last().map(|last| (service, last.clone())));
        results.extend(after);
    }
    drop(catalog);
    portal.heard(results.clone()).await;
    checker.figures.picture();
    checker.recorder.push(results, &checker.figures);
}

/// What the canary said, and how many wait for it; never, while it is not asked.
async fn of_canary(canary: &mut Option<(usize, JoinHandle<Answer>)>) -> (usize, Option<Answer>) {
    match canary {
        Some((asked, answer)) => (*asked, answer.await.ok()),
        None => std::future::pending().await,
    }
}

/// How long a picture took; never, while none is made.
async fn of_telling(telling: &mut Option<JoinHandle<Duration>>) -> Duration {
    match telling {
        Some(telling) => telling.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}
