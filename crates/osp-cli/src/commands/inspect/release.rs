//! What a release (SMSG 3.0) says, who signed it, and what a key is a licence for.

use super::{clock, row};
use crate::{
    args::{Global, sealed::Inspect},
    error::CliError,
    licence, output,
};
use indicatif::{DecimalBytes, HumanCount};
use osp_node::sealed::release::{
    Keyring, ReleaseError, ReleaseFile,
    inspect::{PartReport, ReleaseReport, TableReport, TermsReport, report},
    unseal::moment,
};
use smsg::{UnixTime, v3::Refused};
use tokio::{runtime::Handle, task::block_in_place};

pub(super) fn run(
    global: &Global,
    args: &Inspect,
    mut file: ReleaseFile,
    link: Option<licence::Link>,
    now: UnixTime,
) -> Result<(), CliError> {
    let named = args.key.key.is_some() || args.key.key_file.is_some();
    let (of_link, sold) = link.map_or((None, None), |link| (Some(link.key), link.licence));
    let key = licence::given(&args.key)?.or(of_link);
    let fetch = |place| block_in_place(|| Handle::current().block_on(licence::fetch(global, place)));
    let bought = args.license_file.as_deref().map(fetch).transpose()?;
    let opened = match key {
        None => None,
        Some(key) => {
            let beside = file.place().map(std::path::Path::to_owned);
            let ring = Keyring { key: Some(key), licence: bought.or(sold), beside, home: None };
            match block_in_place(|| file.open(&ring)) {
                Ok(opened) => Some(opened),
                // A key in the environment is for other files.
                Err(ReleaseError::Refused(Refused::NoValidKey) | ReleaseError::Mistyped(_)) if !named => None,
                Err(e) => return Err(e.into()),
            }
        }
    };
    let report = report(&file, opened.as_ref(), now);
    if global.json { output::json(&report) } else { show(&report) }
}

fn show(report: &ReleaseReport) -> Result<(), CliError> {
    let said = |member: &str| report.more.get(member).and_then(|v| v.as_str()).unwrap_or_default();
    row("title", &report.title)?;
    row("artist", said("artistName"))?;
    row("album", said("album"))?;
    row("genre", said("genre"))?;
    row("signed by", &report.artist)?;
    row("with key", report.key.as_deref().unwrap_or_default())?;
    row("sealed", moment(report.created).to_string())?;
    for part in &report.parts {
        row("part", of_part(part))?;
    }
    for (number, track) in (1..).zip(&report.tracks) {
        let mix = track.mix.as_deref().map_or_else(String::new, |mix| format!("  ({mix})"));
        row("track", format!("{number:>3}  {:>7}  {}{mix}", at(track.start), track.title))?;
    }
    for cut in &report.cuts {
        let chunks: u32 = cut.ranges.iter().map(|(from, to)| to - from).sum();
        row(
            "cut",
            format!(
                "{} ({} of {} chunks)",
                cut.name,
                HumanCount(chunks.into()),
                HumanCount(report.chunks.into())
            ),
        )?;
    }
    for (name, url) in &report.links {
        row("link", format!("{name}: {}", url.as_str().unwrap_or_default()))?;
    }
    let digests = if report.digests { "chunks signed" } else { "chunks not signed" };
    row("format", format!("release (SMSG 3.0), {} chunks, {digests}", HumanCount(report.chunks.into())))?;
    match &report.table {
        Some(table) => opens_with(table)?,
        None => row("opens with", "a licence that was sold for it")?,
    }
    if let Some(licence) = &report.licence {
        row("this key", terms(&licence.terms))?;
        if let Some(serial) = licence.serial {
            row("sale", serial.to_string())?;
        }
        match licence.asked {
            "over" => row("asked", "its time is over")?,
            "wait" => row("asked", "its time has not begun")?,
            _ => {}
        }
    }
    row("size", DecimalBytes(report.size).to_string())?;
    row("id", &report.file)?;
    for warning in &report.warnings {
        output::line(format_args!("\x1b[33mnote:\x1b[0m {}", output::plain(&warning.message)))?;
    }
    Ok(())
}

fn opens_with(table: &TableReport) -> Result<(), CliError> {
    let keys = match table.keys {
        0 => None,
        1 => Some("a licence key".to_owned()),
        several => Some(format!("one of {} licence keys", HumanCount(several.into()))),
    };
    let passphrase = (table.passphrases > 0).then(|| "a passphrase".to_owned());
    let ways: Vec<_> = keys.into_iter().chain(passphrase).collect();
    row(
        "opens with",
        if ways.is_empty() { "a licence that was sold for it".to_owned() } else { ways.join(" or ") },
    )?;
    for grant in &table.grants {
        row(if grant.open { "open to all" } else { "sold" }, terms(&grant.terms))?;
    }
    Ok(())
}

/// What is enforced comes first, then what is asked.
pub(in crate::commands) fn terms(terms: &TermsReport) -> String {
    let chunks: u32 = terms.ranges.iter().map(|(from, to)| to - from).sum();
    let what = match (&terms.cut, &terms.tier) {
        (Some(cut), _) => format!("the cut {cut}"),
        (None, Some(tier)) => format!("the tier {tier}"),
        (None, None) if terms.everything => "everything".to_owned(),
        (None, None) => format!("{} chunks", HumanCount(chunks.into())),
    };
    let mut asked = Vec::new();
    asked.extend(terms.not_before.map(|begin| format!("from {}", moment(begin))));
    asked.extend(terms.not_after.map(|end| format!("until {}", moment(end))));
    asked.extend(terms.period.map(|seconds| match seconds / 3600 {
        hours if hours >= 48 => format!("for {} days from first use", hours / 24),
        hours => format!("for {hours} hours from first use"),
    }));
    let asked = if asked.is_empty() { String::new() } else { format!("; asked: {}", asked.join(", ")) };
    let buyer = terms.buyer.as_deref().map_or_else(String::new, |buyer| format!("; sold to {buyer}"));
    format!("{}: {what}{asked}{buyer}", terms.licence)
}

fn of_part(part: &PartReport) -> String {
    // Lengths of music: what the cast cuts off is below a second.
    #[allow(clippy::cast_possible_truncation)]
    let length = part.duration.map_or_else(String::new, |seconds| format!(", {}", clock(seconds as i64)));
    let tier = part.tier.as_deref().map_or_else(String::new, |tier| format!(", tier {tier}"));
    format!("{} ({}, {}{length}{tier})", part.name, part.mime, DecimalBytes(part.size))
}

fn at(millis: u64) -> String {
    clock(i64::try_from(millis / 1000).unwrap_or(i64::MAX))
}
