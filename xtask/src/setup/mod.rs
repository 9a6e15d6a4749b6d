//! `cargo xtask setup`: what a machine with Rust and Node still lacks. Installs it where the machine lets us
//! (Debian packages as root or with a password-less sudo, npm packages by lockfile), else says what is missing
//! and the command that installs it. Asks only about files, so it is quick when all is there.

mod apt;
mod chromium;
mod node;
mod wasm_toolchain;

pub(crate) use chromium::chromium;
pub(crate) use node::npm_ci;
pub(crate) use wasm_toolchain::Toolchain;

use crate::error::{Error, Result};
use crate::run::{Run, which};

/// What a verb is going to do, so that it asks for no more than it uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compile the program, without the web client.
    Rust,
    /// Compile the browser module alone.
    Wasm,
    /// Build the program with its web client.
    Build,
    /// Build and test everything.
    Test,
    /// Run our program against other people's.
    Interop,
}

/// One thing a machine may lack.
struct Need {
    /// Its name and what it is for.
    what: &'static str,
    present: fn() -> bool,
    /// The Debian packages that bring it; empty where Debian's are not the way.
    packages: &'static [&'static str],
    /// The way elsewhere.
    otherwise: &'static str,
}

const C_COMPILER: Need = Need {
    what: "a C compiler (SQLite is compiled in)",
    present: || which("cc").is_some(),
    packages: &["gcc", "libc6-dev"],
    otherwise: "install gcc or clang with your system's package manager",
};

const NODE: Need = Need {
    what: "Node.js 20.19 or newer with npm (it builds the web client)",
    present: node::is_new_enough,
    packages: &[],
    otherwise: "install it from https://nodejs.org/ or with your version manager",
};

const WASM: Need = Need {
    what: "a Rust toolchain for wasm32-unknown-unknown (the browser runs the same Rust as the node)",
    present: || Toolchain::detect().is_some(),
    packages: wasm_toolchain::PACKAGES,
    otherwise: "rustup component add rust-src",
};

const RUSTFMT: Need = Need {
    what: "rustfmt",
    present: || which("cargo-fmt").is_some(),
    packages: &[],
    otherwise: "rustup component add rustfmt",
};

const CLIPPY: Need = Need {
    what: "clippy",
    present: || which("cargo-clippy").is_some(),
    packages: &[],
    otherwise: "rustup component add clippy",
};

const CHROMIUM: Need = Need {
    what: "Chromium (Playwright drives it)",
    present: || chromium().is_ok(),
    packages: &["chromium"],
    otherwise: "install Chromium or Chrome and set CHROMIUM to its path",
};

const PYTHON: Need = Need {
    what: "Python 3 (the second implementation of the record verifier and of SMSG)",
    present: || which("python3").is_some(),
    packages: &["python3"],
    otherwise: "install python3 with your system's package manager",
};

const TRANSMISSION: Need = Need {
    what: "transmission-show (reads our torrents)",
    present: || which("transmission-show").is_some(),
    packages: &["transmission-cli"],
    otherwise: "install Transmission's command line programs",
};

const TRANSMISSION_DAEMON: Need = Need {
    what: "transmission-daemon (shares files with us)",
    present: || which("transmission-daemon").is_some(),
    packages: &["transmission-daemon"],
    otherwise: "install Transmission's daemon",
};

const ARIA2: Need = Need {
    what: "aria2c (shares files with us)",
    present: || which("aria2c").is_some(),
    packages: &["aria2"],
    otherwise: "install aria2",
};

const NFT: Need = Need {
    what: "nft (routers between hosts of the tests)",
    present: || !cfg!(target_os = "linux") || which("nft").is_some(),
    packages: &["nftables"],
    otherwise: "install nftables",
};

fn needs(purpose: Purpose) -> &'static [Need] {
    match purpose {
        Purpose::Rust => &[C_COMPILER],
        Purpose::Wasm => &[WASM],
        Purpose::Build => &[C_COMPILER, NODE, WASM],
        Purpose::Test => &[C_COMPILER, NODE, WASM, RUSTFMT, CLIPPY, CHROMIUM, PYTHON],
        Purpose::Interop => {
            &[C_COMPILER, NODE, PYTHON, TRANSMISSION, TRANSMISSION_DAEMON, ARIA2, NFT, CHROMIUM]
        }
    }
}

/// Installs what `purpose` needs and the machine lacks.
///
/// # Errors
/// [`Error::Missing`] with one line for each thing that could not be installed from here.
pub(crate) fn machine(purpose: Purpose) -> Result {
    let missing = || needs(purpose).iter().filter(|need| !(need.present)());
    let packages: Vec<&str> = missing().flat_map(|need| need.packages).copied().collect();
    if !packages.is_empty() {
        apt::install(&packages)?;
    }
    let left: Vec<String> = missing().map(describe).collect();
    if left.is_empty() { Ok(()) } else { Err(Error::Missing(left)) }
}

fn describe(need: &Need) -> String {
    match need.packages {
        [] => format!("{}: {}", need.what, need.otherwise),
        packages => {
            let debian = format!("sudo apt-get update && sudo apt-get install -y {}", packages.join(" "));
            format!("{}: on Debian `{debian}`; elsewhere: {}", need.what, need.otherwise)
        }
    }
}

/// The `setup` verb: everything `cargo xtask test` uses.
pub(crate) fn all() -> Result {
    machine(Purpose::Test)?;
    npm_ci("web")?;
    Run::cargo().args(["fetch", "--locked"]).go()?;
    println!("All that `cargo xtask demo` and `cargo xtask test` need is here.");
    Ok(())
}
