//! Names of the files that an output folder gets.

use crate::filename;
use osp_core::{
    Cid,
    media::http_content_type,
    record::{Record, Verified},
};

/// `01 - Title.opus`, made only of characters that are safe on every file system.
#[must_use]
pub fn file_name(record: Option<&Verified<Record>>, cid: &Cid) -> String {
    let Some(track) = record.and_then(|r| r.as_track()) else { return cid.to_string() };
    let title = filename::safe(track.title());
    let title = if title.is_empty() { cid.to_string() } else { title };
    let number = track.number("trackNumber").filter(|n| *n >= 1.0 && *n < 1000.0);
    let prefix = number.map(|n| format!("{n:02} - ")).unwrap_or_default();
    format!("{prefix}{title}{}", filename::extension(http_content_type(track.format())))
}
