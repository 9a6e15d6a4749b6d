//! What Cargo.lock may not contain, checked with the tests because cargo-deny is not on every machine. The full
//! rules are in deny.toml.

#![allow(clippy::unwrap_used)]

use std::fs;

use crate::run::root;

/// The values of `key = "value"` lines.
fn values(key: &str) -> Vec<String> {
    let lockfile = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let prefix = format!("{key} = \"");
    let values = lockfile.lines().filter_map(|line| line.strip_prefix(&prefix)?.strip_suffix('"'));
    values.map(str::to_owned).collect()
}

#[test]
fn no_openssl() {
    let names = values("name");
    assert!(names.iter().any(|name| name == "osp-core"), "Cargo.lock was not read as expected");
    for banned in ["openssl", "openssl-sys", "native-tls"] {
        assert!(
            !names.iter().any(|name| name == banned),
            "{banned} is banned by deny.toml: `cargo tree -i {banned}`"
        );
    }
}

#[test]
fn every_crate_is_from_crates_io() {
    let sources = values("source");
    assert!(!sources.is_empty());
    for source in sources {
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index");
    }
}
