//! The store in memory keeps the contract that it stands in for, and the suite sees one that does not.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::executor::block_on;
use jiff::Timestamp;
use portal_core::curated::Edit;
use portal_core::model::OwnershipState;
use portal_core::part::{Known, Part};
use portal_core::store::{Change, Delta, Digests, Head, HistoryQuery, Loaded, ScopeState, Step};
use portal_core::testing::{HealthFixture, KeyFixture, MemoryStore, StoreFixture, store_suite};
use portal_core::{EntityType, ErrorKind, HealthLog, Keyring, Ref, Store, StoreError, Text};

struct InMemory(MemoryStore);

#[async_trait]
impl StoreFixture for InMemory {
    async fn open(&self) -> Box<dyn Store> {
        Box::new(self.0.clone())
    }
}

#[async_trait]
impl HealthFixture for InMemory {
    async fn open(&self) -> Box<dyn HealthLog> {
        Box::new(self.0.clone())
    }

    async fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[async_trait]
impl KeyFixture for InMemory {
    async fn open(&self) -> Box<dyn Keyring> {
        Box::new(self.0.clone())
    }
}

mod memory_store {
    use super::{InMemory, MemoryStore};

    portal_core::store_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryStore::new()));
    portal_core::health_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryStore::new()));
    portal_core::key_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryStore::new()));
}

/// What a careless store forgets.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Writes, whatever head it is given.
    WritesOver,
    /// Reads entities and relations one after the other.
    ReadsTwice,
    /// Takes a part without observations for one that has none.
    ForgetsObservations,
    /// Takes relations to an entity for none of its own.
    LooksOneWay,
    /// Edits, whatever version the writer saw.
    EditsOver,
    /// Makes an ingest start again because somebody edited.
    EditsMoveTheGeneration,
    /// Forgets what is gone.
    ForgetsWhatIsGone,
}

#[derive(Clone)]
struct Careless(MemoryStore, Slip);

#[async_trait]
impl Store for Careless {
    fn location(&self) -> String {
        self.0.location()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.0.head().await
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        self.0.scopes().await
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        self.0.parts().await
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        self.0.observations(parts).await
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        self.0.digests().await
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        let mut change = change.clone();
        let mut head = head.clone();
        if self.1 == Slip::ForgetsObservations {
            for (_, observations) in &mut change.parts {
                observations.get_or_insert_default();
            }
        }
        loop {
            match self.0.commit(&head, &change).await {
                Err(error) if self.1 == Slip::WritesOver && error.kind() == ErrorKind::Conflict => {
                    head = self.0.head().await?;
                }
                result => return result,
            }
        }
    }

    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        if self.1 == Slip::EditsMoveTheGeneration {
            let nothing = portal_core::testing::estate::change([], []);
            self.0.commit(&self.0.head().await?, &nothing).await?;
        }
        let mut edits = edits.to_vec();
        loop {
            match self.0.edit(by, &edits).await {
                Err(error) if self.1 == Slip::EditsOver && error.kind() == ErrorKind::Conflict => {
                    let said = self.0.load(None).await?.curated;
                    for edit in &mut edits {
                        edit.seen = said.iter().find(|said| said.entity == edit.entity).map_or(0, |said| said.version);
                    }
                }
                result => return result,
            }
        }
    }

    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError> {
        self.0.newer_than(head).await
    }

    async fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        let mut delta = self.0.since(head).await?;
        if self.1 == Slip::ForgetsWhatIsGone {
            delta.gone.clear();
        }
        Ok(delta)
    }

    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError> {
        self.0.history(asked).await
    }

    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.0.revision_at(at).await
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        let mut loaded = self.0.load(at).await?;
        if self.1 == Slip::ReadsTwice {
            loaded.relations = self.0.load(at).await?.relations;
        }
        Ok(loaded)
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        let mut loaded = self.0.around(refs).await?;
        if self.1 == Slip::LooksOneWay {
            loaded.relations.retain(|relation| refs.contains(&relation.from));
        }
        Ok(loaded)
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        self.0.named(name, limit).await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        self.0.counts().await
    }
}

#[async_trait]
impl StoreFixture for Careless {
    async fn open(&self) -> Box<dyn Store> {
        Box::new(self.clone())
    }
}

#[test]
#[should_panic(expected = "both were told")]
fn the_suite_sees_two_winners() {
    let store = Careless(MemoryStore::new(), Slip::WritesOver);
    block_on(store_suite::two_commits_at_once_have_one_winner(&store));
}

#[test]
#[should_panic(expected = "of two states")]
fn the_suite_sees_a_reader_of_two_states() {
    let store = Careless(MemoryStore::new(), Slip::ReadsTwice);
    block_on(store_suite::a_reader_sees_one_state_while_somebody_writes(&store));
}

#[test]
#[should_panic(expected = "left")]
fn the_suite_sees_forgotten_observations() {
    let store = Careless(MemoryStore::new(), Slip::ForgetsObservations);
    block_on(store_suite::a_part_without_observations_keeps_those_it_had(&store));
}

#[test]
#[should_panic(expected = "left")]
fn the_suite_sees_a_direction_that_is_left_out() {
    let store = Careless(MemoryStore::new(), Slip::LooksOneWay);
    block_on(store_suite::around_shows_both_directions(&store));
}

#[test]
#[should_panic(expected = "both were told")]
fn the_suite_sees_an_edit_over_another_one() {
    let store = Careless(MemoryStore::new(), Slip::EditsOver);
    block_on(store_suite::two_edits_at_once_have_one_winner(&store));
}

#[test]
#[should_panic(expected = "not disturbed")]
fn the_suite_sees_an_edit_that_stops_an_ingest() {
    let store = Careless(MemoryStore::new(), Slip::EditsMoveTheGeneration);
    block_on(store_suite::an_edit_during_an_ingest_disturbs_nobody(&store));
}

#[test]
#[should_panic(expected = "left")]
fn the_suite_sees_what_a_difference_forgets() {
    let store = Careless(MemoryStore::new(), Slip::ForgetsWhatIsGone);
    block_on(store_suite::a_difference_leads_from_any_state_to_the_newest(&store));
}

#[test]
fn a_refused_commit_changes_nothing_and_heals() {
    let store = MemoryStore::new();
    let change = portal_core::testing::estate::change([portal_core::testing::estate::bucket("a")], []);
    block_on(async {
        let empty = store.head().await.expect("a head");
        store.refuse_commits(ErrorKind::Storage);
        assert_eq!(store.commit(&empty, &change).await.expect_err("refused").kind(), ErrorKind::Storage);
        assert_eq!(store.head().await.expect("a head"), empty);
        store.heal();
        store.commit(&empty, &change).await.expect("healed");
    });
}
