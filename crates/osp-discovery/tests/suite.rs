//! The integration tests of this crate as one program: by themselves each would compile and link all of it anew.
//! A file that is not named here is not run (`cargo xtask` has a test of that).

#![allow(clippy::unwrap_used)]

mod announce;
mod exchange;
mod exchange_vectors;
mod gather;
mod key_vectors;
mod lookup_bounds;
mod trust;
