//! `osp inspect`: what a sealed file says without a key.

mod release;

use crate::{
    args::{Global, sealed::Inspect},
    error::CliError,
    output, units,
};
use indicatif::{DecimalBytes, HumanCount};
use osp_node::sealed::{
    AnyFile, Inspection,
    inspect::{FileReport, inspect},
};
use smsg::{Manifest, UnixTime, abr::AbrManifest};
use tokio::task::block_in_place;

pub(super) use release::terms;

pub(super) fn run(global: &Global, args: &Inspect) -> Result<(), CliError> {
    let now = units::now();
    if args.file.to_str().is_some_and(|file| file.starts_with("http://") || file.starts_with("https://")) {
        let (found, link) = super::look_up::open(global, &args.file)?;
        return match found {
            AnyFile::Release(file) => release::run(global, args, *file, link, now),
            AnyFile::Older(older) => match older.inspect(now)? {
                Inspection::File(report) if global.json => output::json(&report),
                Inspection::File(report) => file(&report),
                _ => Ok(()),
            },
        };
    }
    let look_up = super::look_up::look_up(global);
    match block_in_place(|| inspect(&args.file, now, &look_up))? {
        Inspection::Release(file) => release::run(global, args, *file, None, now),
        Inspection::File(report) if global.json => output::json(&report),
        Inspection::Abr(abr) if global.json => output::json(&abr),
        Inspection::File(report) => file(&report),
        Inspection::Abr(manifest) => abr(&manifest),
    }
}

/// A labelled line; nothing when there is nothing to say. What comes from the file cannot steer the terminal.
fn row(label: &str, text: impl AsRef<str>) -> Result<(), CliError> {
    let text = output::plain(text.as_ref());
    if text.is_empty() { Ok(()) } else { output::line(format_args!("{label:<12}{text}")) }
}

fn file(report: &FileReport) -> Result<(), CliError> {
    if let Some(said) = &report.manifest {
        manifest(said, report.expired)?;
    }
    let format = if report.format.is_empty() { "v1" } else { &report.format };
    let chunks = report.chunked.as_ref();
    row("format", {
        let compression = match report.compression.as_str() {
            "" => "not compressed".to_owned(),
            name => name.to_owned(),
        };
        match chunks {
            Some(c) => format!(
                "{format}, {} of {} bytes, {compression}",
                if c.total_chunks == 1 {
                    "1 chunk".to_owned()
                } else {
                    format!("{} chunks", HumanCount(c.total_chunks))
                },
                HumanCount(c.chunk_size)
            ),
            None => format!("{format}, {compression}"),
        }
    })?;
    row("opens with", opens_with(report))?;
    if let Some(hint) = &report.hint {
        row("hint", hint)?;
    }
    row("size", format!("{} ({} of content)", DecimalBytes(report.size), DecimalBytes(report.payload_size)))?;
    if report.encoding == "base64" {
        row("encoding", "base64 text")?;
    }
    for warning in &report.warnings {
        output::line(format_args!("\x1b[33mnote:\x1b[0m {}", output::plain(&warning.message)))?;
    }
    Ok(())
}

fn opens_with(report: &FileReport) -> String {
    let Some(keys) = &report.wrapped_keys else { return "a licence key".to_owned() };
    let dates: Vec<_> = keys.iter().map(|k| k.date.as_str()).collect();
    let cadence = report.cadence.as_deref().unwrap_or("daily");
    match dates.as_slice() {
        [] => "a licence id, but it has no key for any period".to_owned(),
        dates => format!("a licence id, in {} ({cadence})", dates.join(", ")),
    }
}

fn manifest(said: &Manifest, expired: bool) -> Result<(), CliError> {
    row("title", &said.title)?;
    row("artist", &said.artist)?;
    row("album", &said.album)?;
    row("genre", &said.genre)?;
    if said.year != 0 {
        row("year", said.year.to_string())?;
    }
    row("type", &said.release_type)?;
    if said.duration > 0 {
        row("length", clock(said.duration))?;
    }
    row("licence", &said.license_type)?;
    if said.issued_at != 0 {
        row("issued", UnixTime(said.issued_at).to_string())?;
    }
    if let Some(end) = said.expires_at() {
        row("ends", format!("{end}{}", if expired { " (has ended)" } else { "" }))?;
    }
    for (number, track) in (1..).zip(&said.tracks) {
        let number = if track.track_num > 0 { track.track_num } else { number };
        // Seconds far beyond any music are cut off by the cast, not wrong.
        #[allow(clippy::cast_possible_truncation)]
        let start = clock(track.start as i64);
        row("track", format!("{number:>3}  {start:>7}  {}", track.title))?;
    }
    for (name, url) in &said.links {
        row("link", format!("{name}: {url}"))?;
    }
    row("tags", said.tags.join(", "))?;
    for (name, text) in &said.extra {
        row("extra", format!("{name}: {text}"))?;
    }
    Ok(())
}

fn abr(manifest: &AbrManifest) -> Result<(), CliError> {
    row("title", &manifest.title)?;
    row("format", format!("{}, a manifest of {} variants", manifest.version, manifest.variants.len()))?;
    if manifest.duration > 0 {
        row("length", clock(manifest.duration))?;
    }
    for (number, variant) in (0i64..).zip(&manifest.variants) {
        let mark = if number == manifest.default_idx { "*" } else { " " };
        let bytes = u64::try_from(variant.file_size).unwrap_or(0);
        row(
            "variant",
            format!(
                "{mark} {:<8} {:>6} kbit/s  {}x{}  {}  {}  {}",
                variant.name,
                variant.bandwidth / 1000,
                variant.width,
                variant.height,
                DecimalBytes(bytes),
                variant.codecs,
                variant.url
            ),
        )?;
    }
    output::line(
        "\x1b[33mnote:\x1b[0m nothing in a manifest is authenticated; each variant is a sealed file of its own.",
    )
}

/// Seconds as people write them.
fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
