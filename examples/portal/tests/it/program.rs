//! Runs the `portal` binary in a folder of its own, with an environment that holds nothing of the developer's.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The binary, and the folder where it runs: `portal.toml`, lake, store and home are there.
pub(crate) struct Program {
    folder: TempDir,
    environment: Vec<(OsString, OsString)>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Program {
    /// A folder without a `portal.toml`.
    pub(crate) fn new() -> Program {
        Program { folder: TempDir::new().expect("a temporary folder"), environment: Vec::new() }
    }

    /// A folder with this `portal.toml`.
    pub(crate) fn with_config(toml: &str) -> Program {
        let program = Program::new();
        program.configure(toml);
        program
    }

    /// Writes `portal.toml`.
    pub(crate) fn configure(&self, toml: &str) {
        self.write("portal.toml", toml);
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("the folders are made");
        std::fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }

    /// Sets an environment variable for the runs to come.
    pub(crate) fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Program {
        self.environment.push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Every file in the folder and below, hidden ones too.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files_below(self.path())
    }

    /// The binary with arguments, for tests that start it in a way of their own.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_portal")), args)
    }

    /// Another program in the same folder and environment.
    pub(crate) fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Runs the binary, and fails the test unless it ends with this exit code.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, code, "portal {args:?}\n{}\n{}", ran.out, ran.err);
        ran
    }

    /// Runs the binary with `-o json`, and reads what it prints; nothing printed is `null`.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> (i32, Value) {
        let args = [args, &["-o", "json"]].concat();
        let ran = self.run(&args);
        if ran.out.is_empty() {
            return (ran.code, Value::Null);
        }
        let value = serde_json::from_str(&ran.out)
            .unwrap_or_else(|e| panic!("portal {args:?} prints no JSON ({e}):\n{}\n{}", ran.out, ran.err));
        (ran.code, value)
    }

    /// The answer of a run that has to end with exit code 0.
    #[track_caller]
    pub(crate) fn answer(&self, args: &[&str]) -> Value {
        let (code, value) = self.json(args);
        assert_eq!(code, 0, "portal {args:?}: {value:#}");
        value
    }

    /// The items of a list that can be had.
    #[track_caller]
    pub(crate) fn items(&self, args: &[&str]) -> Vec<Value> {
        let answer = self.answer(args);
        answer["items"].as_array().unwrap_or_else(|| panic!("portal {args:?} lists no items: {answer:#}")).clone()
    }
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Ran {
        let output = command.output().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        Ran {
            // A signal has no code; no test expects this one.
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless standard error has each of these words, and nothing that only a developer can read.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) -> &Ran {
        for word in words {
            assert!(
                self.err.contains(word) || self.out.contains(word),
                "not said: {word:?}\n{}\n{}",
                self.out,
                self.err
            );
        }
        self.is_for_people()
    }

    /// Fails the test if something that only a developer can read was printed.
    #[track_caller]
    pub(crate) fn is_for_people(&self) -> &Ran {
        for dump in ["panicked", "RUST_BACKTRACE", "Error {", "Some(", "Os {", "\\\""] {
            let printed = [&self.out, &self.err].into_iter().find(|text| text.contains(dump));
            assert!(printed.is_none(), "{dump:?} is not for people:\n{}\n{}", self.out, self.err);
        }
        self
    }
}

/// Every file below a folder, without following links.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let entry = entry.expect("an entry");
            let is_folder = entry.file_type().expect("its type").is_dir();
            if is_folder { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    files
}
