//! `cargo xtask bench [ARGS]`: the figures, each as a ratio to another program measured in the same run.

use std::ffi::OsString;

use crate::error::Result;
use crate::run::{Run, target_dir, which};
use crate::setup::{self, Purpose, npm_ci};

/// Builds the program and the measurements with the release profile and runs them; `args` go to them.
pub(crate) fn bench(args: Vec<OsString>) -> Result {
    setup::machine(Purpose::Rust)?;
    // Peers that are not here are named in the report.
    if which("npm").is_some() {
        npm_ci("interop/bench")?;
    }
    Run::cargo().args(["build", "--release", "--package", "osp-cli"]).go()?;
    Run::cargo()
        .args(["run", "--release", "--package", "osp-benches", "--"])
        .args(args)
        .env("OSP_BIN", target_dir().join("release/osp"))
        .go()
}
