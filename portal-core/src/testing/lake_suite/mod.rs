//! What every lake has to prove: one function per clause of the contract of [`Lake`].
//!
//! That a lock ends with its process and that an object survives a crash cannot be asked from inside; a lake proves
//! those two in tests of its own.

mod objects;
mod places;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;

pub use objects::*;
pub use places::*;

use crate::error::{ErrorKind, LakeError};
use crate::lake::{Etag, Lake, LakePath, Precondition, Stored};

/// One empty lake, which can be opened as often as a clause needs.
#[async_trait]
pub trait LakeFixture: Send + Sync {
    /// Another handle to the same lake, as another process would open it.
    async fn open(&self) -> Box<dyn Lake>;
}

/// Makes a named test of every clause of [`lake_suite`](mod@crate::testing::lake_suite).
///
/// `block_on` drives a future to its end; `fixture` is evaluated anew for each test.
///
/// ```
/// # use portal_core::{Lake, testing::{LakeFixture, MemoryLake}};
/// struct InMemory(MemoryLake);
///
/// #[async_trait::async_trait]
/// impl LakeFixture for InMemory {
///     async fn open(&self) -> Box<dyn Lake> {
///         Box::new(self.0.clone())
///     }
/// }
///
/// mod memory_lake {
///     # use super::*;
///     portal_core::lake_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryLake::new()));
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! lake_suite {
    (block_on: $block_on:expr, fixture: $fixture:expr $(,)?) => {
        $crate::lake_suite! { @clauses $block_on, $fixture;
            what_was_put_is_read_back
            an_object_may_be_empty
            an_object_may_be_large
            an_object_that_is_not_there_is_none
            equal_tags_mean_equal_bytes
            a_reader_sees_an_object_whole
            create_only_has_one_winner
            create_only_leaves_what_is_there
            compare_and_set_refuses_a_stale_tag
            compare_and_set_refuses_what_is_not_there
            compare_and_set_loses_no_update
            a_list_shows_one_level_by_name
            a_list_shows_what_was_put_before
            a_missing_folder_has_an_empty_list
            a_list_shows_objects_only
            a_list_tells_what_was_written_anew
            a_hidden_name_is_refused_or_listed
            delete_removes_and_can_be_repeated
            a_lock_keeps_the_second_one_out
            a_lock_ends_when_it_is_dropped
            a_lock_is_for_one_folder
            the_holder_of_a_lock_can_write
            hostile_names_stay_inside
            a_folder_is_no_object
            many_parallel_puts_all_arrive
        }
    };
    (@clauses $block_on:expr, $fixture:expr; $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let fixture = $fixture;
                ($block_on)($crate::testing::lake_suite::$clause(&fixture));
            }
        )*
    };
}

fn path(path: &str) -> LakePath {
    LakePath::parse(path).expect("a path of this suite")
}

async fn handles(fixture: &dyn LakeFixture, count: usize) -> Vec<Box<dyn Lake>> {
    join_all((0..count).map(|_| fixture.open())).await
}

async fn write(lake: &dyn Lake, key: &str, content: &str) -> Etag {
    let put = lake.put(&path(key), Bytes::from(content.to_owned()), Precondition::None).await;
    put.unwrap_or_else(|error| panic!("{key}: {error}"))
}

async fn read(lake: &dyn Lake, key: &str) -> Option<Stored> {
    lake.get(&path(key)).await.unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn assert_conflict(error: &LakeError) {
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}
