//! What a lake, a source or a program of your own is tested with: feature `testing`.
//!
//! - [`MemoryLake`] is a lake without a disk. It fails on demand, call by call, so that a test can ask what a collector
//!   leaves behind when the fifth write fails.
//! - [`MemoryStore`] is a store without a database, with its history.
//! - [`ManualClock`] is time without waiting.
//! - [`estate`] makes entities, relations and changes.
//! - [`lake_suite`], [`source_suite`] and [`store_suite`] prove an implementation against its contract: one function per
//!   clause, and a macro each that makes a named test of every clause. A lake that passes all of them can be trusted
//!   with snapshots, a store with what is known.
//!
//! Nothing here needs a runtime: the macros take the function that drives a future to its end.

mod clock;
pub mod estate;
pub mod lake_suite;
mod memory;
mod memory_store;
pub mod source_suite;
pub mod store_suite;

pub use clock::ManualClock;
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
