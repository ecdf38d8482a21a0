//! The keys in memory: no request asks the store, and a key that was revoked is refused within a second.
//!
//! One task reads all keys, as often as somebody asks for one, but not more often than [`GAP`] allows. What it read is
//! good for [`FRESH`]: a request that comes later waits for the next reading. If the store does not answer, reads go on
//! with the keys that were good, as all reads do: whoever could revoke one cannot reach the store either, or only this
//! replica cannot. That ends after a time, and changes are never made on old knowledge.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use portal_core::error::chain;
use portal_core::{ApiKey, KeyScope, Keyring, Text};
use subtle::ConstantTimeEq;
use tokio::sync::{Notify, watch};

use crate::key::{self, Key};
use crate::serve::{Stopping, cell::jittered};

/// From the beginning of one reading to that of the next, at least; so often do keys that nobody knows ask the store.
const GAP: Duration = Duration::from_millis(100);
/// What is older than this is read again beside the requests.
const AGED: Duration = Duration::from_millis(300);
/// What is older than this is read again before a request is answered.
const FRESH: Duration = Duration::from_millis(900);
/// How long a reading may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a request waits for one: until it is known whether it could be made.
const WAIT: Duration = Duration::from_secs(3);
/// A store that is gone is asked this seldom in the end.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// How old the knowledge may be on which something is changed.
const FRESH_FOR_CHANGES: Duration = Duration::from_secs(5);
/// How long the use of a key may wait until it is noted.
const NOTED_WITHIN: Duration = Duration::from_secs(10);

/// The keys as they were read last.
pub(super) struct Ring {
    known: ArcSwapOption<Known>,
    /// Somebody wants a reading.
    wanted: Notify,
    /// How many readings there were, good and bad.
    readings: watch::Sender<u64>,
    /// Whether the last one failed.
    lost: AtomicBool,
    grace: Duration,
}

struct Known {
    keys: HashMap<Text, Arc<Held>>,
    /// When the store was asked: everything that happened before is in it.
    asked: Instant,
}

/// What is known of one key.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) scope: KeyScope,
    hash: [u8; 32],
    expires_at: Option<Timestamp>,
    is_revoked: bool,
    /// The minute in which it was used last, counted from 1970; 0 for never.
    used: AtomicI64,
    /// The one that the store knows.
    noted: AtomicI64,
}

/// What the keys say about one that somebody shows.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is good.
    Good(Arc<Held>),
    /// It is not. What is wrong is for the log alone: the answer is always the same.
    Refused {
        /// Its id, if there is a key of that id.
        id: Option<Text>,
        /// Why.
        why: &'static str,
    },
    /// The store does not answer, and what is in memory does not tell, or is too old.
    CannotTell,
}

impl Ring {
    /// No keys yet. With a store that is gone, reads go on for `grace`.
    pub(super) fn new(grace: Duration) -> Ring {
        Ring {
            known: ArcSwapOption::empty(),
            wanted: Notify::new(),
            readings: watch::Sender::new(0),
            lost: AtomicBool::new(false),
            grace,
        }
    }

    /// Whether the keys were not read yet.
    pub(super) fn is_empty(&self) -> bool {
        self.known.load().is_none()
    }

    /// What to think of a key. Whoever wants to change something needs knowledge that is not old.
    pub(super) async fn judge(&self, shown: &str, to_change: bool) -> Verdict {
        let Ok(shown) = shown.parse::<Key>() else { return Verdict::Refused { id: None, why: "malformed" } };
        let asked = Instant::now();
        let age = self.known.load().as_ref().map(|known| asked.saturating_duration_since(known.asked));
        if age.is_none_or(|age| age > FRESH) {
            self.wait_for(asked).await;
        } else if age.is_some_and(|age| age > AGED) {
            self.wanted.notify_one();
        }
        let mut held = self.held(shown.id());
        if held.is_none() {
            // It may have been made a moment ago.
            self.wait_for(asked).await;
            held = self.held(shown.id());
        }
        let Some(read) = self.known.load().as_ref().map(|known| known.asked) else { return Verdict::CannotTell };
        let Some(held) = held else {
            return if read >= asked { Verdict::Refused { id: None, why: "unknown" } } else { Verdict::CannotTell };
        };
        let age = asked.saturating_duration_since(read);
        // Old knowledge is good only where it is known why there is no newer one.
        let may_be_old = self.lost.load(Ordering::Relaxed) && age <= self.grace;
        if age > FRESH && (!may_be_old || (to_change && age > FRESH_FOR_CHANGES)) {
            return Verdict::CannotTell;
        }
        let now = Timestamp::now();
        let why = match () {
            () if !bool::from(held.hash.ct_eq(&shown.hash())) => "wrong",
            () if held.is_revoked => "revoked",
            () if held.expires_at.is_some_and(|end| now >= end) => "expired",
            () => {
                held.used.fetch_max(now.as_second().div_euclid(60), Ordering::Relaxed);
                return Verdict::Good(held);
            }
        };
        Verdict::Refused { id: Some(held.id.clone()), why }
    }

