//! The `portal` binary.

use std::process::ExitCode;

/// An ingest allocates and frees millions of short texts, for which the system's allocator takes a fifth longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    portal::cli::main().await
}
