//! `cargo xtask soak`: the tests that get better with repetition, at full length. In `cargo xtask test` they
//! run with few rounds.

use crate::error::Result;
use crate::run::{Run, target_dir};
use crate::setup::{self, Purpose};
use crate::web::web;

/// Runs the crash tests with `rounds` kills each, the vectors of gigabytes, and the property tests with many more
/// cases.
pub(crate) fn soak(rounds: u32) -> Result {
    setup::machine(Purpose::Rust)?;
    for package in ["osp-store", "osp-cli"] {
        Run::cargo()
            .args(["test", "--package", package, "--test", "crash", "--", "--nocapture"])
            .env("OSP_CRASH_ROUNDS", rounds.to_string())
            .go()?;
    }
    // The CIDs of gigabytes, which take minutes without optimisation.
    Run::cargo()
        .args(["test", "--release", "--package", "osp-core", "--test", "unixfs_vectors", "--", "--ignored"])
        .go()?;
    Run::cargo().args(["test", "--workspace", "--lib"]).env("PROPTEST_CASES", "10000").go()
}

/// Plays the demo album in Chromium at sixteen times its speed and looks for growth of memory.
pub(crate) fn page(minutes: u32) -> Result {
    setup::machine(Purpose::Build)?;
    web()?;
    Run::cargo().args(["build", "--package", "osp-cli"]).go()?;
    Run::new("node")
        .args(["interop/page/soak.mjs", &minutes.to_string()])
        .env("OSP_BIN", target_dir().join("debug/osp"))
        .go()
}
