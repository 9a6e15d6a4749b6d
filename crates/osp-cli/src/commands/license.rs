//! `osp license`: keys sold after a release is out, and the ledger of what was sold.

mod issue;
mod list;
mod show;

use super::signer;
use crate::{
    args::{Global, sales::License},
    error::CliError,
    output,
};
use osp_node::{
    Home, Node,
    identity::Signatory,
    sales::{Custody, Kept, report},
};
use std::io::Write as _;

pub(super) fn run(global: &Global, args: License) -> Result<(), CliError> {
    if !matches!(args, License::Issue(_)) {
        settle(global)?;
    }
    match args {
        License::Issue(args) => issue::run(global, &args),
        License::List => list::run(global),
        License::Show { sale } => show::run(global, &sale),
        License::Export { release, output, .. } => export(global, release.as_deref(), output.as_deref()),
        License::RevokeNote { sale, reason } => show::revoke(global, &sale, reason),
    }
}

/// Notes of sales that a killed program left; whoever issues does it by itself.
fn settle(global: &Global) -> Result<(), CliError> {
    for kept in custody(global)?.list()? {
        let settled = kept.settle(&signer::now())?;
        output::note(
            global.quiet || settled == 0,
            format_args!(
                "{settled} keys of «{}» were never handed out: the program ended before. They are noted, and open nothing.",
                output::plain(&kept.header.title),
            ),
        );
    }
    Ok(())
}

/// What this home keeps.
pub(super) fn custody(global: &Global) -> Result<Custody, CliError> {
    Ok(Custody::open(Home::open(&super::home(global)?)?.root()))
}

/// The artist's key of a release: that of the identity named, else of the identity that sealed it.
pub(super) fn unlock(global: &Global, kept: &Kept, choice: Option<&str>) -> Result<Signatory, CliError> {
    let node: std::sync::Arc<Node> = super::open(global)?;
    let identity = signer::identity(&node, Some(choice.unwrap_or(kept.header.artist())))?;
    signer::unlock(global, &node, &identity)
}

fn export(global: &Global, release: Option<&str>, output: Option<&std::path::Path>) -> Result<(), CliError> {
    let custody = custody(global)?;
    let releases = match release {
        Some(name) => vec![custody.named(name)?],
        None => custody.list()?,
    };
    let mut csv = Vec::new();
    report::write_csv(&releases, &mut csv)
        .map_err(|e| CliError::advised(crate::error::Exit::Bad, "malformed", &e.to_string()))?;
    match output {
        None => output::bytes(&csv),
        Some(path) => {
            let mut staged =
                osp_node::staged::Staged::beside(path).map_err(|e| CliError::unwritten(path, &e))?;
            staged.file().write_all(&csv).map_err(|e| CliError::unwritten(path, &e))?;
            staged.finish().and_then(|done| done.place(path, true)).map_err(|e| CliError::unwritten(path, &e))
        }
    }
}
