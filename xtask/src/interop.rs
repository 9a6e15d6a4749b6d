//! `cargo xtask interop`: our program against real peers (Helia, Kubo, webtorrent, Transmission, aria2, jsonld, ...), which
//! npm, Debian and Go bring. Slower than the tests and out of CI.

use crate::error::Result;
use crate::kubo::kubo;
use crate::librqbit::librqbit;
use crate::run::{Run, root, target_dir};
use crate::setup::{self, Purpose, npm_ci};
use crate::smsg_original::smsg_original;
use crate::web::web;

/// Runs every script of interop/, handing it the program.
pub(crate) fn interop() -> Result {
    setup::machine(Purpose::Interop)?;
    for folder in
        ["interop", "interop/gateway", "interop/helia", "interop/kad", "interop/swarm", "interop/bench"]
    {
        npm_ci(folder)?;
    }
    let kubo = kubo()?;
    let librqbit = librqbit()?;
    let smsg_original = smsg_original();
    web()?;
    Run::cargo().args(["build", "--package", "osp-cli"]).go()?;
    Run::cargo().args(["build", "--package", "osp-peers", "--example", "webrtc_pipe"]).go()?;
    // Hosts of a lab are Linux's; where it does not compile, the tests that need it say that they are skipped.
    if cfg!(target_os = "linux") {
        Run::cargo().args(["build", "--release", "--package", "netlab"]).go()?;
    }
    // With optimisation, since these tests also say how fast it went.
    Run::cargo().args(["build", "--release", "--package", "osp-p2p", "--example", "bitswap_node"]).go()?;
    Run::cargo().args(["build", "--package", "osp-p2p", "--example", "kad_node"]).go()?;
    let with_peers = |run: Run| {
        let mut run = run
            .env("OSP_BIN", target_dir().join("debug/osp"))
            .env("WEBRTC_PIPE", target_dir().join("debug/examples/webrtc_pipe"))
            .env("NETLAB", target_dir().join("release/netlab"))
            .env("KAD_NODE", target_dir().join("debug/examples/kad_node"))
            .env("BITSWAP_NODE", target_dir().join("release/examples/bitswap_node"));
        if let Some(kubo) = &kubo {
            run = run.env("KUBO", kubo);
        }
        if let Some(librqbit) = &librqbit {
            run = run.env("PYRQBIT", librqbit);
        }
        if let Some(original) = &smsg_original {
            run = run
                .env("SMSG_ORIGINAL", &original.program)
                .env("SMSG_ORIGINAL_DEMO", &original.demo)
                .env("SMSG_ORIGINAL_WASM", &original.module)
                .env("SMSG_ORIGINAL_WASM_EXEC", &original.module_script);
        }
        run
    };
    Run::new("python3").args(["interop/python/test_vectors.py"]).go()?;
    Run::new("python3").args(["interop/smsg-python/test_vectors.py"]).go()?;
    Run::new("python3").args(["interop/smsg3-python/test_vectors.py"]).go()?;
    with_peers(Run::new("python3").args(["interop/smsg-python/test_osp.py"])).go()?;
    for folder in ["interop", "interop/gateway", "interop/helia", "interop/kad", "interop/swarm"] {
        with_peers(Run::npm(folder).args(["test"])).go()?;
    }
    // Our page and the page of stock webtorrent, which interop/swarm brought.
    with_peers(Run::npm("web").args(["run", "e2e", "--", "swarm-stock"])).go()?;
    let ours = [
        "cid/cid.test.mjs",
        "kubo/gateway.test.mjs",
        "kubo/bitswap.test.mjs",
        "kubo/dht.test.mjs",
        "kubo/node.test.mjs",
        "torrent/infohash.test.mjs",
        "torrent/torrent.test.mjs",
        "smsg-original/original.test.mjs",
        "smsg-browser/shapes.test.mjs",
        "smsg-browser/demo-page.test.mjs",
        "webrtc/webrtc.test.mjs",
        "network/network.test.mjs",
    ];
    // One file after another, as in interop/swarm: they tell rates, and each brings peers enough.
    with_peers(
        Run::new("node").args(["--test", "--test-concurrency=1"]).args(ours).dir(root().join("interop")),
    )
    .go()
}
