//! What one ingest changes, and what it has to know of the newest state.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{Ref, Text};
use crate::model::{Entity, Live, Relation, RelationType};
use crate::part::{Observations, Part};
use crate::resolve::Finding;
use crate::source::Scope;

/// The newest committed state of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The newest revision; 0 for an empty store.
    pub revision: u64,
    /// Grows with every commit, also one that makes no revision. An edit leaves it as it is.
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
    /// Who wants it, where that is a person or key.
    pub by: Option<Text>,
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
