//! The integration tests of this crate as one program: by themselves each would compile and link all of it anew.
//! A file that is not named here is not run (`cargo xtask` has a test of that).

#![allow(clippy::unwrap_used)]

mod answers_in_turns;
mod engine_properties;
mod first_bytes;
mod first_words;
mod hostile_peers;
mod mse_handshake;
mod mse_vectors;
mod slow_sources;
mod support;
mod wire_bounds;
mod wire_extension;
mod wire_properties;
mod wire_vectors;
