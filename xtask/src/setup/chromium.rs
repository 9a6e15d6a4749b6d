//! The browser of the end-to-end tests: the system's own, never one that npm downloads.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::run::which;

/// The path for Playwright's `executablePath`: `CHROMIUM`, else the first one in PATH.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(path);
        return match path.is_file() {
            true => Ok(path),
            false => {
                Err(Error::Missing(vec![format!("CHROMIUM names {}, which is no file", path.display())]))
            }
        };
    }
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
        .iter()
        .find_map(|name| which(name))
        .ok_or_else(|| Error::Missing(vec!["Chromium: `cargo xtask setup` installs it".into()]))
}
