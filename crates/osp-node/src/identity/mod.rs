//! placeholder

/// Placeholder.
pub struct Identities {}
