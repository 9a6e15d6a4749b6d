//! The original implementation of SMSG, in Go, built as a program of ours around its package (interop/smsg-original):
//! a peer of the interoperability tests and of the figures, and no part of anything that is shipped.

use std::path::PathBuf;

use crate::error::Result;
use crate::run::{Run, root, target_dir, which};

/// The peer.
pub(crate) struct SmsgOriginal {
    /// `open`, `seal`, `bench`.
    pub(crate) program: PathBuf,
    /// The folder of demo files that its authors published.
    pub(crate) demo: PathBuf,
    /// Its own module for browsers, unchanged.
    pub(crate) module: PathBuf,
    /// The script that Go brings to start such modules.
    pub(crate) module_script: PathBuf,
}

/// Builds it, in seconds after the first time. `None` where there is no Go or the build fails; the tests with it are
/// then skipped and say so.
pub(crate) fn smsg_original() -> Option<SmsgOriginal> {
    if which("go").is_none() {
        eprintln!("The original of SMSG is skipped: there is no Go to build it with");
        return None;
    }
    match build() {
        Ok(peer) => Some(peer),
        Err(error) => {
            eprintln!("The original of SMSG is skipped (its modules come from the Go proxy): {error}");
            None
        }
    }
}

fn build() -> Result<SmsgOriginal> {
    let folder = target_dir().join("interop");
    let program = folder.join("bin/smsg-original");
    let go = |args: &[&str]| {
        Run::new("go")
            .args(args)
            .env("GOFLAGS", "-modcacherw -mod=readonly")
            .env("GOMODCACHE", folder.join("gomod"))
            .env("GOCACHE", folder.join("gocache"))
            .dir(root().join("interop/smsg-original"))
    };
    go(&["build", "-o", &program.to_string_lossy(), "."]).go()?;
    let browser = folder.join("smsg-original.wasm");
    go(&["build", "-o", &browser.to_string_lossy(), "github.com/Snider/Borg/pkg/wasm/stmf"])
        .env("GOOS", "js")
        .env("GOARCH", "wasm")
        .go()?;
    let goroot = go(&["env", "GOROOT"]).output()?;
    let module_script = PathBuf::from(goroot.trim()).join("lib/wasm/wasm_exec.js");
    let module = go(&["list", "-m", "-f", "{{.Dir}}", "github.com/Snider/Borg"]).output()?;
    let demo = PathBuf::from(module.trim()).join("demo");
    Ok(SmsgOriginal { program, demo, module: browser, module_script })
}
