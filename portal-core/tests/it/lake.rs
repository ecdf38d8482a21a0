//! The lake in memory keeps the contract that it stands in for, and fails as it is told.

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use portal_core::lake::{Etag, LakeLock, Listing, Precondition, Stored};
use portal_core::testing::{Call, Fault, LakeFixture, MemoryLake, lake_suite};
use portal_core::{ErrorKind, Lake, LakeError, LakePath};

struct InMemory(MemoryLake);

#[async_trait]
impl LakeFixture for InMemory {
    async fn open(&self) -> Box<dyn Lake> {
        Box::new(self.0.clone())
    }
}

mod memory_lake {
    use super::{InMemory, MemoryLake};

    portal_core::lake_suite!(block_on: futures::executor::block_on, fixture: InMemory(MemoryLake::new()));
}

/// A lake that compares and then writes, as if nobody could come in between.
struct Careless(MemoryLake);

#[async_trait]
impl Lake for Careless {
    fn location(&self) -> String {
        self.0.location()
    }

    async fn list(&self, folder: &LakePath) -> Result<Listing, LakeError> {
        self.0.list(folder).await
    }

    async fn get(&self, key: &LakePath) -> Result<Option<Stored>, LakeError> {
        self.0.get(key).await
    }

    async fn put(&self, key: &LakePath, bytes: Bytes, condition: Precondition) -> Result<Etag, LakeError> {
        let there = self.get(key).await?.map(|stored| stored.etag);
        let holds = match condition {
            Precondition::None => true,
            Precondition::Absent => there.is_none(),
            Precondition::Matches(tag) => there == Some(tag),
        };
        if !holds {
            return Err(LakeError::new(ErrorKind::Conflict, "somebody else was faster"));
        }
        self.0.put(key, bytes, Precondition::None).await
    }

    async fn delete(&self, key: &LakePath) -> Result<(), LakeError> {
        self.0.delete(key).await
    }

    async fn lock(&self, _folder: &LakePath) -> Result<LakeLock, LakeError> {
        Ok(LakeLock::new(()))
    }
}

#[async_trait]
impl LakeFixture for Careless {
    async fn open(&self) -> Box<dyn Lake> {
        Box::new(Careless(self.0.clone()))
    }
}

#[test]
#[should_panic(expected = "winners")]
fn the_suite_sees_two_creators() {
    block_on(lake_suite::create_only_has_one_winner(&Careless(MemoryLake::new())));
}

#[test]
#[should_panic(expected = "left")]
fn the_suite_sees_a_lost_update() {
    block_on(lake_suite::compare_and_set_loses_no_update(&Careless(MemoryLake::new())));
}

#[test]
#[should_panic(expected = "it is held")]
fn the_suite_sees_a_lock_that_keeps_nobody_out() {
    block_on(lake_suite::a_lock_keeps_the_second_one_out(&Careless(MemoryLake::new())));
}

#[test]
fn a_fault_hits_the_call_it_names_and_no_other() {
    let lake = MemoryLake::new();
    let key = LakePath::root().join("a");
    block_on(async {
        lake.put(&key, "0".into(), Precondition::None).await.expect("no fault yet");
        lake.inject(Fault::put(1, ErrorKind::Storage));
        lake.put(&key, "1".into(), Precondition::None).await.expect("not this one");
        let failed = lake.put(&key, "2".into(), Precondition::None).await.expect_err("this one");
        assert_eq!(failed.kind(), ErrorKind::Storage);
        assert_eq!(lake.contents()["a"], "1", "a call that failed changed nothing");
        lake.put(&key, "3".into(), Precondition::None).await.expect("nor this one");
        lake.get(&key).await.expect("gets are not hit");
        assert_eq!((lake.calls(Call::Put), lake.calls(Call::Get)), (4, 1));
    });
}

#[test]
fn a_lost_answer_leaves_the_effect() {
    let lake = MemoryLake::new();
    let key = LakePath::root().join("a");
    block_on(async {
        lake.inject(Fault::put(0, ErrorKind::Unavailable).after_its_effect().and_all_later());
        for content in ["1", "2"] {
            lake.put(&key, content.into(), Precondition::None).await.expect_err("the answer is lost");
            assert_eq!(lake.contents()["a"], content);
        }
        lake.heal();
        lake.put(&key, "3".into(), Precondition::None).await.expect("healed");
    });
}

#[test]
fn contents_can_be_put_back() {
    let lake = MemoryLake::new();
    let key = LakePath::root().join("a");
    block_on(lake.put(&key, "1".into(), Precondition::None)).expect("a put");
    let before = lake.contents();
    block_on(lake.delete(&key)).expect("a delete");
    assert!(lake.contents().is_empty());
    lake.restore(before.clone());
    assert_eq!(lake.contents(), before);
}

#[test]
fn no_two_names_share_a_path() {
    let folder = LakePath::root();
    assert_ne!(folder.join(""), folder.join("\0"));
}
