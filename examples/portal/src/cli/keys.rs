//! `keys`: API keys for `portal serve --auth keys`.

use jiff::{SignedDuration, Timestamp};
use portal_core::error::ErrorKind;
use portal_core::{ApiKey, KeyScope, Keyring, Store as _};
use portal_store::SqlStore;
use serde::Serialize;

use super::args::{Output, ScopeArgument};
use super::context::Context;
use super::error::{FindError, Usage};
use super::exit::Exit;
use super::output;
use crate::key::{self, Key};

/// The longest name: it stands in lists and in the history of what was edited.
const LONGEST_NAME: usize = 100;

/// A key that was just made.
#[derive(Serialize)]
struct Made<'k> {
    #[serde(flatten)]
    key: Listed<'k>,
    /// The whole text, which is shown now and never again.
    #[serde(rename = "key")]
    secret: &'k str,
}

/// A key as it is listed.
#[derive(Serialize)]
struct Listed<'k> {
    id: &'k str,
    name: &'k str,
    scope: KeyScope,
    state: &'static str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct KeyList<'k> {
    items: Vec<Listed<'k>>,
}

pub(super) async fn create(
    context: &Context,
    name: &str,
    scope: ScopeArgument,
    expires: Option<&str>,
) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let (name, expires_at) = (checked_name(name)?, expires.map(|age| end(now, age)).transpose()?);
    let scope = match scope {
        ScopeArgument::Read => KeyScope::Read,
        ScopeArgument::Write => KeyScope::Write,
        ScopeArgument::Admin => KeyScope::Admin,
    };
    let store = SqlStore::open(&context.store_url).await?;
    let (secret, key) = add(&store, |secret| ApiKey {
        id: secret.id().into(),
        name: name.into(),
        hash: key::hex(&secret.hash()).into(),
        scope,
        created_at: now,
        expires_at,
        revoked_at: None,
        used_at: None,
    })
    .await?;
    match context.output {
        Output::Json => output::json(&Made { key: Listed::new(&key, now), secret: secret.reveal() })?,
        Output::Table => output::text_out(&format!("{}\n", secret.reveal()))?,
    }
    let until = expires_at.map_or(String::new(), |end| format!(", until {}", minute(end)));
    eprintln!(
        "made the key {} ({}, {}{until}) in {}\n  hint: it is shown this once; send it as `Authorization: Bearer pk_…`, and \
         end it with `portal keys revoke {}`",
        key.id,
        output::clean(name),
        word(scope),
        store.location(),
        key.id
    );
    Ok(Exit::Done)
}

