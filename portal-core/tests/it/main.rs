//! What the core promises, asked from outside.

mod catalog;
mod catalog_oracle;
mod catalog_world;
mod collect;
mod collect_faults;
mod collect_layouts;
mod collect_scopes;
mod collect_world;
mod company;
mod directory;
mod ingest;
mod ingest_holds;
mod ingest_world;
mod lake;
mod resolve;
mod store;