    fn held(&self, id: &str) -> Option<Arc<Held>> {
        self.known.load().as_ref().and_then(|known| known.keys.get(id).cloned())
    }

    /// Waits for a reading that began later than this, or could not be made.
    async fn wait_for(&self, since: Instant) {
        if self.lost.load(Ordering::Relaxed) {
            // The task tries on its own; nobody waits for it in vain.
            return;
        }
        let mut readings = self.readings.subscribe();
        let reading = async {
            while self.known.load().as_ref().is_none_or(|known| known.asked < since) {
                self.wanted.notify_one();
                if readings.changed().await.is_err() || self.lost.load(Ordering::Relaxed) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(WAIT, reading).await;
    }

    /// Reads all keys, and says whether it could.
    async fn read(&self, store: &dyn Keyring) -> bool {
        let asked = Instant::now();
        let keys = match tokio::time::timeout(PATIENCE, store.keys()).await {
            Ok(Ok(keys)) => Some(keys),
            Ok(Err(error)) => {
                tracing::debug!(error = chain(&error), "the keys could not be read");
                None
            }
            Err(_) => {
                tracing::debug!("the keys were not read in time");
                None
            }
        };
        let was_lost = self.lost.swap(keys.is_none(), Ordering::Relaxed);
        match &keys {
            None if !was_lost => {
                tracing::warn!("the keys cannot be read; those that are known go on reading for a time");
            }
            Some(_) if was_lost => tracing::info!("the keys can be read again"),
            _ => {}
        }
        let could = keys.is_some();
        if let Some(keys) = keys {
            self.put(keys, asked);
        }
        self.readings.send_modify(|count| *count += 1);
        could
    }

    fn put(&self, keys: Vec<ApiKey>, asked: Instant) {
        let old = self.known.load();
        if old.is_none() && !keys.iter().any(|key| key.is_good(Timestamp::now())) {
            tracing::warn!("no API key is good, so nobody can ask; `portal keys create --name NAME` makes one");
        }
        let old = old.as_ref();
        let held = keys.into_iter().filter_map(|key| {
            let before = old.and_then(|old| old.keys.get(&key.id));
            let held = Held::new(&key, before.map(Arc::as_ref))?;
            // Whoever holds it, too, goes on counting its uses.
            let same = before.filter(|before| before.is_same(&held));
            Some((key.id, same.cloned().unwrap_or_else(|| Arc::new(held))))
        });
        self.known.store(Some(Arc::new(Known { keys: held.collect(), asked })));
    }

    /// Notes when keys were used, each minute at most once.
    async fn note_uses(&self, store: &dyn Keyring) {
        let Some(known) = self.known.load_full() else { return };
        for held in known.keys.values() {
            let used = held.used.load(Ordering::Relaxed);
            if used <= held.noted.load(Ordering::Relaxed) {
                continue;
            }
            let Ok(at) = Timestamp::from_second(used.saturating_mul(60)) else { continue };
            match tokio::time::timeout(PATIENCE, store.key_used(&held.id, at)).await {
                Ok(Ok(())) => {
                    held.noted.fetch_max(used, Ordering::Relaxed);
                }
                Ok(Err(error)) => {
                    // It is tried again with the next one.
                    tracing::debug!(error = chain(&error), "the use of a key could not be noted");
                    return;
                }
                Err(_) => return,
            }
        }
    }
}

impl Held {
    fn new(key: &ApiKey, before: Option<&Held>) -> Option<Held> {
        let Some(hash) = key::from_hex(&key.hash) else {
            tracing::error!(id = key.id.as_str(), "what the store keeps of this key is no hash; it is refused");
            return None;
        };
        let noted = key.used_at.map_or(0, |at| at.as_second().div_euclid(60));
        let used = before.map_or(0, |before| before.used.load(Ordering::Relaxed));
        if let Some(before) = before {
            // Another replica may have noted it.
            before.noted.fetch_max(noted, Ordering::Relaxed);
        }
        Some(Held {
            id: key.id.clone(),
            name: key.name.clone(),
            scope: key.scope,
            hash,
            expires_at: key.expires_at,
            is_revoked: key.revoked_at.is_some(),
            used: AtomicI64::new(used),
            noted: AtomicI64::new(noted),
        })
    }

    fn is_same(&self, other: &Held) -> bool {
        let facts = |held: &Held| (held.hash, held.scope, held.expires_at, held.is_revoked, held.name.clone());
        facts(self) == facts(other)
    }
}

/// Keeps the ring at what the store says, until it is time to stop.
pub(super) async fn follow(ring: &Ring, store: &dyn Keyring, mut stopping: Stopping) {
    let mut rest = GAP;
    loop {
        let could = tokio::select! {
            () = stopping.wait() => break,
            could = ring.read(store) => could,
        };
        rest = if could { GAP } else { jittered(rest * 2).min(LONGEST_REST) };
        if !stopping.sleep(rest).await {
            break;
        }
        // A store that is gone is asked whether it is back, also if nobody wants to know.
        if could {
            ring.note_uses(store).await;
            wait_until_wanted(ring, store, &mut stopping).await;
        }
    }
    ring.note_uses(store).await;
}

async fn wait_until_wanted(ring: &Ring, store: &dyn Keyring, stopping: &mut Stopping) {
    loop {
        tokio::select! {
            () = stopping.wait() => return,
            () = ring.wanted.notified() => return,
            () = tokio::time::sleep(NOTED_WITHIN) => ring.note_uses(store).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use async_trait::async_trait;
    use portal_core::StoreError;
    use portal_core::error::ErrorKind;
    use portal_core::testing::MemoryStore;

    use super::*;
    use crate::serve::Background;

    /// A keyring whose store can be gone, and that counts what it is asked.
    #[derive(Clone, Default)]
    struct Place {
        store: MemoryStore,
        is_gone: Arc<AtomicBool>,
        readings: Arc<AtomicUsize>,
        notes: Arc<AtomicUsize>,
    }

    impl Place {
        fn answer<T>(&self, counter: &AtomicUsize, answer: T) -> Result<T, StoreError> {
            counter.fetch_add(1, Ordering::SeqCst);
            match self.is_gone.load(Ordering::SeqCst) {
                true => Err(StoreError::new(ErrorKind::Unavailable, "gone")),
                false => Ok(answer),
            }
        }

        async fn make(&self, scope: KeyScope) -> Key {
            let key = Key::new().expect("chance");
            self.store.add_key(&kept(&key, scope)).await.expect("kept");
            key
        }
    }

    #[async_trait]
    impl Keyring for Place {
        async fn add_key(&self, key: &ApiKey) -> Result<(), StoreError> {
            self.store.add_key(key).await
        }

        async fn key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
            self.store.key(id).await
        }

        async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
            self.answer(&self.readings, self.store.keys().await?)
        }

        async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
            self.store.revoke_key(id, at).await
        }

        async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
            self.answer(&self.notes, ())?;
            self.store.key_used(id, at).await
        }
    }

