//! `portal keys`: made once, listed without secrets, revoked for good.

use super::{id, key};
use crate::program::Program;

#[test]
fn a_key_is_printed_once_and_nothing_keeps_it() {
    let program = Program::new();
    let ran = program.expect(0, &["keys", "create", "--name", "ci", "--scope", "write", "--expires", "90d"]);
    let made = ran.out.trim_end();
    assert_eq!(ran.out, format!("{made}\n"), "the key alone, for `KEY=$(portal keys create …)`");
    let (parts, secret) = (made.split('_').count(), made.rsplit('_').next().expect("a secret"));
    assert!(made.starts_with("pk_") && parts == 3 && secret.len() * 5 >= 256, "{made}");
    assert!(!ran.err.contains(secret), "{}", ran.err);
    ran.says(&["ci", "write", "shown this once", "until"]);
    for file in program.files() {
        let kept = std::fs::read(&file).expect("a file");
        assert!(!kept.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", file.display());
    }
    let listed = program.expect(0, &["keys", "list"]);
    assert!(listed.out.contains(id(made)) && !listed.out.contains(secret), "{}", listed.out);
    let listed = program.answer(&["keys", "list"]);
    assert!(!listed.to_string().contains(secret) && !listed.to_string().contains("hash"), "{listed:#}");
}

#[test]
fn machines_get_the_same_as_people() {
    let program = Program::new();
    let made = program.answer(&["keys", "create", "--name", "ci"]);
    let text = made["key"].as_str().expect("the key");
    assert_eq!((made["id"].as_str(), made["scope"].as_str()), (Some(id(text)), Some("read")), "the least by default");
    assert_eq!((made["state"].as_str(), &made["expires_at"]), (Some("good"), &serde_json::Value::Null));
    let second = program.answer(&["keys", "create", "--name", "dash", "--scope", "admin", "--expires", "1h"]);
    let items = program.items(&["keys", "list"]);
    assert_eq!(items.len(), 2);
    assert_eq!((&items[0]["id"], &items[1]["id"]), (&made["id"], &second["id"]));
    assert!(items.iter().all(|item| item["key"].is_null()), "{items:#?}");
    assert!(items[1]["expires_at"].as_str() > items[1]["created_at"].as_str());
}

#[test]
fn a_key_is_revoked_for_good_and_stays_in_the_list() {
    let program = Program::new();
    let made = key(&program, &[]);
    program.expect(0, &["keys", "revoke", id(&made)]).says(&["revoked", "a program"]);
    program.expect(0, &["keys", "revoke", id(&made)]).says(&["was revoked before"]);
    let items = program.items(&["keys", "list"]);
    assert_eq!((items.len(), items[0]["state"].as_str()), (1, Some("revoked")));
    assert!(items[0]["revoked_at"].is_string());
}

#[test]
fn what_is_wrong_is_told_with_an_exit_code() {
    let program = Program::new();
    program.expect(1, &["keys", "list"]).says(&["portal.db"]);
    key(&program, &[]);
    program.expect(4, &["keys", "revoke", "nobody"]).says(&["`nobody`", "portal keys list"]);
    program.expect(4, &["keys", "revoke", "a\u{1b}[31m' OR 1=1 --"]).is_for_people();
    for wrong in [
        &["keys", "create"][..],
        &["keys", "create", "--name", " "],
        &["keys", "create", "--name", "a\nb"],
        &["keys", "create", "--name", "a", "--scope", "root"],
        &["keys", "create", "--name", "a", "--expires", "soon"],
        &["keys", "create", "--name", "a", "--expires", "0d"],
        &["keys", "revoke"],
        &["keys"],
    ] {
        program.expect(2, wrong).is_for_people();
    }
    assert_eq!(program.items(&["keys", "list"]).len(), 1, "nothing was made by mistake");
}
