//! `cargo xtask bench [ARGS]`: the figures, each as a ratio to another program measured in the same run.

use std::{ffi::OsString, path::PathBuf};

use crate::error::Result;
use crate::kubo::kubo;
use crate::librqbit::librqbit;
use crate::run::{Run, target_dir, which};
use crate::setup::{self, Purpose, npm_ci};
use crate::web::web;

/// Builds the program and the measurements with the release profile and runs them; `args` go to them.
pub(crate) fn bench(args: Vec<OsString>) -> Result {
    setup::machine(Purpose::Rust)?;
    // Peers that are not here are named in the report.
    if which("npm").is_some() {
        npm_ci("interop/bench")?;
    }
    let is_wanted =
        |chapter: &str| args.is_empty() || args.iter().any(|name| name == chapter || name == "swarm");
    if args.is_empty() || args.iter().any(|name| name.to_string_lossy().starts_with("page")) {
        page()?;
    }
    let mut peer_programs = Vec::new();
    let needs_peers = |name: &OsString| name == "network" || name.to_string_lossy().starts_with("swarm");
    if args.is_empty() || args.iter().any(needs_peers) {
        peer_programs = prepare_peers(is_wanted)?;
    }
    Run::cargo().args(["build", "--release", "--package", "osp-cli"]).go()?;
    let run = Run::cargo()
        .args(["run", "--release", "--package", "osp-benches", "--"])
        .args(args)
        .env("OSP_BIN", target_dir().join("release/osp"));
    peer_programs.into_iter().fold(run, |run, (name, path)| run.env(name, path)).go()
}

/// What the figures of the web client need: the client, the Playwright that comes with it, and Lighthouse.
pub(crate) fn page() -> Result {
    setup::machine(Purpose::Build)?;
    web()?;
    npm_ci("interop/page")
}

/// What the figures of peers need beside our program, each only for the chapters that use it: variables for the scripts,
/// with the path of each.
fn prepare_peers(is_wanted: impl Fn(&str) -> bool) -> Result<Vec<(&'static str, PathBuf)>> {
    // Playwright, which drives Chromium, comes with the web client.
    for folder in ["interop", "interop/swarm"] {
        npm_ci(folder)?;
    }
    web()?;
    Run::cargo().args(["build", "--release", "--package", "netlab"]).go()?;
    let mut programs = vec![("NETLAB", target_dir().join("release/netlab"))];
    if is_wanted("swarm_bitswap") {
        npm_ci("interop/helia")?;
        Run::cargo()
            .args(["build", "--release", "--package", "osp-p2p", "--example", "bitswap_node"])
            .go()?;
        programs.push(("BITSWAP_NODE", target_dir().join("release/examples/bitswap_node")));
        programs.extend(kubo()?.map(|path| ("KUBO", path)));
    }
    if is_wanted("swarm_tcp") {
        programs.extend(librqbit()?.map(|path| ("PYRQBIT", path)));
    }
    Ok(programs)
}
