//! placeholder

/// Placeholder.
pub struct Delivery {}