    fn kept(key: &Key, scope: KeyScope) -> ApiKey {
        ApiKey {
            id: key.id().into(),
            name: "ci".into(),
            hash: key::hex(&key.hash()).into(),
            scope,
            created_at: Timestamp::now(),
            expires_at: None,
            revoked_at: None,
            used_at: None,
        }
    }

    fn following(place: &Place, grace: Duration) -> (Arc<Ring>, Background) {
        let ring = Arc::new(Ring::new(grace));
        let mut background = Background::default();
        let (follower, store) = (Arc::clone(&ring), place.clone());
        background.spawn("follow", |stopping| async move { follow(&follower, &store, stopping).await });
        (ring, background)
    }

    fn why(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Good(_) => "good",
            Verdict::Refused { why, .. } => why,
            Verdict::CannotTell => "cannot tell",
        }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_key_is_good_from_the_moment_it_is_made_until_it_is_revoked() {
        let place = Place::default();
        let (ring, _background) = following(&place, HOUR);
        let first = place.make(KeyScope::Read).await;
        assert_eq!(why(&ring.judge(first.reveal(), false).await), "good");
        let second = place.make(KeyScope::Admin).await;
        let Verdict::Good(held) = ring.judge(second.reveal(), true).await else { panic!("it was just made") };
        assert_eq!((held.scope, held.id.as_str()), (KeyScope::Admin, second.id()));
        place.store.revoke_key(first.id(), Timestamp::now()).await.expect("revoked");
        let revoked = Instant::now();
        while why(&ring.judge(first.reveal(), false).await) == "good" {
            assert!(revoked.elapsed() < Duration::from_secs(1), "it is still good");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(why(&ring.judge(first.reveal(), false).await), "revoked");
        assert_eq!(why(&ring.judge(second.reveal(), false).await), "good");
    }

    #[tokio::test]
    async fn after_a_rest_the_first_request_sees_what_was_revoked_meanwhile() {
        let place = Place::default();
        let (ring, _background) = following(&place, HOUR);
        let key = place.make(KeyScope::Read).await;
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "good");
        tokio::time::sleep(FRESH + GAP).await;
        let idle = place.readings.load(Ordering::SeqCst);
        place.store.revoke_key(key.id(), Timestamp::now()).await.expect("revoked");
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "revoked");
        assert!(idle <= 3, "nobody asked, and yet the store was: {idle} times");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_key_is_known() {
        let place = Place::default();
        let (ring, _background) = following(&place, HOUR);
        let (good, expired) = (place.make(KeyScope::Read).await, Key::new().expect("chance"));
        let past = Timestamp::from_second(1_000_000_000).expect("a time");
        let old = ApiKey { expires_at: Some(past), ..kept(&expired, KeyScope::Admin) };
        place.store.add_key(&old).await.expect("kept");
        let (id, stranger) = (good.id(), Key::new().expect("chance"));
        let forged = format!("pk_{id}_{}", &stranger.reveal()[16..]);
        for (shown, expected) in
            [(expired.reveal(), "expired"), (stranger.reveal(), "unknown"), (&forged, "wrong"), ("pk_x", "malformed")]
        {
            let verdict = ring.judge(shown, false).await;
            assert_eq!(why(&verdict), expected);
            let Verdict::Refused { id, .. } = verdict else { panic!("{expected}") };
            assert_eq!(id.is_some(), ["expired", "wrong"].contains(&expected), "only ids of real keys are told");
        }
    }

