//! Node.js and npm packages, these by lockfile only.

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::run::{Run, root, which};

/// The oldest Node.js that the web client's build runs on.
const OLDEST: (u32, u32) = (20, 19);

/// Whether Node.js and npm are there and not too old.
pub(super) fn is_new_enough() -> bool {
    which("npm").is_some()
        && Run::new("node").args(["--version"]).ask().is_ok_and(|text| version(&text) >= Some(OLDEST))
}

/// Major and minor of `v20.19.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// `npm ci` in `dir`, unless its `node_modules` was made from this very lockfile.
pub(crate) fn npm_ci(dir: &str) -> Result {
    let lockfile = format!("{dir}/package-lock.json");
    if !root().join(&lockfile).is_file() {
        return Err(Error::Unexpected(format!("{lockfile} is not there; is this checkout complete?")));
    }
    let fingerprint = Fingerprint::new("npm ci").path(&lockfile)?.path(&format!("{dir}/package.json"))?;
    let modules = root().join(dir).join("node_modules");
    let stamp = modules.join(".xtask-stamp");
    if fingerprint.is_fresh(&stamp, &[]) {
        return Ok(());
    }
    Run::npm(dir)
        .args(["ci", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .go()?;
    fingerprint.keep(&stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_as_numbers() {
        assert!(version("v20.19.2\n") >= Some(OLDEST));
        assert!(version("v100.0.0") >= Some(OLDEST));
        assert!(version("v20.9.0") < Some(OLDEST));
        assert!(version("v18.20.1") < Some(OLDEST));
        assert!(version("nonsense") < Some(OLDEST));
    }
}
