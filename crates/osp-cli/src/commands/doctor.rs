//! `osp doctor`: whether this home is sound.

use crate::{
    args::{Doctor, Global},
    error::{CliError, Exit},
    output, progress,
};
use osp_core::Cid;

/// What `osp doctor --json` prints (`spec/schemas/doctor-result.json`).
#[derive(serde::Serialize)]
struct Report {
    home: std::path::PathBuf,
    tracks: u64,
    artists: u64,
    blobs: u64,
    bytes: u64,
    identities: usize,
    /// Bytes read and checked; `null` without `--scrub`.
    scrubbed: Option<u64>,
    /// CIDs of damaged blobs.
    damaged: Vec<String>,
}

pub(super) async fn run(global: &Global, args: &Doctor) -> Result<(), CliError> {
    let node = super::open(global)?;
    let counts = node.records().counts().await?;
    let mut report = Report {
        home: node.home().root().to_owned(),
        tracks: counts.tracks,
        artists: counts.artists,
        blobs: counts.blobs,
        bytes: counts.bytes,
        identities: node.identities().list()?.len(),
        scrubbed: None,
        damaged: Vec::new(),
    };
    if args.scrub {
        let bar = progress::Bytes::new(global.quiet || global.json);
        let mut read = 0u64;
        let mut after: Option<Cid> = None;
        loop {
            let page = node.blobs().list(after.as_ref(), 256).await?;
            let Some(last) = page.last().copied() else { break };
            for cid in page {
                let found = node.blobs().scrub(&cid).await?;
                read += found.bytes;
                bar.show("checking", read, Some(counts.bytes.max(read)));
                if !found.damaged.is_empty() {
                    report.damaged.push(cid.to_string());
                }
            }
            after = Some(last);
        }
        bar.clear();
        report.scrubbed = Some(read);
    }
    show(global, &report)?;
    if report.damaged.is_empty() { Ok(()) } else { Err(CliError::silent(Exit::Bad)) }
}

fn show(global: &Global, report: &Report) -> Result<(), CliError> {
    if global.json {
        return output::json(report);
    }
    output::line(format_args!(
        "home        {}\ntracks      {}, by {}\nmusic       {}, {}\nidentities  {}",
        output::path(&report.home),
        report.tracks,
        count(report.artists, "artist"),
        count(report.blobs, "file"),
        count(report.bytes, "byte"),
        report.identities
    ))?;
    match report.scrubbed {
        None => output::note(global.quiet, "run it with --scrub to read and check every byte"),
        Some(bytes) if report.damaged.is_empty() => {
            output::line(format_args!("checked     {bytes} bytes, all sound"))?;
        }
        Some(_) => {}
    }
    for cid in &report.damaged {
        output::line(format_args!("\x1b[31mdamaged\x1b[0m     {cid}: publish or fetch it again"))?;
    }
    Ok(())
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
