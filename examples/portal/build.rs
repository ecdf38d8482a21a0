//! Has cargo look at the page again when it was built anew.
//!
//! The page's folder itself cannot be watched: where it is missing, because nobody has Node, cargo would build the
//! program anew each time. Building the page touches this file, which is always there (web/tools/compress.mjs).

fn main() {
    println!("cargo::rerun-if-changed=web/index.html");
}
