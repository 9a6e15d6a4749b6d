//! librqbit, what the figures of peers are held against: through its Python bindings, which PyPI has ready built. Inside
//! our workspace it would bring 240 crates, and its own program takes as long to build as ours.

use std::path::PathBuf;

use crate::error::Result;
use crate::run::{Run, target_dir};

const PACKAGE: &str = "pyrqbit==0.1.0";

/// The folder with the bindings: `PYRQBIT`, else where pip puts them now. `None` where it cannot; the figures are then
/// left out and say so.
pub(crate) fn librqbit() -> Result<Option<PathBuf>> {
    if let Some(path) = std::env::var_os("PYRQBIT") {
        return Ok(Some(path.into()));
    }
    let folder = target_dir().join("interop/pyrqbit");
    if folder.join("pyrqbit").is_dir() {
        return Ok(Some(folder));
    }
    let installed = Run::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", PACKAGE, "--target"])
        .args([&folder])
        .go();
    if let Err(error) = installed {
        eprintln!("librqbit is skipped: {error}");
        return Ok(None);
    }
    Ok(Some(folder))
}
