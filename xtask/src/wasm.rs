//! `cargo xtask wasm`: crates/osp-wasm for the browser, in web/src/wasm/ as an ES module with its types.
//!
//! cargo (profile `wasm`), then wasm-bindgen's generator. No wasm-opt: for 100 MB of tools it makes the module smaller on
//! disk and no smaller to download (637 for 669 KB unpacked, 235 for 235 KB with brotli).

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::run::{Run, root, target_dir};
use crate::setup::{self, Purpose, Toolchain};

/// What the module is made from. `spec/context` is compiled into osp-core.
const INPUTS: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/osp-core",
    "crates/osp-wasm",
    "crates/smsg",
    "spec/context",
    "xtask/src/wasm.rs",
];

/// Says how long a file is with brotli at its best, as web servers keep it.
const BROTLI: &str = "require('zlib').brotliCompressSync(require('fs').readFileSync(process.argv[1])).length";

/// Builds the module unless its inputs are as they were.
pub(crate) fn wasm() -> Result {
    setup::machine(Purpose::Wasm)?;
    let toolchain = Toolchain::detect().ok_or_else(|| {
        Error::Missing(vec!["a toolchain for wasm32-unknown-unknown: `cargo xtask setup`".into()])
    })?;
    let out = root().join("web/src/wasm");
    let module = out.join("osp_wasm_bg.wasm");

    let mut fingerprint = Fingerprint::new(&format!("wasm, {}", toolchain.version()));
    for input in INPUTS {
        fingerprint = fingerprint.path(input)?;
    }
    let folder = target_dir().join("wasm");
    let stamp = folder.join("xtask-stamp");
    if fingerprint.is_fresh(&stamp, &[module.clone(), out.join("osp_wasm.js"), out.join("osp_wasm.d.ts")]) {
        println!("web/src/wasm is up to date");
        return Ok(());
    }

    toolchain
        .cargo_rustc()
        .args(["--package", "osp-wasm", "--profile", "wasm", "--target-dir"])
        .args([&folder])
        .go()?;
    let built = folder.join("wasm32-unknown-unknown/wasm/osp_wasm.wasm");
    bind(&built, &out)?;
    report(&module)?;
    fingerprint.keep(&stamp)
}

/// Writes the module's JavaScript and TypeScript faces, from nothing so that no file of before stays.
fn bind(built: &Path, out: &PathBuf) -> Result {
    if out.exists() {
        fs::remove_dir_all(out).map_err(Error::io("empty", out))?;
    }
    Run::cargo().args(["run", "--quiet", "--package", "xtask-bindgen", "--"]).args([built, out]).go()
}

/// The size a visitor downloads is part of what the project promises, so every build states it.
fn report(module: &Path) -> Result {
    let raw = fs::metadata(module).map_err(Error::io("measure", module))?.len();
    let packed = Run::new("node").args(["-p", BROTLI]).args([module]).ask()?;
    println!("osp_wasm_bg.wasm: {raw} bytes, {} bytes with brotli", packed.trim());
    Ok(())
}
