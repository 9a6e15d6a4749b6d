//! Ogg pages (RFC 3533): `"OggS" version flags granule(8) serial(4) sequence(4) crc(4) segments table… data…`

use std::io::{Read, Seek};

use super::{Incomplete, tail};

/// Header, 255 segment lengths, 255 full segments.
const MAX_PAGE: u64 = 27 + 255 + 255 * 255;
const END_OF_STREAM: u8 = 4;

pub(super) fn check<R: Read + Seek>(reader: &mut R, start: u64, end: u64) -> Result<(), Incomplete> {
    let bytes = tail(reader, start, end, MAX_PAGE)?;
    // The page that ends exactly at the end; "OggS" inside audio data does not fit so well.
    let last = (0..bytes.len()).rev().find_map(|at| {
        let page = &bytes[at..];
        (page.starts_with(b"OggS") && page_length(page) == Some(page.len())).then(|| page[5])
    });
    match last {
        Some(flags) if flags & END_OF_STREAM != 0 => Ok(()),
        Some(_) => Err(Incomplete::Truncated("its last Ogg page does not end the stream".into())),
        None => Err(Incomplete::Truncated("it ends in the middle of an Ogg page".into())),
    }
}

fn page_length(page: &[u8]) -> Option<usize> {
    let segments = usize::from(*page.get(26)?);
    let table = page.get(27..27 + segments)?;
    Some(27 + segments + table.iter().map(|n| usize::from(*n)).sum::<usize>())
}