    #[tokio::test]
    async fn any_number_of_requests_and_of_unknown_keys_asks_the_store_a_few_times_a_second() {
        let place = Place::default();
        let (ring, _background) = following(&place, HOUR);
        let good = place.make(KeyScope::Read).await;
        let started = Instant::now();
        let mut asked = 0;
        while started.elapsed() < Duration::from_secs(1) {
            let stranger = Key::new().expect("chance");
            let (verdict, unknown) =
                tokio::join!(ring.judge(good.reveal(), false), ring.judge(stranger.reveal(), false));
            assert_eq!((why(&verdict), why(&unknown)), ("good", "unknown"));
            for _ in 0..100 {
                assert_eq!(why(&ring.judge(good.reveal(), false).await), "good");
            }
            asked += 102;
        }
        let readings = place.readings.load(Ordering::SeqCst);
        assert!(readings <= 13, "{readings} readings for {asked} requests");
        assert!(place.notes.load(Ordering::SeqCst) <= 2, "one note a minute");
    }

    #[tokio::test]
    async fn with_a_store_that_is_gone_known_keys_read_for_a_time_and_change_nothing() {
        let place = Place::default();
        let grace = FRESH_FOR_CHANGES + Duration::from_secs(2);
        let (ring, _background) = following(&place, grace);
        let key = place.make(KeyScope::Admin).await;
        assert_eq!(why(&ring.judge(key.reveal(), true).await), "good");
        place.is_gone.store(true, Ordering::SeqCst);
        let gone = Instant::now();
        tokio::time::sleep(FRESH_FOR_CHANGES + Duration::from_millis(200)).await;
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "good", "reads go on");
        assert_eq!(why(&ring.judge(key.reveal(), true).await), "cannot tell", "changes do not");
        let stranger = Key::new().expect("chance");
        assert_eq!(why(&ring.judge(stranger.reveal(), false).await), "cannot tell", "it may be a new one");
        let quick = Instant::now();
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "good");
        assert!(quick.elapsed() < Duration::from_millis(500), "nobody waits for a store that is known to be gone");
        tokio::time::sleep(grace.saturating_sub(gone.elapsed()) + Duration::from_millis(200)).await;
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "cannot tell", "the time is over");
        place.is_gone.store(false, Ordering::SeqCst);
        let back = Instant::now();
        while why(&ring.judge(key.reveal(), true).await) != "good" {
            assert!(back.elapsed() < Duration::from_secs(10), "it does not notice that the store is back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn without_anybody_who_reads_them_the_keys_open_nothing() {
        let place = Place::default();
        let ring = Ring::new(HOUR);
        let key = place.make(KeyScope::Read).await;
        assert!(ring.read(&place).await);
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "good");
        tokio::time::sleep(FRESH).await;
        assert_eq!(why(&ring.judge(key.reveal(), false).await), "cannot tell");
    }

    #[tokio::test]
    async fn a_use_is_noted_to_the_minute_and_not_lost_when_the_server_stops() {
        let place = Place::default();
        let (ring, background) = following(&place, HOUR);
        let key = place.make(KeyScope::Read).await;
        let before = ApiKey::minute(Timestamp::now());
        for _ in 0..50 {
            assert_eq!(why(&ring.judge(key.reveal(), false).await), "good");
        }
        background.stop(Duration::from_secs(5)).await;
        let used_at = place.store.key(key.id()).await.expect("an answer").expect("kept").used_at.expect("noted");
        assert!(used_at >= before && used_at == ApiKey::minute(used_at), "{used_at}");
        assert!(place.notes.load(Ordering::SeqCst) <= 2, "fifty uses are no fifty writes");
    }
}
