//! The `portal` binary.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    portal::cli::main().await
}
