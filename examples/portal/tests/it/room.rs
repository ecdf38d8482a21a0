//! A mount namespace of a test's own, for disks that are full or read-only. Whatever is mounted there goes with it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::program::{Program, Ran};

/// A place where other things are mounted than outside of it.
pub(crate) struct Room<'p> {
    program: &'p Program,
    holder: Child,
    /// The holder ends when this is closed, so that the room does not outlive the test's process.
    _open: ChildStdin,
    is_root: bool,
}

impl Room<'_> {
    /// A room in which a shell script ran in the program's folder, to mount what the test needs.
    pub(crate) fn of<'p>(program: &'p Program, script: &str) -> Room<'p> {
        let is_root = std::fs::metadata("/proc/self").expect("/proc is there").uid() == 0;
        let mut unshare = program.command_of(Path::new("unshare"), &[]);
        // Who is not root is it in a user namespace, where root may mount as well.
        unshare.args(if is_root { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"][..] });
        unshare.args(["sh", "-ec", &format!("{script}\necho made; read -r _ || :")]);
        let mut holder = unshare.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare starts");
        let mut made = String::new();
        BufReader::new(holder.stdout.take().expect("it is piped")).read_line(&mut made).expect("its output");
        assert_eq!(made, "made\n", "`unshare --mount` and mounting are needed to make a disk full: {script}");
        let open = holder.stdin.take().expect("it is piped");
        Room { program, holder, _open: open, is_root }
    }

    /// Runs the binary in the room.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let program = [&[env!("CARGO_BIN_EXE_portal")], args].concat();
        self.enter("exec \"$@\"", &program)
    }

    /// Runs a shell script in the room, in the program's folder.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) {
        let ran = self.enter(script, &[]);
        assert_eq!(ran.code, 0, "{script}\n{}", ran.err);
    }

    fn enter(&self, script: &str, args: &[&str]) -> Ran {
        let mut nsenter: Command = self.program.command_of(Path::new("nsenter"), &[]);
        nsenter.arg(format!("--target={}", self.holder.id())).arg("--mount");
        if !self.is_root {
            nsenter.args(["--user", "--preserve-credentials"]);
        }
        // The folder is entered from inside: from outside it would show what is mounted there.
        nsenter.args(["sh", "-ec", &format!("cd \"$0\"; {script}")]).arg(self.program.path()).args(args);
        Ran::of(&mut nsenter)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
