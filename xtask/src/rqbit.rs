//! rqbit, the program around librqbit: what the figures of peers are held against. Built from its published sources into
//! the target folder, because the library inside our workspace would bring 240 crates.

use std::path::PathBuf;

use crate::error::Result;
use crate::run::{Run, target_dir, which};

const VERSION: &str = "9.1.0";

/// The program: `RQBIT`, else the one in PATH, else the one built here, which takes minutes the first time. `None`
/// where it cannot be built; the figures with it are then left out and say so.
pub(crate) fn rqbit() -> Result<Option<PathBuf>> {
    if let Some(path) = std::env::var_os("RQBIT") {
        return Ok(Some(path.into()));
    }
    if let Some(path) = which("rqbit") {
        return Ok(Some(path));
    }
    let folder = target_dir().join("interop");
    let program = folder.join("bin/rqbit");
    if program.is_file() {
        return Ok(Some(program));
    }
    // Without its web page and its database; neither is in the way of bytes.
    let built = Run::cargo()
        .args(["install", "rqbit", "--version", VERSION, "--locked", "--no-default-features"])
        .args(["--features", "rust-tls"])
        .args(["--root".into(), folder.clone(), "--target-dir".into(), folder.join("rqbit")])
        .go();
    if let Err(error) = built {
        eprintln!("rqbit is skipped: {error}");
        return Ok(None);
    }
    Ok(Some(program))
}
