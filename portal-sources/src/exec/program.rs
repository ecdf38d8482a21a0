//! Runs the program: starts it with an environment of its own, follows it, and ends all that it started.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use portal_core::{ErrorKind, SourceError};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::config::Config;
use super::lines::{Listener, each_line};
use super::words::{LastWords, clean};

/// How long a program may go on after its stdout is closed, and its stdout be held open after it has ended.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait for the rest of stderr, and for the end of a program that was killed.
const REST: Duration = Duration::from_secs(1);

/// Runs the program of a source once, and hands each line of its stdout to a listener.
///
/// When this returns or is dropped, the program is gone, with all that it started in its process group.
///
/// # Errors
/// If the program could not be started, or did not come to a good end; the text says what happened.
pub(super) async fn run(source: &str, config: &Config, listener: &mut dyn Listener) -> Result<(), SourceError> {
    let mut running = Running::start(config)?;
    let (Some(stdout), Some(stderr)) = (running.child.stdout.take(), running.child.stderr.take()) else {
        return Err(SourceError::new(ErrorKind::Unexpected, "the program has no stdout or stderr"));
    };
    let last = Mutex::new(LastWords::default());
    let ended = {
        let listening = pin!(LastWords::listen(&last, source, stderr));
        let reading = each_line(stdout, config.max_output_mib, listener);
        let following = pin!(timeout(Duration::from_secs(config.timeout), follow(&mut running.child, reading)));
        match select(following, listening).await {
            Either::Left((ended, listening)) => {
                // Whoever still holds stderr open ends now, so that its rest can be read.
                running.group.end();
                let _ = timeout(REST, listening).await;
                ended
            }
            Either::Right(((), following)) => following.await,
        }
    };
    running.end().await;
    let what = match ended {
        Ok(Ok(status)) if status.success() => return Ok(()),
        Ok(Ok(status)) => how_it_ended(status),
        Ok(Err(problem)) => problem,
        Err(_) => format!("it did not end within {} s, and was stopped; `timeout` says how long", config.timeout),
    };
    let told = last.lock().unwrap_or_else(PoisonError::into_inner).told(source);
    let reason = format!("program {}: {what}{told}", shown(config));
    tracing::warn!(source, "{reason}");
    Err(SourceError::new(ErrorKind::Unavailable, reason))
}

/// Follows a program until it has ended and its stdout is read; the text says why it is not followed any further.
async fn follow(child: &mut Child, reading: impl Future<Output = Result<(), String>>) -> Result<ExitStatus, String> {
    let reading = pin!(reading);
    let ending = pin!(child.wait());
    let lost = |error: io::Error| format!("its end was not seen: {error}");
    match select(reading, ending).await {
        Either::Left((Err(problem), _)) => Err(problem),
        Either::Left((Ok(()), ending)) => match timeout(GRACE, ending).await {
            Ok(status) => status.map_err(lost),
            Err(_) => Err(format!(
                "it closed its stdout, did not end within {} s after that, and was stopped",
                GRACE.as_secs()
            )),
        },
        // What it started may still print: only when stdout is closed, all was said.
        Either::Right((status, reading)) => match timeout(GRACE, reading).await {
            Ok(Ok(())) => status.map_err(lost),
            Ok(Err(problem)) => Err(problem),
            Err(_) => Err(format!(
                "it ended, but something that it had started kept its stdout open for more than {} s; let the program \
                 wait for what it starts",
                GRACE.as_secs()
            )),
        },
    }
}

/// A program that was started. Dropped, it ends with all that it started.
struct Running {
    group: Group,
    child: Child,
}

impl Running {
    fn start(config: &Config) -> Result<Running, SourceError> {
        let here = |path: &Path| {
            std::path::absolute(path).map_err(|error| {
                SourceError::new(ErrorKind::Unavailable, "the current directory cannot be found out").caused_by(error)
            })
        };
        // A path is taken from where the portal runs, not from where the program will.
        let program = match config.command.first() {
            Some(program) if program.contains('/') => here(Path::new(program))?,
            program => PathBuf::from(program.map_or("", String::as_str)),
        };
        let mut command = Command::new(&program);
        command.args(config.command.iter().skip(1));
        if let Some(folder) = &config.working_dir {
            let folder = here(folder)?;
            if !folder.is_dir() {
                let problem = format!("`working_dir`: there is no folder {}; make it, or correct it", folder.display());
                return Err(SourceError::new(ErrorKind::Invalid, problem));
            }
            command.current_dir(folder);
        }
        let passed = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| config.passes(name)));
        command.env_clear().envs(passed).envs(&config.env);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let child = command.spawn().map_err(|error| not_started(config, &program, error))?;
        let group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
        Ok(Running { group, child })
    }

    /// Ends it and sees it off.
    async fn end(mut self) {
        self.group.end();
        let _ = timeout(REST, self.child.wait()).await;
    }
}

/// The process group of a program: itself and what it started, unless that left the group.
struct Group(Option<Pid>);

impl Group {
    /// Kills what is left of the group, once. Its number is not used for another one before, for this comes right
    /// after the end of the program, and a group lives as long as anybody is in it.
    fn end(&mut self) {
        if let Some(leader) = self.0.take() {
            // There is nobody left to kill, mostly.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// The program as reasons name it: arguments may hold what not everybody should read.
fn shown(config: &Config) -> String {
    format!("`{}`", clean(config.command.first().map_or("", String::as_str)))
}

fn how_it_ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with exit code {code}"),
        (None, Some(signal)) => format!("it was killed by signal {signal}"),
        (None, None) => format!("it ended with {status}"),
    }
}

/// Never `NotFound`: a program that is not there does not say that all that it once saw is gone.
fn not_started(config: &Config, program: &Path, error: io::Error) -> SourceError {
    let shown = shown(config);
    let problem = match error.kind() {
        io::ErrorKind::NotFound if program.is_absolute() && program.exists() => {
            format!(
                "`command`: {shown} does not start, for the interpreter in its first line is not there; correct that line"
            )
        }
        io::ErrorKind::NotFound => {
            format!("`command`: there is no program {shown}; install it, write its path, or set PATH in `env`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("`command`: {shown} may not be run; make it executable (chmod +x), or name its interpreter first")
        }
        _ => format!("`command`: {shown} does not start; run it by hand to see why"),
    };
    SourceError::new(ErrorKind::Invalid, problem).caused_by(error)
}
