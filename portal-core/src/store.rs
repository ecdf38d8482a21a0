//! The contract of a store: where what is known stays, with its history.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::StoreError;
use crate::id::{EntityType, Ref, Text};
use crate::model::{Entity, Live, Relation, RelationType};
use crate::part::{Known, Observations, Part};
use crate::resolve::Finding;
use crate::source::Scope;

/// Keeps parts, entities, relations and findings, and every earlier state of entities and relations.
///
/// # Contract
///
/// - [`Store::commit`] applies a whole [`Change`] or nothing, also when the process or machine dies in it.
/// - A commit whose [`Head`] is no longer the newest says [`crate::ErrorKind::Conflict`] and changes nothing: two
///   writers cannot lose each other's work.
/// - A change of entities, relations or findings makes one new revision; bookkeeping alone makes none.
/// - What a change retires ends with its revision and stays readable at earlier ones.
/// - Reads see one committed state, never half of a change, and go on while somebody writes.
/// - `first_seen` of an entity is the time of the revision that added it; one that comes back, or that was made anew
///   under the same ref (both [`Entity::created_at`] are known and differ), starts again.
/// - [`Live`] counts are kept in place and make no history.
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

    /// Applies a change to the state that `head` names.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] if the store has moved on; else if it cannot be written.
    async fn commit(&self, head: &Head, change: &Change) -> Result<Head, StoreError>;

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
    async fn counts(&self) -> Result<Vec<(EntityType, Option<crate::model::OwnershipState>, u64)>, StoreError>;
}

/// The newest committed state of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The newest revision; 0 for an empty store.
    pub revision: u64,
    /// Grows with every commit, also one that makes no revision.
    pub generation: u64,
    /// The digest of the rules that the newest state was resolved with.
    pub rules: Option<Text>,
}

/// How far a scope was ingested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeState {
    /// Its folder in the lake.
    pub folder: Text,
    /// The source.
    pub source: Text,
    /// What it is.
    pub scope: Scope,
    /// The newest run.
    pub run: u64,
    /// The digest of the manifest that was applied, or of the listing where there is none.
    pub manifest: Text,
    /// When that run ended.
    pub read_at: Timestamp,
}

/// A relation's identity.
pub type RelationKey = (Ref, RelationType, Ref);

/// Digests of the newest state.
#[derive(Clone, Debug, Default)]
pub struct Digests {
    /// Of entities, without [`Live`] counts.
    pub entities: HashMap<Ref, Digest>,
    /// Of relations.
    pub relations: HashMap<RelationKey, Digest>,
    /// Counts of running copies.
    pub live: HashMap<Ref, Live>,
    /// Of all findings together.
    pub findings: Option<Digest>,
}

/// What one ingest changes, all at once.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Why, in a word: `ingest`, `release`.
    pub cause: Text,
    /// The digest of the rules that the new state was resolved with.
    pub rules: Text,
    /// Scopes that were read.
    pub scopes: Vec<ScopeState>,
    /// Parts that were read, with their observations if these changed.
    pub parts: Vec<(Part, Option<Observations>)>,
    /// Entities that are new or different.
    pub put_entities: Vec<(Entity, Digest)>,
    /// Entities that are gone.
    pub retired_entities: Vec<Ref>,
    /// Relations that are new or different.
    pub put_relations: Vec<(Relation, Digest)>,
    /// Relations that are gone.
    pub retired_relations: Vec<RelationKey>,
    /// Counts of running copies that are different.
    pub live: Vec<(Ref, Option<Live>)>,
    /// All findings, if they are different.
    pub findings: Option<(Vec<Finding>, Digest)>,
}

impl Change {
    /// Whether it makes a new revision.
    pub fn makes_revision(&self) -> bool {
        !self.put_entities.is_empty()
            || !self.retired_entities.is_empty()
            || !self.put_relations.is_empty()
            || !self.retired_relations.is_empty()
            || self.findings.is_some()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.makes_revision() && self.scopes.is_empty() && self.parts.is_empty() && self.live.is_empty()
    }
}

/// What a store knows of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The entity, with its counts of running copies.
    pub entity: Entity,
    /// When it came.
    pub first_seen: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A state of the store.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Its revision.
    pub revision: u64,
    /// When that revision was made.
    pub revised_at: Option<Timestamp>,
    /// Entities, sorted by ref.
    pub entities: Vec<Record>,
    /// Relations that do not follow from a single entity, sorted.
    pub relations: Vec<Relation>,
    /// Parts, sorted by key: always those of now. Around some refs at least those that concern what is shown.
    pub parts: Vec<Part>,
    /// Findings: always those of now. Around some refs at least those about them.
    pub findings: Vec<Finding>,
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

    async fn load(&self, at: Option<u64>) -> Result<Loaded, StoreError> {
        (**self).load(at).await
    }

    async fn around(&self, refs: &[Ref]) -> Result<Loaded, StoreError> {
        (**self).around(refs).await
    }

    async fn named(&self, name: &str, limit: usize) -> Result<Vec<Ref>, StoreError> {
        (**self).named(name, limit).await
    }

    async fn counts(&self) -> Result<Vec<(EntityType, Option<crate::model::OwnershipState>, u64)>, StoreError> {
        (**self).counts().await
    }
}
