//! What a source, a lake, a store or a program of your own is tested with: feature `testing`.
//!
//! # Proving an implementation
//!
//! Each of these traits has a suite: one function per clause of its contract, and a macro that makes a named test of
//! every clause. Who passes can be trusted with what the trait is for.
//!
//! | you wrote a | give | to | which then gets |
//! | --- | --- | --- | --- |
//! | [`Source`](crate::Source) | a [`SourceWorld`]: an outside system that stands still | [`source_suite!`](crate::source_suite!) | a new source for it in each test |
//! | [`Lake`](crate::Lake) | a [`LakeFixture`]: one empty lake | [`lake_suite!`](crate::lake_suite!) | as many handles to it as processes would have |
//! | [`Store`](crate::Store) | a [`StoreFixture`]: one empty store | [`store_suite!`](crate::store_suite!) | the same |
//! | [`HealthLog`](crate::HealthLog) | a [`HealthFixture`]: one empty log | [`health_suite!`](crate::health_suite!) | the same |
//! | [`Keyring`](crate::Keyring) | a [`KeyFixture`]: one empty keyring | [`key_suite!`](crate::key_suite!) | the same |
//!
//! The suites drive futures with the function that they are given, so any runtime will do. In `Cargo.toml`:
//!
//! ```toml
//! [dev-dependencies]
//! portal-core = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A suite knows the contract and nothing of what is behind it. What only you can know is tested beside it: a missing
//! right, a list that is cut, a disk that is full, a process that dies. `examples/custom-source` in the repository shows
//! all of this for a source.
//!
//! # Testing what stands on them
//!
//! - [`MemoryLake`] is a lake without a disk. It fails on demand, call by call, so that a test can ask what a collector
//!   leaves behind when the fifth write fails.
//! - [`MemoryStore`] is a store without a database, with its history, what people say, health results and keys.
//! - [`ManualClock`] is time without waiting.
//! - [`estate`] makes entities, relations and changes.
//!
//! From a source to an answer it is [`collect`](crate::collect()), [`ingest`](crate::ingest()) and
//! [`Catalog::load`](crate::Catalog::load), all in memory.

mod clock;
pub mod estate;
pub mod health_suite;
pub mod key_suite;
pub mod lake_suite;
mod memory;
mod memory_store;
pub mod source_suite;
pub mod store_suite;

pub use clock::ManualClock;
pub use health_suite::HealthFixture;
pub use key_suite::KeyFixture;
pub use lake_suite::LakeFixture;
pub use memory::{Call, Fault, MemoryLake};
pub use memory_store::MemoryStore;
pub use source_suite::SourceWorld;
pub use store_suite::StoreFixture;

/// Lets every other future of the same executor have its turn once.
async fn step_aside() {
    let mut stepped = false;
    futures::future::poll_fn(|context| {
        if std::mem::replace(&mut stepped, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
