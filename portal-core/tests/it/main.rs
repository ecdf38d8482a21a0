//! What the core promises, asked from outside.

mod collect;
mod lake;
