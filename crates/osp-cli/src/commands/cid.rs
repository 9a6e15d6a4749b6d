//! `osp cid`: the CID of a file, read once, in constant memory.

use crate::{
    args::{CidArgs, Global},
    error::CliError,
    output,
};
use osp_core::unixfs::Profile;
use osp_node::publish::hashing;
use std::fs::File;

pub(super) fn run(global: &Global, args: &CidArgs) -> Result<(), CliError> {
    let profile = profile(&args.profile)?;
    let cid = if args.file.as_os_str() == "-" {
        hashing::cid_of(std::io::stdin().lock(), profile)
    } else {
        File::open(&args.file).and_then(|file| hashing::cid_of(file, profile))
    }
    .map_err(|e| CliError::file(&args.file, &e))?;
    if global.json {
        output::json(&serde_json::json!({"cid": cid.to_string(), "profile": profile.name()}))
    } else {
        output::line(cid)
    }
}

/// The profile of a name typed on the command line.
pub(super) fn profile(name: &str) -> Result<Profile, CliError> {
    Profile::from_name(name).ok_or_else(|| {
        CliError::usage(format!("«{name}» is no CID profile"))
            .hint("there are unixfs-v1-2025 (ours) and unixfs-v0-2015 (what «ipfs add» prints)")
    })
}
