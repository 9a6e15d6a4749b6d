//! Tests that need the parts of a box.

#![allow(clippy::unwrap_used)]

mod aead;
mod keystream;
mod two_pass;
