//! `cargo xtask interop`: our program against real peers (Helia, verified-fetch, jsonld, ...), which npm and
//! Debian bring. Slower than the tests and out of CI.

use crate::error::Result;
use crate::run::{Run, target_dir};
use crate::setup::{self, Purpose, npm_ci};

/// Runs every script of interop/, handing it the program.
pub(crate) fn interop() -> Result {
    setup::machine(Purpose::Test)?;
    npm_ci("interop")?;
    npm_ci("interop/gateway")?;
    Run::cargo().args(["build", "--package", "osp-cli"]).go()?;
    Run::new("python3").args(["interop/python/test_vectors.py"]).go()?;
    Run::npm("interop").args(["test"]).env("OSP_BIN", target_dir().join("debug/osp")).go()?;
    Run::npm("interop/gateway").args(["test"]).env("OSP_BIN", target_dir().join("debug/osp")).go()
}
