//! `cargo xtask wasm`: the crates for the browser, each as an ES module with its types, in a folder of web/src:
//!
//! | folder | crate | loaded |
//! |---|---|---|
//! | `wasm` | osp-wasm: records and SMSG 3.0, which share most of what they need | when the first record is to be checked |
//! | `wasm-older` | osp-wasm: SMSG v1 to v3 | when such a file is opened |
//! | `wasm-stretch` | osp-stretch-wasm | for passphrases |
//! | `wasm-remux` | osp-remux-wasm | when something plays |
//! | `wasm-swarm` | osp-swarm-wasm | when the listener agreed to peers |
//!
//! cargo (profile `wasm`), then wasm-bindgen's generator. No wasm-opt: for 100 MB of tools it makes the module smaller on
//! disk and no smaller to download (637 for 669 KB unpacked, 235 for 235 KB with brotli).

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::run::{Run, root, target_dir};
use crate::setup::{self, Purpose, Toolchain};

/// A crate that becomes a module.
struct Module {
    /// The crate.
    package: &'static str,
    /// Features that it is made with; it has no default ones that are not named.
    features: &'static [&'static str],
    /// Its name in file names.
    stem: &'static str,
    /// Where the module is written, alone.
    out: &'static str,
    /// The crates it is made from. `spec/context` is compiled into osp-core.
    inputs: &'static [&'static str],
}

const MODULES: [Module; 5] = [
    Module {
        package: "osp-wasm",
        features: &["records", "release"],
        stem: "osp_wasm",
        out: "web/src/wasm",
        inputs: &["crates/osp-core", "crates/osp-wasm", "crates/smsg", "spec/context"],
    },
    Module {
        package: "osp-wasm",
        features: &["sealed"],
        stem: "osp_wasm",
        out: "web/src/wasm-older",
        inputs: &["crates/osp-core", "crates/osp-wasm", "crates/smsg", "spec/context"],
    },
    Module {
        package: "osp-stretch-wasm",
        features: &[],
        stem: "osp_stretch_wasm",
        out: "web/src/wasm-stretch",
        inputs: &["crates/osp-stretch-wasm", "crates/smsg"],
    },
    Module {
        package: "osp-remux-wasm",
        features: &[],
        stem: "osp_remux_wasm",
        out: "web/src/wasm-remux",
        inputs: &["crates/osp-media", "crates/osp-remux-wasm"],
    },
    Module {
        package: "osp-swarm-wasm",
        features: &[],
        stem: "osp_swarm_wasm",
        out: "web/src/wasm-swarm",
        inputs: &["crates/osp-core", "crates/osp-swarm", "crates/osp-swarm-wasm", "spec/context"],
    },
];

/// What every module is made from too.
const SHARED_INPUTS: [&str; 3] = ["Cargo.lock", "Cargo.toml", "xtask/src/wasm.rs"];

/// Says how long a file is with brotli at its best, as web servers keep it.
const BROTLI: &str = "require('zlib').brotliCompressSync(require('fs').readFileSync(process.argv[1])).length";

/// Builds the modules, each unless its inputs are as they were.
pub(crate) fn wasm() -> Result {
    setup::machine(Purpose::Wasm)?;
    let toolchain = Toolchain::detect().ok_or_else(|| {
        Error::Missing(vec!["a toolchain for wasm32-unknown-unknown: `cargo xtask setup`".into()])
    })?;
    MODULES.iter().try_for_each(|module| module.build(&toolchain))
}

impl Module {
    fn build(&self, toolchain: &Toolchain) -> Result {
        let out = root().join(self.out);
        let [wasm, script, types] =
            ["_bg.wasm", ".js", ".d.ts"].map(|end| out.join(format!("{}{end}", self.stem)));

        let mut fingerprint = Fingerprint::new(&format!("wasm, {}", toolchain.version()));
        for input in SHARED_INPUTS.iter().chain(self.inputs) {
            fingerprint = fingerprint.path(input)?;
        }
        let folder = target_dir().join("wasm");
        let name = self.out.rsplit('/').next().unwrap_or_default();
        let stamp = folder.join(format!("xtask-stamp-{name}"));
        if fingerprint.is_fresh(&stamp, &[wasm.clone(), script, types]) {
            println!("{} is up to date", self.out);
            return Ok(());
        }

        toolchain
            .cargo_rustc()
            .args([
                "--package",
                self.package,
                "--no-default-features",
                "--features",
                &self.features.join(","),
            ])
            .args(["--profile", "wasm", "--target-dir"])
            .args([&folder])
            .go()?;
        let built = folder.join(format!("wasm32-unknown-unknown/wasm/{}.wasm", self.stem));
        bind(&built, &out)?;
        report(self.out, &wasm)?;
        fingerprint.keep(&stamp)
    }
}

/// Writes the module's JavaScript and TypeScript faces, from nothing so that no file of before stays.
fn bind(built: &Path, out: &Path) -> Result {
    if out.exists() {
        fs::remove_dir_all(out).map_err(Error::io("empty", out))?;
    }
    Run::cargo().args(["run", "--quiet", "--package", "xtask-bindgen", "--"]).args([built, out]).go()
}

/// The size a visitor downloads is part of what the project promises, so every build states it.
fn report(name: &str, module: &Path) -> Result {
    let raw = fs::metadata(module).map_err(Error::io("measure", module))?.len();
    let packed = Run::new("node").args(["-p", BROTLI]).args([module]).ask()?;
    println!("{name}: {raw} bytes, {} bytes with brotli", packed.trim());
    Ok(())
}
