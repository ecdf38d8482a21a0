//! The contract of a store: where what is known stays, with its history.

mod change;
mod history;
mod loaded;
mod records;

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

pub use change::{Change, Digests, Head, RelationKey, ScopeState};
pub use history::{HistoryQuery, Step, team_names};
pub use loaded::{Delta, Loaded, Record};
pub use records::Records;

use crate::curated::Edit;
use crate::error::StoreError;
use crate::id::{EntityType, Ref, Text};
use crate::model::OwnershipState;
use crate::part::{Known, Part};

/// Keeps parts, entities, relations, findings and what people say, and every earlier state of entities, relations and
/// what people said.
///
/// # Contract
///
/// - [`Store::commit`] applies a whole [`Change`] or nothing, also when the process or machine dies in it.
/// - A commit whose generation is no longer the newest says [`crate::ErrorKind::Conflict`] and changes nothing: two
///   writers cannot lose each other's work.
/// - A change of entities, relations or findings makes one new revision; bookkeeping alone makes none.
/// - What a change retires ends with its revision and stays readable at earlier ones.
/// - Reads see one committed state, never half of a change, and go on while somebody writes.
/// - `first_seen` of an entity is the time of the revision that added it; one that comes back, or that was made anew
///   under the same ref (both [`crate::model::Entity::created_at`] are known and differ), starts again.
/// - [`crate::model::Live`] counts are kept in place and make no history.
/// - What people say is a layer of its own: no commit changes it, and [`Store::edit`] changes nothing else.
/// - An edit makes one new revision and leaves the generation as it is, so that a commit of who read before the edit still
///   succeeds; it takes the next revision then. Neither loses the other's work.
/// - An edit applies all of its changes or none, and none if what people say about one of the refs is not what the writer
///   saw.
#[async_trait]
pub trait Store: Send + Sync {
    /// The place in a form that people know, without secrets.
    fn location(&self) -> String;

    /// The store's clock: the time of a commit that would happen now.
    fn now(&self) -> Timestamp;

    /// The newest committed state.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Every scope that was ever ingested, sorted by folder.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError>;

    /// Every part, sorted by key.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn parts(&self) -> Result<Vec<Part>, StoreError>;

    /// The observations of some parts; nothing for a part that is not there.
    ///
    /// # Errors
    /// If the store cannot be read, or holds what this version does not understand.
    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError>;

    /// What the newest entities and relations are equal to.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn digests(&self) -> Result<Digests, StoreError>;

    /// Applies a change to the generation that `head` names, in a new revision behind the newest one.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] if the generation is another one; else if it cannot be written.
    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError>;

    /// Changes what people say; all edits or none. Makes a revision with the cause `edit` that names `by`, and gives back
    /// the head that this makes.
    ///
    /// Where every edit says what is said already, nothing is made, and the head is the newest one.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] if the version of any of the refs is not the one that its edit saw;
    /// [`crate::ErrorKind::Invalid`] for what [`Edit::check`] refuses; else if the store cannot be written. Nothing is
    /// changed then, unless the text says that this is not known.
    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError>;

    /// Waits until the newest state differs from this one in its revision or generation, and returns it. May be dropped at
    /// any time.
    ///
    /// # Errors
    /// If the store cannot be read. An error comes after some time, so that who asks again at once asks not too often.
    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError>;

    /// What is different now from what was loaded at `head`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] if the store never was at that state, because it was replaced by an older one: load
    /// everything again. Else if the store cannot be read.
    async fn since(&self, head: &Head) -> Result<Delta, StoreError>;

    /// Steps of history, the newest revision first, within a revision by ref.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError>;

    /// The newest revision that was made at or before a time; 0 if there was none.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError>;

    /// Everything, now or at an earlier revision.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] for a revision that there never was; else if the store cannot be read.
    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError>;

    /// Some entities, their relations, and the entities at the other ends; what is not there is left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError>;

    /// The refs of entities of a name, compared without case, sorted; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError>;

    /// How many entities of a type there are in each state of ownership; [`None`] for types without an owner.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError>;
}

#[async_trait]
impl<T: Store + ?Sized> Store for Box<T> {
    fn location(&self) -> String {
        (**self).location()
    }

    fn now(&self) -> Timestamp {
        (**self).now()
    }

    async fn head(&self) -> Result<Head, StoreError> {
        (**self).head().await
    }

    async fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        (**self).scopes().await
    }

    async fn parts(&self) -> Result<Vec<Part>, StoreError> {
        (**self).parts().await
    }

    async fn observations(&self, parts: &[Text]) -> Result<HashMap<Text, Vec<Known>>, StoreError> {
        (**self).observations(parts).await
    }

    async fn digests(&self) -> Result<Digests, StoreError> {
        (**self).digests().await
    }

    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError> {
        (**self).commit(head, change).await
    }

    async fn edit(&self, by: &str, edits: &[Edit]) -> Result<Head, StoreError> {
        (**self).edit(by, edits).await
    }

    async fn newer_than(&self, head: &Head) -> Result<Head, StoreError> {
        (**self).newer_than(head).await
    }

    async fn since(&self, head: &Head) -> Result<Delta, StoreError> {
        (**self).since(head).await
    }

    async fn history(&self, asked: &HistoryQuery) -> Result<Vec<Step>, StoreError> {
        (**self).history(asked).await
    }

    async fn revision_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        (**self).revision_at(at).await
    }

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        (**self).load(at).await
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        (**self).around(refs).await
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        (**self).named(name, limit).await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<OwnershipState>, u64)>, StoreError> {
        (**self).counts().await
    }
}
