//! Figures for spec'd promises, each as a ratio to what a user would run instead, measured in the same run.
//!
//! `cargo xtask bench [NAME]…` builds the release binary and runs this, all of it or the chapters named; `swarm` and `page` are
//! every chapter whose name begins so. The report goes to stdout as Markdown. Peers that are not installed are said to be
//! missing, never guessed. Figures are never tests: machines are shared and noisy, ratios are what counts.

#![allow(clippy::print_stdout)]

mod hashing;
mod http;
mod measure;
mod page;
mod search;
mod smsg;
mod smsg_box;
mod swarm;

use std::{path::PathBuf, process::ExitCode};

/// Where things are.
pub(crate) struct Bench {
    /// The release binary.
    pub(crate) osp: PathBuf,
    /// A folder for files and homes, emptied of old ones.
    pub(crate) folder: PathBuf,
    /// Interop folder with the npm peers.
    pub(crate) interop: PathBuf,
    /// Kubo: `KUBO`, else what `cargo xtask interop` built.
    pub(crate) kubo: Option<PathBuf>,
}

/// One chapter of the report.
type Part = fn(&Bench) -> Result<(), String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--case", case)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return smsg::case(case).map_or_else(
            |e| {
                eprintln!("{e}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        );
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os("OSP_BENCH_DIR").map_or_else(|| root.join("target/bench"), PathBuf::from);
    let osp = std::env::var_os("OSP_BIN").map_or_else(|| root.join("target/release/osp"), PathBuf::from);
    if !osp.is_file() {
        eprintln!("{} is not there; run «cargo build --release -p osp-cli» first", osp.display());
        return ExitCode::FAILURE;
    }
    if let Err(e) = std::fs::create_dir_all(&folder) {
        eprintln!("cannot make {}: {e}", folder.display());
        return ExitCode::FAILURE;
    }
    let kubo = std::env::var_os("KUBO").map_or_else(|| root.join("target/interop/bin/ipfs"), PathBuf::from);
    let kubo = kubo.is_file().then_some(kubo);
    let bench = Bench { osp, folder, interop: root.join("interop"), kubo };
    let is_of = |group: &str, name: &str| {
        ["swarm", "page"].contains(&group)
            && name.strip_prefix(group).is_some_and(|rest| rest.starts_with('_'))
    };
    let wanted = |name: &str| args.is_empty() || args.iter().any(|c| c == name || is_of(c, name));
    let parts: [(&str, Part); 15] = [
        ("hashing", hashing::run),
        ("search", search::run),
        ("http", http::run),
        ("smsg_box", smsg_box::run),
        ("smsg", smsg::run),
        ("swarm_tcp", swarm::tcp),
        ("swarm_browser", swarm::browser),
        ("swarm_seeding", swarm::seeding),
        ("swarm_start", swarm::start),
        ("swarm_plays", swarm::plays),
        ("swarm_bitswap", swarm::bitswap),
        ("network", swarm::network),
        ("page_lighthouse", page::lighthouse),
        ("page_paint", page::paint),
        ("page_search", page::search),
    ];
    let mut failed = false;
    for (name, run) in parts {
        if wanted(name) {
            println!("\n## {name}\n");
            if let Err(e) = run(&bench) {
                println!("failed: {e}");
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
