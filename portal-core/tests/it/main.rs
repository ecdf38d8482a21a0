//! What the core promises, asked from outside.

mod collect;
mod collect_faults;
mod collect_scopes;
mod collect_world;
mod lake;
mod resolve;
