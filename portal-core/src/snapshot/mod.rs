//! The form of a snapshot in the lake: where it stands, what its manifest says, what may be in it.

pub mod bundle;
pub mod layout;
pub mod manifest;
pub mod redact;
