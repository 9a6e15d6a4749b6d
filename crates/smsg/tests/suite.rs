//! The integration tests of this crate as one program: by themselves each would compile and link all of it anew.
//! A file that is not named here is not run (`cargo xtask` has a test of that).

#![allow(clippy::unwrap_used)]

mod abr;
mod bombs;
mod changing_source;
mod common;
mod container;
mod corruptors;
mod embed;
mod header;
mod keys;
mod licence_key;
mod message;
mod properties;
mod sealed_box;
mod support;
mod text;
mod vectors;
mod warnings;
mod writing;
