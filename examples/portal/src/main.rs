//! The `portal` binary.

use std::process::ExitCode;

/// An answer is made of many small texts: with the system's allocator a page of rows takes a third longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    portal::cli::main().await
}
