//! `osp site export`: pages, music and records as plain files.

use crate::{
    args::{Global, site::Site},
    error::{CliError, Exit},
    output, progress,
};
use osp_node::{
    config,
    site::{ExportEvent, ExportRequest, LeftOut, Report, export},
};
use std::path::Path;

/// What `osp site export --json` prints (`spec/schemas/site-export.json`).
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    path: &'a Path,
    public_url: Option<&'a str>,
    tracks: u64,
    albums: u64,
    artists: u64,
    files: u64,
    written: u64,
    bytes: u64,
    removed: u64,
    left_out: Vec<Left<'a>>,
    kept: &'a [String],
}

#[derive(serde::Serialize)]
struct Left<'a> {
    id: &'a str,
    reason: LeftOut,
}

pub(super) async fn run(global: &Global, Site::Export(args): Site) -> Result<(), CliError> {
    let artist = args.artist.as_deref().map(super::did).transpose()?;
    let public_url = args.public_url.map(config::public_url).transpose();
    let public_url = public_url.map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?;
    let node = super::open(global)?;
    let request = ExportRequest { folder: args.folder, artist, public_url, language: args.lang.into() };
    let bar = progress::Bytes::new(global.quiet || global.json);
    let result = export(&node, &request, &|event| {
        if let ExportEvent::Audio { title, done, total } = event {
            bar.show(&output::plain(title), done, Some(total));
        }
    })
    .await;
    bar.clear();
    let report = result?;
    if global.json { output::json(&exported(&request, &report)) } else { print(global, &request, &report) }
}

fn exported<'a>(request: &'a ExportRequest, report: &'a Report) -> Exported<'a> {
    let left_out = report.left_out.iter().map(|(id, reason)| Left { id, reason: *reason });
    Exported {
        path: &request.folder,
        public_url: request.public_url.as_deref(),
        tracks: report.tracks,
        albums: report.albums,
        artists: report.artists,
        files: report.files,
        written: report.written,
        bytes: report.bytes,
        removed: report.removed,
        left_out: left_out.collect(),
        kept: &report.kept,
    }
}

fn print(global: &Global, request: &ExportRequest, report: &Report) -> Result<(), CliError> {
    let count = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let Report { tracks, albums, artists, files, written, removed, .. } = *report;
    output::line(format_args!(
        "exported to {}: {}, {}, {}",
        output::path(&request.folder),
        count(tracks, "track"),
        count(albums, "album"),
        count(artists, "artist"),
    ))?;
    output::line(format_args!("{}: {written} written, {removed} removed", count(files, "file")))?;
    for (id, reason) in &report.left_out {
        let why = match reason {
            LeftOut::NoAudio => "its audio is not here; fetch it with «osp resolve»",
            _ => "it cannot be exported",
        };
        output::note(global.quiet, format_args!("warning: {id} is left out: {why}"));
    }
    for path in &report.kept {
        output::note(
            global.quiet,
            format_args!("warning: {path} was there before and is not ours; it stays"),
        );
    }
    if request.public_url.is_none() {
        let note =
            "without --public-url there are no podcast feeds, no previews of shared links and no web seeds";
        output::note(global.quiet, format_args!("note: {note}"));
    }
    Ok(())
}
