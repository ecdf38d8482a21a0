//! The adapters against what they read: files and programs of every kind of badness, and API
//! servers that answer as the real ones.

mod seen;

#[cfg(feature = "active-directory")]
mod active_directory;
#[cfg(feature = "aws")]
mod aws;
#[cfg(any(feature = "aws", feature = "exec"))]
#[allow(dead_code, reason = "each adapter's tests use another part of it")]
#[path = "aws/bed.rs"]
mod aws_bed;
#[cfg(feature = "exec")]
mod exec;
#[cfg(feature = "health")]
mod health;
#[cfg(feature = "kubernetes")]
mod kubernetes;
#[cfg(feature = "manifests")]
mod manifests;

/// Drives a future to its end on a runtime of its own, for the suites of the core.
fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(future)
}
