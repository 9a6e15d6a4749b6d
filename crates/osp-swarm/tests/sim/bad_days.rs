//! Hostile peers and dying sources.
