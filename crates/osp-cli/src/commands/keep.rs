//! `osp backup` and `osp restore`.

use crate::{
    args::{Backup, Global, Restore},
    error::{CliError, Exit},
    output,
};
use osp_node::keep;
use std::path::Path;

/// What `osp restore --json` prints (`spec/schemas/restore-result.json`).
#[derive(serde::Serialize)]
struct Restored<'a> {
    path: &'a Path,
    blobs: u64,
    bytes: u64,
    damaged: Vec<String>,
}

pub(super) async fn backup(global: &Global, args: &Backup) -> Result<(), CliError> {
    let node = super::open(global)?;
    keep::backup(&node, &args.target).await?;
    if global.json {
        output::json(&serde_json::json!({"path": args.target}))
    } else {
        output::line(format_args!("backed up to {}", output::path(&args.target)))
    }
}

pub(super) async fn restore(global: &Global, args: &Restore) -> Result<(), CliError> {
    let home = super::home(global)?;
    let report = keep::restore(&args.source, &home).await?;
    let damaged: Vec<String> = report.damaged.iter().map(ToString::to_string).collect();
    if global.json {
        let (blobs, bytes) = (report.blobs, report.bytes);
        output::json(&Restored { path: &home, blobs, bytes, damaged })?;
    } else {
        output::line(format_args!("restored to {}", output::path(&home)))?;
        for cid in &damaged {
            let advice = "damaged in the backup and left out: publish or fetch it again";
            output::note(false, format_args!("warning: {cid} is {advice}"));
        }
    }
    // The home can be used; that not everything came back must not pass for success.
    if report.damaged.is_empty() { Ok(()) } else { Err(CliError::silent(Exit::Bad)) }
}
