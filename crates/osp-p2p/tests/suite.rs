//! The integration tests of this crate as one program: by themselves each would compile and link all of it anew.
//! A file that is not named here is not run (`cargo xtask` has a test of that).

#![allow(clippy::unwrap_used)]

mod common;
mod exchange;
mod hostile;
mod kad;
mod kad_wire;
mod nat;
mod public_dht;
mod raw_peer;
