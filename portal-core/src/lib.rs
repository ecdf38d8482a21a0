//! The model of an internal developer portal: what the portal knows, and how it comes to know it.
#![doc = ""]
//! Data goes one way: a [`Source`] is [collected](collect()) into a [`lake::Lake`].

pub mod collect;
pub mod digest;
pub mod error;
pub mod id;
pub mod lake;
pub mod model;
pub mod reference;
pub mod snapshot;
pub mod source;

pub use collect::{Clock, CollectOptions, CollectReport, collect};
pub use digest::Digest;
pub use error::{ErrorKind, LakeError, SourceError, StoreError};
pub use id::{Arn, EntityType, InvalidRef, Ref, Text, slug};
pub use lake::{Lake, LakePath};
pub use model::{Entity, Evidence, Ownership, OwnershipState, Relation, RelationType};
pub use source::{Coverage, Outcome, Permission, Scope, Scopes, SnapshotWriter, Source};
