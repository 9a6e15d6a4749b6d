//! Whole swarms.
