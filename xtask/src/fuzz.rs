//! `cargo xtask fuzz [TARGET]`: libFuzzer over the parsers, with the address sanitizer.
//!
//! cargo-fuzz wants the sanitizers of a nightly compiler; RUSTC_BOOTSTRAP=1 unlocks them in the stable one, so
//! no second toolchain is needed.

use crate::error::{Error, Result};
use crate::run::{Run, root, which};

/// Fuzzes `target`, or each target after the other, for `seconds` each.
pub(crate) fn fuzz(target: Option<&str>, seconds: u32) -> Result {
    let targets = targets()?;
    let chosen: Vec<&str> = match target {
        Some(name) if targets.iter().any(|target| target == name) => vec![name],
        Some(name) => {
            return Err(Error::Usage(format!("no fuzz target `{name}`; there are: {}", targets.join(", "))));
        }
        None => targets.iter().map(String::as_str).collect(),
    };
    if which("cargo-fuzz").is_none() {
        Run::cargo().args(["install", "--locked", "cargo-fuzz"]).go()?;
    }
    for target in chosen {
        Run::cargo()
            .args(["fuzz", "run", "--fuzz-dir", "fuzz", target, "--"])
            // A little over the largest record, so that the refusal of larger ones is reached too.
            .args([&format!("-max_total_time={seconds}"), "-max_len=70000", "-print_final_stats=1"])
            .env("RUSTC_BOOTSTRAP", "1")
            .go()?;
    }
    Ok(())
}

/// The names of the files in fuzz/fuzz_targets, in order.
fn targets() -> Result<Vec<String>> {
    let dir = root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&dir).map_err(Error::io("list", &dir))? {
        let path = entry.map_err(Error::io("list", &dir))?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
