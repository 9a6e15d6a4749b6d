//! `osp backup` and `osp restore`.

use crate::{
    args::{Backup, Global, Restore},
    error::CliError,
    output,
};
use osp_node::keep;

pub(super) async fn backup(global: &Global, args: &Backup) -> Result<(), CliError> {
    let node = super::open(global)?;
    keep::backup(&node, &args.target).await?;
    done(global, "backed up to", &args.target)
}

pub(super) async fn restore(global: &Global, args: &Restore) -> Result<(), CliError> {
    let home = super::home(global)?;
    keep::restore(&args.source, &home).await?;
    done(global, "restored to", &home)
}

fn done(global: &Global, what: &str, path: &std::path::Path) -> Result<(), CliError> {
    if global.json {
        output::json(&serde_json::json!({"path": path}))
    } else {
        output::line(format_args!("{what} {}", output::path(path)))
    }
}
