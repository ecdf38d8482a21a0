//! Runs work that waits: without the interpreter's lock, on a runtime of this process, stopped by Ctrl-C.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Failure, raised};

/// How often a call that takes long looks whether somebody wants it to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a call that was broken off waits for its work to let go: a step of the processor ends before it is dropped.
const LET_GO_WITHIN: Duration = Duration::from_secs(5);

/// The runtime, and the process that its threads are in.
struct Here {
    process: u32,
    runtime: Runtime,
}

/// Without a lock: a thread that held one when another forked would hold it in the child for ever.
static HERE: ArcSwapOption<Here> = ArcSwapOption::const_empty();

/// The runtime of this process. After a fork the child makes its own: the threads of the parent's are not in it.
pub(crate) fn handle() -> Result<Handle, Failure> {
    let process = std::process::id();
    if let Some(here) = HERE.load_full().filter(|here| here.process == process) {
        return Ok(here.runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread().enable_all().thread_name("portal").build();
    let runtime = runtime.map_err(|error| Failure::unexpected(format!("no threads could be started: {error}")))?;
    let handle = runtime.handle().clone();
    // Never dropped: a runtime of before the fork would wait for threads that are not here, and one that another thread
    // of this process made at the same time may be in use.
    std::mem::forget(HERE.swap(Some(Arc::new(Here { process, runtime }))));
    Ok(handle)
}

/// Runs work to its end, or until Ctrl-C or [`Cancel`]; then it is dropped, which ends all that it began.
///
/// # Errors
/// Its own; `KeyboardInterrupt`; [`raised::PortalError`] if it was cancelled or panicked.
pub(crate) fn run<T, W>(py: Python<'_>, work: W) -> PyResult<T>
where
    T: Send + 'static,
    W: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let _running = Running::begin();
    let (sender, mut receiver) = mpsc::sync_channel(1);
    let task = handle()?.spawn(async move {
        let ended = work.await;
        // Nobody listens to a call that was given up.
        let _ = sender.send(ended);
    });
    loop {
        let waited;
        (receiver, waited) = py.detach(move || {
            let waited = receiver.recv_timeout(LOOK_EVERY);
            (receiver, waited)
        });
        match waited {
            Ok(ended) => return ended.map_err(PyErr::from),
            Err(RecvTimeoutError::Disconnected) => {
                let message = "this is a bug of the portal: the work ended without a result; its panic is on stderr";
                return Err(raised::PortalError::new_err(message));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(interrupted) = py.check_signals().and_then(|()| not_cancelled()) {
            task.abort();
            py.detach(move || {
                let _ = receiver.recv_timeout(LET_GO_WITHIN);
            });
            return Err(interrupted);
        }
    }
}

thread_local! {
    /// What may cancel the calls of this thread.
    static CANCEL: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

fn not_cancelled() -> PyResult<()> {
    if is_ending() {
        return Err(raised::PortalError::new_err("the interpreter is ending"));
    }
    let cancelled = CANCEL.with_borrow(|cancel| cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)));
    if cancelled { Err(raised::PortalError::new_err("the call was cancelled")) } else { Ok(()) }
}

/// Ends a call that runs in another thread.
#[pyclass(frozen, module = "portal._portal", name = "_Cancel")]
#[derive(Default)]
pub(crate) struct Cancel {
    flag: Arc<AtomicBool>,
}

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Cancel {
        Cancel::default()
    }

    /// Ends the call within a tenth of a second, if its work can be dropped by then.
    fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}

/// Calls a function whose calls of the portal a `_Cancel` can end.
#[pyfunction(name = "_cancellable")]
pub(crate) fn cancellable<'py>(
    cancel: &Cancel,
    function: &Bound<'py, PyAny>,
    arguments: &Bound<'py, PyTuple>,
    keywords: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let before = CANCEL.replace(Some(Arc::clone(&cancel.flag)));
    let result = function.call(arguments, Some(keywords));
    CANCEL.set(before);
    result
}

/// How many calls of the portal, and threads that run Python for it, there are.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Set when the interpreter ends.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Counts a call or thread as long as it is there.
pub(crate) struct Running;

impl Running {
    pub(crate) fn begin() -> Running {
        RUNNING.fetch_add(1, Ordering::AcqRel);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Whether the interpreter ends: who still runs Python should let go.
pub(crate) fn is_ending() -> bool {
    ENDING.load(Ordering::Relaxed)
}

/// Ends what still runs in other threads, and waits a little for it, before the interpreter goes away under it.
#[pyfunction(name = "_at_exit")]
pub(crate) fn at_exit(py: Python<'_>) {
    const PATIENCE: Duration = Duration::from_secs(2);
    ENDING.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    py.detach(|| {
        while RUNNING.load(Ordering::Acquire) > 0 && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
}
