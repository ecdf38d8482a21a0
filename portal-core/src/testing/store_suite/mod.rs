//! What every store has to prove: one function per clause of the contract of [`Store`].
//!
//! That a commit is whole also when the process dies in it cannot be asked from inside; a store proves that in tests of
//! its own.

mod commits;
mod content;
mod edits;
mod history;
mod news;
mod reads;
mod steps;

use async_trait::async_trait;

pub use commits::*;
pub use content::*;
pub use edits::*;
pub use history::*;
pub use news::*;
pub use reads::*;
pub use steps::*;

use crate::id::Ref;
use crate::model::Entity;
use crate::store::{Change, Head, Loaded, Record, Store};

/// One empty store, which can be opened as often as a clause needs.
#[async_trait]
pub trait StoreFixture: Send + Sync {
    /// Another handle to the same store, as another process would open it.
    async fn open(&self) -> Box<dyn Store>;
}

/// Makes a named test of every clause of [`store_suite`](mod@crate::testing::store_suite).
///
/// `block_on` drives a future to its end; `fixture` is evaluated anew for each test.
///
/// ```
/// # use portal_core::{Store, testing::{StoreFixture, MemoryStore}};
/// struct InMemory(MemoryStore);
///
/// #[async_trait::async_trait]
/// impl StoreFixture for InMemory {
///     async fn open(&self) -> Box<dyn Store> {
///         Box::new(self.0.clone())
///     }
/// }
///
/// mod memory_store {
///     # use super::*;
///     portal_core::store_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryStore::new()));
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_suite {
    (block_on: $block_on:expr, fixture: $fixture:expr $(,)?) => {
        $crate::store_suite! { @clauses $block_on, $fixture;
            an_empty_store_has_nothing
            a_commit_makes_one_revision
            a_commit_is_seen_by_every_handle
            bookkeeping_alone_makes_no_revision
            findings_alone_make_a_revision
            a_commit_on_an_old_head_is_a_conflict
            a_conflict_changes_nothing
            two_commits_at_once_have_one_winner
            writers_that_repeat_lose_no_work
            what_is_retired_is_gone_and_stays_in_history
            what_changed_stays_as_it_was_in_history
            every_revision_stays_readable
            an_unknown_revision_is_not_found
            what_only_changed_was_first_seen_before
            what_was_made_anew_starts_again
            what_does_not_say_when_it_was_made_was_not_made_anew
            what_returns_starts_again
            a_relation_can_go_and_come_back
            a_relation_takes_its_new_evidence
            counts_of_copies_are_kept_in_place
            counts_of_copies_come_with_their_workload
            a_part_comes_back_with_its_observations
            a_part_without_observations_keeps_those_it_had
            a_part_can_lose_its_observations
            observations_of_unknown_parts_are_left_out
            a_scope_takes_its_newest_state
            findings_are_replaced
            digests_are_those_that_were_put
            hostile_text_comes_back_as_it_was
            what_is_loaded_is_sorted
            around_shows_both_directions
            around_a_team_stands_what_it_owns
            around_a_product_and_an_environment_stands_what_is_in_them
            around_leaves_out_what_is_not_there
            around_takes_many_refs
            a_name_is_found_without_case
            a_name_is_found_up_to_a_limit
            counts_are_those_of_now
            many_rows_come_back
            a_small_change_of_many_rows_leaves_the_rest
            a_reader_sees_one_state_while_somebody_writes
            an_edit_makes_one_revision_and_leaves_the_generation
            what_is_loaded_knows_the_head
            an_edit_is_seen_by_every_handle
            an_edit_changes_nothing_that_was_collected
            a_commit_changes_nothing_that_people_said
            an_edit_during_an_ingest_disturbs_nobody
            an_edit_may_come_before_the_first_commit
            an_edit_of_another_version_is_a_conflict
            edits_are_all_applied_or_none
            two_edits_at_once_have_one_winner
            what_is_taken_back_is_gone_and_stays_in_history
            a_line_of_edits_knows_when_it_began
            what_is_said_already_makes_no_revision
            many_edits_are_one_revision
            around_shows_what_people_say
            what_people_say_comes_back_as_it_was
            an_edit_that_cannot_be_kept_is_refused
            commits_and_edits_side_by_side_lose_nothing
            who_waits_hears_of_every_change
            an_old_head_is_not_the_newest
            a_head_of_another_line_is_not_the_newest
            many_may_wait_and_give_up
            since_the_newest_state_nothing_changed
            a_difference_leads_from_any_state_to_the_newest
            a_difference_holds_only_what_differs
            a_difference_of_edits_alone_holds_edits_alone
            a_difference_to_another_line_is_a_conflict
            a_step_shows_before_and_after
            a_step_shows_both_layers
            what_only_people_know_has_steps
            steps_are_newest_first_and_sorted_by_ref
            pages_are_the_whole
            a_time_of_history_is_between_two_revisions
            a_team_has_the_history_of_what_it_owned
            counts_of_copies_stand_in_no_step
            a_time_names_the_revision_of_then
        }
    };
    (@clauses $block_on:expr, $fixture:expr; $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let fixture = $fixture;
                ($block_on)($crate::testing::store_suite::$clause(&fixture));
            }
        )*
    };
}

/// Commits a change to the newest state.
async fn commit(store: &dyn Store, change: &Change) -> Head {
    let head = store.head().await.expect("a head");
    store.commit(&head, change).await.expect("a commit")
}

/// A change that retires entities.
fn retire(entities: impl IntoIterator<Item = Ref>) -> Change {
    Change { retired_entities: entities.into_iter().collect(), ..crate::testing::estate::change([], []) }
}

async fn load(store: &dyn Store, at: impl Into<Option<u64>>) -> Loaded {
    store.load(at.into()).await.expect("a state")
}

fn refs(loaded: &Loaded) -> Vec<Ref> {
    loaded.entities.iter().map(|record| record.entity.entity_ref()).collect()
}

fn entities(loaded: &Loaded) -> Vec<Entity> {
    loaded.entities.iter().map(|record| record.entity).collect()
}

fn record(loaded: &Loaded, entity: &Entity) -> Record {
    let wanted = entity.entity_ref();
    let found = loaded.entities.iter().find(|record| record.entity.entity_ref() == wanted);
    found.unwrap_or_else(|| panic!("{wanted} is not there"))
}
