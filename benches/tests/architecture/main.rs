//! The invariants of ARCHITECTURE.md that can be read from the tree: what no crate may know, and what no file may say.
//!
//! `crates` asks cargo who depends on whom; `code` reads the text of the sources, without comments, strings and tests.
//! Every test names the file, the line and the reason. The others are kept where they live: that `resolve` is pure in
//! the core's tests, that what could not be read is not absent in the suites of `portal_core::testing`.

mod code;
mod crates;
mod dependencies;
mod sources;

use std::path::PathBuf;

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("benches is a folder of the workspace").to_owned()
}

/// Fails with all that breaks a rule, and with the reason why there is such a rule.
#[track_caller]
fn check(rule: &str, reason: &str, broken: &[String]) {
    assert!(
        broken.is_empty(),
        "\n\n{} of the rule: {rule}\nreason: {reason}\n\n  {}\n",
        if broken.len() == 1 { "one breach".to_owned() } else { format!("{} breaches", broken.len()) },
        broken.join("\n  ")
    );
}
