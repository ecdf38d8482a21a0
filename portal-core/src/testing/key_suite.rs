//! What every keyring has to prove: one function per clause of the contract of [`Keyring`].

use async_trait::async_trait;
use futures::future::join_all;
use jiff::SignedDuration;

use crate::error::ErrorKind;
use crate::keys::{ApiKey, KeyScope, Keyring};
use crate::testing::estate::time;

/// One empty keyring, which can be opened as often as a clause needs.
#[async_trait]
pub trait KeyFixture: Send + Sync {
    /// Another handle to the same keyring, as another process would open it.
    async fn open(&self) -> Box<dyn Keyring>;
}

/// Makes a named test of every clause of [`key_suite`](mod@crate::testing::key_suite).
///
/// `block_on` drives a future to its end; `fixture` is evaluated anew for each test.
#[macro_export]
macro_rules! key_suite {
    (block_on: $block_on:expr, fixture: $fixture:expr $(,)?) => {
        $crate::key_suite! { @clauses $block_on, $fixture;
            a_key_comes_back_as_it_was
            an_unknown_key_is_none
            a_second_key_of_an_id_is_a_conflict
            of_two_keys_of_an_id_at_once_one_is_kept
            a_key_that_cannot_be_kept_is_refused
            keys_are_sorted_by_when_they_were_made
            a_key_is_revoked_once_and_stays
            an_expired_key_stays
            the_newest_use_is_kept_to_the_minute
            a_use_of_an_unknown_key_is_no_error
        }
    };
    (@clauses $block_on:expr, $fixture:expr; $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let fixture = $fixture;
                ($block_on)($crate::testing::key_suite::$clause(&fixture));
            }
        )*
    };
}

/// All of it, by every handle.
pub async fn a_key_comes_back_as_it_was(fixture: &dyn KeyFixture) {
    let (one, two) = (fixture.open().await, fixture.open().await);
    let hostile = "'; DROP TABLE api_key; -- \" \\ \u{1} \u{1F600} $1";
    for (at, scope) in [KeyScope::Read, KeyScope::Write, KeyScope::Admin].into_iter().enumerate() {
        let id = format!("{hostile}{at}");
        let all = ApiKey {
            name: hostile.into(),
            scope,
            expires_at: Some(time(9)),
            revoked_at: Some(time(8)),
            used_at: Some(time(7)),
            ..key(&id, 1)
        };
        one.add_key(&all).await.expect("kept");
        assert_eq!(two.key(&id).await.expect("an answer"), Some(all));
    }
    one.add_key(&key("plain", 1)).await.expect("kept");
    assert_eq!(two.key("plain").await.expect("an answer"), Some(key("plain", 1)));
}

/// Whatever somebody shows as a key.
pub async fn an_unknown_key_is_none(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    ring.add_key(&key("a", 1)).await.expect("kept");
    for id in ["b", "", "A", "a ", "a\0", "' OR 1=1 --", &"x".repeat(100_000)] {
        assert_eq!(ring.key(id).await.expect("an answer"), None, "{id:?}");
        assert!(!ring.revoke_key(id, time(2)).await.expect("an answer"), "{id:?}");
    }
}

/// The first one stays as it is.
pub async fn a_second_key_of_an_id_is_a_conflict(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    ring.add_key(&key("a", 1)).await.expect("kept");
    for second in [key("a", 1), ApiKey { hash: "other".into(), ..key("a", 2) }] {
        let error = ring.add_key(&second).await.expect_err("it is there");
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
    assert_eq!(ring.keys().await.expect("keys"), [key("a", 1)]);
}

/// Whoever comes second is told.
pub async fn of_two_keys_of_an_id_at_once_one_is_kept(fixture: &dyn KeyFixture) {
    let rings = join_all((0..4).map(|_| fixture.open())).await;
    let keys: Vec<ApiKey> = (0..4).map(|at| ApiKey { hash: at.to_string().into(), ..key("a", 1) }).collect();
    let added = join_all(rings.iter().zip(&keys).map(|(ring, key)| ring.add_key(key))).await;
    let kept: Vec<&ApiKey> = added.iter().zip(&keys).filter(|(added, _)| added.is_ok()).map(|(_, key)| key).collect();
    assert_eq!(kept.len(), 1, "{added:?}");
    assert_eq!(rings[0].key("a").await.expect("an answer").as_ref(), Some(kept[0]));
}

/// Databases do not keep the character NUL.
pub async fn a_key_that_cannot_be_kept_is_refused(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    let error = ring.add_key(&ApiKey { name: "a\0".into(), ..key("a", 1) }).await.expect_err("NUL");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert!(error.to_string().contains("name"), "{error}");
    assert_eq!(ring.keys().await.expect("keys"), []);
}

/// Then by id.
pub async fn keys_are_sorted_by_when_they_were_made(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    let late = ApiKey { created_at: time(2) + SignedDuration::from_millis(500), ..key("aa", 2) };
    for key in [key("d", 1), late, key("z", 2), key("c", 2), key("b", 3)] {
        ring.add_key(&key).await.expect("kept");
    }
    let ids: Vec<String> = ring.keys().await.expect("keys").iter().map(|key| key.id.to_string()).collect();
    assert_eq!(ids, ["d", "c", "z", "aa", "b"]);
}

/// The first time counts, and the key is there to be looked at.
pub async fn a_key_is_revoked_once_and_stays(fixture: &dyn KeyFixture) {
    let (ring, other) = (fixture.open().await, fixture.open().await);
    ring.add_key(&key("a", 1)).await.expect("kept");
    assert!(ring.revoke_key("a", time(5)).await.expect("an answer"));
    assert!(!ring.revoke_key("a", time(6)).await.expect("an answer"));
    let revoked = ApiKey { revoked_at: Some(time(5)), ..key("a", 1) };
    assert_eq!(other.key("a").await.expect("an answer"), Some(revoked.clone()));
    assert!(!revoked.is_good(time(2)));
    assert_eq!(other.keys().await.expect("keys"), [revoked]);
}

/// Whether a key is good is not the keyring's question.
pub async fn an_expired_key_stays(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    let expired = ApiKey { expires_at: Some(time(0)), ..key("a", 1) };
    ring.add_key(&expired).await.expect("kept");
    assert_eq!(ring.key("a").await.expect("an answer"), Some(expired));
}

/// Uses may be noted in any order.
pub async fn the_newest_use_is_kept_to_the_minute(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    ring.add_key(&key("a", 1)).await.expect("kept");
    for (used, expected) in [(5, 5), (3, 5), (8, 8), (8, 8)] {
        let exact = ApiKey::minute(time(used)) + SignedDuration::from_millis(42_500);
        ring.key_used("a", exact).await.expect("noted");
        let kept = ring.key("a").await.expect("an answer").and_then(|key| key.used_at);
        assert_eq!(kept, Some(ApiKey::minute(time(expected))));
    }
}

/// It may have been taken away in between.
pub async fn a_use_of_an_unknown_key_is_no_error(fixture: &dyn KeyFixture) {
    let ring = fixture.open().await;
    for id in ["a", "a\0"] {
        ring.key_used(id, time(1)).await.expect("no error");
    }
    assert_eq!(ring.keys().await.expect("keys"), []);
}

fn key(id: &str, made: u64) -> ApiKey {
    ApiKey {
        id: id.into(),
        name: "a program".into(),
        hash: "00".repeat(32).into(),
        scope: KeyScope::Write,
        created_at: time(made),
        expires_at: None,
        revoked_at: None,
        used_at: None,
    }
}
