//! Programs that do not come to a good end, and that none of them outlives its run.

use std::future::Future;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use portal_core::{Coverage, SnapshotWriter, Source};
use portal_sources::exec::Config;

use super::{HALL, hall, plain, prints, python, refusal, sh, source};
use crate::seen::see;

/// How the read of a program in plain mode ended.
async fn ended(config: Config) -> (Coverage, String) {
    let seen = see(&plain(config)).await;
    let (coverage, reason) = seen.ended(HALL, "databases");
    (coverage, reason.to_owned())
}

/// A program that calls back on a connection which its child shares, and then stays.
fn stays() -> (TcpListener, Config) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let script = format!(
        "import socket, subprocess, time\n\
         call = socket.create_connection(('127.0.0.1', {port}))\n\
         subprocess.Popen(['sleep', '1000'], pass_fds=[call.fileno()])\n\
         call.sendall(b'!')\n\
         print('{{\"id\": \"a\"}}', flush=True)\n\
         time.sleep(1000)\n"
    );
    (listener, python(&script))
}

/// Waits until the program and its child have called.
async fn called(listener: TcpListener) -> TcpStream {
    let wait = tokio::task::spawn_blocking(move || {
        let (mut call, _) = listener.accept().expect("a call");
        call.set_read_timeout(Some(Duration::from_secs(20))).expect("a deadline");
        call.read_exact(&mut [0]).expect("the program has started its child");
        call
    });
    wait.await.expect("it ends")
}

/// Waits until nobody holds the connection any more.
async fn all_gone(mut call: TcpStream) -> bool {
    let wait = tokio::task::spawn_blocking(move || {
        matches!(call.read(&mut [0]), Ok(0)) || call.take_error().is_ok_and(|e| e.is_some())
    });
    wait.await.expect("it ends")
}

#[tokio::test]
async fn a_program_that_never_ends_is_stopped_with_all_that_it_started() {
    let (listener, config) = stays();
    let source = plain(Config { timeout: 5, ..config });
    let (seen, call) = futures::future::join(see(&source), called(listener)).await;
    let (coverage, reason) = seen.ended(HALL, "databases");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("did not end within 5 s, and was stopped; `timeout`"), "{reason}");
    assert!(all_gone(call).await, "a child lives on");
}

#[tokio::test]
async fn a_run_that_is_broken_off_leaves_no_process_behind() {
    let (listener, config) = stays();
    let source = plain(config);
    let out = SnapshotWriter::default();
    let scope = hall();
    let call = match futures::future::select(source.collect(&scope, &out), Box::pin(called(listener))).await {
        futures::future::Either::Right((call, collecting)) => {
            drop(collecting);
            call
        }
        futures::future::Either::Left(_) => panic!("the program ended"),
    };
    assert!(all_gone(call).await, "a process lives on");
}

#[tokio::test]
async fn what_a_program_leaves_running_ends_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let script = format!(
        "import socket, subprocess\n\
         call = socket.create_connection(('127.0.0.1', {port}))\n\
         subprocess.Popen(['sleep', '1000'], pass_fds=[call.fileno()], stdout=subprocess.DEVNULL)\n\
         call.sendall(b'!')\n"
    );
    let source = plain(python(&script));
    let (seen, call) = futures::future::join(see(&source), called(listener)).await;
    assert!(seen.is_whole(), "{:?}", seen.ended(HALL, "databases"));
    assert!(all_gone(call).await, "a child lives on");
}

#[tokio::test]
async fn a_program_that_closes_stdout_and_goes_on_did_not_end_well() {
    let (coverage, reason) = ended(sh("echo '{\"id\": \"a\"}'; exec >&-; sleep 1000")).await;
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("closed its stdout, did not end within 5 s after that, and was stopped"), "{reason}");
}

#[tokio::test]
async fn output_that_a_child_holds_open_is_not_whole() {
    let (coverage, reason) = ended(sh("echo '{\"id\": \"a\"}'; sleep 1000 &")).await;
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("something that it had started kept its stdout open"), "{reason}");
}

