//! Builds the crate anew when the web client changes: its files are embedded in release binaries.
#![allow(clippy::print_stdout)] // how a build script speaks to cargo

use std::{env, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let dist = Path::new("../../web/dist");
    // To cargo a missing path is one that changed, so naming it would compile this crate again each time. Debug
    // builds read the folder when they run and need no such thing.
    if dist.exists() || env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../web/dist");
    }
}
