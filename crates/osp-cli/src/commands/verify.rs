//! `osp verify`: one record, and optionally the file it names, judged.

use crate::{
    args::{Global, Verify},
    error::{CliError, Exit},
    output,
};
use osp_core::record::MAX_RECORD_BYTES;
use osp_fetch::{DidWebResolver, Fetcher, Policy};
use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

pub(super) async fn run(global: &Global, args: Verify) -> Result<(), CliError> {
    let bytes = read_record(&args.file).map_err(|e| CliError::file(&args.file, &e))?;
    // No home is opened: whoever gets a record can check it, on any machine.
    let policy = Policy { allow_private: super::allow_private(global)?, extra_ca: None };
    let fetcher = Fetcher::new(&policy).map_err(|e| CliError::local("local", e.to_string()))?;
    let did_web = DidWebResolver::new(fetcher);
    let judgement = osp_node::verify::judge(&did_web, &bytes, args.content.as_deref()).await?;
    if global.json {
        output::json(&judgement)?;
    } else if judgement.valid {
        let id = judgement.id.as_deref().unwrap_or_default();
        output::line(format_args!("\x1b[32mvalid\x1b[0m {id}\n{}", output::plain(&judgement.message)))?;
    } else {
        let class = judgement.error.unwrap_or_default();
        let message = output::plain(&judgement.message);
        output::line(format_args!("\x1b[31mnot valid\x1b[0m ({class}): {message}"))?;
    }
    if judgement.valid { Ok(()) } else { Err(CliError::silent(Exit::Bad)) }
}

/// At most one byte more than a record may have: enough to know that it is too long, however much there is.
fn read_record(path: &Path) -> io::Result<Vec<u8>> {
    let limit = MAX_RECORD_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
