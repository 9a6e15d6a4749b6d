//! `cargo xtask web`: the web client in web/dist, where osp-node takes it from when it is compiled.

use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::run::{Run, root, target_dir};
use crate::setup::{self, Purpose};
use crate::wasm::wasm;

/// Builds the browser module and the client, each only if its inputs changed: a new web/dist makes cargo
/// compile osp-node again.
pub(crate) fn web() -> Result {
    setup::machine(Purpose::Build)?;
    setup::npm_ci("web")?;
    wasm()?;
    let fingerprint = Fingerprint::new("vite build").path("web")?;
    let stamp = target_dir().join("web-stamp");
    if fingerprint.is_fresh(&stamp, &[root().join("web/dist")]) {
        println!("web/dist is up to date");
        return Ok(());
    }
    Run::npm("web").args(["run", "build"]).go()?;
    fingerprint.keep(&stamp)
}
