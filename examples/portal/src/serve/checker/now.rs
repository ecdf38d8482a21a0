//! A check because somebody asks for it: at once, believed at once, and recorded before it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use portal_core::{Catalog, Ref, Text};
use tokio::sync::{Semaphore, watch};

use super::believe::{Heard, Measures, believe};
use crate::serve::Portal;
use crate::serve::curate;
use crate::serve::problem::{Kind, Problem};

/// How many are asked at the same time for people, beside those whose turn it is.
const AT_ONCE: usize = 32;
/// Whoever asks again within this time gets the answer that the first one got.
const QUIET: Duration = Duration::from_secs(1);

/// The checks that somebody asked for, while they run and a moment longer.
#[derive(Debug)]
pub(super) struct Asking {
    running: Mutex<HashMap<Ref, (Text, watch::Receiver<bool>)>>,
    places: Arc<Semaphore>,
}

impl Default for Asking {
    fn default() -> Asking {
        Asking { running: Mutex::default(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Portal {
    /// Asks a service now. After this the picture holds what came back. The check goes on if the caller goes away.
    ///
    /// # Errors
    /// 404 for a service that is not there; 422 for one without a status URL; 409 where this process makes no checks.
    pub async fn check_now(&self, service: &Ref) -> Result<(), Problem> {
        let url = |catalog: &Catalog| catalog.curated(service).and_then(|said| said.curated.status_url.clone());
        let mut catalog = self.catalog()?;
        // It may have been said a moment ago by way of another server. A store that is gone knows no more.
        if url(&catalog).is_none()
            && self.cell.lost_for().is_none()
            && let Ok(newer) = self.refresh().await
        {
            catalog = newer;
        }
        if !catalog.contains(service) {
            return Err(curate::nothing(service));
        }
        let Some(url) = url(&catalog) else {
            let kind = Kind { slug: "no-status-url", title: "No status URL", ..Kind::INVALID_BODY };
            return Err(Problem::new(kind, format!("{service} has no status URL; set `status_url` first")));
        };
        if !self.checker.settings.enabled {
            let kind = Kind { slug: "no-checks", title: "No health checks", ..Kind::CONFLICT };
            let detail = "this process makes no health checks; its configuration or its command line says so";
            return Err(Problem::new(kind, detail));
        }
        let mut ended = self.join(service, &url);
        match ended.wait_for(|ended| *ended).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Problem::new(Kind::INTERNAL, "the check did not come to its end; the log says why")),
        }
    }

    /// The check of a service that runs already, or a new one.
    fn join(&self, service: &Ref, url: &Text) -> watch::Receiver<bool> {
        let mut running = self.checker.asking.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, ended)) = running.get(service)
            && asked == url
        {
            return ended.clone();
        }
        let (end, ended) = watch::channel(false);
        running.insert(service.clone(), (url.clone(), ended.clone()));
        drop(running);
        let (portal, service, url) = (self.clone(), service.clone(), url.clone());
        tokio::spawn(async move {
            let began = Instant::now();
            let asked = Asked { portal: &portal, service: &service, url: &url };
            ask(&portal, &service, &url).await;
            end.send_replace(true);
            tokio::time::sleep(QUIET.saturating_sub(began.elapsed())).await;
            drop(asked);
        });
        ended
    }
}

/// Takes a check out of those that run, also if it ends in a panic.
struct Asked<'c> {
    portal: &'c Portal,
    service: &'c Ref,
    url: &'c Text,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let mut running = self.portal.checker.asking.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(self.service).is_some_and(|(url, _)| url == self.url) {
            running.remove(self.service);
        }
    }
}

async fn ask(portal: &Portal, service: &Ref, url: &Text) {
    let checker = &portal.checker;
    let answer = {
        let _place = Arc::clone(&checker.asking.places).acquire_owned().await;
        checker.probe().await.ask(url).await
    };
    checker.figures.count(answer.health, answer.took);
    let Some(catalog) = portal.cell.catalog() else { return };
    let settings = &checker.settings;
    let measures = Measures { confirm: settings.confirm, stale_after: settings.stale_after(), at_once: true };
    let heard = Heard {
        service: service.clone(),
        url: url.clone(),
        health: answer.health,
        detail: answer.detail,
        at: Timestamp::now(),
    };
    let results = believe(catalog.checked(service), heard, measures);
    portal.heard(results.clone()).await;
    checker.figures.picture();
    checker.recorder.push(results, &checker.figures);
    checker.recorder.record_soon(portal).await;
}
