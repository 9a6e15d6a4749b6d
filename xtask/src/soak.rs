//! `cargo xtask soak`: the tests that get better with repetition, at full length. In `cargo xtask test` they
//! run with few rounds.

use crate::error::Result;
use crate::run::Run;
use crate::setup::{self, Purpose};

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