#[tokio::test]
async fn what_a_child_prints_after_its_parent_has_ended_is_read() {
    let late = "import os, sys\nif os.fork() == 0:\n while os.getppid() == int(sys.argv[1]): pass\n print('{\"id\": \"late\"}')";
    let config = sh("exec python3 -c \"$LATE\" $$");
    let config = Config { env: [("LATE".to_owned(), late.to_owned())].into(), ..config };
    let seen = see(&plain(config)).await;
    assert!(seen.is_whole(), "{:?}", seen.ended(HALL, "databases"));
    assert_eq!(seen.kind(HALL, "databases").objects.len(), 1);
}

#[tokio::test]
async fn half_a_last_line_of_a_killed_program_is_no_object() {
    let config = prints("{\"id\": \"a\"}\n{\"id\": \"b\", \"ow", "kill -9 $$");
    let (coverage, reason) = ended(config).await;
    assert_eq!(coverage, Coverage::Partial);
    for told in ["killed by signal 9", "line 2, the last one and perhaps cut off: it is no JSON"] {
        assert!(reason.contains(told), "{told} in {reason}");
    }
    // Cut just before its end, it is not to be told from a whole one; the signal says that more was to come.
    let (coverage, reason) = ended(prints("{\"id\": \"a\"}", "kill -9 $$")).await;
    assert_eq!((coverage, reason.contains("signal 9")), (Coverage::Partial, true));
}

#[tokio::test]
async fn binary_rubbish_is_no_list() {
    let rubbish = "head -c 300000 /dev/urandom";
    let (coverage, reason) = ended(sh(rubbish)).await;
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("line 1") && reason.len() < 1000 && !reason.contains(char::is_control), "{reason:?}");
    let text = refusal(sh(rubbish)).await;
    assert!(text.contains("line 1: the first line has to be"), "{text}");
}

#[tokio::test]
async fn a_line_without_end_is_not_kept() {
    let (coverage, reason) =
        ended(sh("echo '{\"id\": \"a\"}'; head -c 100000000 /dev/zero | tr '\\0' x; sleep 1000")).await;
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("line 2 is longer than 16 MiB"), "{reason}");
}

#[tokio::test]
async fn output_without_end_is_stopped() {
    let (coverage, reason) = ended(Config { max_output_mib: 1, ..sh("yes '{\"id\": \"a\"}' >&2 & yes '[]'") }).await;
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("it printed more than 1 MiB, where"), "{reason}");
}

#[tokio::test]
async fn the_reason_has_the_last_words_and_no_argument() {
    let mut config = python(
        "import sys\nfor n in range(1000): print('note', n, 'x' * 1000, file=sys.stderr)\n\
         sys.stderr.write('\\x1b[31mAccessDenied\\x07: s3:ListAllMyBuckets\\r\\n\\nno end')\nsys.exit(2)",
    );
    config.command.push("--token=hunter2".to_owned());
    let (_, reason) = ended(config).await;
    assert!(reason.contains("program `python3`: it ended with exit code 2; it said last: "), "{reason}");
    assert!(reason.ends_with("[31mAccessDenied: s3:ListAllMyBuckets / no end"), "{reason}");
    assert!(reason.len() < 1000 && !reason.contains("note 900 ") && !reason.contains("hunter2"), "{reason}");
}

#[tokio::test]
async fn a_second_run_reads_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "echo x >> runs; printf '{\"portal\": \"portal.exec/v1\"}\n\
                  {\"scope\": {\"domain\": \"d%s\"}, \"kinds\": [\"users\"]}\n{\"kind\": \"users\", \"coverage\": \"complete\"}\n' \
                  $(wc -l < runs)";
    let source = source(Config { working_dir: Some(folder.path().to_owned()), ..sh(script) });
    for run in ["d1", "d2"] {
        let seen = see(&source).await;
        assert!(seen.is_whole());
        assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), [run], "the program runs once for all scopes of a run");
    }
}

/// The futures of a source may move between threads, and so may what follows a program.
#[test]
fn a_run_can_move_between_threads() {
    fn moves<F: Future + Send>(_: &F) {}
    let source = plain(sh("true"));
    moves(&source.scopes());
}
