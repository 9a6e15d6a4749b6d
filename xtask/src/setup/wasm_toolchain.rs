//! The compiler for the browser module. Three ways, the first that is there wins:
//!
//! 1. the Rust toolchain in use with its library sources (`rustup component add rust-src`);
//! 2. Debian's `rustc-web` with the library sources of `rust-web-src`; the linker is the `rust-lld` of the toolchain in use;
//! 3. the Rust toolchain in use, where `rustup target add wasm32-unknown-unknown` has been run.
//!
//! With the sources the standard library is built for size, without the texts of panics that nobody could read (`-Zbuild-std`,
//! so `RUSTC_BOOTSTRAP=1`): the third way works as well, and the module is a tenth larger.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::run::Run;

/// The target triple of the browser module.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The Debian packages of the second way.
pub(super) const PACKAGES: &[&str] = &["rustc-web", "rust-web-src"];

/// Debian's compiler, whose path differs from rustup's `rustc`.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// The oldest minor version of Rust 1 that compiles this workspace (`rust-version` in Cargo.toml).
const OLDEST_MINOR: u32 = 90;

/// The first minor version of Rust 1 that can leave the texts of panics out (`-C panic=immediate-abort`, not stable).
const SILENT_PANICS_MINOR: u32 = 92;

/// Where a sysroot keeps the library's sources.
const SOURCES: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";

/// A way to compile for the browser.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain in use builds the standard library too.
    Sources,
    /// Debian's compiler builds the standard library too.
    Debian {
        /// The linker for WebAssembly.
        linker: PathBuf,
    },
    /// The toolchain in use has the target's standard library.
    Installed,
}

impl Toolchain {
    /// Looks for a way that works on this machine.
    pub(crate) fn detect() -> Option<Self> {
        let sysroot = PathBuf::from(Run::new("rustc").args(["--print", "sysroot"]).ask().ok()?.trim());
        if sysroot.join(SOURCES).is_file() {
            return Some(Self::Sources);
        }
        Self::debian(&sysroot)
            .or_else(|| sysroot.join("lib/rustlib").join(TARGET).is_dir().then_some(Self::Installed))
    }

    fn debian(sysroot: &Path) -> Option<Self> {
        let debian = Run::new(DEBIAN_RUSTC).args(["--version", "--verbose"]).ask().ok()?;
        if minor(&debian)? < OLDEST_MINOR || !Path::new("/usr").join(SOURCES).is_file() {
            return None;
        }
        let linker = sysroot.join("lib/rustlib").join(host(&debian)?).join("bin/rust-lld");
        linker.is_file().then_some(Self::Debian { linker })
    }

    /// `cargo rustc` for the browser, without the package, profile and folder.
    ///
    /// The crate is an rlib too, for the host; with that among its types cargo leaves link-time optimisation
    /// out without a word, and the module is more than twice as large.
    pub(crate) fn cargo_rustc(&self) -> Run {
        // Every browser since 2021 (Safari 16.4 of 2023 the last) has 128-bit SIMD.
        let mut flags = OsString::from("-C target-feature=+simd128");
        let run = Run::cargo().args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET]);
        let run = match self {
            Self::Installed => return run.env("RUSTFLAGS", flags),
            Self::Sources => run,
            Self::Debian { linker } => {
                flags.push(" -C linker=");
                flags.push(linker);
                run.env("RUSTC", DEBIAN_RUSTC)
            }
        };
        if minor(&self.version()).is_some_and(|minor| minor >= SILENT_PANICS_MINOR) {
            flags.push(" -Z unstable-options -C panic=immediate-abort");
        }
        run.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
            .env("RUSTFLAGS", flags)
            .env("RUSTC_BOOTSTRAP", "1")
    }

    /// Tells this compiler from another one, for the build's fingerprint.
    pub(crate) fn version(&self) -> String {
        let rustc = match self {
            Self::Installed | Self::Sources => "rustc",
            Self::Debian { .. } => DEBIAN_RUSTC,
        };
        Run::new(rustc).args(["--version"]).ask().unwrap_or_default()
    }
}

/// 96 of `rustc 1.96.0 (…)`.
fn minor(verbose: &str) -> Option<u32> {
    verbose.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

/// The `host:` line of `rustc --version --verbose`.
fn host(verbose: &str) -> Option<&str> {
    verbose.lines().find_map(|line| line.strip_prefix("host: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str = "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)\nbinary: rustc\n\
                          host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\n";

    #[test]
    fn the_compilers_own_words_are_read() {
        assert_eq!(minor(DEBIAN), Some(96));
        assert_eq!(host(DEBIAN), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(minor("gcc 12.2.0"), None);
    }
}
