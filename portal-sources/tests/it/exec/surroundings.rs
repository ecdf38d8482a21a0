//! How a program is started: what is looked for where, and what it gets to see.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use portal_core::Coverage;
use portal_sources::exec::Config;

use super::{HALL, in_plain_mode, plain, refusal, sh};
use crate::seen::see;

/// A file with rights in a folder.
fn file(folder: &Path, name: &str, content: &str, mode: u32) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("it is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    path.to_str().expect("a plain path").to_owned()
}

/// What a program printed as the one text of its object.
async fn said(config: Config) -> String {
    let seen = see(&plain(config)).await;
    let kind = seen.kind(HALL, "databases");
    assert!(seen.is_whole(), "{kind:?}");
    kind.objects[0].value["said"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_program_that_does_not_start_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_interpreter = file(folder.path(), "a", "#!/no/such/interpreter\n", 0o755);
    let not_executable = file(folder.path(), "b", "#!/bin/sh\n", 0o644);
    let missing = folder.path().join("c").to_str().expect("a plain path").to_owned();
    for (program, told) in [
        ("no-such-program-anywhere", "`command`: there is no program `no-such-program-anywhere`; install it"),
        (missing.as_str(), "there is no program"),
        (no_interpreter.as_str(), "the interpreter in its first line is not there"),
        (not_executable.as_str(), "make it executable (chmod +x)"),
    ] {
        let text = refusal(Config::new([program])).await;
        assert!(text.contains(told), "{told} in {text}");
        // In plain mode the scope is known all the same.
        let seen = see(&plain(Config::new([program]))).await;
        let (coverage, reason) = seen.ended(HALL, "databases");
        assert_eq!(coverage, Coverage::Failed);
        assert!(reason.contains(told), "{told} in {reason}");
    }
    let nowhere = Config { working_dir: Some(folder.path().join("nowhere")), ..sh("true") };
    let text = refusal(nowhere).await;
    assert!(text.contains("`working_dir`: there is no folder"), "{text}");
}

#[tokio::test]
async fn a_path_is_taken_from_where_the_portal_runs_and_arguments_from_where_the_program_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = file(
        folder.path(),
        "here.sh",
        "#!/bin/sh\nprintf '{\"said\": \"%s %s\"}' \"$(pwd -P)\" \"$(cat \"$1\")\"",
        0o755,
    );
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("a folder");
    file(&inside, "word", "found", 0o644);
    let here = std::env::current_dir().expect("the current directory");
    let up = "../".repeat(here.components().count());
    let relative = |path: &str| format!("{up}{}", path.trim_start_matches('/'));
    let mut config = Config::new([relative(&script), "word".to_owned()]);
    config.working_dir = Some(relative(inside.to_str().expect("a plain path")).into());
    let inside = inside.canonicalize().expect("it is there");
    assert_eq!(said(config).await, format!("{} found", inside.display()));
}

#[tokio::test]
async fn no_shell_reads_the_arguments() {
    let config = Config::new(["printf", "{\"said\": \"%s\"}", "$HOME; rm * | `id` && 'x'"]);
    assert_eq!(said(config).await, "$HOME; rm * | `id` && 'x'");
}

#[tokio::test]
async fn the_environment_is_what_the_configuration_says_and_stdin_is_empty() {
    let script = "printf '{\"said\": \"'; (cat; env) | cut -d= -f1 | sort | tr '\\n' ' '; printf '\"}'";
    // Variables that a shell or the linker's tools set by themselves.
    let own = ["PWD", "OLDPWD", "SHLVL", "_"];
    let always = ["HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ"];
    let names = |said: String| -> Vec<String> {
        said.split_whitespace()
            .filter(|name| !own.contains(name) && !always.contains(name))
            .map(str::to_owned)
            .collect()
    };
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "the test's own environment has more in it");
    assert_eq!(names(said(sh(script)).await), Vec::<String>::new());
    let mut config = sh(script);
    config.env.insert("SITE".to_owned(), "north".to_owned());
    config.pass_env = vec!["CARGO_MANIFEST_*".to_owned(), "CARGO_PKG_NAME".to_owned(), "NOT_THERE".to_owned()];
    let names = names(said(config).await);
    assert!(names.iter().all(|name| name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PKG_NAME" || name == "SITE"));
    assert!(
        ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "SITE"].iter().all(|name| names.iter().any(|n| n == name)),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_table_of_the_configuration_becomes_a_source() {
    let table = r#"command = ["printf", '{"said": "yes"}']
        kind = "databases"
        scope = { path = ["site", "hall-1"] }"#;
    let table: toml::Table = table.parse().expect("a table");
    let source = portal_sources::build("on-prem", "exec", table).expect("a source");
    assert_eq!((source.name(), source.folder()), ("on-prem", "on-prem"));
    assert!(see(&*source).await.is_whole());
    let missing = portal_sources::build("on-prem", "exec", toml::Table::new()).err().expect("no command");
    assert!(missing.to_string().contains("`command`"), "{missing}");
    assert!(portal_sources::keys("exec").is_some_and(|keys| keys.contains(&"pass_env")));
    assert_eq!(in_plain_mode(sh("")).timeout, 540, "before the deadline of the core comes");
}
