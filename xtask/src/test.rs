//! `cargo xtask test`: everything that has to pass before a change lands. `.ci/run` is this and nothing else.
//!
//! One cargo profile (dev) serves clippy, the tests and the program that Playwright drives, so that the
//! dependencies are compiled once.

use crate::error::Result;
use crate::run::{Run, root, target_dir, which};
use crate::setup::{self, Purpose};
use crate::steps::Steps;
use crate::web::web;
use std::path::PathBuf;

/// Runs all steps, the cheap ones first.
pub(crate) fn test() -> Result {
    let mut steps = Steps::default();
    steps.step("setup", || {
        setup::machine(Purpose::Test)?;
        setup::npm_ci("web")?;
        // The one place that insists on Cargo.lock being right; everywhere else a person may be mid-change.
        Run::cargo().args(["fetch", "--locked"]).go()
    })?;
    steps.step("format", || Run::cargo().args(["fmt", "--all", "--check"]).go())?;
    // Before the first compilation of osp-node, which embeds it.
    steps.step("web client and wasm", web)?;
    steps.step("web lint and types", || {
        Run::npm("web").args(["run", "lint"]).go()?;
        Run::npm("web").args(["run", "typecheck"]).go()
    })?;
    steps.step("web unit tests", || Run::npm("web").args(["test"]).go())?;
    steps.step("clippy", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        Run::cargo().args(clippy).go()
    })?;
    steps.step("Rust tests", || Run::cargo().args(["test", "--workspace"]).go())?;
    steps.step("Rust documentation", || {
        let doc = ["doc", "--workspace", "--no-deps", "--document-private-items"];
        // Module maps may name private modules: these pages are for who works on them.
        Run::cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links").go()
    })?;
    steps.step("Python record verifier", || {
        Run::new("python3").args(["interop/python/test_vectors.py"]).go()
    })?;
    steps.step("Python SMSG reader", || {
        Run::new("python3").args(["interop/smsg-python/test_vectors.py"]).go()?;
        Run::new("python3").args(["interop/smsg3-python/test_vectors.py"]).go()?;
        Run::new("python3").args(["interop/smsg-python/test_osp.py"]).env("OSP_BIN", program()?).go()
    })?;
    steps.step("JSON-LD and stock proof verifiers", || {
        setup::npm_ci("interop")?;
        Run::npm("interop").args(["test"]).go()
    })?;
    steps.step("web end to end", end_to_end)?;
    if which("cargo-deny").is_some() {
        // Advisories are left to `cargo deny check`: their database comes over the network, and an advisory
        // published overnight must not turn an unchanged commit red.
        steps.step("cargo-deny", || {
            Run::cargo().args(["deny", "--locked", "check", "bans", "licenses", "sources"]).go()
        })?;
    } else {
        steps.skip("cargo-deny", "it is not installed (`cargo install cargo-deny --locked`)");
    }
    steps.print();
    Ok(())
}

/// Playwright in the system's Chromium against the program just tested, with the stock webtorrent client beside it.
fn end_to_end() -> Result {
    setup::npm_ci("interop/swarm")?;
    Run::npm("web")
        .args(["run", "e2e"])
        .env("OSP_BIN", program()?)
        .env("OSP_DEMO_MUSIC", root().join("demo/music"))
        .env("CHROMIUM", setup::chromium()?)
        .env("OSP_E2E_STOCK", "1")
        .go()
}

/// The program that the Rust tests ran, which a test of its own has cargo build. Built by itself it would have other features, and
/// its dependencies would be compiled a second time.
fn program() -> Result<PathBuf> {
    Run::cargo().args(["test", "--workspace", "--test", "golden", "--no-run"]).go()?;
    Ok(target_dir().join("debug/osp"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::fs::{read_dir, read_to_string};

    /// Where integration tests are one program, a file that it does not name would be run by nobody.
    #[test]
    fn every_integration_test_is_run() {
        let crates: Vec<_> =
            read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
        let mut count = 0;
        for folder in crates {
            let manifest = read_to_string(folder.join("Cargo.toml")).unwrap();
            if !manifest.contains("autotests = false") {
                continue;
            }
            count += 1;
            let suite = read_to_string(folder.join("tests/suite.rs")).unwrap();
            for entry in read_dir(folder.join("tests")).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                let is_code = path.extension().is_some_and(|extension| extension == "rs");
                let is_module = path.join("mod.rs").exists() || path.join("main.rs").exists();
                if !is_code && !is_module {
                    continue;
                }
                let is_run = manifest.contains(&format!("[[test]]\nname = \"{name}\""))
                    || suite.contains(&format!("\nmod {name};\n"));
                assert!(is_run, "neither tests/suite.rs nor Cargo.toml names {}", path.display());
            }
        }
        assert!(count > 0);
    }
}