pub(super) async fn list(context: &Context) -> anyhow::Result<Exit> {
    let store = SqlStore::open_existing(&context.store_url).await?;
    let (keys, now) = (store.keys().await?, Timestamp::now());
    let items: Vec<Listed<'_>> = keys.iter().map(|key| Listed::new(key, now)).collect();
    match context.output {
        Output::Json => output::json(&KeyList { items })?,
        Output::Table if items.is_empty() => {
            output::text_out("no key was made yet\n`portal keys create --name NAME` makes one\n")?;
        }
        Output::Table => {
            let header = ["id", "name", "scope", "state", "created", "expires", "last used"];
            let time = |at: Option<Timestamp>| output::or_dash(at.map(minute).as_deref());
            let lines = items.iter().map(|key| {
                vec![
                    key.id.to_owned(),
                    key.name.to_owned(),
                    word(key.scope).to_owned(),
                    key.state.to_owned(),
                    minute(key.created_at),
                    time(key.expires_at),
                    time(key.used_at),
                ]
            });
            output::text_out(&output::table(&header, lines))?;
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn revoke(context: &Context, id: &str) -> anyhow::Result<Exit> {
    // Whoever pastes the whole key means its id.
    let pasted: Result<Key, _> = id.parse();
    let id = pasted.as_ref().map_or(id, Key::id);
    let store = SqlStore::open_existing(&context.store_url).await?;
    let now = Timestamp::now();
    let was_good = store.revoke_key(id, now).await?;
    let Some(key) = store.key(id).await? else {
        let message = format!(
            "there is no key `{}` in {}\n  hint: `portal keys list` prints the id of each",
            output::clean(&id.chars().take(80).collect::<String>()),
            store.location()
        );
        return Err(FindError::Other(message).into());
    };
    match context.output {
        Output::Json => output::json(&Listed::new(&key, now))?,
        Output::Table => {
            let name = output::clean(&key.name);
            output::text_out(&if was_good {
                format!("revoked {id} ({name}); servers refuse it within a second\n")
            } else {
                format!("{id} ({name}) was revoked before, {}\n", key.revoked_at.map(minute).unwrap_or_default())
            })?;
        }
    }
    Ok(Exit::Done)
}

impl<'k> Listed<'k> {
    fn new(key: &'k ApiKey, now: Timestamp) -> Listed<'k> {
        let state = match key {
            key if key.revoked_at.is_some() => "revoked",
            key if !key.is_good(now) => "expired",
            _ => "good",
        };
        Listed {
            id: &key.id,
            name: &key.name,
            scope: key.scope,
            state,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            used_at: key.used_at,
        }
    }
}

/// Keeps a new key. That its id is taken is as good as impossible, and no reason to fail.
async fn add(store: &SqlStore, kept: impl Fn(&Key) -> ApiKey) -> anyhow::Result<(Key, ApiKey)> {
    loop {
        let secret = Key::new()?;
        let key = kept(&secret);
        match store.add_key(&key).await {
            Ok(()) => return Ok((secret, key)),
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn checked_name(name: &str) -> Result<&str, Usage> {
    let name = name.trim();
    let wrong = match name {
        "" => "a key needs a name; say who or what uses it",
        long if long.chars().count() > LONGEST_NAME => "the name of a key has at most 100 letters",
        odd if odd.chars().any(char::is_control) => "the name of a key is one line without control characters",
        // It would stand in every list of keys.
        secret if Key::is_in(secret) => "the name of a key is shown to everybody, and this one holds a key",
        _ => return Ok(name),
    };
    Err(Usage(wrong.to_owned()))
}

/// `90d`, `12h`: a whole number and the letter of its unit.
fn end(now: Timestamp, age: &str) -> Result<Timestamp, Usage> {
    let hours = || {
        let unit = age.chars().next_back()?;
        let number: u32 = age[..age.len() - unit.len_utf8()].parse().ok()?;
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 24 * 7,
            _ => return None,
        };
        // A key for longer than ten years is meant to have no end.
        let hours = i64::from(number) * hours;
        (1..=10 * 366 * 24).contains(&hours).then(|| SignedDuration::from_hours(hours))
    };
    hours().and_then(|time| now.checked_add(time).ok()).ok_or_else(|| {
        let age = output::clean(&age.chars().take(80).collect::<String>());
        Usage(format!("`--expires {age}` is no time until ten years from now; write 12h, 90d or 52w"))
    })
}

fn word(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Read => "read",
        KeyScope::Write => "write",
        KeyScope::Admin => "admin",
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let of = |age: &str| end(now, age).map(|end| end.as_second() - now.as_second());
        assert_eq!(of("1h").expect("a time"), 3600);
        assert_eq!(of("90d").expect("a time"), 90 * 86400);
        assert_eq!(of("2w").expect("a time"), 14 * 86400);
        for wrong in ["", "0d", "d", "90", "-1d", "1y", "99999d", "1.5d", "4294967296h", "é"] {
            let told = of(wrong).expect_err(wrong).to_string();
            assert!(told.contains("90d"), "{told}");
        }
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(checked_name(" ci ").expect("a name"), "ci");
        let secret = Key::new().expect("chance");
        for wrong in ["", "  ", "a\nb", "\u{1b}[31m", &"x".repeat(101), secret.reveal()] {
            checked_name(wrong).expect_err(wrong);
        }
    }
}
