//! The model of an internal developer portal: what the portal knows, and how it comes to know it.
//!
//! Data goes one way: a [`Source`] is [collected](collect()) into a [`Lake`], from there it is [ingested](ingest())
//! into a [`Store`], and readers ask a [`Catalog`]. In the middle stands [`resolve()`], a pure function that says who
//! owns what and why.
//!
//! This crate knows no network, disk, clock or randomness: those come in through the traits.

pub mod catalog;
pub mod collect;
pub mod curated;
pub mod digest;
pub mod dn;
pub mod error;
pub mod graph;
pub mod health;
pub mod id;
pub mod ingest;
pub mod keys;
pub mod lake;
pub mod model;
pub mod observe;
mod packed;
pub mod part;
pub mod pattern;
pub mod reference;
pub mod resolve;
pub mod rules;
pub mod snapshot;
pub mod source;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use catalog::{Catalog, CatalogError};
pub use collect::{Clock, CollectOptions, CollectReport, collect};
pub use curated::{Curated, CuratedRecord};
pub use digest::Digest;
pub use error::{ErrorKind, LakeError, SourceError, StoreError};
pub use graph::OwnershipGraph;
pub use health::HealthLog;
pub use id::{Arn, EntityType, InvalidRef, Ref, Text, slug};
pub use ingest::{IngestError, IngestReport, ingest};
pub use keys::{ApiKey, KeyScope, Keyring};
pub use lake::{Lake, LakePath};
pub use model::{Entity, Evidence, Ownership, OwnershipState, Relation, RelationType};
pub use resolve::{Resolution, resolve};
pub use rules::Rules;
pub use source::{Coverage, Outcome, Permission, Scope, Scopes, SnapshotWriter, Source};
pub use store::Store;
